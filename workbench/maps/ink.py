"""Draw the layers of a described map on matplotlib axes, in the same classes and looks as the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
from matplotlib import patheffects
from matplotlib.colors import to_rgb
from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrowPatch, Patch
from matplotlib.path import Path as Outline

from workbench import crs
from workbench.maps import style
from workbench.maps.spec import MapLayer, MapSpec

if TYPE_CHECKING:
    from matplotlib.axes import Axes

POINTS_PER_PIXEL = 0.62  # symbols on paper are read closer than on a screen
DOUBTFUL = 0.55  # how strongly a symbol is filled whose row is in doubt
HALO = [patheffects.withStroke(linewidth=2.2, foreground="white")]
_DROP = Outline(
    [(0, 1.45), (0.5, 0.6), (1, 0.2), (1, -0.25), (1, -0.8), (0.55, -1.25), (0, -1.25),
     (-0.55, -1.25), (-1, -0.8), (-1, -0.25), (-1, 0.2), (-0.5, 0.6), (0, 1.45)],
    [Outline.MOVETO, *[Outline.CURVE4] * 12],
)  # fmt: skip
MARKERS: dict[str, Any] = {
    "circle": "o", "square": "s", "triangle": "^", "triangle_down": "v", "diamond": "D", "hexagon": "h",
    "star": "*", "drop": _DROP,
}  # fmt: skip


def draw_layers(axes: Axes, spec: MapSpec) -> None:
    """Draw every visible layer from the ground up, then the plan's arrows and new sites, on metric axes."""
    for order, layer in enumerate(layer for layer in spec.layers if drawn(layer, spec)):
        if layer.kind == "point":
            _points(axes, layer, order, _decisions(layer, spec))
        else:
            _shapes(axes, layer, order)
    if spec.moves is not None:
        _arrows(axes, spec)


def drawn(layer: MapLayer, spec: MapSpec) -> bool:
    """Return whether a layer stands on the printed sheet."""
    return layer.visible and len(layer.frame) > 0


def moves_table(spec: MapSpec) -> pd.DataFrame:
    """Return one row per arrow, the largest first: plant_id, target (position), from_id, industry, kt."""
    moves, lines = spec.moves, spec["lines"].frame
    if moves is None:
        return pd.DataFrame(columns=["plant_id", "target", "from_id", "industry", "kt"])
    going = (moves.decision == 2) & (moves.target >= 0)
    rows = pd.DataFrame(lines.loc[going, ["plant_id", "industry", "capacity_kt"]])
    rows = rows.assign(target=moves.target[going].astype(int), from_id=rows.index)
    grouped = rows.groupby(["plant_id", "target"], as_index=False).agg(
        from_id=("from_id", "first"), industry=("industry", "first"), kt=("capacity_kt", "sum")
    )
    return grouped.sort_values("kt", ascending=False, ignore_index=True)


def _metric(layer: MapLayer, spec: MapSpec) -> gpd.GeoDataFrame:
    frame = layer.frame
    if layer.key == "zone":
        frame = frame.loc[[spec.zone]]
    return crs.to_metric(frame, keep="angle")


def _shapes(axes: Axes, layer: MapLayer, order: int) -> None:
    frame = crs.to_metric(layer.frame, keep="angle")
    for klass in layer.used_classes:
        for doubt in (False, True):
            rows = frame[(frame["klass"] == klass.key) & (frame["doubt"] == doubt)]
            if len(rows):
                _paint(axes, rows, layer, klass.mark, doubt, order)


def _paint(
    axes: Axes, rows: gpd.GeoDataFrame, layer: MapLayer, mark: style.Mark, doubt: bool, order: int
) -> None:
    dash = (0, (3, 2)) if doubt else (0, mark.dash) if mark.dash else "solid"
    width = mark.width * POINTS_PER_PIXEL
    if layer.kind == "line":
        rows.plot(ax=axes, color=mark.colour, linewidth=width, linestyle=dash, zorder=order)
        if mark.casing:
            rows.plot(ax=axes, color=mark.casing, linewidth=width * 0.5, linestyle=(0, (4, 4)), zorder=order)
        return
    if mark.fill:
        faded = mark.fill_opacity * (0.6 if doubt else 1.0)
        rows.plot(ax=axes, color=mark.fill, alpha=faded, linewidth=0, zorder=order)
    rows.boundary.plot(ax=axes, color=mark.colour, linewidth=width, linestyle=dash, zorder=order + 0.5)


def _decisions(layer: MapLayer, spec: MapSpec) -> np.ndarray:
    if layer.key == "lines" and spec.moves is not None:
        return spec.moves.decision
    return np.zeros(len(layer.frame))


def _points(axes: Axes, layer: MapLayer, order: int, decisions: np.ndarray) -> None:
    frame = crs.to_metric(layer.frame, keep="angle")
    metre = _metres_per_point(axes)
    shift = frame["dx"].to_numpy() * POINTS_PER_PIXEL * metre if "dx" in frame else 0.0
    marks = {klass.key: klass.mark for klass in layer.classes}
    rows = zip(
        frame.geometry.x + shift, frame.geometry.y, frame["klass"], frame["size"], frame["doubt"], decisions,
        strict=True,
    )  # fmt: skip
    for x, y, klass, size, doubt, decision in rows:
        mark = marks[klass]
        radius = (size if size == size else mark.radius) * POINTS_PER_PIXEL
        _symbol(axes, x, y, mark, radius, order + 10, doubt=bool(doubt), decision=int(decision))


def _symbol(
    axes: Axes, x: float, y: float, mark: style.Mark, radius: float, order: float, *,
    doubt: bool = False, decision: int = 0,
) -> None:  # fmt: skip
    grow = 1.3 if mark.shape in ("drop", "star", "hexagon") else 1.0
    face = "white" if decision == 1 or not mark.fill else mark.fill
    opacity = 0.3 if decision == 2 else mark.fill_opacity * (DOUBTFUL if doubt else 1.0)
    common = {"linestyle": "none", "marker": MARKERS[mark.shape], "markersize": 2 * radius * grow}
    axes.plot(
        [x], [y], **common, markerfacecolor=_paled(face, opacity), markeredgecolor=mark.colour,
        markeredgewidth=0.9 if decision else 0.6, zorder=order, path_effects=None if decision else HALO,
    )  # fmt: skip
    if decision == 1:
        axes.plot([x], [y], "x", color=mark.colour, markersize=1.3 * radius + 1, mew=1.1, zorder=order + 0.1)
    if decision == 2:
        axes.plot([x], [y], ".", color=mark.colour, markersize=max(2.5, radius), zorder=order + 0.1)


def _paled(colour: str, opacity: float) -> tuple[float, float, float]:
    """Return a colour as it looks on white, so that a pale symbol still hides what stands below it."""
    red, green, blue = to_rgb(colour)
    return 1 - opacity * (1 - red), 1 - opacity * (1 - green), 1 - opacity * (1 - blue)


def _arrows(axes: Axes, spec: MapSpec) -> None:
    lines, sites = (crs.to_metric(spec[name].frame, keep="angle") for name in ("lines", "sites"))
    table = moves_table(spec)
    most = float(table["kt"].max()) if len(table) else 0.0
    for row in table.to_dict("records"):
        start, end = lines.geometry[row["from_id"]], sites.geometry.iloc[row["target"]]
        bend = -0.16 if end.x > start.x else 0.16
        width = style.move_width(float(row["kt"]), most) * POINTS_PER_PIXEL
        head = f"-|>,head_length={1.6 + 0.9 * width},head_width={0.9 + 0.5 * width}"
        axes.add_patch(
            FancyArrowPatch(
                (start.x, start.y), (end.x, end.y), connectionstyle=f"arc3,rad={bend}", arrowstyle=head,
                mutation_scale=1.6, linewidth=width, color=style.INDUSTRIES[str(row["industry"])].mark.colour,
                alpha=0.9, zorder=80, shrinkB=3,
                path_effects=[patheffects.withStroke(linewidth=width + 1.6, foreground="white")],
            )
        )  # fmt: skip
    if spec.moves is not None:
        for point in sites.geometry[spec.moves.build_kt > 0]:
            _symbol(axes, point.x, point.y, style.RECEIVER.mark, 6.2, 90)


def _metres_per_point(axes: Axes) -> float:
    """Return how many metres of the map one printer's point covers."""
    box = axes.get_window_extent()
    pixels_per_point = axes.figure.dpi / 72
    return (axes.get_xlim()[1] - axes.get_xlim()[0]) / box.width * pixels_per_point


def legend_handle(layer: MapLayer, klass: style.MapClass) -> Any:
    """Return the legend's own drawing of a class, in the look the map uses."""
    mark = klass.mark
    if layer.kind == "polygon":
        face = (mark.fill, mark.fill_opacity) if mark.fill else "none"
        return Patch(facecolor=face, edgecolor=mark.colour, linewidth=mark.width * POINTS_PER_PIXEL)
    if layer.kind == "line":
        dash: Any = (0, mark.dash) if mark.dash else "solid"
        return Line2D([], [], color=mark.colour, linewidth=mark.width * 0.9, linestyle=dash)
    return symbol_handle(mark)


def decision_handle(code: str) -> tuple[Line2D, ...]:
    """Return the legend's drawing of a line that stays, closes or moves: the symbol and what is set on it."""
    mark = style.DECISIONS["keep"].mark  # of no industry: what stands for a decision is not its colour
    face: Any = {"keep": mark.fill, "close": "white", "move": (mark.fill, 0.3)}[code]
    base = Line2D(
        [], [], linestyle="none", marker="o", markersize=7, markerfacecolor=face, markeredgecolor=mark.colour
    )
    inner = {"close": ("x", 5.0), "move": (".", 5.0)}.get(code)
    if inner is None:
        return (base,)
    on_top = Line2D([], [], linestyle="none", marker=inner[0], markersize=inner[1], color=mark.colour)
    return base, on_top


def symbol_handle(mark: style.Mark, *, doubt: bool = False) -> Line2D:
    """Return the legend's drawing of a symbol, paler where its row is in doubt."""
    return Line2D(
        [], [], linestyle="none", marker=MARKERS[mark.shape], markersize=7, markeredgewidth=0.7,
        markerfacecolor=_paled(mark.fill or "white", DOUBTFUL if doubt else 1.0), markeredgecolor=mark.colour,
    )  # fmt: skip
