"""A table says the same however it is written: order, unit, encoding, sign and program change nothing."""

from __future__ import annotations

import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.laws import law
from tests.layers.imports.biff import as_xls
from tests.layers.imports.builders import as_csv, as_ods, as_xlsx, raw
from workbench.layers.imports import ImportOptions, check_file
from workbench.layers.imports.text import folded

COLUMNS = ("编号", "名称", "行业", "经度", "纬度", "产能")
PER_KT = {"万吨/年": 0.1, "kt": 1.0, "t": 1000.0, "Mt": 0.001, "吨/日": 1000 / 310, "10⁴t": 0.1}
TEXTS = ("utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "tab", ";")
BOOKS = {"xlsx": as_xlsx, "ods": as_ods, "xls": as_xls}
SHAPES = ("gpkg", "geojson", "shp", "parquet", "kml")
FORMS = (*TEXTS, *BOOKS, *SHAPES, "zipped utf-8", "zipped xlsx", "zipped shp", "zipped geojson", "zipped kml")
# ten bytes of a Shapefile's heading hold no unit
SHORT = dict(zip(COLUMNS, ("id", "name_zh", "industry", "lon", "lat", "cap"), strict=True))
# characters in daily use: what no writer of a test could read need not be told by its bytes
NAMES = st.text("川蜀建材水泥南北东西方江河大成德阳", min_size=2, max_size=6)
WORKS = st.lists(
    st.tuples(NAMES, st.integers(100, 107), st.integers(26, 33), st.integers(1, 900)), min_size=1, max_size=5
)


def written(rows: list[list[Any]], form: str, folder: Path) -> Path:
    if form.startswith("zipped "):
        path = written(rows, form.removeprefix("zipped "), folder)
        with zipfile.ZipFile(folder / "plants.zip", "w") as out:
            for part in path.parent.glob(f"{path.stem}.*"):
                if part.suffix != ".zip":
                    out.write(part, f"名单/{part.name}")
            out.writestr("说明.txt", "来源：统计年鉴")
        return folder / "plants.zip"
    if form in BOOKS:
        return BOOKS[form](rows)(folder)
    if form in SHAPES:
        return drawn(pd.DataFrame(rows[1:], columns=rows[0]), form, folder)
    if sign := {"tab": "\t", ";": ";"}.get(form):
        text = "\n".join(sign.join(map(str, row)) for row in rows)
        return raw(text.encode("gb18030"), "plants.csv")(folder)
    return as_csv([[str(value) for value in row] for row in rows], encoding=form)(folder)


def drawn(table: pd.DataFrame, form: str, folder: Path) -> Path:
    """Write rows as features: their positions drawn, not written."""
    points = gpd.points_from_xy(table.pop("经度"), table.pop("纬度"))
    path = folder / f"plants.{form}"
    if form == "kml":
        return kml(table, points, path)
    if form == "shp":
        table = table.rename(columns=lambda name: SHORT[name.partition("（")[0]])
    frame = gpd.GeoDataFrame(table, geometry=points, crs=4326)
    frame.to_parquet(path) if form == "parquet" else frame.to_file(path)
    return path


def kml(table: pd.DataFrame, points: Any, path: Path) -> Path:
    marks = [
        "<Placemark><ExtendedData>"
        + "".join(f'<Data name="{name}"><value>{value}</value></Data>' for name, value in row.items())
        + f"</ExtendedData><Point><coordinates>{point.x},{point.y},0</coordinates></Point></Placemark>"
        for row, point in zip(table.to_dict("records"), points, strict=True)
    ]
    head = '<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>'
    path.write_text(f"{head}{''.join(marks)}</Document></kml>", encoding="utf-8")
    return path


def read(rows: list[list[Any]], form: str, unit: str) -> pd.DataFrame:
    system = None if form.endswith((*SHAPES,)) else "WGS-84"
    mapping = {"columns": {"cap": "capacity_kt"}, "units": {"cap": unit}} if form.endswith("shp") else None
    with TemporaryDirectory() as folder:
        path = written(rows, form, Path(folder))
        options = ImportOptions(days_per_year=310)
        report = check_file(path, "plants", crs=system, mapping=mapping, options=options)
    assert report.ok, report
    return report.usable()


@law(400)
@given(
    WORKS, st.permutations(range(6)), st.randoms(), st.sampled_from(sorted(PER_KT)), st.sampled_from(FORMS)
)
def test_a_table_means_the_same_in_every_dress(
    works: Any, order: Any, dice: Any, unit: str, form: str
) -> None:
    rows = [
        [f"P-{n}", name, "水泥", lon + 0.25, lat + 0.5, kt * PER_KT[unit]]
        for n, (name, lon, lat, kt) in enumerate(works)
    ]
    dice.shuffle(rows)
    head = [*COLUMNS[:5], f"产能（{unit}）"]
    plants = read([[row[at] for at in order] for row in (head, *rows)], form, unit)
    assert list(plants.index) == [f"P-{n}" for n in range(len(works))]
    assert list(plants["name_zh"]) == [name for name, *_ in works]
    assert plants["capacity_kt"].tolist() == pytest.approx([kt for *_, kt in works])
    assert [(x - 0.25, y - 0.5) for x, y in zip(plants["lon"], plants["lat"], strict=True)] == [
        (lon, lat) for _, lon, lat, _ in works
    ]
    assert set(plants["industry"]) == {"cement"}


@law(400)
@given(st.lists(st.text("aA１1-　 \u200bＢb", min_size=1, max_size=4), min_size=2, max_size=6))
def test_ids_that_fold_to_one_are_told_and_never_stand_twice(ids: list[str]) -> None:
    ids = [f"x{label}" for label in ids]
    rows = [[*COLUMNS[:5]], *([label, f"厂{n}", "水泥", 104, 30] for n, label in enumerate(ids))]
    with TemporaryDirectory() as folder:
        report = check_file(
            as_csv([[str(v) for v in row] for row in rows])(Path(folder)), "plants", crs="WGS-84"
        )
    assert report.ok == (len({folded(label) for label in ids}) == len(ids))
