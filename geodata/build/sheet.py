"""Draws every layer of the baseline on one sheet, to look at: `python -m geodata.build.sheet`."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import geopandas as gpd
import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.gridspec import GridSpec
from PIL import Image

import workbench as wb
from geodata.build import panels
from workbench.layers.catalog import catalogue
from workbench.layers.provenance import credit_line
from workbench.maps.fonts import print_family

TARGET = Path(__file__).resolve().parents[2] / "docs" / "img" / "contact_sheet.png"
COLUMNS, WIDTH_IN, HEIGHT_IN, DPI = 4, 4.4, 3.95, 105
Drawer = Callable[[Axes, wb.Layers], None]


@dataclass(frozen=True)
class Panel:
    """One map of the sheet: its title, the layers it shows and how it draws them."""

    zh: str
    en: str
    shows: tuple[str, ...]
    draw: Drawer


PANELS = (
    Panel("行政区划与经济区", "Prefectures, economic zones", ("province", "prefectures", "surroundings"),
          panels.administration),
    Panel("主体功能区（县）", "Function class of counties", ("counties",), panels.function_classes),
    Panel("人口与经济", "Population and GDP 2013", (), panels.economy),
    Panel("大气控制区", "Air control zones", (), panels.air_zones),
    Panel("生态敏感区", "Ecologically sensitive areas", ("ecology",), panels.ecology),
    Panel("企业", "Plants by industry and capacity", ("plants",), panels.plants),
    Panel("生产线投产年代", "Production lines by first year", ("lines",), panels.lines),
    Panel("产能可信度（水泥）", "Cement located with high confidence", (), panels.quality),
    Panel("承接地", "Candidate sites", ("sites",), panels.sites),
    Panel("资源点", "Raw materials", ("resources",), panels.resources),
    Panel("水电站", "Hydropower by market", ("hydropower",), panels.hydropower),
    Panel("变电站与换流站", "Substations, converter stations", ("substations",), panels.substations),
    Panel("河流", "Rivers", ("rivers",), partial(panels.background, name="rivers")),
    Panel("铁路", "Railways (OpenStreetMap)", ("railways",), partial(panels.background, name="railways")),
    Panel("公路", "Main roads (OpenStreetMap)", ("roads",), partial(panels.background, name="roads")),
    Panel("货运网络", "Freight network of 2014", ("freight_links",), panels.freight),
    Panel("货运节点", "Freight nodes", ("freight_nodes",), panels.nodes),
    Panel("通往全国的线路与口岸", "Links and gateways", ("border_crossings", "freight_via"), panels.country),
    Panel("市场", "Markets", ("markets",), panels.markets),
)  # fmt: skip


def draw(target: Path = TARGET) -> None:
    """Write the sheet: every layer with geometry on some panel; unsure rows hollow, hatched or dashed."""
    plt.rcParams["font.family"] = [print_family(), "DejaVu Sans"]
    plt.rcParams["hatch.linewidth"] = 0.5
    layers = wb.load()
    shown = [*PANELS, *_others(layers)]
    rows = -(-(len(shown) + 1) // COLUMNS)
    figure = plt.figure(figsize=(WIDTH_IN * COLUMNS, HEIGHT_IN * rows + 1.0), facecolor="white")
    top = 1 - 0.75 / (HEIGHT_IN * rows + 1.0)
    grid = GridSpec(rows, COLUMNS, figure, 0.012, 0.006, 0.988, top - 0.008, wspace=0.04, hspace=0.10)
    for place, panel in enumerate(shown):
        axes = figure.add_subplot(grid[place // COLUMNS, place % COLUMNS])
        panel.draw(axes, layers)
        axes.set(xlabel="", ylabel="")
        count = len(layers[panel.shows[0]]) if len(panel.shows) == 1 else ""
        axes.set_title(f"{panel.zh}", fontsize=15, loc="left", pad=5)
        axes.set_title(f"{panel.en}  {count}", fontsize=8.5, loc="right", pad=6, color="#6b6759")
    _key(figure.add_subplot(grid[len(shown) // COLUMNS, len(shown) % COLUMNS :]), layers)
    figure.text(0.012, top + 0.013, "四川省 2014 年基准图层", fontsize=27)
    figure.text(
        0.988, top + 0.014, "Baseline layers of Sichuan 2014", fontsize=15, ha="right", color="#6b6759"
    )
    target.parent.mkdir(parents=True, exist_ok=True)
    drawn = io.BytesIO()
    figure.savefig(drawn, dpi=DPI)
    plt.close(figure)
    flat = Image.open(drawn).convert("RGB").quantize(256, kmeans=2, dither=Image.Dither.NONE)
    flat.save(target, optimize=True)


def _others(layers: wb.Layers) -> Iterator[Panel]:
    """Give every layer with geometry that no panel shows one of its own."""
    covered = {name for panel in PANELS for name in panel.shows}
    for name in layers:
        if name not in covered and isinstance(layers[name], gpd.GeoDataFrame):
            entry = catalogue()[name]
            yield Panel(entry.title_zh, entry.title_en, (name,), partial(panels.plain, name=name))


def _key(axes: Axes, layers: wb.Layers) -> None:
    """Explain on the last panel how unsure items look, and credit the sources."""
    axes.set_axis_off()
    panels.certainty(axes)
    credit = credit_line(layers)
    text = "\n".join((credit["zh"], credit["en"], "边界非审定地图 boundaries are no approved map"))
    axes.text(0, 0.02, text, fontsize=8, wrap=True, va="bottom", color="#6b6759", transform=axes.transAxes)


if __name__ == "__main__":
    draw()
