"""Verdicts on a plan: each rule finds a planted breach and lets the edge pass."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.policy import worlds
from tests.policy.worlds import CHENGDU, GANZI, LUZHOU, residual, verdict, world
from workbench import policy

FLOW = {"industry": "cement", "commodity": "cement", "origin": "L", "destination": LUZHOU, "kt": 10.0,
        "km_road": 100.0, "km_rail": 0.0, "km_water": 0.0}  # fmt: skip


CAP = {"cement": ("P6", "P65", 150_000), "steel": ("P3", "P64", 36_000), "flat_glass": ("P9", "P66", 2_250),
       "aluminium": ("P12", "P67", 1_100)}  # fmt: skip


@pytest.mark.parametrize("industry", CAP)
def test_a_cap_holds_at_the_edge_and_breaks_above_it(industry):
    five, year, cap = CAP[industry]
    for kt, expected in ((cap, "pass"), (cap + 1, "fail")):
        rows = [("L", kt - 40.0, "keep", None, {"industry": industry})]
        layers = world({"id": "L", "industry": industry}, residual=residual(**{industry: 40.0}))
        plan = worlds.plan(rows, layers=layers, scenario_=worlds.scenario((industry,)))
        for clause in (five, year):
            assert verdict(plan, clause, f"{industry}.cap") == (expected, kt)


QUOTA = {
    "cement": ("P7", 10_000, "P65", 3_000),
    "steel": ("P4", 3_000, "P64", 920),
    "flat_glass": ("P10", 275, "P66", 80),
}


OLD = {
    "cement": {"process": "机立窑"},
    "steel": {"process": "eaf", "capacity_kt": 1.0},
    "flat_glass": {"process": "格法"},
}


@pytest.mark.parametrize("industry", QUOTA)
def test_quotas_of_five_years_of_2014_and_of_what_is_left(industry):
    five, total, year, first = QUOTA[industry]
    for at, kt, of_five, of_year in (
        (2018, total, "pass", "pass"),
        (2018, total - 1, "fail", "pass"),
        (2018, first - 1, "fail", "fail"),
        (2014, first, "pass", "pass"),
        (2014, first - 1, "fail", "fail"),
    ):
        chosen = worlds.scenario((industry,), year=at)
        layers = world({"id": "L", "industry": industry, **OLD[industry]}, units=[("P", "EAF", 20)])
        plan = worlds.plan(
            [("L", kt, "close", None, {"industry": industry})], layers=layers, scenario_=chosen
        )
        assert verdict(plan, five, f"{industry}.eliminate") == (of_five, kt)
        assert verdict(plan, year, f"{industry}.eliminate")[0] == of_year
        assert verdict(plan, "P70", f"{industry}.eliminate_after_2014")[0] == (
            of_five if at == 2018 else "pass"
        )


def test_whether_credited_tonnes_count_as_eliminated_is_a_switch():
    rows, builds, credits = (
        [("L", 10_000.0, "move", "S")],
        [("S", 10_000.0, LUZHOU)],
        [("L", "S:cement", 10_000.0)],
    )
    for counts, expected in ((True, ("pass", 10_000)), (False, ("fail", 0))):
        chosen = worlds.scenario(credited_tonnes_count_as_eliminated=counts)
        plan = worlds.plan(rows, builds, credits, layers=world({"id": "L"}), scenario_=chosen)
        assert verdict(plan, "P7", "cement.eliminate") == expected


def test_a_sound_line_that_simply_closes_is_no_obsolete_capacity_eliminated():
    for process, kt in (("nsp", 0), ("shaft", 3_000)):
        layers = world({"id": "L", "process": process, "capacity_kt": 3_000.0})
        found = verdict(worlds.plan([("L", 3_000.0, "close")], layers=layers), "P65", "cement.eliminate")
        assert found == ("pass" if kt else "fail", kt)


def test_small_works_nobody_located_count_as_obsolete_once_they_close():
    plan = worlds.plan([("L", 1.0, "keep")], layers=world({"id": "L"}))
    plan.unlocated = pd.DataFrame(
        {"capacity_kt": [0.0], "retired_kt": [3_000.0], "obsolete_kt": [0.0]},
        index=pd.MultiIndex.from_tuples([("cement", LUZHOU)], names=["industry", "prefecture_zh"]),
    )
    assert verdict(plan, "P65", "cement.eliminate") == ("pass", 3_000)


def test_the_states_task_of_2014_is_a_sourced_assumption():
    task = {"state_task_2014.cement_kt": 4_080.0}
    for kt, expected in ((4_080.0, "pass"), (4_079.0, "fail")):
        old = worlds.lines({"id": "L", "process": "shaft", "capacity_kt": kt})
        layers = worlds.layers(task, lines=old)
        plan = worlds.plan([("L", kt, "close")], layers=layers)
        assert verdict(plan, "P73", "cement.state_task_2014")[0] == expected


def test_growth_without_credit_is_found():
    fair = worlds.plan([("L", 1000.0, "move", "S")], [("S", 1000.0, LUZHOU)], [("L", "S:cement", 1000.0)])
    grown = worlds.plan([("L", 1000.0, "move", "S")], [("S", 1200.0, LUZHOU)], [("L", "S:cement", 1000.0)])
    assert verdict(fair, "P2", "cement.net_growth") == ("pass", 0)
    assert verdict(grown, "P2", "cement.net_growth") == ("fail", 200)
    assert verdict(fair, "P22", "cement.replacement")[0] == "pass"
    assert verdict(grown, "P22", "cement.replacement") == ("fail", 1000)


def test_the_ratio_of_the_chosen_version_decides_what_is_enough():
    plan = worlds.plan([("L", 1000.0, "move", "S")], [("S", 1000.0, LUZHOU)], [("L", "S:cement", 1000.0)])
    plan.scenario = worlds.scenario(rule_version="miit-2017-337")
    assert verdict(plan, "P22", "cement.replacement")[0] == "fail"
    plan.builds["capacity_kt"] = 800.0
    assert verdict(plan, "P22", "cement.replacement") == ("pass", 1000)


def test_a_credit_used_twice_or_before_closing_or_by_another_industry_is_found():
    builds = [("S", 500.0, LUZHOU), ("T", 500.0, LUZHOU)]
    twice = [("L", "S:cement", 700.0), ("L", "T:cement", 700.0)]
    assert verdict(worlds.plan([("L", 1000.0, "close")], builds, twice), "P42", "credits_used_once") == (
        "fail",
        400,
    )
    once = [("L", "S:cement", 500.0), ("L", "T:cement", 500.0)]
    assert verdict(worlds.plan([("L", 1000.0, "close")], builds, once), "P42", "credits_used_once") == (
        "pass",
        0,
    )
    assert verdict(worlds.plan([("L", 1000.0, "keep")], builds, once), "P42", "credits_used_once") == (
        "fail",
        1000,
    )
    steel = worlds.plan([("L", 1000.0, "close", None, {"industry": "steel"})], builds, once)
    assert verdict(steel, "P2", "credits_of_own_industry") == ("fail", 1000)


def test_other_industries_pay_equal_replacement_too():
    plan = worlds.plan(
        [("L", 100.0, "close", None, {"industry": "steel"})], scenario_=worlds.scenario(("steel",))
    )
    assert verdict(plan, "P42", "steel.replacement")[0] == "pass"


def test_the_zone_takes_no_new_cement_and_does_not_grow():
    layers = world({"id": "L"})
    inside = worlds.plan([("L", 1000.0, "move", "S")], [("S", 1000.0, CHENGDU)], layers=layers)
    outside = worlds.plan([("L", 1000.0, "move", "S")], [("S", 1000.0, LUZHOU)], layers=layers)
    assert verdict(inside, "P24", "cement.zone_new") == ("fail", 1000)
    assert verdict(outside, "P24", "cement.zone_new") == ("pass", 0)
    assert verdict(outside, "P24", "cement.zone_growth") == ("pass", -1000)
    grown = worlds.plan([("L", 1000.0, "keep")], [("S", 1.0, CHENGDU)], layers=layers)
    assert verdict(grown, "P24", "cement.zone_growth") == ("fail", 1)


def test_five_or_eight_cities_is_a_switch():
    from types import SimpleNamespace

    plan = worlds.plan([("L", 1000.0, "close")], [("S", 100.0, "乐山市")], layers=world({"id": "L"}))
    assert verdict(plan, "P24", "cement.zone_new")[0] == "fail"
    plan.scenario.zone = SimpleNamespace(definition="five")
    assert verdict(plan, "P24", "cement.zone_new")[0] == "pass"


@pytest.mark.parametrize(("process", "expected"), [("shaft", "fail"), ("nsp", "pass"), (None, "unknown")])
def test_obsolete_lines_never_move(process, expected):
    rows, builds = [("L", 1000.0, "move", "S")], [("S", 1000.0, LUZHOU)]
    plan = worlds.plan(
        rows, builds, [("L", "S:cement", 1000.0)], layers=world({"id": "L", "process": process})
    )
    assert verdict(plan, "P47", "obsolete_moved")[0] == expected


def test_overdue_obsolete_lines_give_no_credit():
    layers = world({"id": "L", "industry": "aluminium", "process": "prebake"}, units=[("P", "cell", 120)])
    rows = [("L", 100.0, "close", None, {"industry": "aluminium"})]
    for year, expected in ((2014, ("pass", 0)), (2015, ("fail", 100))):
        chosen = worlds.scenario(("aluminium",), year=year)
        builds, credits = [("S", 100.0, LUZHOU)], [("L", "S:cement", 100.0)]
        plan = worlds.plan(rows, builds, credits, layers=layers, scenario_=chosen)
        assert verdict(plan, "P47", "overdue_credits") == expected


@pytest.mark.parametrize(
    ("clause", "industry", "line", "units"),
    [
        ("P20", "steel", {"process": "eaf"}, ("P", "EAF", 20)),
        ("P34", "aluminium", {"process": "prebake"}, ("P", "cell", 120)),
        ("P7", "cement", {"process": "shaft"}, None),
        ("P10", "flat_glass", {"process": "sheet"}, None),
    ],
)
def test_obsolete_equipment_that_stays_is_found(clause, industry, line, units):
    layers = world({"id": "L", "industry": industry, **line}, units=[units] if units else [])
    chosen = worlds.scenario((industry,), year=2015)
    for decision, expected in (("keep", ("fail", 90)), ("close", ("pass", 0))):
        plan = worlds.plan(
            [("L", 90.0, decision, None, {"industry": industry})], layers=layers, scenario_=chosen
        )
        got = verdict(plan, clause, f"{industry}.obsolete_kept")
        assert (got[0], got[1] > 0) == (expected[0], expected[1] > 0)


def test_cells_with_a_day_of_their_own_may_stay_until_it():
    layers = world({"id": "L", "industry": "aluminium", "process": "prebake"}, units=[("P", "cell", 120)])
    for year, expected in ((2014, "pass"), (2015, "fail")):
        chosen = worlds.scenario(("aluminium",), year=year)
        plan = worlds.plan(
            [("L", 90.0, "keep", None, {"industry": "aluminium"})], layers=layers, scenario_=chosen
        )
        assert verdict(plan, "P34", "aluminium.obsolete_kept")[0] == expected


@pytest.mark.parametrize(
    ("credit", "item"),
    [
        ({"line_id": "GHOST"}, "credits_of_known_lines"),
        ({"line_id": "L", "kt": 1500.0}, "credits_used_once"),
        ({"line_id": "GLASS"}, "credits_of_own_industry"),
        ({"line_id": "L", "closed_year": 2016}, "credits_closed_first"),
    ],
)
def test_an_invented_a_doubled_a_foreign_and_a_late_credit_fail(credit, item):
    rows = [("L", 1000.0, "move", "S"), ("GLASS", 1000.0, "close", None, {"industry": "flat_glass"})]
    plan = worlds.plan(rows, [("S", 1000.0, LUZHOU)], scenario_=worlds.scenario(("cement", "flat_glass")))
    sound = {"line_id": "L", "build_id": "S:cement", "kt": 1000.0, "closed_year": 2014, "start_year": 2015}
    for paid, expected in ((sound, "pass"), (sound | credit, "fail")):
        plan.credits = pd.DataFrame([paid])
        found = policy.check(plan).set_index("item")["verdict"]
        assert found[item] == expected


def test_the_dry_process_share_is_bounded_by_what_is_not_located():
    lines = [{"id": "A"}, {"id": "B", "process": "shaft"}, {"id": "G", "process": "grinding"}]
    rows = [("A", 95.0, "keep"), ("B", 5.0, "keep"), ("G", 500.0, "keep")]
    sure = worlds.plan(rows, layers=world(*lines))
    assert verdict(sure, "P8", "cement.nsp_share") == ("pass", 95)
    unsure = worlds.plan(rows, layers=world(*lines, residual=residual(cement=10.0)))
    assert verdict(unsure, "P65", "cement.nsp_share")[0] == "unknown"
    rows[1] = ("B", 20.0, "keep")
    assert verdict(worlds.plan(rows, layers=world(*lines)), "P8", "cement.nsp_share")[0] == "fail"


SHARES = [
    ("P5", "steel", "high_end_share", 50, 49.9),
    ("P11", "flat_glass", "deep_processing_share", 50, 49.9),
    ("P13", "aluminium", "deep_processing_share", 80.1, 80.0),
    ("P13", "aluminium", "high_end_share", 50, 49.9),
    ("P64", "steel", "high_end_share", 40, 39.9),
    ("P66", "flat_glass", "deep_processing_share", 35, 34.9),
    ("P67", "aluminium", "high_end_share", 45, 44.9),
    ("P75", "steel", "rebar_share", 60, 59.9),
]


@pytest.mark.parametrize(("clause", "industry", "measure", "good", "bad"), SHARES)
def test_product_shares_come_from_the_register_or_are_unknown(clause, industry, measure, good, bad):
    item = f"{industry}.{measure}"
    assert verdict(worlds.plan([("L", 1.0, "keep")]), clause, item)[0] == "unknown"
    for value, expected in ((good, "pass"), (bad, "fail")):
        mix = worlds.frame(
            [{"id": 1, "industry": industry, "measure": measure, "year": 2014, "value_pct": value}]
        )
        plan = worlds.plan([("L", 1.0, "keep")], layers=world({"id": "L"}, product_mix=mix))
        assert verdict(plan, clause, item) == (expected, value)


def test_coprocessing_counts_lines_or_capacity_by_a_switch():
    lines = [{"id": f"L{i}", "coprocessing": i == 0} for i in range(10)]
    rows = [("L0", 100.0, "keep"), *((f"L{i}", 1000.0, "keep") for i in range(1, 10))]
    plan = worlds.plan(rows, layers=world(*lines))
    assert verdict(plan, "P26", "cement.coprocessing_share") == ("pass", 10)
    plan.scenario = worlds.scenario(coprocessing_by="capacity")
    assert verdict(plan, "P26", "cement.coprocessing_share")[0] == "fail"
    assert (
        verdict(worlds.plan(rows, layers=world({"id": "L0"})), "P26", "cement.coprocessing_share")[0]
        == "unknown"
    )


def sites(county="合江县", kind="park", prefecture=LUZHOU):
    return worlds.frame([{"id": "S", "county_zh": county, "prefecture_zh": prefecture, "kind": kind}])


def counties():
    rows = [
        ("合江县", None, None, ""),
        ("康定县", "national", 2010, "重点生态功能区"),
        ("黑水县", "national", 2016, "重点生态功能区"),
    ]
    return worlds.frame(
        [
            {"id": n, "county_zh": n, "eco_function_level": lv, "eco_function_since": y, "function_class": f}
            for n, lv, y, f in rows
        ]
    )


@pytest.mark.parametrize(("county", "expected"), [("康定县", "fail"), ("合江县", "pass"), ("黑水县", "pass")])
def test_nothing_new_in_key_ecological_counties_listed_by_2014(county, expected):
    layers = world({"id": "L"}, sites=sites(county), counties=counties())
    plan = worlds.plan([("L", 10.0, "move", "S")], [("S", 10.0, GANZI)], layers=layers)
    assert verdict(plan, "P48", "sensitive_new")[0] == expected
    assert verdict(plan, "P48", "sensitive_net_inflow")[0] == expected
    assert verdict(plan, "P22", "cement.function_zone")[0] == expected


def test_capacity_may_leave_a_sensitive_county():
    layers = world({"id": "L", "county_zh": "康定县"}, sites=sites(), counties=counties())
    plan = worlds.plan([("L", 10.0, "move", "S")], [("S", 10.0, LUZHOU)], layers=layers)
    assert verdict(plan, "P48", "sensitive_net_inflow") == ("pass", -10)


@pytest.mark.parametrize(("market", "expected"), [("local", "pass"), ("export", "fail")])
def test_new_aluminium_stands_where_hydropower_feeds_the_local_grid(market, expected):
    hydro = worlds.frame([{"id": "H", "prefecture_zh": LUZHOU, "market": market, "mw_2014": 500.0}])
    plan = worlds.plan(
        [("L", 10.0, "keep", None, {"industry": "aluminium"})],
        [("S", 10.0, LUZHOU)],
        layers=world({"id": "L"}, hydropower=hydro),
        scenario_=worlds.scenario(("aluminium",)),
    )
    plan.builds["industry"] = "aluminium"
    assert verdict(plan, "P49", "aluminium.away_from_power")[0] == expected


@pytest.mark.parametrize(("flag", "expected"), [(1, "fail"), (0, "pass"), (None, "unknown")])
def test_steel_inside_a_town_must_leave(flag, expected):
    layers = world({"id": "L", "industry": "steel", "process": "eaf", "in_built_up": flag})
    rows = [("L", 10.0, "keep", None, {"industry": "steel"})]
    plan = worlds.plan(rows, layers=layers, scenario_=worlds.scenario(("steel",)))
    assert verdict(plan, "P16", "steel.urban_kept")[0] == expected


@pytest.mark.parametrize(("kind", "expected"), [("park", "pass"), ("brownfield", "fail")])
def test_steel_that_moves_arrives_in_a_park(kind, expected):
    plan = worlds.plan(
        [("L", 10.0, "move", "S", {"industry": "steel"})],
        [("S", 10.0, LUZHOU)],
        layers=world({"id": "L"}, sites=sites(kind=kind)),
        scenario_=worlds.scenario(("steel",)),
    )
    plan.builds["industry"] = "steel"
    assert verdict(plan, "P16", "steel.outside_parks")[0] == expected


@pytest.mark.parametrize(
    ("market", "kt", "expected"), [(GANZI, 5.0, "fail"), (GANZI, 0.0, "pass"), (LUZHOU, 5.0, "pass")]
)
def test_minority_prefectures_lack_no_cement(market, kt, expected):
    unmet = [{"market": market, "industry": "cement", "kt": kt}]
    assert (
        verdict(worlds.plan([("L", 1.0, "keep")], unmet=unmet), "P23", "cement.minority_unmet")[0] == expected
    )


@pytest.mark.parametrize(("now", "expected"), [(39.0, "pass"), (40.0, "pass"), (41.0, "fail")])
def test_a_delivered_tonne_may_not_travel_dearer(now, expected):
    plan = worlds.plan(
        [("L", 1.0, "keep")], flows=[{**FLOW, "cost_cny_t": now}], before_flows=[{**FLOW, "cost_cny_t": 40.0}]
    )
    assert verdict(plan, "P54", "cement.freight")[0] == expected


def test_inflow_needs_a_registered_credit_from_outside():
    plan = worlds.plan(
        [], [("S", 100.0, LUZHOU)], [("沪-1", "S:cement", 100.0)], scenario_=worlds.scenario(("flat_glass",))
    )
    plan.builds["industry"] = "flat_glass"
    assert verdict(plan, "P29", "flat_glass.inflow_unlisted") == ("fail", 100)
    plan.layers = world(
        {"id": "L"}, outside_credits=pd.DataFrame([{"credit_id": "沪-1", "industry": "flat_glass"}])
    )
    assert verdict(plan, "P29", "flat_glass.inflow_unlisted") == ("pass", 0)
    assert verdict(plan, "P29", "flat_glass.inflow_within_cap")[0] == "pass"
    plan.builds["capacity_kt"] = 2_251.0
    assert verdict(plan, "P29", "flat_glass.inflow_within_cap")[0] == "fail"


def test_a_summary_gives_each_clause_its_worst_verdict():
    rows = pd.DataFrame(
        {"clause": ["P3", "P10", "P10", "P6"], "verdict": ["pass", "pass", "fail", "unknown"]}
    )
    frame = policy.summary(rows)
    assert frame["verdict"].to_dict() == {"P3": "pass", "P6": "unknown", "P10": "fail"}
    assert list(frame.index) == ["P3", "P6", "P10"]


def test_a_plan_of_bare_frames_is_judged_with_unknowns_not_errors():
    rows = policy.check(worlds.plan([("L", 1.0, "keep")]))
    assert set(rows["verdict"]) <= {"pass", "fail", "unknown"}
    assert rows["clause"].map(lambda c: int(c[1:])).is_monotonic_increasing


def test_displaced_workers_wait_for_the_register_of_placements():
    plan = worlds.plan(
        [("L", 1.0, "close", None, {"displaced_jobs": 30.0}), ("M", 1.0, "keep")], layers=world({"id": "L"})
    )
    assert verdict(plan, "P61", "workers_not_placed") == ("unknown", 30)
    for placed, expected in ((30, "pass"), (29, "fail")):
        plan.layers = world({"id": "L"}, placements=worlds.frame([{"id": 1, "placed": placed}]))
        assert verdict(plan, "P61", "workers_not_placed")[0] == expected
