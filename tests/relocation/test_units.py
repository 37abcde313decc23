"""What becomes of a unit besides staying, closing and moving: worked out by hand on a small province."""

from __future__ import annotations

import pandas as pd
import pytest
from shapely import Point

from tests.relocation import checker, checker_supply, checker_years, world
from workbench.errors import InfeasibleError, ScenarioError
from workbench.policy import check
from workbench.policy.accounts import batches
from workbench.relocation import Assessor, co2_kt, costs_mcny, optimise
from workbench.relocation.outlay import outlays
from workbench.relocation.problem import prepare
from workbench.scenarios import Scenario

# one measure, half of the units have it, round figures
ONE = {
    "cement.waste_heat_kwh_t": 20.0,
    "cement.waste_heat_present_share": 0.5,
    "cement.waste_heat_capex_cny_t": 30.0,
    "cement.waste_heat_running_cny_t": 2.0,
}
SMALL = {"zone": {"asked_kt": 0.0}, "policy": {"clauses": world.SMALL}, "solver": {"gap_mcny": 0.0}}


def scenario(*measures: str, **changes) -> Scenario:
    return Scenario.baseline().with_(**SMALL).with_(units={"upgrades": list(measures)}).with_(**changes)


def test_waste_heat_is_taken_where_it_pays_and_saves_what_is_made_with_it() -> None:
    plan = optimise(world.problem(scenario("waste_heat"), values=ONE))
    checker.assert_sound(plan)
    table = plan.upgrades.set_index("line_id")
    # A1 makes 417 of its 1000 kt, too little for it to pay
    assert set(table.index) == {"A2", "B1"}
    # half of A2 lacks 20 kWh/t: 10 kWh/t of the 2000 kt it makes; 15 CNY/t once and 1 a year
    assert table.at["A2", "saved_gwh"] == pytest.approx(20.0)
    assert table.at["A2", "capital_mcny"] == pytest.approx(30.0)
    assert table.at["A2", "running_mcny"] == pytest.approx(2.0)
    without = optimise(world.problem(scenario(), values=ONE))
    assert without.upgrades.empty
    saved = without.objective_mcny - plan.objective_mcny
    assert saved == pytest.approx((table["saved_mcny"] - table["yearly_mcny"]).sum(), abs=1e-3)
    assert (plan.decisions["decision"] == "keep").all(), "what is bettered leaves nowhere"
    assert plan.books.to_numpy().sum() == pytest.approx(without.books.to_numpy().sum())


def test_a_measure_that_costs_more_than_it_saves_is_not_taken_but_may_be_pinned_or_ordered_by_hand() -> None:
    dear = ONE | {"cement.waste_heat_capex_cny_t": 300.0}
    free = optimise(world.problem(scenario("waste_heat"), values=dear))
    assert free.upgrades.empty
    pinned = optimise(world.problem(scenario("waste_heat", pins={"A2": "upgrade"}), values=dear))
    checker.assert_sound(pinned)
    assert list(pinned.upgrades["line_id"]) == ["A2"]
    hand = Assessor(world.problem(scenario("waste_heat"), values=dear))
    by_hand, before = hand.assess({"A2": "upgrade"}), hand.assess({})
    dearer = pinned.objective_mcny - free.objective_mcny
    assert by_hand.objective_mcny - before.objective_mcny == pytest.approx(dearer, abs=1e-3)
    assert costs_mcny(by_hand)["upgrades"] == pytest.approx(pinned.upgrades["yearly_mcny"].sum())


def test_hand_moves_leave_no_measure_behind() -> None:
    hand = Assessor(world.problem(scenario("waste_heat"), values=ONE))
    first = hand.assess({}).objective_mcny
    assert hand.assess({"A1": "upgrade"}).objective_mcny < first
    assert hand.assess({}).objective_mcny == pytest.approx(first, rel=1e-12)


def test_cleaned_works_make_room_for_new_ones_where_there_is_some() -> None:
    room = pd.Series({("乙市", "nox"): 100.0, ("丙市", "nox"): 0.0})
    clean = {
        "cement.denitration_capex_cny_t": 4.0, "cement.denitration_running_cny_t": 2.0,
        "cement.denitration_present_share": 0.0, "cement.denitration_nox_share": 0.5,
        "headroom.cement_nox_kg_t": 1.0, "cement.new_nox_share": 1.0, "cement.min_build_kt": 100.0,
        "relocation.least_rebuilt_share": 0.3,
    }  # fmt: skip
    law = {"clauses": world.SMALL | {"P48": "binding", "P23": "told"}}

    def planned(*measures: str):
        chosen = scenario(*measures, policy=law, pins={"A1": "S1"}, zone={"leave_more_kt": 1e6})
        return optimise(prepare(chosen, world.layers(**clean), world.straight, headroom_t=room))

    bound, cleaned = planned("denitration"), None
    checker.assert_sound(bound)
    # 100 t of room and half of what B1's 500 kt emit: 350 kt are rebuilt beside it, else 100 of the least 300
    assert bound.builds["capacity_kt"].sum() == pytest.approx(350.0)
    assert bound.upgrades.set_index("line_id").at["B1", "nox_t"] == pytest.approx(250.0)
    with pytest.raises(Exception, match="P48"):
        cleaned = planned()
    assert cleaned is None


def test_years_better_a_unit_once_and_pay_for_it_once() -> None:
    chosen = Scenario.baseline().with_(
        policy={"years": [2014, 2015]}, units={"upgrades": ["waste_heat"]}, zone={"asked_kt": 0.0}
    )
    problem = prepare(chosen, world.with_old_works(**ONE), world.straight)
    plan = optimise(problem)
    checker_years.assert_sound(plan)
    spent = outlays(plan).query("item == 'upgrade'")
    assert spent["mcny"].sum() == pytest.approx(plan.upgrades["capital_mcny"].sum())
    assert list(spent["year"].unique()) == [2014], "what pays is done at once"


def test_a_measure_nobody_knows_is_refused_with_the_ones_there_are() -> None:
    with pytest.raises(ScenarioError, match="waste_heat"):
        scenario("magic")


def aged(**values: float):
    """The small province with A1 of 2001, A2 of 2012, B1 of unknown start."""
    base = world.layers(**values)
    lines = base.lines.assign(start_year=float("nan"), size=float("nan"))
    lines.loc["A1", "start_year"], lines.loc["A2", "start_year"] = 2001.0, 2012.0
    lines.loc["B1", "size"] = 5000.0
    return base.with_(lines=lines)


def test_old_and_recent_kilns_differ_and_together_keep_the_mean() -> None:
    rows = {
        "cement.old_coal_share": 1.2, "cement.recent_coal_share": 0.9, "cement.new_coal_share": 0.8,
        "cement.raw_coal_t_t": 0.1, "relocation.coal_mine_cny_t": 400.0, "cement.production_cny_t": 160.0,
        "cement.co2_process_kg_t": 500.0, "cement.co2_fuel_share": 0.4, "cement.new_nox_share": 0.5,
        "headroom.cement_nox_kg_t": 1.0,
    }  # fmt: skip
    table = prepare(scenario(), aged(**rows), world.straight).facilities
    assert table["vintage"].to_dict() == {
        "A1": "old", "A2": "recent", "B1": "usual", "S1:cement": "new", "S2:cement": "new",
    }  # fmt: skip
    # (1000 x 1.2 + 2000 x .9 + 500 x 1) / 3500 = 1: the shares are those told
    assert table["coal_share"].tolist() == pytest.approx([1.2, 0.9, 1.0, 0.8, 0.8])
    # a tonne of an old kiln burns 20 kg more coal of 400 CNY/t; of its CO2 two fifths are fuel
    assert table.at["A1", "production_cny_t"] == pytest.approx(160 + 0.02 * 400)
    assert table.at["A1", "co2_process_kg_t"] == pytest.approx(500 * (1 + 0.4 * 0.2))
    assert table.at["S1:cement", "nox_kg_t"] == pytest.approx(0.5)
    lines = table[table["kind"] == "line"]
    mean = (lines["nox_kg_t"] * lines["capacity_kt"]).sum() / lines["capacity_kt"].sum()
    assert mean == pytest.approx(1.0)


def test_what_is_built_emits_less_than_what_it_replaces_and_the_plan_says_so() -> None:
    room = pd.Series({("丙市", "nox"): 600.0})
    rows = {
        "cement.new_nox_share": 0.5,
        "headroom.cement_nox_kg_t": 1.0,
        "relocation.least_rebuilt_share": 1.0,
    }
    law = {"clauses": world.SMALL | {"P48": "binding"}}
    chosen = scenario(policy=law, pins={"A1": "S2"}, zone={"leave_more_kt": 1e6})
    plan = optimise(prepare(chosen, aged(**rows), world.straight, headroom_t=room))
    checker.assert_sound(plan)
    assert plan.builds["capacity_kt"].sum() == pytest.approx(1000.0)
    row = plan.limits.set_index("row").loc["headroom"]
    assert row["amount"] == pytest.approx(500.0), "1000 kt at half a kg a tonne"


def beside_a_neighbour(**values: float):
    """The small province with a gateway 200 km east of 丙市."""
    rows = {"import_price_cny_t": 400.0, "import_most_kt": 600.0, "outside_reach_km": 1000.0}
    base = world.layers(**{f"cement.{name}": value for name, value in rows.items()} | values)
    gate = base.markets.loc[["M3"]].assign(kind="outside", prefecture_zh="", lon=6.0, name_zh="邻省")
    gate = gate.set_axis(["N1"]).set_geometry([Point(6.0, 0.0)], crs=gate.crs)
    return base.with_(markets=pd.concat([base.markets.assign(name_zh=""), gate]))


def test_neighbours_supply_at_their_price_what_nobody_else_brings_cheaper() -> None:
    dear = Assessor(prepare(scenario(), beside_a_neighbour(), world.straight))
    kept = dear.assess({})
    assert kept.bought.empty, "all kept, own cement is cheaper than 400 at the gate and 100 of freight"
    short = dear.assess({"A1": "close"})
    # 2500 kt of kilns and 83 of small works for 3000: what is short is bought, nobody goes without
    assert short.bought.at["N1:cement", "kt"] == pytest.approx(3000 - 2500 - 100 * 3000 / 3600)
    assert short.unmet.empty
    assert costs_mcny(short)["bought"] == pytest.approx(short.bought["kt"].sum() * 400 / 1e3)
    checker.assert_sound(short, optimised=False)
    both = dear.assess({"A1": "close", "B1": "close"})
    assert both.bought["kt"].sum() == pytest.approx(600.0)
    assert both.unmet["kt"].sum() == pytest.approx(3000 - 2000 - 100 * 3000 / 3600 - 600)


def test_what_is_bought_counts_its_co2_so_that_buying_is_no_abating() -> None:
    hand = Assessor(prepare(scenario(), beside_a_neighbour(), world.straight))
    one = hand.assess({"A1": "close"})
    told = one.bought.iloc[0]
    assert told["co2_kt"] > 0.5 * told["kt"]
    assert co2_kt(one)["bought"] == pytest.approx(told["co2_kt"])


def test_no_market_may_go_short_unless_it_would_anyway() -> None:
    chosen = scenario(
        policy={"clauses": world.SMALL | {"P23": "binding"}}, pins={"A1": "close", "B1": "close"}
    )
    with pytest.raises(InfeasibleError, match="P23"):
        optimise(prepare(chosen, beside_a_neighbour(), world.straight))
    plan = optimise(prepare(chosen, beside_a_neighbour(**{"cement.import_most_kt": 1000.0}), world.straight))
    checker.assert_sound(plan)
    assert plan.unmet.empty
    told = chosen.with_(policy={"clauses": {"P23": "told"}})
    assert optimise(prepare(told, beside_a_neighbour(), world.straight)).unmet["kt"].sum() > 0


def owned(sizes: dict[str, float]):
    """The small province with one works per owner, all kilns in 乙市, as large as told."""
    base = world.layers(**{"cement.output_2013_kt": sum(sizes.values())})
    one = base.lines.loc[["B1"]]
    lines = pd.concat(
        [one.assign(plant_id=f"W{n}", capacity_kt=kt, lon=2 + n / 100).set_axis([f"L{n}"])
         for n, kt in enumerate(sizes.values())]
    )  # fmt: skip
    lines = lines.set_geometry([Point(x, 0.0) for x in lines["lon"]], crs=lines.crs)
    plants = pd.DataFrame({"owner": list(sizes)}, index=pd.Index(lines["plant_id"], name="id"))
    caps = base.caps.assign(cap_kt=1e6)
    return base.with_(lines=lines, plants=plants, caps=caps)


LAWFUL = {"a": 12_000.0, "b": 11_000.0, "c": 10_000.0, "d": 6000.0, "e": 6000.0, "f": 6000.0, "g": 6000.0}


@pytest.mark.parametrize(
    ("more", "joins"),
    [
        ({"h": 4900.0, "i": 300.0, "k": 200.0}, {("i", "h")}),  # 5,200 kt is above 5 Mt: one merger does
        ({"h": 5500.0}, set()),  # five already
        ({"h": 3000.0, "i": 1000.0}, set()),  # 4,000 kt is not, and none joins one that is large already
    ],
)
def test_the_least_mergers_give_the_groups_the_text_counts(more, joins) -> None:
    plan = optimise(prepare(scenario(), owned(LAWFUL | more), world.straight))
    checker.assert_sound(plan)
    assert set(zip(plan.joined["firm"], plan.joined["head"], strict=True)) == joins
    told = optimise(
        prepare(scenario(policy={"clauses": {"P21": "told"}}), owned(LAWFUL | more), world.straight)
    )
    assert told.joined.empty
    assert told.objective_mcny == pytest.approx(plan.objective_mcny)
    if joins:
        assert checker_supply.cement_groups(told) == (3, 4)
        assert checker_supply.cement_groups(plan) == (3, 5)
        verdicts = [
            check(p).query("item == 'cement.large_groups_min'")["verdict"].iloc[0] for p in (told, plan)
        ]
        assert verdicts == ["fail", "pass"]
        assert batches(plan).at["cement", "consolidated"] == pytest.approx(300.0)


@pytest.mark.parametrize(
    ("resource", "cap", "built"),
    [
        ("water_1000m3", 400.0, 300.0),  # B1 takes half a m3 of 500 kt: 250; 150 are left for 300 kt
        ("water_1000m3", 600.0, 700.0),
        ("coal_kt", 100.0, 500.0),  # B1 burns 50 kt, a new kiln as much a tonne
        ("water_1000m3", 1.0, 0.0),  # less than is taken: nothing more, and what stands may stay
    ],
)
def test_a_prefecture_gives_no_more_than_its_budget(resource, cap, built) -> None:
    rows = {
        "headroom.cement_water_m3_t": 0.5, "cement.raw_coal_t_t": 0.1, "cement.new_coal_share": 1.0,
        "cement.min_build_kt": 100.0, "relocation.least_rebuilt_share": 0.1,
    }  # fmt: skip
    caps = pd.DataFrame({"prefecture_zh": ["乙市"], "resource": [resource], "cap": [cap]}, index=["R1"])
    chosen = scenario(
        policy={"clauses": world.SMALL | {"P23": "told"}},
        zone={"asked_kt": 1000.0, "leave_more_kt": 1e6},
        pins={"A1": "S1"} if built else {},
    )
    plan = optimise(prepare(chosen, world.layers(**rows).with_(resource_caps=caps), world.straight))
    checker.assert_sound(plan)
    row = plan.limits[plan.limits["row"] == "resources"].iloc[0]
    assert (row["clause"], row["industry"], row["place"], row["over"]) == ("P46", resource, "乙市", 0.0)
    free = optimise(prepare(chosen, world.layers(**rows), world.straight))
    there, more = (
        p.builds.loc[p.builds["prefecture_zh"] == "乙市", "capacity_kt"].sum() for p in (plan, free)
    )
    assert there == pytest.approx(built)
    assert more > there
