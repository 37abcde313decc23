"""The band of the zone's surplus in words and tables, the same in console, workbook and work plan."""

from __future__ import annotations

import pandas as pd

from workbench.labels import label
from workbench.region.surplus import READINGS, Surplus

_BASIS = {
    "planner": ("规划者给定", "the planner's figure"),
    "median": ("区间中位数", "the median of the band"),
    "none": ("中位数不为正或不要求压减", "the median is not above 0, or nothing is asked"),
}


def sentence(band: Surplus) -> tuple[str, str]:
    """Say the band, its sign and what is asked, in Chinese and in English."""
    row = band.bands.loc["capacity"]
    zh, en = _BASIS[band.asked_basis]
    name = label(band.industry)
    kt = {key: f"{row[key]:+,.0f}" for key in ("p05", "median", "p95")}
    return (
        f"成都经济区{name}过剩产能（C − D/u，千吨）：中位数{kt['median']}，90%区间{kt['p05']}至{kt['p95']}，"
        f"{row['positive_share']:.0%}的抽样为正；要求退出{band.asked_kt:,.0f}（{zh}）。",
        f"Surplus {band.industry} capacity of the zone (C - D/u, kt): median {kt['median']}, 90 % between "
        f"{kt['p05']} and {kt['p95']}, above 0 in {row['positive_share']:.0%} of the draws; asked to leave: "
        f"{band.asked_kt:,.0f} ({en}).",
    )


def band_table(band: Surplus) -> pd.DataFrame:
    """Return the band under each reading, named in both languages: kt, and the share of draws above 0."""
    names = [READINGS[str(reading)] for reading in band.bands.index]
    frame = band.bands.reset_index(drop=True)
    frame.insert(0, "reading", [f"{zh} {en}" for zh, en in names])
    return frame


def swing_table(band: Surplus) -> pd.DataFrame:
    """Return what each assumption does to the surplus in capacity (kt) at the ends of its range."""
    frame = band.swing.reset_index()
    return frame.assign(span_kt=(frame["at_high_kt"] - frame["at_low_kt"]).abs())
