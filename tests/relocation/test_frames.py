"""The columns rooms hand to each other are those declared, and the page tells them."""

from __future__ import annotations

import pytest

from geodata.build import frames as page
from tests.relocation import frames, world
from tests.relocation.test_law import HEADROOM
from tests.relocation.test_years import planned
from workbench.labels import LABELS
from workbench.layers.integrity import check_frame
from workbench.layers.schema import FRAMES
from workbench.scenarios.scenario import Scenario
from workbench.study import Study


@pytest.fixture(scope="module")
def study():
    return Study.prepare(Scenario.baseline().with_(industries=("steel", "cement", "flat_glass", "aluminium")))


def test_a_plan_of_four_industries_its_year_before_and_its_legs_hold_what_is_declared(study) -> None:
    plan = study.assess({})
    some = study.problem.moves.drop_duplicates("line").head(3)
    sites = study.problem.facilities["site_id"].loc[some["build"]]
    hand = study.assess(dict(zip(some["line"], sites, strict=True)))
    assert len(hand.builds) > 0
    assert len(hand.credits) > 0
    for one in (plan, hand):
        assert frames.faults(one, study.legs(one)) == []


def test_a_plan_of_several_years_holds_it_at_the_end_of_each() -> None:
    plan = planned(world.with_old_works(), headroom_t=HEADROOM, years=[2014, 2015])
    assert list(plan.states) == [2014, 2015]
    assert frames.faults(plan) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda flows: flows.drop(columns="hours"), "hours"),
        (lambda flows: flows.assign(weight_t=1.0), "weight_t"),
        (lambda flows: flows.assign(kt=-1.0), "kt"),
        (lambda flows: flows.assign(industry="paper"), "industry"),
        (lambda flows: flows.assign(origin=None), "origin"),
    ],
)
def test_another_column_or_value_is_told(study, change, told) -> None:
    found = check_frame(change(study.assess({}).flows.head(3)), "plan.flows")
    assert {fault.field for fault in found} == {told}


def test_every_column_has_a_name_a_reader_knows_and_the_page_is_the_declaration() -> None:
    bare = {f.name for frame in FRAMES.values() for f in frame if f.description_zh == f.name}
    assert bare == set(), "add it to the labels"
    assert page.PAGE.read_text("utf-8") == page.page(), "python -m geodata.build.frames"
    assert LABELS["works_cny_t"][0] in page.page()
