"""Products, energy, residues, demand: each indicator moves with what it counts."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.policy import worlds
from workbench.errors import LabelError
from workbench.policy import market, rules_firms


def products(*rows):
    return pd.DataFrame(rows, columns=["line_id", "industry", "product", "tag", "kt", "year"])


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
