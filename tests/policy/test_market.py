"""Products, energy, residues, demand: each indicator moves with what it counts."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.policy import worlds
from workbench.errors import LabelError
from workbench.policy import market, rules_firms


def products(*rows):
    return pd.DataFrame(rows, columns=["line_id", "industry", "product", "tag", "kt", "year"])


@pytest.mark.parametrize(
    ("clause", "industry", "tag", "direction"),
    [
        ("P17", "steel", "special_steel", "rise"),
        ("P17", "steel", "vanadium_titanium", "rise"),
        ("P25", "cement", "special_cement", "rise"),
        ("P25", "cement", "c32_5", "fall"),
        ("P28", "flat_glass", "low_e", "rise"),
    ],
)
def test_product_groups_move_as_their_clause_asks(clause, industry, tag, direction):
    def frame(first, last):
        rows = [("L", industry, "x", t, kt, y) for y, k in ((2013, first), (2014, last))
                for t, kt in ((tag, k), ("ordinary", 100 - k))]  # fmt: skip
        return products(*rows)

    up, down = ("pass", "fail") if direction == "rise" else ("fail", "pass")
    assert market.product_trends(frame(10, 20)).loc[(clause, industry, direction), "verdict"] == up
    assert market.product_trends(frame(20, 10)).loc[(clause, industry, direction), "verdict"] == down
    one_year = frame(10, 20).query("year == 2014")
    row = market.product_trends(one_year).loc[(clause, industry, direction)]
    assert (row["verdict"], row["last"]) == ("unknown", 20)


def test_sheet_and_processing_on_one_site_are_counted():
    lines = worlds.lines(
        *({"id": i, "plant_id": p, "industry": "flat_glass"} for i, p in (("A", "P"), ("B", "P"), ("C", "Q")))
    )
    assert market.co_located(lines, products(("B", "flat_glass", "x", "low_e", 1, 2014))) == 50


@pytest.mark.parametrize(("semis", "expected"), [(115, "pass"), (116, "fail"), (85, "pass"), (84, "fail")])
def test_semis_match_primary_within_the_stated_tolerance(semis, expected):
    assert market.semis_match(semis, 100, {"semis_match.tolerance": 0.15}) == expected
    with pytest.raises(LabelError, match="primary"):
        market.semis_match(1, 0, {"semis_match.tolerance": 0.15})


def test_unit_energy_and_cost_weigh_by_production():
    before = pd.DataFrame(
        {
            "industry": "cement",
            "production_kt": [1, 3],
            "power_kwh_t": [100, 80],
            "production_cny_t": [200, 160],
        }
    )
    frame = market.unit_energy(before, before.assign(power_kwh_t=75))
    assert frame.loc["cement", "power_kwh_t_before"] == 85
    assert frame.loc["cement", "power_kwh_t_after"] == 75


def test_residues_follow_production():
    assert market.residues_kt({"cement": 1000}, {"cement": 0.3})["cement"] == 300
    with pytest.raises(LabelError, match="steel"):
        market.residues_kt({"steel": 1}, {"cement": 0.3})


def test_the_five_layout_criteria_are_asked_for_by_name():
    whole = ["headroom", "hydropower", "industry base", "market", "freight"]
    assert all(market.layout_criteria(whole).values())
    for name in whole:
        assert sum(market.layout_criteria([n for n in whole if n != name]).values()) == 4


def test_counties_being_rebuilt_draw_more():
    demand = pd.DataFrame({"county_zh": ["芦山县", "汶川县", "合江县"], "kt": [10.0, 10.0, 10.0]})
    frame = market.rebuilding_demand(demand, {"rebuild_lushan": 1.5, "rebuild_flood": 1.2})
    assert frame["kt"].tolist() == [15, 12, 10]
    assert frame["reason"].tolist() == ["rebuild_lushan", "rebuild_flood", ""]
    with pytest.raises(LabelError, match="uplift"):
        market.rebuilding_demand(demand, {"rebuild_lushan": 0.9})


def test_the_products_named_for_the_national_market_are_counted():
    rows = products(
        ("L", "steel", "重轨", "special_steel", 5, 2014),
        ("L", "steel", "螺纹钢", "ordinary", 9, 2014),
        ("A", "aluminium", "铝型材", "high_end_profile", 3, 2014),
    )
    assert market.named_rows(rows)["kt"].tolist() == [5, 3]


def test_deliveries_split_into_province_nation_and_abroad():
    markets = worlds.frame(
        [{"id": "m", "kind": "prefecture"}, {"id": "o", "kind": "outside"}, {"id": "e", "kind": "export"}]
    )
    flows = pd.DataFrame(
        {
            "industry": "steel",
            "commodity": ["steel"] * 3 + ["coal"],
            "destination": ["m", "o", "e", "m"],
            "kt": [5.0, 3.0, 1.0, 9.0],
        }
    )
    assert rules_firms.market_split(flows, markets).to_dict() == {"prefecture": 5, "outside": 3, "export": 1}


def test_rail_and_water_carry_their_share_of_tonne_kilometres():
    flows = pd.DataFrame(
        {"kt": [1.0, 1.0], "km_road": [100.0, 50.0], "km_rail": [0.0, 150.0], "km_water": [0.0, 100.0]}
    )
    assert rules_firms.multimodal_share(flows) == pytest.approx(62.5)


def test_tax_relief_and_utilisation():
    assert market.tax_relief({"merger": 10}, {"tax_relief.merger_share": 0.4})["merger"] == 4
    with pytest.raises(LabelError, match="income"):
        market.tax_relief({"income": 1}, {})
    assert market.utilisation({"steel": 21_400}, {"steel": 36_000})["steel"] == pytest.approx(59.4, abs=0.1)
    with pytest.raises(LabelError, match="steel"):
        market.utilisation({"steel": 1}, {})
