"""A scenario is frozen, merges nested changes and tells every bad option at once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

import workbench as wb
from workbench import scenarios
from workbench.errors import ScenarioError


def test_with_changes_only_what_it_names() -> None:
    base = wb.Scenario.baseline()
    changed = base.with_(zone={"definition": "five"}, pins={"CM05-1": "close"})
    assert scenarios.changes(base, changed) == {
        "pins.CM05-1": (None, "close"),
        "zone.definition": ("eight", "five"),
    }
    assert base == wb.Scenario.baseline()


def test_a_scenario_cannot_be_changed_in_place() -> None:
    scenario = wb.Scenario.baseline().with_(pins={"a": "keep"})
    with pytest.raises(ValidationError, match="frozen"):
        scenario.seed = 1
    with pytest.raises(TypeError):
        scenario.pins["b"] = "close"


def test_all_faults_are_told_at_once_with_the_nearest_spelling() -> None:
    with pytest.raises(ScenarioError) as caught:
        wb.Scenario.baseline().with_(
            zone={"definiton": "five", "reduction_share": 3}, industries=["paper"], sede=1
        )
    fields = {fault.field: fault for fault in caught.value.faults}
    assert set(fields) == {"zone.definiton", "zone.reduction_share", "industries.0", "sede"}
    assert fields["zone.definiton"].mend == "Did you mean 'definition'?"
    assert fields["sede"].mend == "Did you mean 'seed'?"


def test_truth_and_figures_beyond_any_plan_are_no_numbers() -> None:
    wrong = {"demand": {"scale": True}, "solver": {"time_limit_s": True}, "seed": False,
             "objective": {"cost": 1e308}, "freight": {"carbon_weight_cny_t": -1e13},
             "zone": {"leave_more_kt": 2**63}, "assumptions": {"x": True}, "name": "　"}  # fmt: skip
    with pytest.raises(ScenarioError) as error:
        wb.Scenario.from_mapping(wrong)
    assert {fault.field for fault in error.value.faults} == {
        "demand.scale", "solver.time_limit_s", "seed", "objective.cost", "freight.carbon_weight_cny_t",
        "zone.leave_more_kt", "assumptions", "name",
    }  # fmt: skip


def test_order_of_industries_does_not_make_another_scenario() -> None:
    one = wb.Scenario(industries=("steel", "cement"))
    other = wb.Scenario(industries=("cement", "steel"))
    assert one == other
    assert hash(one) == hash(other)


options = st.fixed_dictionaries(
    {},
    optional={
        "name": st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=20),
        "description": st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=40),
        "industries": st.sets(
            st.sampled_from(["steel", "cement", "flat_glass", "aluminium"]), min_size=1
        ).map(list),
        "seed": st.integers(0, 2**31 - 1),
        "zone": st.fixed_dictionaries({"reduction_share": st.floats(0, 1)}),
        "freight": st.fixed_dictionaries(
            {"closed_lines": st.lists(st.sampled_from(["宝成线", "成昆线"]), unique=True)}
        ),
        "pins": st.dictionaries(
            st.from_regex(r"[A-Z]{2}\d{2}-\d", fullmatch=True), st.sampled_from(["keep", "close"])
        ),
        "assumptions": st.dictionaries(
            st.from_regex(r"[a-z]{2,5}\.[a-z_]{2,9}", fullmatch=True), st.floats(-1e9, 1e9)
        ),
    },
)


@given(options)
def test_a_saved_scenario_reads_back_equal(tmp_path_factory, values) -> None:
    scenario = wb.Scenario.from_mapping(values)
    path = scenarios.save(scenario, tmp_path_factory.mktemp("scenario") / "s.toml")
    assert scenarios.load(path) == scenario


def test_ids_the_baseline_does_not_have_are_all_named(layers) -> None:
    scenario = wb.Scenario.baseline().with_(
        pins={"NOBODY-1": "close", "CM53-1": "keep"},  # the second is no line of 2014
        assumptions={"cement.nothing": 1.0},
        freight={"closed_links": ["nowhere"], "closed_lines": ["无此线"]},
    )
    with pytest.raises(ScenarioError) as caught:
        scenarios.check(scenario, layers)
    assert {fault.field for fault in caught.value.faults} == {
        "pins.NOBODY-1",
        "pins.CM53-1",
        "assumptions.cement.nothing",
        "freight.closed_links.nowhere",
        "freight.closed_lines.无此线",
    }


def test_an_assumption_outside_its_range_is_refused(layers) -> None:
    frame = layers.assumptions.frame
    name = frame.index[frame["high"].notna()][0]
    with pytest.raises(ScenarioError, match="a value from"):
        scenarios.check(wb.Scenario(assumptions={name: frame.at[name, "high"] * 2 + 1}), layers)


@pytest.mark.parametrize("door", [wb.Study.prepare, wb.zone_surplus, wb.surplus_band])
def test_python_refuses_the_assumptions_the_command_refuses(door) -> None:
    wrong = wb.Scenario.baseline().with_(
        assumptions={"relocation.share_of_new_capex": 5.0, "relocation.no_such": 1.0}
    )
    with pytest.raises(ScenarioError) as told:
        door(wrong)
    assert [fault.field for fault in told.value.faults] == [
        "assumptions.relocation.no_such",
        "assumptions.relocation.share_of_new_capex",
    ]
