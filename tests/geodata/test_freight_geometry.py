"""Freight lines follow the real lines, keep their stated length, and the straight ones are known by name."""

from __future__ import annotations

import shapely

from geodata.build.write import GEODATA

# Ids without a mapped line, most of them branches the map data lack; a map draws them dashed.
STRAIGHT = {
    "C_雅安-C_康定-road", "R_DY-R_MZ-rail", "R_EM-R_SW-rail", "R_GH-R_SF-rail", "R_GXG-R_NC-rail",
    "R_MD-R_GLP-rail", "R_MMQ-R_PZ-rail", "R_NC-R_WS-rail", "R_PZ-R_DJY-rail", "R_QZ-R_QZP-rail",
    "R_WS-R_HC-rail", "R_YB-R_GX-rail", "R_ZZ-R_LJ-rail",
}  # fmt: skip


def laid(layers):
    links = layers.freight_links
    return links[links["mode"].isin(["rail", "road", "water"])]


def test_links_follow_a_mapped_line_but_for_those_named_with_their_reason(layers) -> None:
    links = laid(layers)
    straight = links[links["geometry_basis"].eq("straight")]
    assert set(straight.index) == STRAIGHT
    assert set(layers.freight_via["link_id"]) == set(links.index[links["geometry_basis"].eq("via")])
    told = links["geometry_note"].ne("")
    assert (told == links["geometry_basis"].ne("matched")).all()


def test_every_link_drawn_otherwise_is_listed_in_the_documentation(layers) -> None:
    told = (GEODATA / ".." / "docs" / "data.md").read_text(encoding="utf-8")
    links = laid(layers)
    assert [
        name for name in links.index[links["geometry_note"].ne("")] if name.rpartition("-")[0] not in told
    ] == []


def test_mapped_and_stated_length_agree(layers) -> None:
    links = laid(layers)
    ratio = (links["mapped_km"] / links["distance_km"]).dropna()
    assert ratio.between(0.72, 1.30).all()
    # a generalised map draws a way shorter than it is, never much longer
    assert (links["length_ratio"] <= ratio.reindex(links.index) * 1.05 + 0.05)[ratio.index].all()
    for mode, low, high, spread in (
        ("rail", 0.98, 1.02, 0.06),
        ("road", 0.98, 1.02, 0.10),
        ("water", 0.92, 1.02, 0.20),
    ):
        of_mode = ratio[links["mode"].eq(mode).reindex(ratio.index)]
        assert low < of_mode.median() < high
        assert of_mode.quantile(0.1) > 1 - spread


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
