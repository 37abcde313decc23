"""The band of the zone's surplus in words and tables, the same in console, workbook and work plan."""

from __future__ import annotations

import pandas as pd

from workbench.labels import LABELS
from workbench.region.surplus import READINGS, Surplus
from workbench.words import lowered, pair, words

BASIS = words("reports.asked")


def sentence(band: Surplus) -> tuple[str, str]:
    """Say the band, its sign and what is asked, in Chinese and in English."""
    row = band.bands.loc["capacity"]
    kt = {key: f"{row[key]:+,.0f}" for key in ("p05", "median", "p95")}
    return pair(
        "reports.surplus",
        "band",
        industry=lowered(LABELS[band.industry]),
        positive=row["positive_share"],
        asked=band.asked_kt,
        basis=BASIS[band.asked_basis],
        **kt,
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
