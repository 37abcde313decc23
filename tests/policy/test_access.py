"""Access conditions at each edge, compliant lines, and every clause that can bar a site."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.policy import worlds
from tests.policy.worlds import CHENGDU, GANZI, LUZHOU
from workbench.errors import LabelError
from workbench.policy import PolicyOptions, access, screening


@pytest.mark.parametrize(
    ("industry", "rule", "clause", "unit", "good", "bad"),
    [
        ("steel", "steel.new_bf", "P37", "BF", 1200, 1199),
        ("steel", "steel.new_bof", "P37", "BOF", 100, 99),
        ("steel", "steel.new_eaf", "P37", "EAF", 100, 99),
        ("cement", "cement.new_kiln", "P37", "kiln", 2000, 1999),
        ("cement", "cement.new_mill", "P37", "grinding_kt", 600, 599),
        ("flat_glass", "flat_glass.new_float", "P37", "float_line", 500, 499),
        ("aluminium", "aluminium.new_cell", "P31", "cell", 400, 399),
        ("aluminium", "aluminium.new_power", "P31", "ac_kwh_t", 12_750, 12_751),
    ],
)
def test_new_lines_meet_the_access_conditions(industry, rule, clause, unit, good, bad):
    for size, expected in ((good, "pass"), (bad, "fail")):
        rows = access.entry(industry, {unit: size}).set_index("item")
        assert rows.loc[rule, ["clause", "verdict"]].tolist() == [clause, expected]
    assert access.entry(industry, {}).set_index("item").loc[rule, "verdict"] == "unknown"


def test_obsolete_equipment_never_enters_by_moving():
    rows = access.entry("cement", {"kiln": 5000}, obsolete_origin=True).set_index("item")
    assert rows.loc["obsolete_origin", ["clause", "verdict"]].tolist() == ["P47", "fail"]
    assert (access.entry("cement", {"kiln": 5000})["verdict"] == "pass").all()


def test_only_lines_that_passed_every_question_are_announced():
    world = worlds.layers(
        lines=worlds.lines({"id": "A"}, {"id": "B", "process": "shaft"}, {"id": "C", "process": None}),
        equipment=worlds.equipment(("X", "none", 1)),
    )
    assert access.compliant_lines(screening.screen(world)).index.tolist() == ["A"]


def world(prefecture=LUZHOU, county="合江县", kind="park", industries="", market="local"):
    counties = [("合江县", None), ("康定县", "national")]
    return worlds.layers(
        sites=worlds.frame(
            [
                {
                    "id": "S",
                    "prefecture_zh": prefecture,
                    "county_zh": county,
                    "kind": kind,
                    "industries": industries,
                }
            ]
        ),
        prefectures=worlds.prefectures(),
        counties=worlds.frame(
            [
                {"id": n, "county_zh": n, "eco_function_level": v, "eco_function_since": 2010}
                for n, v in counties
            ]
        ),
        hydropower=worlds.frame([{"id": "H", "prefecture_zh": LUZHOU, "market": market, "mw_2014": 100.0}]),
    )


def clauses(industry, layers, **options):
    return access.why_not("S", industry, layers, **options)["clause"].tolist()


def test_a_site_nothing_bars_gives_no_row():
    for industry in ("cement", "steel", "flat_glass", "aluminium"):
        assert clauses(industry, world()) == []


@pytest.mark.parametrize(
    ("industry", "place", "expected"),
    [
        ("cement", {"prefecture": CHENGDU}, ["P24"]),
        ("cement", {"prefecture": "乐山市"}, ["P24"]),
        ("cement", {"prefecture": GANZI, "county": "康定县"}, ["P48"]),
        ("cement", {"industries": "aluminium"}, ["P46"]),
        ("steel", {"kind": "brownfield"}, ["P16"]),
        ("flat_glass", {"prefecture": CHENGDU}, ["P30"]),
        ("aluminium", {"market": "export"}, ["P49"]),
        ("aluminium", {"prefecture": GANZI}, ["P49"]),
    ],
)
def test_each_barrier_is_named_by_its_clause(industry, place, expected):
    assert clauses(industry, world(**place)) == expected


def test_the_readings_of_zone_and_processing_are_switches():
    assert clauses("cement", world("乐山市"), zone="five") == []
    assert clauses("flat_glass", world(CHENGDU), processing=True) == []
    sensitive = PolicyOptions(rule_version="miit-2017-337")
    assert clauses("cement", world(), options=sensitive) == ["P22"]


def test_ecological_exclusions_of_the_region_stand_beside_the_clauses_with_the_distance_missing():
    row = {"site_id": "S", "industry": "cement", "excluded": True, "rule": "reserve", "zone_id": "E1",
           "zone_zh": "某保护区", "distance_m": 400.0, "buffer_m": 1000.0, "clause": "P48"}  # fmt: skip
    found = access.why_not("S", "cement", world(), exclusions=pd.DataFrame([row])).loc[0]
    assert found[["clause", "item", "verdict", "margin"]].tolist() == ["P48", "reserve", "fail", -600.0]
    assert "某保护区" in found["zh"]
    assert "某保护区" in found["zh"]


def test_an_unknown_site_is_named():
    with pytest.raises(LabelError, match="T"):
        access.why_not("T", "cement", world())
