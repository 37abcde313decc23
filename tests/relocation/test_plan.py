"""Plans of a small province: judged independently, optimal by hand, reproducible; conflicts are told."""

from __future__ import annotations

import dataclasses

import pandas as pd
import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from tests.laws import law
from tests.relocation import checker, world
from workbench.errors import InfeasibleError, LabelError, UnreachableError
from workbench.relocation import Assessor, costs_mcny, objective_mcny, optimise
from workbench.relocation.assess import Decided
from workbench.scenarios import Scenario


def scenario(**changes) -> Scenario:
    return Scenario.baseline().with_(**world.PLAIN).with_(zone={"moves_from": "anywhere"}).with_(**changes)


def test_the_best_plan_is_sound_and_its_bound_is_proven() -> None:
    plan = optimise(world.problem())
    checker.assert_sound(plan)
    assert plan.status == "optimal"
    assert plan.gap < 1e-6
    assert plan.bound_mcny == pytest.approx(plan.objective_mcny)


def test_a_second_hand_move_lays_no_table_of_the_problem_out_again(monkeypatch) -> None:
    problem = world.problem(scenario())
    hand = Assessor(problem)
    first = hand.assess({"A1": "S1"})
    monkeypatch.setattr(pd.MultiIndex, "from_frame", lambda *a, **b: pytest.fail("laid out again"))
    assert hand.assess({"A1": "S1"}).objective_mcny == pytest.approx(first.objective_mcny)


def test_no_hand_made_plan_beats_the_optimum() -> None:
    problem = world.problem(scenario(zone={"reduction_share": 0.0}))
    best, hand = optimise(problem), Assessor(problem)
    fates = ("keep", "close", "S1", "S2")
    for a1 in fates:
        for a2 in fates:
            for b1 in fates:
                plan = hand.assess({"A1": a1, "A2": a2, "B1": b1})
                small = plan.builds["capacity_kt"].min() < 500.0
                if not small:
                    assert plan.objective_mcny >= best.objective_mcny - 1e-6


def test_the_surplus_of_the_zone_is_worked_out_by_hand() -> None:
    surplus = world.problem(scenario(zone={"reduction_share": 0.5})).surplus.loc["cement"]
    # 3000 located + 100 unlocated at full use, less half of the province's 3000
    assert surplus["surplus_kt"] == pytest.approx(3100 - 1500)
    assert surplus["reduction_kt"] == pytest.approx(800)
    five = world.problem(scenario(zone={"definition": "five"})).surplus.loc["cement"]
    assert five["surplus_kt"] == 0
    assert five["reduction_kt"] == 0


def test_unlocated_works_serve_their_own_prefecture_only() -> None:
    demand = world.problem().demand.set_index("market")
    use = 3000 / 3600
    assert demand.at["M1", "background_kt"] == pytest.approx(100 * use)
    assert demand.at["M2", "background_kt"] == 0
    assert demand["net_kt"].sum() == pytest.approx(3000 - 100 * use)


def test_closing_a_line_by_hand_costs_what_the_rows_say() -> None:
    problem = world.problem()
    hand = Assessor(problem)
    plan = hand.assess({"A1": "close"})
    checker.assert_sound(plan, optimised=False)
    # 1000 kt gone: 2500 kt of capacity are left for 2916.7 kt of demand
    assert plan.unmet["kt"].sum() == pytest.approx(2916.6667 - 2500, abs=1e-3)
    assert plan.decisions.at["A1", "displaced_jobs"] == pytest.approx(165)
    assert costs_mcny(plan)["unmet"] == pytest.approx(plan.unmet["kt"].sum() * 1000 / 1e3)


def test_moving_a_line_by_hand_builds_what_the_ratio_leaves() -> None:
    plan = Assessor(world.problem(scenario(policy={"replacement_ratio": 1.25}))).assess({"A1": "S2"})
    checker.assert_sound(plan, optimised=False)
    assert plan.builds["capacity_kt"].to_dict() == {"S2:cement": pytest.approx(800)}
    assert plan.credits.to_dict("records") == [
        {"line_id": "A1", "build_id": "S2:cement", "kt": pytest.approx(1000)}
    ]


def test_a_site_takes_no_more_than_its_room() -> None:
    plan = Assessor(world.problem()).assess({"A1": "S1", "A2": "S1"})
    assert plan.builds["capacity_kt"].to_dict() == {"S1:cement": pytest.approx(2000)}
    checker.assert_sound(plan, optimised=False)


def test_the_plan_assessed_again_by_hand_costs_the_same() -> None:
    problem = world.problem()
    plan = optimise(problem)
    paid = plan.credits.rename(columns={"line_id": "line", "build_id": "build"})
    settled = Decided.of(
        problem,
        plan.decisions["decision"],
        plan.builds["capacity_kt"],
        paid.set_index(["line", "build"])["kt"],
        plan.unlocated["retired_kt"],
    )
    again = Assessor(problem).decided(settled)
    assert again.objective_mcny == pytest.approx(plan.objective_mcny, rel=1e-9)


def test_assessing_leaves_no_trace_in_the_next_assessment() -> None:
    hand = Assessor(world.problem())
    first = hand.assess({})
    hand.assess({"A1": "S1", "B1": "close"})
    pd.testing.assert_frame_equal(hand.assess({}).decisions, first.decisions)
    assert hand.assess({}).objective_mcny == pytest.approx(first.objective_mcny, rel=1e-12)


def test_the_same_scenario_gives_the_same_plan() -> None:
    one, two = optimise(world.problem()), optimise(world.problem())
    assert one.objective_mcny == pytest.approx(two.objective_mcny, rel=1e-12)
    pd.testing.assert_frame_equal(one.decisions, two.decisions)
    pd.testing.assert_frame_equal(one.flows, two.flows)


def test_pins_are_kept_to() -> None:
    pins = {"A1": "S2", "B1": "close", "A2": "keep"}
    plan = optimise(world.problem(scenario(pins=pins, zone={"reduction_share": 0.5})))
    checker.assert_sound(plan)
    assert plan.decisions["decision"].to_dict() == {"A1": "move", "A2": "keep", "B1": "close"}


def test_an_obsolete_line_never_moves_and_an_overdue_one_never_stays() -> None:
    problem = world.problem(scenario(), obsolete=["B1"], overdue=["A2"])
    plan = optimise(problem)
    checker.assert_sound(plan)
    assert plan.decisions.at["B1", "decision"] in ("keep", "close")
    assert plan.decisions.at["A2", "decision"] == "close"
    with pytest.raises(LabelError, match="obsolete"):
        Assessor(problem).assess({"B1": "S1"})


def test_nothing_is_built_in_an_exclusion() -> None:
    problem = world.problem(scenario(), excluded=[("S1", "cement")])
    assert list(problem.builds["site_id"]) == ["S2"]
    with pytest.raises(LabelError, match="excluded"):
        Assessor(problem).assess({"A1": "S1"})
    with pytest.raises(LabelError, match="zone"):
        Assessor(problem).assess({"A1": "S0"})


def test_rules_that_cannot_hold_together_are_named() -> None:
    pins = {"A1": "keep", "A2": "keep"}
    with pytest.raises(InfeasibleError, match="P24") as told:
        optimise(world.problem(scenario(pins=pins)))
    assert sum(amount for _, amount in told.value.rules) == pytest.approx(
        1600 - 35, rel=1e-6
    )  # small works may close 35 kt


def test_unknown_pins_and_moves_are_named() -> None:
    with pytest.raises(LabelError, match="NOPE"):
        world.problem(scenario(pins={"A1": "NOPE"}))
    with pytest.raises(LabelError, match="Z9"):
        Assessor(world.problem()).assess({"Z9": "close"})


def test_a_line_without_raw_material_is_an_error_and_a_site_without_is_left_out() -> None:
    def cut(*points: str):
        def price(origins, destinations, commodity):
            matrix = world.straight(origins, destinations, commodity)
            for point in points:
                if commodity == "coal" and point in destinations.index:
                    matrix.cost_cny_t[point] = float("inf")
            return matrix

        return price

    base = world.layers()
    from workbench.relocation.problem import prepare

    assert "S2:cement" not in prepare(scenario(), base, cut("S2")).facilities.index
    with pytest.raises(UnreachableError, match="B1"):
        prepare(scenario(), base, cut("B"))


def test_surplus_hydropower_pays_for_a_place_only_as_far_as_it_goes() -> None:
    supply = pd.Series({("丙市", "wet"): 5.0, ("丙市", "dry"): 1.0, ("甲市", "wet"): 99.0})
    plan = optimise(world.problem(scenario(pins={"A2": "S2"}), hydro_gwh=supply))
    checker.assert_sound(plan)
    used = plan.power.set_index(["prefecture_zh", "season"])["surplus_gwh"]
    assert used["丙市", "wet"] == pytest.approx(5.0)
    assert used["丙市", "dry"] == pytest.approx(1.0)
    assert 0.0 < used["甲市", "wet"] < 99.0, "standing works use it too, as far as they need power"
    assert objective_mcny(plan) == pytest.approx(plan.objective_mcny)
    charged = (plan.facilities["production_kt"] * plan.facilities["power_cny_t"]).sum() / 1e3
    assert charged == pytest.approx(plan.power["cost_mcny"].sum())


def test_weights_steer_the_plan_and_a_carbon_price_is_paid() -> None:
    free = optimise(world.problem())
    priced = optimise(world.problem(scenario(objective={"carbon_price_cny_t": 100.0})))
    checker.assert_sound(priced)
    from workbench.relocation import co2_kt

    assert costs_mcny(priced)["carbon"] == pytest.approx(co2_kt(priced)["total"] * 100 / 1e3)
    careful = optimise(world.problem(scenario(objective={"jobs_cny": 1e7})))
    assert careful.decisions["displaced_jobs"].sum() <= free.decisions["displaced_jobs"].sum()
    clean = optimise(world.problem(scenario(objective={"co2_cny_t": 1e4})))
    assert co2_kt(clean)["total"] <= co2_kt(free)["total"] + 1e-6


def test_prices_of_markets_are_what_one_more_tonne_costs() -> None:
    problem = world.problem(scenario(zone={"reduction_share": 0.0}))
    hand = Assessor(problem)
    plan = hand.assess({})
    prices = plan.duals.set_index("market")["cny_t"]
    one_more = problem.wanted["net_kt"] + (problem.wanted["market"] == "M3")
    wanted = problem.wanted.with_({"net_kt": one_more})
    more = Assessor(dataclasses.replace(problem, wanted=wanted)).assess({})
    gained = more.objective_mcny - plan.objective_mcny
    assert gained * 1e3 == pytest.approx(prices["M3"], rel=1e-6)


@law(150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    share=st.floats(0, 1),
    scale=st.floats(0.3, 1.3),
    ratio=st.floats(1, 2),
    room=st.floats(600, 2500),
    use=st.floats(0.5, 1.0),
)
def test_any_plan_of_any_scenario_is_sound(share, scale, ratio, room, use) -> None:
    options = scenario(
        zone={"reduction_share": share}, demand={"scale": scale}, policy={"replacement_ratio": ratio}
    )
    values = {"cement.site_park_kt": room, "cement.normal_utilisation": use}
    plan = optimise(world.problem(options, values=values))
    checker.assert_sound(plan)
    assert plan.bound_mcny <= plan.objective_mcny * (1 + 1e-9)


def test_the_optimiser_moves_lines_of_the_zone_only_unless_told_otherwise() -> None:
    plain = Scenario.baseline().with_(**world.PLAIN)
    plan = optimise(world.problem(plain))
    checker.assert_sound(plan)
    assert plan.decisions.at["B1", "decision"] != "move"
    pinned = optimise(world.problem(plain.with_(pins={"B1": "S2"})))
    assert pinned.decisions.at["B1", "decision"] == "move"
    free = optimise(world.problem(scenario()))
    assert free.objective_mcny <= plan.objective_mcny + 1e-9
