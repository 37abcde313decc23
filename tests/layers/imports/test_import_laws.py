"""A table says the same however it is written: order, unit, encoding, sign and program change nothing."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.laws import law
from tests.layers.imports.broken_files import as_csv, as_ods, as_xlsx, raw
from workbench.layers.imports import ImportOptions, check_file
from workbench.layers.imports.text import folded

COLUMNS = ("编号", "名称", "行业", "经度", "纬度", "产能")
PER_KT = {"万吨/年": 0.1, "kt": 1.0, "t": 1000.0, "Mt": 0.001, "吨/日": 1000 / 310, "10⁴t": 0.1}
FORMS = ("xlsx", "ods", "utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "tab", ";")
# characters in daily use: what no writer of a test could read need not be told by its bytes
NAMES = st.text("川蜀建材水泥南北东西方江河大成德阳", min_size=2, max_size=6)
WORKS = st.lists(
    st.tuples(NAMES, st.integers(100, 107), st.integers(26, 33), st.integers(1, 900)), min_size=1, max_size=5
)


def written(rows: list[list[Any]], form: str, folder: Path) -> Path:
    if form in ("xlsx", "ods"):
        return {"xlsx": as_xlsx, "ods": as_ods}[form](rows)(folder)
    if sign := {"tab": "\t", ";": ";"}.get(form):
        text = "\n".join(sign.join(map(str, row)) for row in rows)
        return raw(text.encode("gb18030"), "plants.csv")(folder)
    return as_csv([[str(value) for value in row] for row in rows], encoding=form)(folder)


def read(rows: list[list[Any]], form: str) -> pd.DataFrame:
    with TemporaryDirectory() as folder:
        path = written(rows, form, Path(folder))
        report = check_file(path, "plants", crs="WGS-84", options=ImportOptions(days_per_year=310))
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
    plants = read([[row[at] for at in order] for row in (head, *rows)], form)
    assert list(plants.index) == [f"P-{n}" for n in range(len(works))]
    assert list(plants["name_zh"]) == [name for name, *_ in works]
    assert plants["capacity_kt"].tolist() == pytest.approx([kt for *_, kt in works])
    assert [(x - 0.25, y - 0.5) for x, y in zip(plants["lon"], plants["lat"], strict=True)] == [
        (lon, lat) for _, lon, lat, _ in works
    ]


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
