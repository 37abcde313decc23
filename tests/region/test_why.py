"""Why here and why not: reasons in words, metres missing, and the nearest places that would do."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import box

from tests.region.world import world
from workbench.errors import LabelError
from workbench.region import ZoneOptions, nearest_feasible, places, why_here, why_not_here


def test_reasons_name_rule_zone_clause_and_metres_missing():
    ready = places(world())
    found = why_not_here(ready, 104.605, 30.5)
    first = found.iloc[0]
    assert (first["rule"], first["hard"], first["zone_zh"]) == ("reserve_national", True, "大坪")
    assert first["distance_m"] + first["missing_m"] == pytest.approx(1000)
    assert "大坪" in first["reason_zh"]
    assert "近似" in first["reason_zh"]
    assert "at least 1 km" in first["reason_en"]


def test_a_free_place_has_no_reasons_and_an_unknown_one_is_not_free():
    ready = places(world())
    assert why_not_here(ready, 103.5, 30.5).empty
    assert why_here(ready, 103.5, 30.5).verdict == "free"
    assert why_here(ready, 120.0, 45.0).verdict == "unknown"
    inside = why_here(ready, 104.5, 30.5)
    assert inside.verdict == "excluded"
    assert inside.forces[0] == "forbids"


def test_what_lies_somewhere_in_a_county_is_told_but_settles_nothing():
    counties = gpd.GeoDataFrame(
        {
            "county_zh": ["东县", "西县"],
            "prefecture_zh": ["丁州", "丁州"],
            "function_class": ["农产品主产区", "农产品主产区"],
            "function_class_confidence": ["high", "low"],
            "eco_function_level": ["", ""],
            "eco_function_since": [None, None],
            "panda_habitat": [True, False],
        },
        index=pd.Index(["c1", "c2"], name="id"),
        geometry=[box(104.5, 29, 105, 30), box(104, 29, 104.5, 30)],
        crs=4326,
    )
    ready = places(world().with_(counties=counties))
    east, west = why_here(ready, 104.7, 29.5), why_here(ready, 104.3, 29.5)
    assert (east.verdict, west.verdict) == ("free", "free")
    assert set(east.reasons["rule"]) == {"farming_zone", "habitat_county"}
    assert east.forces == ["advises", "advises"]
    assert "somewhere in this county" in " ".join(east.reasons["reason_en"])
    assert not east.reasons["approximate"].any()
    assert west.reasons["approximate"].tolist() == [True]  # its class is recalled, and not for sure


def test_the_zone_speaks_only_to_cement():
    ready = places(world(), zone=ZoneOptions())
    assert why_not_here(ready, 103.5, 30.8, "cement")["rule"].tolist() == ["chengdu_zone"]
    assert why_not_here(ready, 103.5, 30.8, "steel").empty


def test_nearest_sites_leave_out_excluded_and_unknown_ones():
    ready = places(world())
    near = nearest_feasible(ready, 104.5, 30.5)
    assert near.index.tolist() == ["s2"]  # s1 lies in the reserve, s3 at an intake, s4 nowhere
    assert near.loc["s2", "distance_km"] == pytest.approx(19.2, abs=0.1)


def test_an_industry_nobody_prepared_is_refused():
    with pytest.raises(LabelError, match="paper"):
        nearest_feasible(places(world()), 104, 30, "paper")


def test_wolong_is_forbidden_on_the_baseline(layers):
    answer = why_here(places(layers), 103.13, 31.05)
    assert answer.verdict == "excluded"
    assert answer.county_zh == "汶川县"
    assert "卧龙" in answer.reasons["zone_zh"].tolist()
    assert answer.nearest["distance_km"].is_monotonic_increasing
    assert len(answer.nearest) == 5
