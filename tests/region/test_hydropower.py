"""Hydropower: the balance closes month by month and the published totals are met."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.laws import law
from tests.region.world import points
from workbench.errors import LabelError
from workbench.layers.model import Assumptions, Layers
from workbench.layers.read import load
from workbench.region import hydropower

TABLE = Path(__file__).parents[2] / "geodata" / "assumptions" / "hydropower.csv"


def small(**numbers: float) -> Layers:
    """One mountain prefecture with three plants and a town without any, in a small province."""
    rows = pd.read_csv(TABLE).set_index("id")
    rows.loc["aluminium.power_kwh_t", "value"] = 13500.0
    scaled = {
        "hydropower.installed_mw": 1000.0, "hydropower.generation_gwh": 3900.0,
        "hydropower.abandoned_gwh": 300.0,
        "hydropower.abandoned_yaan_gwh": 120.0, "hydropower.consumption_gwh": 2000.0,
    }  # fmt: skip
    plants = points(
        id=["a", "b", "c", "d"],
        name_zh=["大水电站", "小水电站", "溪洛渡水电站", "雅水电站"],
        prefecture_zh=["山州", "山州", "山州", "雅安市"],
        mw_full=[400.0, 100.0, 200.0, 300.0],
        mw_2014=[200.0, 100.0, 200.0, 300.0],
        annual_gwh=[1600.0, np.nan, 800.0, 1400.0],
        market=["local", "local", "export", "local"],
        regulation=["seasonal", "daily", None, None],
        lon=[102.0] * 4,
        lat=[30.0] * 4,
    )
    prefectures = points(
        id=["p1", "p2", "p3"], prefecture_zh=["山州", "城市", "雅安市"], gdp_2013_cny_100m=[10.0, 80.0, 10.0],
        lon=[102.0] * 3, lat=[30.0] * 3,
    )  # fmt: skip
    layers = Layers({"hydropower": plants, "prefectures": prefectures}, Assumptions(rows))
    return layers.with_assumptions({**scaled, **numbers})


def test_plants_count_with_units_on_line_design_energy_and_sichuans_share():
    plants = hydropower.supply(small())
    assert plants.loc["a", "energy_gwh"] == 800.0  # half of the units on line
    assert plants.loc["b", "energy_gwh"] == pytest.approx(100 * 4.274)  # no design figure: full-load hours
    assert plants.loc["c", ["energy_gwh", "installed_mw"]].tolist() == [400.0, 100.0]  # half is Yunnan's
    assert plants.loc["unlocated", "installed_mw"] == 1000 - 700
    assert plants["energy_gwh"].sum() == pytest.approx(3900 + 300)


def test_plants_of_unknown_class_share_what_is_left_of_the_published_storage():
    plants = hydropower.supply(small())  # 360 MW store: 200 are a's, 160 among the 400 of c (half) and d
    assert plants.loc[["a", "b", "unlocated"], "regulated"].tolist() == [1, 0, 0]
    assert plants.loc[["c", "d"], "regulated"].tolist() == pytest.approx([160 / 400] * 2)
    some = small().hydropower.assign(regulation=["不完全季调节", "不完全年调节", "日调节", "径流"])
    assert hydropower.supply(small().with_(hydropower=some))["regulated"].tolist() == [0, 1, 0, 0, 0]


def test_months_sum_to_years_and_the_province_to_its_prefectures():
    layers = small()
    frame = hydropower.surplus(layers)
    yearly = frame.groupby("prefecture_zh")["potential_gwh"].sum()
    plants = hydropower.supply(layers).groupby("prefecture_zh")["energy_gwh"].sum()
    np.testing.assert_allclose(yearly[plants.index], plants)
    found = hydropower.reconcile(layers)
    assert found.loc[["installed", "generated", "abandoned", "consumption"], "gap"].abs().max() < 1e-6
    assert frame.loc[frame["prefecture_zh"] == "雅安市", "abandoned_gwh"].sum() == pytest.approx(120)


@law(250)
@given(
    st.sampled_from(["wet", "normal", "dry"]),
    st.floats(0.4, 0.55),
    st.floats(500, 4000),
    st.floats(0, 600),
)
def test_every_balance_closes_and_nothing_is_negative(year, stored, consumption, spilled):
    layers = small(
        **{
            "hydropower.regulated_wet_share": stored,
            "hydropower.consumption_gwh": consumption,
            "hydropower.abandoned_gwh": spilled,
        }
    )
    f = hydropower.surplus(layers, year)
    left = f["potential_gwh"] + f["import_gwh"]
    right = f["export_gwh"] + f["demand_gwh"] + f["sent_gwh"] + f["abandoned_gwh"]
    np.testing.assert_allclose(left, right, atol=1e-9)
    energies = [c for c in f if c.endswith("_gwh")]
    assert (f[energies] >= -1e-12).all().all()
    hours = f["month"].map(hydropower.HOURS)
    assert (f["sent_gwh"] <= f["line_limit_mw"] * hours / 1e3 + 1e-9).all()


def test_a_wet_year_spills_more_and_a_dry_year_less():
    spilled = {y: hydropower.surplus(small(), y)["abandoned_gwh"].sum() for y in ("wet", "normal", "dry")}
    assert spilled["dry"] < spilled["normal"] < spilled["wet"]


def test_storage_moves_water_to_the_dry_season():
    layers = small()
    shape = hydropower.profiles(layers, hydropower.supply(layers))
    np.testing.assert_allclose(shape.sum(), 1.0)
    assert shape["regulated"][1] > shape["province"][1] > shape["river"][1]


def test_a_flat_load_is_set_by_the_leanest_dry_month():
    layers = small()
    load = hydropower.flat_load(layers, "dry")
    f = hydropower.surplus(layers, "dry")
    mine = f[(f["prefecture_zh"] == "山州") & (f["season"] == "dry")]
    least = (mine["surplus_gwh"] / mine["month"].map(hydropower.HOURS)).min() * 1e3
    assert load.loc["山州", "guaranteed_mw"] == pytest.approx(least)
    assert load.loc["山州", "aluminium_kt"] == pytest.approx(least * 8760 / 13500)
    assert load.loc["城市", "guaranteed_mw"] == 0


def test_what_other_prefectures_need_is_taken_off_a_flat_load():
    layers = small(**{"hydropower.thermal_gwh": 1e9})  # thermal power covers every need: nothing is contested
    load = hydropower.flat_load(layers, "dry")
    np.testing.assert_allclose(load["uncontested_mw"], load["guaranteed_mw"])
    hungry = hydropower.flat_load(
        small(**{"hydropower.thermal_gwh": 0.0, "hydropower.consumption_gwh": 4000.0})
    )
    assert hungry["guaranteed_mw"].max() > 0
    assert (hungry["uncontested_mw"] == 0).all()


def test_no_prefecture_has_a_smelter_of_two_hundred_thousand_tonnes_to_spare_in_a_dry_year(layers):
    load = hydropower.flat_load(layers, "dry")
    assert (load["uncontested_kt"] < 200).all()
    able = set(load.index[load["aluminium_kt"] >= 200])  # with power that is sent to the grid today
    assert able == {"雅安市", "甘孜藏族自治州", "阿坝藏族羌族自治州", "攀枝花市"}


def test_water_that_would_spill_is_the_cheapest_and_the_dry_season_grid_the_dearest():
    f = hydropower.surplus(small())
    assert f[f["price_basis"] == "surplus"]["price_cny_kwh"].unique() == [0.30]
    assert f[(f["price_basis"] == "grid") & (f["season"] == "dry")]["price_cny_kwh"].iloc[0] == 0.575 * 1.2


def test_a_plant_in_an_unknown_prefecture_is_refused():
    layers = small()
    plants = layers.hydropower.assign(prefecture_zh="无此州")
    with pytest.raises(LabelError, match="无此州"):
        hydropower.surplus(layers.with_(hydropower=plants))


def test_the_baseline_meets_the_published_totals(layers):
    gaps = hydropower.reconcile(layers)["gap"]
    assert gaps[["installed", "generated", "abandoned", "consumption"]].abs().max() < 1e-6
    frame = hydropower.surplus(layers)
    yaan = frame[frame["prefecture_zh"] == "雅安市"]["abandoned_gwh"].sum()
    assert yaan == pytest.approx(4000)
    assert (frame["surplus_gwh"] >= 0).all()
    assert frame["prefecture_zh"].nunique() == 22  # 21 prefectures and the unlocated plants


def test_a_balance_is_worked_out_once_and_what_a_caller_writes_into_it_stays_his(monkeypatch) -> None:
    layers = replace(load())
    made: list[str] = []
    balance = hydropower._balance
    monkeypatch.setattr(hydropower, "_balance", lambda *given: made.append(given[1]) or balance(*given))
    first = hydropower.surplus(layers, "dry")
    first["abandoned_gwh"] = -1.0
    assert (hydropower.surplus(layers, "dry")["abandoned_gwh"] >= 0).all()
    assert made == ["dry"]
    hydropower.surplus(replace(layers), "dry")
    assert made == ["dry", "dry"]  # another baseline is another balance
