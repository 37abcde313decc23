"""The form: the scenario's main options, the decision on the chosen line, optimise, undo, export."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import ipywidgets as w

from widgets.i18n import caption, text
from widgets.state import WorkbenchState
from workbench.units import CNY_PER_KCNY, PERCENT

WIDE = w.Layout(width="auto")
_LABELS = {"description_width": "165px"}


class Options:
    """The scenario's options; each writes to the state, and follows it on undo."""

    def __init__(self, state: WorkbenchState) -> None:
        self.state = state
        self._following = False
        self.fields: dict[str, w.ValueWidget] = {
            "industry": w.ToggleButtons(style={"button_width": "auto"}),
            "zone": w.Dropdown(layout=WIDE, style=_LABELS),
            "reduction": _slider(0, 100, 5, "d"),
            "demand": _slider(50, 150, 5, "d"),
            "hydrology": w.Dropdown(layout=WIDE, style=_LABELS),
            "carbon_price": _slider(0, 500, 10, "d"),
            "weight_cost": w.FloatSlider(
                min=0, max=2, step=0.1, readout_format=".1f", layout=WIDE, style=_LABELS
            ),
            "weight_co2": _slider(0, 500, 10, "d"),
            "weight_jobs": _slider(0, 500, 10, "d"),
        }
        self.translate()
        self.follow()
        for name, field in self.fields.items():
            field.observe(lambda change, name=name: self._changed(name, change["new"]), names="value")
        self.industry = self.fields["industry"]
        self.reset = button(state.reset_options)
        self.changed = w.HTML()
        rest = [field for name, field in self.fields.items() if name != "industry"]
        self.box = w.VBox([*rest, w.HBox([self.reset, self.changed])], layout=w.Layout(grid_gap="2px"))

    def translate(self) -> None:
        """Write every label in the state's language."""
        self._following = True
        if hasattr(self, "reset"):
            self.reset.description = self._say("reset_options")
            self._count()
        say = self._say
        for name, field in self.fields.items():
            caption(field, say(name))
        for name, codes in (
            ("industry", ("cement", "steel", "flat_glass", "aluminium")),
            ("zone", ("eight", "five")),
            ("hydrology", ("wet", "normal", "dry")),
        ):
            field = self.fields[name]
            value = field.value
            field.options = [(say(code), code) for code in codes]
            if value is not None:
                field.value = value
        for name in ("reduction", "demand"):
            unit = "（%）" if self.state.language == "zh" else " (%)"
            caption(self.fields[name], say(name) + unit)
        self._following = False

    def follow(self) -> None:
        """Show the options of the state's scenario."""
        scenario = self.state.scenario
        self._following = True
        values = {
            "industry": scenario.industries[0],
            "zone": scenario.zone.definition,
            "reduction": round(PERCENT * scenario.zone.reduction_share),
            "demand": round(PERCENT * scenario.demand.scale),
            "hydrology": scenario.power.hydrology,
            "carbon_price": round(scenario.objective.carbon_price_cny_t),
            "weight_cost": scenario.objective.cost,
            "weight_co2": round(scenario.objective.co2_cny_t),
            "weight_jobs": round(scenario.objective.jobs_cny / CNY_PER_KCNY),
        }
        for name, value in values.items():
            self.fields[name].value = value
        self._following = False
        if hasattr(self, "reset"):
            self._count()

    def _count(self) -> None:
        count = len(self.state.changed_options)
        self.reset.disabled = not count
        self.changed.value = (
            f"<p>{text('options_changed', self.state.language, count=count)}</p>" if count else ""
        )

    def _changed(self, name: str, value: Any) -> None:
        if not self._following:
            self.state.message = ("ready", {}) if name == "industry" else ("stale", {})
            self.state.set_options(**_CHANGES[name](value))

    def _say(self, key: str) -> str:
        return text(key, self.state.language)


_CHANGES: Mapping[str, Callable[[Any], dict[str, Any]]] = {
    "industry": lambda value: {"industries": (value,)},
    "zone": lambda value: {"zone": {"definition": value}},
    "reduction": lambda value: {"zone": {"reduction_share": value / PERCENT}},
    "demand": lambda value: {"demand": {"scale": value / PERCENT}},
    "hydrology": lambda value: {"power": {"hydrology": value}},
    "carbon_price": lambda value: {"objective": {"carbon_price_cny_t": float(value)}},
    "weight_cost": lambda value: {"objective": {"cost": value}},
    "weight_co2": lambda value: {"objective": {"co2_cny_t": float(value)}},
    "weight_jobs": lambda value: {"objective": {"jobs_cny": CNY_PER_KCNY * value}},
}


def _slider(low: int, high: int, step: int, shown: str) -> w.IntSlider:
    return w.IntSlider(min=low, max=high, step=step, readout_format=shown, layout=WIDE, style=_LABELS)


class Decision:
    """What happens to one line, by list instead of map: the line, then keep, close or a receiving site."""

    def __init__(self, state: WorkbenchState, decide: Callable[[str, str], None]) -> None:
        self.state, self._decide = state, decide
        self._following = False
        self.line = w.Dropdown(layout=WIDE, style={"description_width": "62px"})
        self.where = w.Dropdown(layout=WIDE, style={"description_width": "62px"})
        self.line.observe(lambda change: self._line_chosen(change["new"]), names="value")
        self.where.observe(lambda change: self._where_chosen(change["new"]), names="value")
        self.box = w.VBox([self.line, self.where])
        self._lines: Mapping[str, str] = {}
        self._sites: Mapping[str, str] = {}

    def offer(self, lines: Mapping[str, str]) -> None:
        """Offer these lines, id -> name."""
        self._lines = lines
        self.follow()

    def follow(self, sites: Mapping[str, str] | None = None) -> None:
        """Show the chosen line and its decision; `sites`, id -> name, are those that may take it."""
        if sites is not None:
            self._sites = sites
        self._following = True
        say = self.state.language
        caption(self.line, text("line", say))
        caption(self.where, text("decision", say))
        self.line.options = [(text("none", say), ""), *((name, line) for line, name in self._lines.items())]
        chosen = self.state.selected if self.state.selected in self._lines else ""
        where = self.state.moves.get(chosen, "keep")
        offered = [
            (text("keep", say), "keep"),
            (text("close", say), "close"),
            *((f"{text('move_to', say)} {name}", site) for site, name in self._sites.items()),
        ]
        known = {value for _, value in offered}
        self.where.options = offered if where in known else [*offered, (where, where)]
        self.line.value = chosen
        self.where.value = where
        self.where.disabled = not chosen
        self._following = False

    def _line_chosen(self, line: str | None) -> None:
        if not self._following:
            self.state.selected = line or ""

    def _where_chosen(self, where: str | None) -> None:
        if not self._following and self.state.selected and where:
            self._decide(self.state.selected, where)


def button(press: Callable[[], None], *, style: str = "") -> w.Button:
    """Return a button without an icon (icon fonts would need the internet in some templates)."""
    made = w.Button(button_style=style, layout=w.Layout(width="auto"))
    made.on_click(lambda _: press())
    return made
