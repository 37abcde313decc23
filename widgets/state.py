"""What the planner has chosen, with undo and redo; plain traits, no widgets."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import traitlets as t

from widgets.i18n import text
from workbench.labels import Language
from workbench.scenarios.scenario import Scenario

KEPT_STEPS = 200
DRAG_PAUSE_S = 1.0  # changes of one option closer together than this are one step


@dataclass(frozen=True)
class Choice:
    """One state of the plan in the making: the scenario, and line id -> ``close`` or the receiving site.

    `pinned`: the lines the planner decided by hand, kept ones included; the optimiser works around them.
    """

    scenario: Scenario
    moves: Mapping[str, str] = field(default_factory=dict)
    pinned: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        object.__setattr__(self, "moves", MappingProxyType(dict(sorted(self.moves.items()))))

    @property
    def key(self) -> tuple[str, tuple[tuple[str, str], ...]]:
        """A hashable key of everything that the indicators depend on."""
        return self.scenario.model_dump_json(), tuple(self.moves.items())

    @property
    def pins(self) -> dict[str, str]:
        """The planner's own decisions: line id -> ``keep``, ``close`` or the receiving site."""
        return {line: self.moves.get(line, "keep") for line in sorted(self.pinned)}


class WorkbenchState(t.HasTraits):
    """The one model of the interface: views read it, commands change it.

    `choice` is the present state; `selected` the chosen line's id or empty; `language` ``zh`` or ``en``;
    `busy` while the optimiser works; `message` a key of the texts with its values.
    """

    choice = t.Instance(Choice)
    selected = t.Unicode("")
    language: t.Enum[Language] = t.Enum(("zh", "en"), default_value="zh")
    busy = t.Bool(False)
    message = t.Tuple(t.Unicode(), t.Dict(), default_value=("ready", {}))
    can_undo = t.Bool(False)
    can_redo = t.Bool(False)

    def __init__(
        self,
        scenario: Scenario | None = None,
        moves: Mapping[str, str] | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        first = scenario or Scenario.baseline()
        super().__init__(choice=Choice(first, moves or {}, frozenset(moves or {})))
        self._first = self.choice
        self._clock = clock
        self._drag: tuple[tuple[str, ...], float] = ((), 0.0)
        self._past: list[Choice] = []
        self._future: list[Choice] = []

    @property
    def scenario(self) -> Scenario:
        """The scenario of the present choice."""
        return self.choice.scenario

    @property
    def moves(self) -> Mapping[str, str]:
        """The decisions other than keep of the present choice."""
        return self.choice.moves

    def set_options(self, **changes: Any) -> None:
        """Change options of the scenario (nested options as mappings); raises ScenarioError for bad ones."""
        scenario = self.scenario.with_(**changes)
        self._go(Choice(scenario, self.moves, self.choice.pinned), drag=_paths(changes))

    def reset_options(self) -> None:
        """Return to the options the page opened with; industry, moves and pins stay."""
        scenario = self._first.scenario.with_(industries=self.scenario.industries)
        self._go(Choice(scenario, self.moves, self.choice.pinned))

    @property
    def changed_options(self) -> tuple[str, ...]:
        """The dotted names of the options that differ from those the page opened with."""
        mine, start = (s.model_dump(exclude={"industries"}) for s in (self.scenario, self._first.scenario))
        return _paths(differences(start, mine))

    def decide(self, line: str, decision: str) -> None:
        """Pin a line's decision by hand: ``keep``, ``close`` or the id of the receiving site."""
        moves = {name: where for name, where in self.moves.items() if name != line}
        if decision != "keep":
            moves[line] = decision
        self._go(Choice(self.scenario, moves, self.choice.pinned | {line}))

    def replace_moves(self, moves: Mapping[str, str]) -> None:
        """Take over a whole plan as one step, so that one undo brings the old one back; pins stay pins."""
        made = {line: where for line, where in moves.items() if where != "keep"}
        self._go(Choice(self.scenario, made, self.choice.pinned))

    def replace(self, choice: Choice) -> None:
        """Take over another scenario with its decisions as one step."""
        self._go(choice)

    def clear(self) -> None:
        """Keep every line, and let go of every pin."""
        self._go(Choice(self.scenario))

    def undo(self) -> None:
        """Return to the choice before the last step; nothing happens at the beginning."""
        if self._past:
            self._future.append(self.choice)
            self._show(self._past.pop())

    def redo(self) -> None:
        """Take the last undone step again; nothing happens when there is none."""
        if self._future:
            self._past.append(self.choice)
            self._show(self._future.pop())

    def resume(self, choice: Choice) -> None:
        """Take up a choice kept from before as if the page had begun with it: no step of undo."""
        self._past, self._future = [], []
        self._show(choice)

    def take_back(self) -> None:
        """Drop the present choice, which cannot be worked out, as if it had not been made."""
        self._show(self._past.pop() if self._past else self._first)

    def as_code(self) -> str:
        """Return Python that makes the same plan, the planner's pins and the optimiser's proposals apart."""
        changes = differences(Scenario.baseline().model_dump(), self.scenario.model_dump())
        arguments = ", ".join(f"{name}={value!r}" for name, value in changes.items())
        tail = f".with_({arguments})" if changes else ""
        proposed = {line: where for line, where in self.moves.items() if line not in self.choice.pinned}
        return "\n".join([
            "import workbench as wb",
            f"scenario = wb.Scenario.baseline(){tail}",
            f"pinned = {self.choice.pins!r}",
            f"proposed = {proposed!r}",
            "plan = wb.Study.prepare(scenario).assess(pinned | proposed)",
            f"# {text('code_optimise', self.language)}: wb.plan(scenario.with_(pins=pinned))",
        ])  # fmt: skip

    def _go(self, choice: Choice, drag: tuple[str, ...] = ()) -> None:
        if (choice.key, choice.pinned) == (self.choice.key, self.choice.pinned):
            return
        now = self._clock()
        # a dragged slider is one step, not forty
        if not drag or drag != self._drag[0] or now - self._drag[1] > DRAG_PAUSE_S:
            self._past = [*self._past[1 - KEPT_STEPS :], self.choice]
        self._future.clear()
        self._show(choice)
        self._drag = (drag, now)

    def _show(self, choice: Choice) -> None:
        self._drag = ((), 0.0)
        with self.hold_trait_notifications():
            self.choice = choice
            self.can_undo, self.can_redo = bool(self._past), bool(self._future)


def _paths(changes: Mapping[str, Any], head: str = "") -> tuple[str, ...]:
    """Return the dotted names of the options in nested changes, sorted."""
    found: list[str] = []
    for name, value in changes.items():
        inner = isinstance(value, Mapping)
        found += _paths(value, f"{head}{name}.") if inner else [f"{head}{name}"]
    return tuple(sorted(found))


def differences(base: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Return what `other` says otherwise than `base`, nested alike."""
    found: dict[str, Any] = {}
    for name, value in other.items():
        old = base.get(name)
        if isinstance(value, Mapping) and isinstance(old, Mapping):
            inner = differences(old, value)
            if inner:
                found[name] = inner
        elif value != old:
            found[name] = value
    return found
