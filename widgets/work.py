"""A page's work as a small text that the browser keeps: what differs from the baseline, and the moves."""

from __future__ import annotations

import json
from collections.abc import Container, Mapping
from typing import Any, cast

from widgets.state import Choice, differences
from workbench.errors import Fault, ScenarioError
from workbench.scenarios.scenario import Scenario

VERSION = 1
LARGEST = 1_000_000  # characters; real work is a kilobyte


def dump(choice: Choice, start: Scenario) -> str:
    """Return a choice as JSON: the options that differ from `start`, the moves and the pins."""
    changed = differences(start.model_dump(mode="json"), choice.scenario.model_dump(mode="json"))
    kept = {"version": VERSION, "options": changed, "moves": dict(choice.moves)}
    return json.dumps(kept | {"pinned": sorted(choice.pinned)}, ensure_ascii=False)


def load(text: str, start: Scenario, lines: Container[str], sites: Container[str]) -> Choice:
    """Return the choice that a text from a browser tells, on top of `start`.

    The text is not trusted. Raises ScenarioError for anything but what `dump` writes, for options that a
    scenario refuses, and for other lines or sites than those of these ids.
    """
    kept = _parsed(text)
    scenario = Scenario.from_mapping(_merged(start.model_dump(), kept["options"]), file="browser")
    moves, pinned = kept["moves"], kept["pinned"]
    strange = sorted({line for line in (*moves, *pinned) if line not in lines}
                     | {to for to in moves.values() if to != "close" and to not in sites})  # fmt: skip
    if strange:
        raise _fault("moves", ", ".join(strange[:5]), "lines and sites of this baseline")
    return Choice(scenario, moves, frozenset(pinned))


def _parsed(text: str) -> dict[str, Any]:
    expected = f"work that this page kept (version {VERSION})"
    if len(text) > LARGEST:
        raise _fault("", f"{len(text):,} characters", expected)
    try:
        kept = json.loads(text)
    except (ValueError, RecursionError):
        raise _fault("", "text that is no JSON", expected) from None
    if not isinstance(kept, dict) or kept.get("version") != VERSION:
        raise _fault("version", repr(kept)[:60], expected)
    options, moves = kept.get("options"), kept.get("moves")
    if not isinstance(options, dict) or not isinstance(moves, dict):
        raise _fault("options, moves", repr(kept)[:60], expected)
    if not all(isinstance(to, str) for to in moves.values()):
        raise _fault("moves", repr(moves)[:60], "one site, or close, for each line")
    pinned = kept.get("pinned", list(moves))
    if not isinstance(pinned, list) or not all(isinstance(line, str) for line in pinned):
        raise _fault("pinned", repr(pinned)[:60], "a list of lines")
    return {"options": options, "moves": moves, "pinned": pinned}


def _merged(start: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Lay changes over nested values; a part that is no table replaces the whole."""
    made = dict(start)
    for name, value in changes.items():
        below = made.get(name)
        both = isinstance(value, dict) and isinstance(below, Mapping)
        made[name] = _merged(cast("Mapping[str, Any]", below), value) if both else value
    return made


def _fault(field: str, found: str, expected: str) -> ScenarioError:
    mend = "Begin anew; the work kept in this browser is left out."
    return ScenarioError([Fault("browser", None, field, found, expected, mend)])
