"""Exclusion: distances are true, reasons are named, unknown is not excluded."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import Point, box

from tests.laws import law
from tests.region.world import assumptions, points, world
from workbench import crs
from workbench.errors import DataError
from workbench.layers.model import Layers
from workbench.region import (
    ZoneOptions,
    excluded_area,
    exclusions,
    hits,
    site_exclusions,
    verdicts,
)


def test_a_site_inside_a_reserve_is_excluded_with_rule_zone_and_distance():
    row = site_exclusions(world()).set_index("site_id").loc["s1"]
    assert row["excluded"]
    assert row["hard"]
    assert (row["rule"], row["zone_id"], row["zone_zh"], row["distance_m"]) == (
        "reserve_national", "e1", "大坪", 0.0,
    )  # fmt: skip
    assert row["approximate"], "the zone's shape is only approximate and the verdict says so"


def test_an_imported_red_line_excludes_whatever_stands_in_it():
    layers = world()
    line = layers.ecology.loc[["e1"]].assign(
        name_zh="岷山红线", category="ecological_redline", level="I", approximate=False
    )
    line = line.set_geometry([layers.sites.geometry["s3"].buffer(0.01)], crs=4326).rename(index={"e1": "R1"})
    with_line = layers.with_(ecology=gpd.GeoDataFrame(pd.concat([layers.ecology, line]), crs=4326))
    before = site_exclusions(layers).set_index("site_id").loc["s3"]
    after = site_exclusions(with_line).set_index("site_id").loc["s3"]
    assert before["rule"] != "redline"
    assert (after["excluded"], after["hard"], after["rule"], after["zone_id"]) == (
        True,
        True,
        "redline",
        "R1",
    )
    assert not after["approximate"], "the planner's own line is exact"


def test_a_site_near_a_reserve_is_only_restricted_by_its_smoke_zone():
    row = site_exclusions(world()).set_index("site_id").loc["s2"]
    assert (row["excluded"], row["restricted"], row["rule"]) == (False, True, "reserve_downwind")
    assert row["distance_m"] == pytest.approx(9590, rel=0.01)  # 0.1 degree of longitude at 30.5 N


def test_a_coal_mine_makes_no_kiln_smoke():
    row = site_exclusions(world(), ["coal"]).set_index("site_id").loc["s2"]
    assert (row["excluded"], row["restricted"], row["unknown"]) == (False, False, False)


def test_a_site_without_a_place_is_unknown_not_excluded():
    row = site_exclusions(world()).set_index("site_id").loc["s4"]
    assert (row["excluded"], row["restricted"], row["unknown"]) == (False, False, True)


def test_a_place_beyond_the_known_zones_is_unknown():
    away = points(id=["a"], lon=[110.0], lat=[35.0])
    assert verdicts(exclusions(world()), away)["verdict"].tolist() == ["unknown"]


def test_a_reserve_just_over_the_border_blocks():
    layers = world()
    over = gpd.GeoDataFrame(
        {"name_zh": ["邻省"], "category": ["nature_reserve"], "level": ["national"], "approximate": [False]},
        index=pd.Index(["x"], name="id"), geometry=[box(105.005, 30.0, 105.1, 30.2)], crs="EPSG:4326",
    )  # fmt: skip
    layers = layers.with_(ecology=pd.concat([layers.ecology, over]))
    inside = points(id=["a"], lon=[104.999], lat=[30.1])
    row = verdicts(exclusions(layers), inside).loc["a"]
    assert (row["verdict"], row["zone_id"]) == ("excluded", "x")


def test_the_zone_of_a_scenario_binds_cement_only():
    layers = world()
    known = exclusions(layers, zone=ZoneOptions())
    site = points(id=["a"], lon=[103.3], lat=[30.8])
    assert verdicts(known, site, "cement").loc["a", "rule"] == "chengdu_zone"
    assert verdicts(known, site, "aluminium").loc["a", "verdict"] == "free"


def test_links_carry_the_km_inside_zone_and_buffer():
    there = world()
    found = hits(exclusions(there), there.freight_links)
    rule = found[found["rule"] == "reserve_national"].set_index("id")
    inside = crs.distance_km(104.4, 30.5, 104.6, 30.5) + 2.0
    assert rule.loc["l1", "overlap_km"] == pytest.approx(inside, rel=0.005)
    assert "l2" not in found["id"].tolist()


def test_areas_carry_their_overlap():
    land = gpd.GeoDataFrame(index=pd.Index(["park"]), geometry=[box(104.59, 30.45, 104.61, 30.46)], crs=4326)
    found = hits(exclusions(world()), land).set_index("rule")
    whole = crs.area_km2(land).iloc[0]
    assert found.loc["reserve_national", "overlap_km2"] == pytest.approx(whole, rel=0.05)  # within 1 km of it
    assert found.loc["reserve_national", "overlap_km2"] <= whole


def test_a_point_buffer_covers_a_true_circle():
    area = excluded_area(exclusions(world()))
    assert area.loc["water_source", "area_km2"] == pytest.approx(np.pi * 4, rel=0.01)
    assert area.loc["joint", "area_km2"] < area.drop(["hard", "joint"])["area_km2"].sum()


@law(300)
@given(st.floats(0, 2 * np.pi), st.floats(0.2, 1.8))
def test_a_buffer_is_as_wide_in_every_direction(angle, share):
    layers = world()
    middle = crs.to_metric(layers.ecology.geometry, keep="angle").loc["e2"]
    x, y = middle.x + 2000 * share * np.cos(angle), middle.y + 2000 * share * np.sin(angle)
    probe = gpd.GeoDataFrame(index=pd.Index(["a"]), geometry=[Point(x, y)], crs=crs.CONFORMAL)
    blocked = verdicts(exclusions(layers), probe).loc["a", "verdict"] == "excluded"
    assert blocked == (share <= 1) or abs(share - 1) < 1e-6


def test_every_missing_column_and_distance_is_told_at_once():
    layers = world()
    bare = Layers({"ecology": layers.ecology.drop(columns="category")}, assumptions().with_({}))
    numbers = bare.assumptions.frame.drop("exclusion.scenic_m")
    with pytest.raises(DataError, match=r"(?s)category.*exclusion\.scenic_m"):
        exclusions(Layers(bare.frames, type(bare.assumptions)(numbers)))


def test_inputs_stay_as_they_were():
    layers = world()
    before = layers.sites.copy()
    site_exclusions(layers, ["cement", "steel"])
    pd.testing.assert_frame_equal(before, layers.sites)


def test_the_baseline_judges_every_site_for_every_industry(layers):
    found = site_exclusions(layers, ["cement", "aluminium"])
    assert len(found) == 2 * len(layers.sites)
    assert not (found["excluded"] & found["restricted"]).any()
    assert found.loc[found["excluded"], "rule"].notna().all()
    assert (found["distance_m"].dropna() >= 0).all()


def test_the_baseline_marks_links_through_reserves(layers):
    found = hits(exclusions(layers), layers.freight_links)
    assert set(found["id"]) <= set(layers.freight_links.index)
    assert (found["overlap_km"] >= 0).all()
    assert "reserve_national" in set(found["rule"])


def test_the_counties_listed_by_2014_are_closed_as_in_the_policy_room(layers):
    from workbench.policy.rules_place import sensitive_counties

    zones = exclusions(layers).zones
    closed = zones.loc[zones["rule"] == "function_zone", "zone_zh"]
    assert set(closed) == sensitive_counties(layers.counties)
    assert (zones["rule"] == "function_zone_later").sum() == 14


def test_neighbours_reserves_cast_their_smoke_zone_over_the_border(layers):
    zones = exclusions(layers).zones
    outside = zones[zones["zone_id"].astype(str).str.startswith("EX")]
    assert outside["approximate"].all()
    province = shapely.union_all(crs.to_metric(layers.prefectures.geometry, keep="angle").values)
    inside_km2 = outside.geometry.intersection(province).area.sum() / 1e6
    assert inside_km2 < 0.01 * outside.geometry.area.sum() / 1e6  # they end at the border
    reserve = outside[(outside["zone_zh"] == "白水江") & (outside["rule"] == "reserve_downwind")].iloc[0]
    reach = shapely.intersection(reserve.geometry.buffer(reserve["buffer_m"]), province)
    probe = gpd.GeoDataFrame(index=["a"], geometry=[reach.representative_point()], crs=crs.CONFORMAL)
    assert "白水江" in hits(exclusions(layers), probe, "cement")["zone_zh"].tolist()
