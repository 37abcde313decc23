"""Hold a scenario against the baseline it will run on."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import TYPE_CHECKING

from workbench.errors import Fault, ScenarioError
from workbench.scenarios.scenario import Scenario

if TYPE_CHECKING:
    from workbench.layers.model import Layers

_SUGGESTED = 20  # ids whose nearest neighbour is looked for; a file of a thousand wrong ones is another file
_LIST_THEM = "List the ids with `workbench data list`."


def check(scenario: Scenario, layers: Layers, *, file: str = "scenario") -> None:
    """Raise ScenarioError with one fault for every id the scenario names and the baseline does not have.

    Looks at pinned lines and their receiving sites, replaced assumptions (their range too), closed freight
    links and closed railway lines.
    """
    sites, links = layers["sites"], layers["freight_links"]
    faults = [
        *_unknown(file, "pins", scenario.pins, _decided(layers), "a production line of the baseline"),
        *_unknown(
            file,
            "pins",
            set(scenario.pins.values()) - {"keep", "close", "upgrade"},
            sites.index,
            "keep, close, upgrade or a receiving site of the baseline",
        ),
        *_unknown(file, "assumptions", scenario.assumptions, layers.assumptions.frame.index, "an assumption"),
        *_unknown(file, "freight.closed_links", scenario.freight.closed_links, links.index, "a freight link"),
        *_unknown(
            file,
            "freight.closed_lines",
            scenario.freight.closed_lines,
            links["line"].dropna().unique(),
            "a line",
        ),
        *_other_industry(file, scenario, layers),
        *_out_of_range(file, scenario, layers),
    ]
    if faults:
        raise ScenarioError(faults, f"{file} names things the baseline does not have or allow")


def _decided(layers: Layers) -> Iterable[str]:
    """Return the lines a plan may decide on: those counted in the baseline, or that a switch can count."""
    from workbench.layers.stock import SWITCH  # with pandas, which a page that opens does without

    lines = layers["lines"]
    if "in_baseline" not in lines:
        return lines.index
    switched = (SWITCH + lines.index.astype(str)).isin(layers.assumptions.frame.index)
    return lines.index[lines["in_baseline"].astype(bool) | switched]


def _unknown(file: str, field: str, used: Iterable[str], known: Iterable[str], expected: str) -> list[Fault]:
    names = {str(name) for name in known}
    unknown = sorted(set(used) - names)
    near = {name: _suggest(name, names) for name in unknown[:_SUGGESTED]}
    return [
        Fault(file, None, f"{field}.{name}", "an unknown id", expected, near.get(name, _LIST_THEM))
        for name in unknown
    ]


def _suggest(name: str, names: set[str]) -> str:
    close = get_close_matches(name, sorted(names), n=1)
    return f"Did you mean {close[0]}?" if close else _LIST_THEM


def _other_industry(file: str, scenario: Scenario, layers: Layers) -> list[Fault]:
    industry = layers["lines"]["industry"]
    return [
        Fault(
            file,
            None,
            f"pins.{line}",
            f"a line of {industry[line]}",
            f"one of {', '.join(scenario.industries)}",
            f"Add {industry[line]} to industries, or remove the pin.",
        )
        for line in sorted(scenario.pins)
        if line in industry.index and industry[line] not in scenario.industries
    ]


def _out_of_range(file: str, scenario: Scenario, layers: Layers) -> list[Fault]:
    frame = layers.assumptions.frame
    faults = []
    for name, value in sorted(scenario.assumptions.items()):
        if name not in frame.index:
            continue
        low, high = frame.at[name, "low"], frame.at[name, "high"]
        # Outside its published range a value is a typing error more often than a scenario.
        if (low == low and value < low) or (high == high and value > high):
            faults.append(
                Fault(
                    file,
                    None,
                    f"assumptions.{name}",
                    f"{value:g} {frame.at[name, 'unit']}",
                    f"a value from {low:g} to {high:g}",
                    "Stay inside the range of the assumptions table, or widen it there with a reason.",
                )
            )
    return faults
