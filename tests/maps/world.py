"""A province of two prefectures, two plants, two sites and one market, small enough to draw by hand."""

# ruff: noqa: C408, E501 (one row of a table per line)
from __future__ import annotations

from types import SimpleNamespace

import geopandas as gpd
import pandas as pd
from shapely.geometry import LineString, Point, box

import workbench as wb
from workbench.layers.model import Assumptions, Layers

HOSTILE = "</script><img src=x onerror=alert(1)>${alert(2)}`"


def table(rows: list[dict], index: str = "id") -> pd.DataFrame:
    return pd.DataFrame(rows).set_index(index)


def places(rows: list[dict]) -> gpd.GeoDataFrame:
    frame = table(rows)
    return gpd.GeoDataFrame(frame, geometry="geometry", crs="EPSG:4326")


def tiny_layers() -> Layers:
    """Chengdu (in the zone) with plant A of two lines and B; Guangyuan (outside) with two sites."""
    common = {"source": "GEM", "confidence": "high"}
    frames = {
        "prefectures": places([
            dict(id="510100", prefecture_zh="成都市", name_en="Chengdu", area_km2=12390.0, in_chengdu_5=True,
                 in_chengdu_8=True, seat_lon=104.06, seat_lat=30.66, geometry=box(103, 30, 105, 31.4)),
            dict(id="510800", prefecture_zh="广元市", name_en="Guangyuan", area_km2=16319.0, in_chengdu_5=False,
                 in_chengdu_8=False, seat_lon=105.84, seat_lat=32.43, geometry=box(105, 31.4, 107, 33)),
        ]),
        "plants": places([
            dict(id="A", name_zh="甲水泥厂", name_en="Works A", industry="cement", capacity_kt=3000.0,
                 in_baseline=True, prefecture_zh="成都市", geometry=Point(104, 30.8), **common),
            dict(id="B", name_zh=HOSTILE, name_en="Works B", industry="cement", capacity_kt=float("nan"),
                 in_baseline=True, prefecture_zh="成都市", geometry=Point(104.5, 30.3), source="press", confidence="low"),
        ]),
        "lines": places([
            _line("A-1", "A", "甲水泥厂 1 线", 2000.0, 104, 30.8),
            _line("A-2", "A", "甲水泥厂 2 线", 1000.0, 104, 30.8),
            _line("B-1", "B", HOSTILE, float("nan"), 104.5, 30.3),
        ]),
        "sites": places([
            dict(id="S1", kind="park", name_zh="广元园区", name_en="Guangyuan park", prefecture_zh="广元市",
                 industries="cement;steel", geometry=Point(105.9, 32.4), **common),
            dict(id="S2", kind="brownfield", name_zh="旧厂址", name_en="Old works", prefecture_zh="广元市",
                 industries="steel", geometry=Point(106.3, 32.1), source="press", confidence="low"),
        ]),
        "markets": places([dict(id="M1", kind="prefecture", name_zh="成都市", name_en="Chengdu", geometry=Point(104.06, 30.66))]),
        "ecology": places([
            dict(id="E1", name_zh="某自然保护区", category="nature_reserve", level="national", area_km2=400.0,
                 approximate=True, shape_basis="disc", geometry=Point(106, 32.7).buffer(0.1), **common),
        ]),
        "hydropower": places([
            dict(id="H1", name_zh="大坝", name_en="Dam", mw_2014=1800.0, market="export", geometry=Point(105.5, 31.8), **common),
            dict(id="H2", name_zh="小坝", name_en="Weir", mw_2014=50.0, market="local", geometry=Point(105.6, 31.9), **common),
        ]),
        "freight_links": places([
            dict(id="L1", mode="rail", line="宝成线", distance_km=250.0, open_2014=True, geometry_basis="matched",
                 geometry=LineString([(104.06, 30.66), (105.84, 32.43)]), **common),
            dict(id="L2", mode="road", line="京昆高速", distance_km=260.0, open_2014=True, geometry_basis="straight",
                 geometry=LineString([(104.06, 30.66), (105.84, 32.43)]), **common),
            dict(id="L3", mode="rail", line="西成客专", distance_km=250.0, open_2014=False, geometry_basis="matched",
                 geometry=LineString([(104.06, 30.66), (105.84, 32.43)]), **common),
        ]),
        "sources": table([
            dict(code="GEM", title="Global Energy Monitor", publisher="GEM", date="2025", licence="CC BY 4.0"),
            dict(code="press", title="四川日报", publisher="四川日报", date="2014", licence="facts"),
        ], "code"),
    }  # fmt: skip
    return Layers(frames, Assumptions(pd.DataFrame(columns=["value"])))


def _line(name: str, plant: str, title: str, kt: float, lon: float, lat: float) -> dict:
    return dict(
        id=name, plant_id=plant, name_zh=title, industry="cement", process="nsp", capacity_kt=kt, size=2500.0,
        size_unit="t/d", in_baseline=True, prefecture_zh="成都市", geometry=Point(lon, lat), source="GEM",
        confidence="high",
    )  # fmt: skip


def tiny_plan(layers: Layers | None = None, moves: dict[str, str] | None = None) -> SimpleNamespace:
    """A plan on the tiny world: A-1 moves to S1, B-1 closes, A-2 stays, unless `moves` says otherwise."""
    layers = tiny_layers() if layers is None else layers
    moves = {"A-1": "S1", "B-1": "close"} if moves is None else moves
    lines = layers.lines
    choice = pd.Series({line: moves.get(line, "keep") for line in lines.index})
    moved = ~choice.isin(["keep", "close"])
    decisions = pd.DataFrame({
        "plant_id": lines["plant_id"], "industry": "cement", "prefecture_zh": "成都市", "in_zone": True,
        "capacity_kt": lines["capacity_kt"], "decision": choice.where(~moved, "move"), "site_id": choice.where(moved),
    })  # fmt: skip
    new = decisions[moved].groupby("site_id")["capacity_kt"].sum()
    builds = pd.DataFrame({
        "site_id": new.index, "industry": "cement", "prefecture_zh": "广元市", "capacity_kt": new.to_numpy(),
    }, index=[f"{site}:cement" for site in new.index])  # fmt: skip
    flows = pd.DataFrame([
        dict(industry="cement", commodity="cement", origin="A-2", destination="M1", kt=800.0),
        *(dict(industry="cement", commodity="cement", origin=name, destination="M1", kt=1500.0) for name in builds.index),
    ])  # fmt: skip
    return SimpleNamespace(
        scenario=wb.scenarios.Scenario.baseline(), layers=layers, status="optimal", objective_mcny=100.0, gap=0.0,
        decisions=decisions, builds=builds, flows=flows, facilities=pd.DataFrame(), unmet=pd.DataFrame(), before=None,
    )  # fmt: skip
