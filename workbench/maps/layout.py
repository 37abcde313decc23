"""Print a described map as a sheet: title, legend, scale, north, sources, notes; PNG or vector PDF."""

from __future__ import annotations

import re
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import shapely

from workbench import crs
from workbench.amounts import SHOWN, both
from workbench.errors import WorkbenchError
from workbench.files import given
from workbench.layers.model import Layers
from workbench.maps import style
from workbench.maps.describe import describe_layers, describe_plan
from workbench.maps.fonts import print_family
from workbench.maps.spec import MapLayer, MapSpec
from workbench.units import M_PER_KM, MM_PER_M
from workbench.words import words

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SIZES_MM = {"A4": (297.0, 210.0), "A3": (420.0, 297.0), "A2": (594.0, 420.0)}
MM = 1 / 25.4
MARGIN, COLUMN, HEAD, FOOT = 8.0, 66.0, 20.0, 17.0  # mm at A3; smaller and larger sheets scale
ROUND_KM = (10, 20, 25, 50, 100, 200, 250, 500)
TEXTS = words("maps.sheet")
PER_YEAR = (f"{SHOWN['kt'][0]}/年", f"{SHOWN['kt'][1]}/yr")


@dataclass(frozen=True)
class PrintOptions:
    """What a printed sheet says and how large it is; empty slots are printed as blanks to fill in by hand."""

    size: Literal["A4", "A3", "A2"] = "A3"
    language: Literal["zh", "en"] = "zh"
    title: str = ""
    maker: str = ""
    date: str = ""
    approval_number: str = ""
    secrecy: str = ""
    dpi: int = 200


def print_map(
    subject: Any, path: str | Path, size: Literal["A4", "A3", "A2"] = "A3", *,
    options: PrintOptions | None = None,
) -> Path:  # fmt: skip
    """Print a plan or the baseline's layers to ``.png`` or ``.pdf``; return the path.

    `subject`: a `Plan`, `Layers`, a `MapSpec` or a composed `sheet`, which is drawn once for several files.
    Scale bar and numeric scale are those of the printed sheet. The PDF is vector, its text searchable.
    Raises WorkbenchError for another ending or size.
    """
    from matplotlib.figure import Figure

    target = given(path)
    if target.suffix.lower() not in (".png", ".pdf", ".svg"):
        raise WorkbenchError(f"cannot print to {target.name!r}; give a name ending in .png, .pdf or .svg")
    chosen = PrintOptions(size=size) if options is None else options
    drawn = subject if isinstance(subject, Figure) else sheet(subject, chosen)
    with _settings():
        # no date of making inside the file: the same map is the same file
        stamp = {"PNG": {}, "PDF": {"CreationDate": None}, "SVG": {"Date": None}}[target.suffix[1:].upper()]
        drawn.savefig(target, metadata=stamp)
    return target


def sheet(subject: Any, options: PrintOptions | None = None) -> Figure:
    """Compose the sheet of a `Plan`, `Layers` or `MapSpec`, for `print_map`. Raises WorkbenchError (size)."""
    from matplotlib.figure import Figure

    chosen = options or PrintOptions()
    if chosen.size not in SIZES_MM:
        raise WorkbenchError(f"unknown sheet {chosen.size!r}; there are {', '.join(SIZES_MM)}")
    width, height = SIZES_MM[chosen.size]
    with _settings():
        figure = Figure(figsize=(width * MM, height * MM), dpi=chosen.dpi)
        compose(figure, _describe(subject, chosen), chosen)
    return figure


def _settings() -> AbstractContextManager[None]:
    from matplotlib import rc_context

    settings: dict[Any, Any] = {
        "font.family": [print_family(), "DejaVu Sans"],
        "pdf.fonttype": 42,
        "axes.unicode_minus": False,
        "text.parse_math": False,  # a name with dollar signs is a name
        "svg.fonttype": "path",
        "svg.hashsalt": "workbench",
    }
    return rc_context(settings)


def _describe(subject: Any, options: PrintOptions) -> MapSpec:
    if isinstance(subject, MapSpec):
        return subject
    if isinstance(subject, Layers):
        return describe_layers(subject, language=options.language)
    return describe_plan(subject, language=options.language)


def compose(sheet: Any, spec: MapSpec, options: PrintOptions) -> None:
    """Put map, title, legend and notes on an empty figure."""
    from workbench.maps.ink import draw_layers

    width, height = SIZES_MM[options.size]
    k = height / SIZES_MM["A3"][1]
    box = (MARGIN * k, FOOT * k, width - (2 * MARGIN + COLUMN) * k, height - (FOOT + HEAD) * k)
    axes = sheet.add_axes((box[0] / width, box[1] / height, box[2] / width, box[3] / height))
    axes.set_facecolor(style.PAPER)
    _frame(axes, spec, box[2] / box[3])
    spec = _on_sheet(spec, axes)
    draw_layers(axes, spec)
    axes.set(xticks=[], yticks=[], xlabel="", ylabel="")
    _labels(axes, spec, options, k)
    metres_per_mm = (axes.get_xlim()[1] - axes.get_xlim()[0]) / box[2]
    _scale_bar(axes, metres_per_mm, options, k)
    _north(axes, k)
    _words(sheet, spec, options, metres_per_mm, k)
    _legend(sheet, spec, options, k)


def _frame(axes: Any, spec: MapSpec, ratio: float) -> None:
    """Show the province with a margin, filling the map's frame exactly so that the scale is true."""
    west, south, east, north = crs.to_metric(spec["province"].frame, keep="angle").total_bounds
    middle_x, middle_y = (west + east) / 2, (south + north) / 2
    half = 0.52 * max(north - south, (east - west) / ratio)
    axes.set_xlim(middle_x - half * ratio, middle_x + half * ratio)
    axes.set_ylim(middle_y - half, middle_y + half)
    axes.set_aspect("equal", adjustable="datalim")
    axes.set_autoscale_on(False)


def _on_sheet(spec: MapSpec, axes: Any) -> MapSpec:
    """Leave out lines that run beyond the sheet only, such as sea lanes, so that no legend promises them."""
    (west, east), (south, north) = axes.get_xlim(), axes.get_ylim()
    sheet = shapely.box(west, south, east, north)

    def within(layer: MapLayer) -> MapLayer:
        if layer.kind != "line":
            return layer
        shapes = crs.to_metric(layer.frame.geometry, keep="angle")
        return replace(layer, frame=layer.frame[shapes.intersects(sheet).to_numpy()])

    return replace(spec, layers=tuple(map(within, spec.layers)))


def _labels(axes: Any, spec: MapSpec, options: PrintOptions, k: float) -> None:
    """Name prefectures and receiving sites, each where it hides no other name."""
    from workbench.maps.ink import HALO, _metres_per_point

    metre = _metres_per_point(axes)
    taken: list[tuple[float, float, float, float]] = []
    for text, x, y, size, colour, offset in _wishes(spec, options, k):
        wide = sum(size if ord(letter) > 0x2E80 else 0.56 * size for letter in text) * metre
        high = 1.25 * size * metre
        beside = offset * metre + wide / 2
        around = [(beside, 0), (-beside, 0)] if offset else [(0, 0)]
        for dx, dy in [*around, (0, high), (0, -high), (0, 2 * high), (0, -2 * high)]:
            spot = (x + dx, y + dy, wide, high)
            if not any(
                abs(spot[0] - t[0]) * 2 < spot[2] + t[2] and abs(spot[1] - t[1]) * 2 < spot[3] + t[3]
                for t in taken
            ):
                taken.append(spot)
                axes.text(spot[0], spot[1], text, fontsize=size, color=colour, ha="center", va="center",
                          zorder=100, path_effects=HALO, clip_on=True)  # fmt: skip
                break


def _wishes(
    spec: MapSpec, options: PrintOptions, k: float
) -> list[tuple[str, float, float, float, str, float]]:
    english = options.language == "en"
    name = "name_en" if english else "name_zh"
    wishes = []
    if spec.moves is not None:
        sites = crs.to_metric(spec["sites"].frame, keep="angle").assign(kt=spec.moves.build_kt)
        for row in sites[sites["kt"] > 0].sort_values("kt", ascending=False).itertuples():
            unit = f"{both(float(row.kt), 'kt')[english]} {PER_YEAR[english]}"
            title = short_name(getattr(row, name) or row.name_zh)
            wishes.append((f"{title} {unit}", row.geometry.x, row.geometry.y, 7.5 * k, "#0c5a35", 7.0))
    for layer in spec.layers:
        if layer.visible and "tag" in layer.extra:
            tagged = crs.to_metric(layer.frame[layer.frame["tag"].astype(bool)], keep="angle")
            wishes += [
                (short_name(row.tag[english]), row.geometry.x, row.geometry.y, 7.0 * k, "#0c5a35", 5.0)
                for row in tagged.iloc[::-1].itertuples()
            ]
    seats = crs.to_metric(_seats(spec), keep="angle")
    wishes += [
        (getattr(row, name), row.geometry.x, row.geometry.y, 8.0 * k, "#6f6857", 0.0)
        for row in seats.itertuples()
    ]
    return wishes


def short_name(name: str) -> str:
    """Return a name without its legal form and long remarks in brackets, as a label has room for it."""
    plain = re.sub(r"[（(][^（）()]{7,}[）)]|(股份)?有限(责任)?公司", "", name)
    plain = re.sub(r",?\s*\b(Limited Company|Company|Co\b\.?)(,?\s*Ltd\b\.?)?|\s+Cement Plant\b", "", plain)
    return plain.strip() or name


def _seats(spec: MapSpec) -> Any:
    import geopandas as gpd

    frame = spec["prefectures"].frame
    points = gpd.points_from_xy(frame["label_lon"], frame["label_lat"], crs=frame.crs)
    return frame.set_geometry(gpd.GeoSeries(points, index=frame.index))


def _scale_bar(axes: Any, metres_per_mm: float, options: PrintOptions, k: float) -> None:
    wanted = 55 * k * metres_per_mm / M_PER_KM
    km = max(step for step in ROUND_KM if step <= wanted or step == ROUND_KM[0])
    left, low = axes.get_xlim()[0] + 7 * k * metres_per_mm, axes.get_ylim()[0] + 7 * k * metres_per_mm
    step, thick = km * M_PER_KM / 4, 1.6 * k * metres_per_mm
    from matplotlib.patches import Rectangle

    for part in range(4):
        shade = style.INK if part % 2 == 0 else "white"
        axes.add_patch(
            Rectangle((left + part * step, low), step, thick, fc=shade, ec=style.INK, lw=0.6, zorder=110)
        )
    for mark in (0, 2, 4):
        unit = f" {_say('km', options)}" if mark == 4 else ""
        axes.text(
            left + mark * step,
            low + 1.7 * thick,
            f"{km * mark // 4}{unit}",
            fontsize=7 * k,
            ha="center",
            zorder=110,
        )


def _north(axes: Any, k: float) -> None:
    axes.annotate("", (0.965, 0.965), (0.965, 0.90), xycoords="axes fraction", zorder=110,
                  arrowprops={"arrowstyle": "-|>", "color": style.INK, "linewidth": 1.4 * k})  # fmt: skip
    axes.text(
        0.965, 0.968, "N", transform=axes.transAxes, fontsize=11 * k, ha="center", va="bottom", zorder=110
    )


def _words(sheet: Any, spec: MapSpec, options: PrintOptions, metres_per_mm: float, k: float) -> None:
    width, height = SIZES_MM[options.size]
    say = options.language == "en"
    left, right = MARGIN * k / width, 1 - MARGIN * k / width

    def put(x: float, y_mm: float, text: str, size: float, **more: Any) -> None:
        sheet.text(x, y_mm * k / height, text, fontsize=size * k, color=style.INK, **more)

    top = height / k
    put(left, top - 11, options.title or spec.title[say], 20, va="center")
    put(left, top - 17.3, spec.subtitle[say], 9, va="center")
    scale = round(metres_per_mm * MM_PER_M, -4)
    put(left, 14.2, f"1 : {scale:,.0f}    {_say('datum', options)}", 8, va="center")
    put(left, 12.0, _wrapped(spec.sources[say], 300), 6, va="top", linespacing=1.35)
    slots = [_say("secrecy", options, options.secrecy)] if options.secrecy else []
    slots += [
        _say("maker", options, options.maker or "＿＿＿＿＿＿"),
        _say("date", options, options.date or "＿＿＿＿"),
    ]
    slots += [_say("approval", options, options.approval_number or "＿＿＿＿＿＿＿＿")]
    put(right, 4.2, "\n".join(slots), 8, va="bottom", ha="right", linespacing=1.5)


def _legend(sheet: Any, spec: MapSpec, options: PrintOptions, k: float) -> None:
    width, height = SIZES_MM[options.size]
    entries = list(legend_entries(spec, options))
    made = sheet.legend(
        [handle for handle, _ in entries], [text for _, text in entries], title=_say("legend", options),
        loc="upper left", bbox_to_anchor=(1 - (COLUMN + MARGIN - 3) * k / width, 1 - HEAD * k / height),
        fontsize=8 * k, title_fontsize=12 * k, frameon=False, labelspacing=0.55, handlelength=2.4,
        borderaxespad=0,
    )  # fmt: skip
    made.set_zorder(5)


def legend_entries(spec: MapSpec, options: PrintOptions | None = None) -> list[tuple[Any, str]]:
    """Return the legend's rows as (drawing, text): every class that is drawn, and no other."""
    from matplotlib.lines import Line2D

    from workbench.maps.ink import decision_handle, drawn, legend_handle, moves_table, symbol_handle

    chosen = options or PrintOptions()
    say = chosen.language == "en"
    rows: list[tuple[Any, str]] = []
    if spec.moves is not None:
        most = moves_table(spec)["kt"].max() if (spec.moves.decision == 2).any() else 0.0
        shown = f"{both(float(most), 'kt')[say]} {PER_YEAR[say]}"
        arrow = Line2D(
            [0], [0], color=style.INDUSTRIES["cement"].mark.colour, linewidth=2.2, marker=">", markevery=[-1]
        )
        rows.append((arrow, TEXTS["arrow"][say].format(most=shown)))
        for code, klass in style.DECISIONS.items():
            rows.append((decision_handle(code), klass.title[say]))
        rows.append((symbol_handle(style.RECEIVER.mark), style.RECEIVER.title[say]))
    shown_layers = [layer for layer in reversed(spec.layers) if drawn(layer, spec)]
    for layer in shown_layers:
        if layer.views:  # a sheet shows one of several readings: say which
            rows.append(
                (Line2D([], [], linestyle="none"), f"{layer.title[say]} · {layer.views[0].title[say]}")
            )
        rows += [(legend_handle(layer, klass), klass.title[say]) for klass in layer.used_classes]
    doubted = [layer for layer in shown_layers if layer.frame["doubt"].any()]
    pale = next((layer for layer in doubted if layer.kind == "point"), None)
    if pale is not None:
        sample = pale.frame.loc[pale.frame["doubt"].astype(bool), "klass"].iloc[0]
        mark = next(klass.mark for klass in pale.classes if klass.key == sample)
        rows.append((symbol_handle(mark, doubt=True), TEXTS["pale"][say]))
    if any(layer.kind != "point" for layer in doubted):
        rows.append((Line2D([], [], color="#777", linewidth=0.9, linestyle=(0, (3, 2))), TEXTS["doubt"][say]))
    return rows


def _say(key: str, options: PrintOptions, value: str = "") -> str:
    return TEXTS[key][options.language == "en"].format(value=value)


def _wrapped(text: str, width: int) -> str:
    """Break a line after `width` half-width characters, at a semicolon or space where one is near."""
    lines, line, used = [], "", 0
    for letter in text:
        used += 2 if ord(letter) > 0x2E80 else 1
        line += letter
        if used >= width and letter in "；; ，,":
            lines.append(line)
            line, used = "", 0
    return "\n".join([*lines, line]).rstrip()
