"""Tiny freight worlds solvable by hand."""

from __future__ import annotations

import pandas as pd

from workbench.logistics import Network, RoadRules

RULES = RoadRules(
    snap_max_km=30, access_factor=1.4, street_factor=1.0, street_mountain_factor=1.0, dray_max_km=150,
    direct_transfer_km=6,
)  # fmt: skip


def network(nodes: dict[str, tuple[float, float]], links: list[dict], **frames) -> Network:
    table = pd.DataFrame(links)
    if "id" not in table:
        table["id"] = [f"L{k}" for k in range(len(links))]
    places = pd.DataFrame.from_dict(nodes, orient="index", columns=["lon", "lat"])
    return Network.from_links(places, table, rules=RULES, **frames)


def rail(a: str, b: str, km: float, **more) -> dict:
    return {"from_id": a, "to_id": b, "mode": "rail", "distance_km": km, **more}


def road(a: str, b: str, km: float, **more) -> dict:
    return {"from_id": a, "to_id": b, "mode": "road", "distance_km": km, **more}


def water(a: str, b: str, km: float, **more) -> dict:
    return {"from_id": a, "to_id": b, "mode": "water", "distance_km": km, **more}
