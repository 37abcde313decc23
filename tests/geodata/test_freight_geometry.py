"""Freight lines follow the real lines, keep their stated length, and the straight ones are known by name."""

from __future__ import annotations

import shapely

# Lines for which no mapped path near the stated length exists; a map draws them dashed.
KNOWN_STRAIGHT = 30


def test_most_links_follow_a_mapped_line(layers) -> None:
    links = layers.freight_links
    real = links[links["mode"].isin(["rail", "road", "water"])]
    straight = real[real["geometry_basis"].eq("straight")]
    assert len(straight) <= KNOWN_STRAIGHT
    assert not straight["line"].isin(["成昆线"]).sum() > 2


def test_drawn_and_stated_length_agree_where_matched(layers) -> None:
    links = layers.freight_links
    matched = links[links["geometry_basis"].eq("matched")]
    assert matched["length_ratio"].between(0.72, 1.30).all()
    for mode, low, high in (("rail", 0.93, 1.03), ("road", 0.95, 1.02), ("water", 0.85, 1.05)):
        assert low < matched.loc[matched["mode"].eq(mode), "length_ratio"].median() < high


def test_links_end_at_their_nodes(layers) -> None:
    links, nodes = layers.freight_links, layers.freight_nodes.geometry
    for column, place in (("from_id", 0), ("to_id", -1)):
        ends = shapely.get_point(links.geometry.to_numpy(), place)
        gap = shapely.distance(ends, nodes.reindex(links[column]).to_numpy())
        assert gap.max() < 0.002


def test_what_opened_later_is_closed_in_2014(layers) -> None:
    links = layers.freight_links
    assert not links.at["R_BZ-R_DZ-rail", "open_2014"]  # 巴达线, 2015 or later
    assert not links.at["R_CQ-R_ZY-rail", "open_2014"]  # 渝贵线, 2018
    assert not links.at["P_GY-P_NC-water", "open_2014"]  # 嘉陵江 above Nanchong, 2019
    assert links.loc[links["line"].eq("宝成线"), "open_2014"].all()
