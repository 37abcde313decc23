"""The baseline adds up to what is published; where it does not, the exception is listed with its reason."""

from __future__ import annotations

from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geodata.build.write import GEODATA
from workbench import crs

LOCATED_KT = {"steel": 28_769, "cement": 119_050, "flat_glass": 2_063.5, "aluminium": 920}
STOCK_KT = {"steel": 36_000, "cement": 150_000, "flat_glass": 2_250, "aluminium": 920}
CAPS_KT = {"steel": 36_000, "cement": 150_000, "flat_glass": 2_250, "aluminium": 1_100}
# Lengths of whole lines in the province and beyond as published, against the sum of our links (km).
RAIL_KM = {"宝成线": (668, 0.01), "成渝线": (504, 0.0), "达成线": (374, 0.01)}
OUTSIDE_THEIR_COUNTY = {
    "CL04": "a mine of 攀枝花市西区, its shaft across the border of 仁和区; the owner's address is kept",
    "CL10": "the same",
}
WATER_KM = {("P_SF", "P_YCH"): 1074, ("P_YCH", "P_WH"): 624}


def test_the_province_has_its_area_prefectures_and_counties(layers) -> None:
    assert layers.prefectures["area_km2"].sum() == pytest.approx(486_115, rel=0.005)
    assert layers.counties["area_km2"].sum() == pytest.approx(layers.province["area_km2"].iloc[0], rel=1e-4)
    assert (len(layers.prefectures), len(layers.counties)) == (21, 183)
    assert crs.area_km2(layers.prefectures).to_numpy() == pytest.approx(
        layers.prefectures["area_km2"].to_numpy(), rel=1e-3
    )


def test_counties_tile_the_province_without_gaps(layers) -> None:
    assert shapely.coverage_is_valid(layers.counties.geometry.to_numpy())
    assert shapely.coverage_is_valid(layers.prefectures.geometry.to_numpy())
    whole = shapely.get_parts(shapely.coverage_union_all(layers.counties.geometry.to_numpy()))
    holes = shapely.polygons([ring for part in whole for ring in part.interiors])
    # Only specks of Chongqing lie inside: five enclaves on the eastern border.
    chongqing = layers.surroundings.geometry.iloc[0]
    assert len(holes) == 5
    assert shapely.area(shapely.difference(holes, chongqing)).sum() < 1e-7


def test_membership_and_names_are_those_of_2014(layers) -> None:
    home = layers.counties.set_index("county_zh")["prefecture_zh"]
    assert home["简阳市"] == "资阳市"
    for name in (
        "康定县",
        "马尔康县",
        "双流县",
        "郫县",
        "彭山县",
        "射洪县",
        "宜宾县",
        "隆昌县",
        "会理县",
        "罗江县",
    ):
        assert name in home.index
    assert set(home) == set(layers.prefectures["prefecture_zh"])


def test_located_and_unlocated_capacity_meet_the_stock_apart_from_the_cap(layers) -> None:
    plants = layers.plants[layers.plants["in_baseline"]]
    located = plants.groupby("industry")["capacity_kt"].sum()
    residual = layers.residual.groupby("industry")["capacity_kt"].sum()
    caps = layers.caps.set_index("industry")["cap_kt"]
    for industry, cap in CAPS_KT.items():
        assert caps[industry] == cap
        assert located[industry] == pytest.approx(LOCATED_KT[industry], abs=0.5)
        assert located[industry] + residual[industry] == pytest.approx(STOCK_KT[industry], abs=0.01)


def test_lines_add_up_to_their_plant(layers) -> None:
    of_lines = layers.lines.groupby("plant_id")["capacity_kt"].sum(min_count=1)
    of_plants = layers.plants["capacity_kt"]
    assert set(of_lines.index) == set(of_plants.index)
    np.testing.assert_allclose(of_lines.reindex(of_plants.index), of_plants, atol=0.01)
    flags = layers.lines["in_baseline"].groupby(layers.lines["plant_id"]).first()
    assert (flags == layers.plants["in_baseline"].reindex(flags.index)).all()


def test_cement_of_the_chengdu_zone_under_both_readings(layers) -> None:
    plants = layers.plants[layers.plants["in_baseline"] & layers.plants["industry"].eq("cement")]
    zones = layers.prefectures.set_index("prefecture_zh")
    for column, expected in (("in_chengdu_8", 60_790), ("in_chengdu_5", 41_200)):
        kt = plants.loc[plants["prefecture_zh"].map(zones[column].astype(bool)), "capacity_kt"].sum()
        assert kt == pytest.approx(expected)
    assert int(zones["in_chengdu_5"].sum()) == 5
    assert int(zones["in_chengdu_8"].sum()) == 8


def test_no_plant_is_counted_twice_or_before_its_time(layers) -> None:
    plants = layers.plants
    assert not plants.at["CM75", "in_baseline"]  # may be the same works as CM65
    for late in ("CM15", "CM42", "CM55", "ST19", "ST20", "CL03", "CL14", "CL18"):
        assert not plants.at[late, "in_baseline"]


def test_plants_lie_in_their_county(layers) -> None:
    plants = layers.plants[layers.plants["county_zh"].ne("")]
    counties = layers.counties[["county_zh", "prefecture_zh", "geometry"]]
    found = gpd.sjoin(plants[["county_zh", "geometry"]], counties, predicate="within", rsuffix="found")
    wrong = found[found["county_zh_left"] != found["county_zh_found"]]
    assert set(wrong.index) == set(OUTSIDE_THEIR_COUNTY)
    told = (GEODATA / ".." / "docs" / "data.md").read_text(encoding="utf-8")
    assert all(label in told for label in OUTSIDE_THEIR_COUNTY)
    assert len(found) == len(plants)


def test_parks_of_aba_and_ganzi_inside_chengdu_are_not_outside_it(layers) -> None:
    assert (layers.sites.loc[["PK02", "PK04"], "prefecture_zh"] == "成都市").all()


def test_hydropower_online_at_the_end_of_2014(layers) -> None:
    plants = layers.hydropower
    assert plants["mw_2014"].sum() == pytest.approx(59_850.5)
    export = plants.loc[plants["market"].eq("export"), "mw_2014"].sum()
    assert export == pytest.approx(13_860 + 6_400 + 10_800)
    official = layers.hydropower_monthly
    annual = official[official["row_type"].eq("annual") & official["year"].eq(2014)].iloc[0]
    assert annual["hydro_mw"] == 62_950  # plants of 6 MW and more: the listed ones must stay below
    assert (plants["mw_2014"] <= plants["mw_full"]).all()
    assert plants.loc[plants["border_shared"], "name_zh"].str.contains("溪洛渡|向家坝|观音岩").all()


def test_hydropower_months_make_a_year_and_seasons(layers) -> None:
    table = layers.hydropower_monthly
    profile = table[table["row_type"].eq("profile")]
    assert profile["share"].sum() == pytest.approx(1, abs=0.001)
    assert 0.55 < profile.loc[profile["season"].eq("wet"), "share"].sum() < 0.59


@pytest.mark.parametrize("line", RAIL_KM)
def test_rail_lines_have_their_published_length(layers, line: str) -> None:
    links = layers.freight_links
    names = r"达成线|遂成线" if line == "达成线" else rf"^{line}$"  # 达成 was rebuilt as 遂成 west of 遂宁
    own = links[links["mode"].eq("rail") & links["line"].str.contains(names)]
    published, tolerance = RAIL_KM[line]
    assert own["distance_km"].sum() == pytest.approx(published, rel=tolerance)


def test_the_chengdu_kunming_line_differs_from_its_length_only_where_it_was_rebuilt(layers) -> None:
    links = layers.freight_links
    km = links.loc[links["mode"].eq("rail") & links["line"].eq("成昆线"), "distance_km"]
    # 广通–昆明: the old line of 153 km makes the published 1,100; trains of 2014 run the new one of 107 km.
    assert km["R_GT-R_KM-rail"] == 107
    assert km.drop("R_GT-R_KM-rail").sum() + 153 == 1100


@pytest.mark.parametrize("ends", WATER_KM)
def test_the_yangtze_has_its_published_length(layers, ends) -> None:
    order = ["P_SF", "P_YB", "P_LZ", "P_CT", "P_CQ", "P_GYU", "P_FL", "P_WZ", "P_YCH", "P_WH"]
    names = order[order.index(ends[0]) : order.index(ends[1]) + 1]
    ids = [f"{a}-{b}-water" for a, b in pairwise(names)]
    assert layers.freight_links.loc[ids, "distance_km"].sum() == pytest.approx(WATER_KM[ends], rel=0.02)


def test_census_and_gdp_add_up(layers) -> None:
    assert layers.prefectures["population_2010_10k"].sum() == pytest.approx(8041.75, abs=0.1)
    # Prefectures count some output twice: their sum is known to exceed the provincial figure.
    assert layers.prefectures["gdp_2013_cny_100m"].sum() / 26_392.07 == pytest.approx(1.044, abs=0.002)


def test_key_function_counties_are_those_of_2010_and_later(layers) -> None:
    listed = layers.counties[layers.counties["eco_function_zone"].ne("")]
    assert len(listed) == 57
    assert int(listed["eco_function_level"].eq("national").sum()) == 42


def test_functional_zone_classes_agree_with_the_totals_of_the_plan(layers) -> None:
    counties, totals = layers.counties, layers.province_totals
    published = totals.set_index([totals["metric"].str.removeprefix("counties: "), "year"])["value"]
    of_class = counties.groupby("function_class").size()
    plan = {
        "重点开发区": "key development",
        "农产品主产区": "main farming",
        "重点生态功能区": "key ecological",
    }
    given = {name: published[metric, "2013"] for name, metric in plan.items()}
    given["重点开发区"] += len(counties) - sum(given.values())  # two city districts split off in 2013
    room = {name: number - of_class[name] for name, number in given.items()}
    assert room["重点生态功能区"] == 0
    assert min(room.values()) >= 0  # no class holds more counties than the plan gave it
    assert sum(room.values()) == of_class["不详"]
    eco = counties["function_class"].eq("重点生态功能区")
    assert (eco == counties["eco_function_level"].ne("")).all()
    share = 100 * counties.loc[eco, "area_km2"].sum() / counties["area_km2"].sum()
    assert share == pytest.approx(published["key ecological share of the area", "2013"], abs=0.3)


def test_every_class_says_how_sure_it_is_and_only_documents_make_it_sure(layers) -> None:
    counties = layers.counties
    sure = counties["function_class_confidence"]
    assert sure.isin(["high", "medium", "low"]).all()
    assert counties["function_class_source"].ne("").all()
    assert not (sure.eq("high") & counties["function_class_source"].eq("general-knowledge")).any()
    assert sure[counties["function_class"].eq("不详")].eq("low").all()


def test_panda_counties_are_as_many_as_published_and_hold_every_panda_reserve(layers) -> None:
    counties = layers.counties
    named = counties[counties["panda_habitat"].astype(bool)]
    assert len(named) == 37
    assert named["prefecture_zh"].nunique() == 11  # 新华社 2016-05-24
    ours = layers.ecology[~layers.ecology.index.str.startswith("EX")]  # those are the neighbours'
    reserves = ours[ours["note"].fillna("").str.contains("panda", case=False)]
    centres = crs.from_metric(crs.to_metric(reserves[["geometry"]]).centroid.to_frame("geometry"))
    found = gpd.sjoin(centres.set_geometry("geometry"), counties[["panda_habitat", "geometry"]])
    assert len(found) == len(reserves) > 25
    assert found["panda_habitat"].astype(bool).all()


def test_panda_habitat_is_drawn_with_the_area_surveyed_inside_its_counties(layers) -> None:
    habitat = layers.ecology[layers.ecology["category"] == "habitat"]
    assert crs.area_km2(habitat).sum() == pytest.approx(20_270, rel=0.01)  # 新华社 2016-05-24
    named = layers.counties[layers.counties["panda_habitat"].astype(bool)]
    inside = crs.area_km2(gpd.overlay(habitat[["geometry"]], named[["geometry"]])).sum()
    assert inside == pytest.approx(crs.area_km2(habitat).sum(), rel=0.01)
    assert habitat["approximate"].all()


def test_seasonal_storage_known_by_plant_comes_near_the_published_share(layers) -> None:
    from workbench.region.hydropower import supply

    plants = supply(layers)
    known = plants.loc[plants["regulated"].eq(1), "installed_mw"].sum()
    published = layers.assumptions["hydropower.regulated_share"]
    assert known / plants["installed_mw"].sum() == pytest.approx(published, abs=0.01)
    stored = (plants["regulated"] * plants["installed_mw"]).sum()
    assert stored / plants["installed_mw"].sum() == pytest.approx(published)


def test_substations_are_placed_roughly_and_say_so(layers) -> None:
    from workbench.layers.quality import approximate

    stations = layers.substations
    assert approximate(stations).all()
    found = gpd.sjoin(stations[["prefecture_zh", "geometry"]], layers.prefectures, predicate="within")
    assert (found["prefecture_zh_left"] == found["prefecture_zh_right"]).all()
    assert len(found) == len(stations)
    # one sending end for each of the lines that the exporting plants name
    ends = stations[stations["voltage_kv"].eq(800)]
    lines = layers.hydropower["market_note"].str.extractall(r"(..)±800kV")[0]
    assert len(ends) == lines.nunique()
    assert (ends["commissioned_year"] <= 2014).all()


def test_citations_without_outlet_and_date_do_not_grow() -> None:
    cells = [
        code
        for path in sorted((GEODATA / "tables").glob("*.csv"))
        for text in pd.read_csv(path, dtype=str).get("source", pd.Series(dtype=str)).dropna()
        for code in text.split(";")
    ]
    assert cells.count("press-undated") <= 82
