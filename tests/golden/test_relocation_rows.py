"""The formulation as written on paper: one golden file per block of rows, none missing, none left over."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd
import pytest

from tests.golden.paper import text
from tests.relocation import world
from workbench.relocation import formulate
from workbench.relocation.operation import operate
from workbench.scenarios import Scenario

# what ties two years: written for the last (plain names) or the first year
OVER_YEARS = (
    "close_stays", "move_stays", "credit_stays", "open_stays", "build_stays", "retire_stays", "booked_once",
    "upgrade_stays", "built_once", "budget", "budget 2014", "replacement 2014", "pinned 2014",
    "booked_most 2014",
)  # fmt: skip
FOLDER = Path(__file__).parent / "relocation"
BLOCKS = (
    "one_fate", "credit_most", "credit_least", "pinned", "follow_line", "follow_place", "build_most",
    "build_least", "site_room", "demand", "hydro_use", "hydro_supply", "line_capacity", "new_capacity",
    "eased_made", "eased_most", "upgrade_kept", "served",
    "replacement", "cap", "quota", "growth", "least", "prefecture_new", "dry_process", "zone", "headroom",
)  # fmt: skip


@pytest.fixture(scope="module")
def years():
    scenario = Scenario.baseline().with_(
        policy={"years": [2014, 2015], "replacement_ratio": 1.25},
        pins={"B1": "S1"},
        objective={"budget_mcny": 500.0},
    )
    return formulate(world.problem(scenario))


@pytest.fixture(scope="module")
def model():
    supply = pd.Series({("丙市", "wet"): 5.0, ("丙市", "dry"): 1.0})
    scenario = Scenario.baseline().with_(
        policy={
            "replacement_ratio": 1.25,
            "credited_tonnes_count_as_eliminated": False,
            "clauses": {"P46": "priced"},
        },
        pins={"B1": "S1"},
        zone={"asked_kt": 800.0},
    )
    room = pd.Series({("乙市", "nox"): 100.0, ("丙市", "so2"): 0.0})
    return formulate(world.problem(scenario, hydro_gwh=supply, headroom_t=room))


def agreed(name: str, written: str) -> str:
    """Return the golden text; with GOLDEN=write it is replaced by what is written now."""
    path = FOLDER / f"{name}.txt"
    if os.environ.get("GOLDEN") == "write":
        FOLDER.mkdir(exist_ok=True)
        path.write_text(written, encoding="utf-8", newline="\n")
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("block", BLOCKS)
def test_each_block_reads_as_agreed(model, block) -> None:
    written = text(model, [block])
    assert written == agreed(block, written)


@pytest.mark.parametrize("block", OVER_YEARS)
def test_what_ties_the_years_reads_as_agreed(years, block) -> None:
    written = text(years, [block])
    assert written == agreed(block.replace(" ", "_"), written)


def test_objective_and_bounds_read_as_agreed(model) -> None:
    whole = text(model)
    objective, rest = whole.split("rows\n", 1)
    written = objective + "bounds\n" + rest.split("bounds\n", 1)[1]
    assert written == agreed("objective_and_bounds", written)


def test_operation_alone_has_capacity_as_row_bounds() -> None:
    written = text(operate(world.problem()), ["capacity"])
    assert written == agreed("capacity", written)


def test_every_block_has_its_golden_file(model) -> None:
    assert set(model.row_blocks) == set(BLOCKS)
    tied = {name.replace(" ", "_") for name in OVER_YEARS}
    assert {path.stem for path in FOLDER.glob("*.txt")} == {
        *BLOCKS,
        *tied,
        "objective_and_bounds",
        "capacity",
    }


def test_every_row_that_ties_years_has_its_golden_file(years) -> None:
    plain = {name.removesuffix(" 2014") for name in years.row_blocks}
    assert plain <= {*BLOCKS, *(name.removesuffix(" 2014") for name in OVER_YEARS)}
