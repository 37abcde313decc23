"""Units: every unit planners write converts by one table, and nothing ambiguous passes."""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench import units
from workbench.errors import DataError


@pytest.mark.parametrize(
    ("value", "unit", "to", "expected"),
    [
        (1, "万吨", "kt", 10),
        (3600, "万吨/年", "kt", 36000),
        (4500, "万重量箱", "kt", 2250),
        (1, "weight case", "t", 0.05),
        (40, "万安培", "kA", 400),
        (400, "千安", "kA", 400),
        (1, "亿千瓦时", "GWh", 100),
        (1, "亿度", "GWh", 100),
        (1, "TWh", "亿千瓦时", 10),
        (30, "万千瓦", "MW", 300),
        (1, "tce", "GJ", 29.3076),
        (1, "万吨标准煤", "tce", 10_000),
        (15, "亩", "ha", 1),
        (1, "平方公里", "公顷", 100),
        (350, "元/吨", "CNY/t", 350),
        (3.3, "元/百吨公里", "元/吨公里", None),
        (0.033, "元/吨公里", "CNY/t/km", 0.033),
        (93, "千瓦时/吨", "kWh/t", 93),
        (840, "kgCO2/t", "g/kg", 840),
        (35, "μg/m³", "mg/m3", 0.035),
        (1, "Mtpa", "万吨/年", 100),
        (1, "10⁴t/a", "万吨/年", 1),
        (1, "×10^8吨", "亿吨", 1),
        (8.5, "%", "1", 0.085),
        (1, "tonne", "kg", 1000),
        (1, "short ton", "t", 0.90718474),
        (1, "long tons", "t", 1.0160469088),
    ],
)
def test_known_conversions(value: float, unit: str, to: str, expected: float | None) -> None:
    if expected is None:
        with pytest.raises(DataError):
            units.convert(value, unit, to)
    else:
        assert units.convert(value, unit, to) == pytest.approx(expected, rel=1e-12)


def test_tonnes_a_day_need_the_running_days() -> None:
    assert units.convert(5000, "吨/日", "kt/a", days_per_year=310) == pytest.approx(1550)
    assert units.convert(1550, "kt", "t/d", days_per_year=310) == pytest.approx(5000)
    with pytest.raises(DataError, match="running days"):
        units.convert(5000, "吨/日", "kt")


def test_an_array_and_a_series_keep_their_type() -> None:
    series = units.convert(pd.Series([1.0, 2.0], index=["a", "b"]), "万吨", "kt")
    pd.testing.assert_series_equal(series, pd.Series([10.0, 20.0], index=["a", "b"]))
    np.testing.assert_array_equal(units.convert(np.array([1.0]), "万吨", "kt"), [10.0])


@pytest.mark.parametrize(
    "unit", ["mt", "ton", "tons", "kton", "ton/a", "", "斤两", "kWh/", "万", "t//d", "吨/吨/"]
)
def test_unknown_or_ambiguous_units_are_refused(unit: str) -> None:
    with pytest.raises(DataError):
        units.parse_unit(unit)


@pytest.mark.parametrize(("unit", "house"), [("万吨", "kt"), ("t/d", "kt/d"), ("元/吨", "million CNY/kt")])
def test_a_unit_names_its_house_unit(unit: str, house: str) -> None:
    assert units.parse_unit(unit).house == house


@pytest.mark.parametrize(
    ("text", "value", "low", "high", "count"),
    [
        ("120万吨", 120, 120, 120, 1),
        ("１，２００ 万吨", 1200, 1200, 1200, 1),
        ("2×2500吨/日", 5000, 5000, 5000, 2),
        ("1 x 1000 + 2 x 500 m3", 2000, 2000, 2000, 3),
        ("2500+5000", 7500, 7500, 7500, 2),
        ("1,200–1,500", 1350, 1200, 1500, 1),
        ("100至120万吨", 110, 100, 120, 1),
        ("约30万千瓦", 30, 30, 30, 1),
        ("-5", -5, -5, -5, 1),
    ],
)
def test_quantities_as_planners_write_them(
    text: str, value: float, low: float, high: float, count: int
) -> None:
    quantity = units.parse_quantity(text)
    assert (quantity.value, quantity.low, quantity.high, quantity.count) == (value, low, high, count)
    assert quantity.is_range == (low != high)


@pytest.mark.parametrize(
    ("text", "value", "unit", "hedge"),
    [
        ("120左右", 120, None, "左右"),
        ("约120", 120, None, "约"),
        ("近120", 120, None, "近"),
        ("120余", 120, None, "余"),
        ("120余万吨", 120, "万吨", "余"),
        ("3万多吨", 3, "万吨", "多"),
        ("120万吨/年（约）", 120, "万吨/年", "约"),
        ("120？", 120, None, "?"),
        ("approx. 120 kt", 120, "kt", "approx."),
        ("2×2500吨/日", 5000, "吨/日", ""),
    ],
)
def test_a_hedged_figure_is_read_with_its_word(text: str, value: float, unit: str | None, hedge: str) -> None:
    found = units.parse_quantity(text)
    assert (found.value, found.unit and found.unit.text, found.hedge) == (value, unit, hedge)


@pytest.mark.parametrize(
    "text",
    [
        "120以上",
        "120万吨以下",
        ">120",
        "≤ 120",
        "超120",
        "不超过120",
        "不足120",
        "至少120",
        "120+",
        "up to 120",
    ],
)
def test_a_bound_is_no_figure(text: str) -> None:
    with pytest.raises(DataError, match="one figure, no bound"):
        units.parse_quantity(text)


@pytest.mark.parametrize(
    "text", ["约", "左右", "多", "", "不详", "12..3", "120万", "1-2-3", "=A1*2", "1e999999x", "nan吨"]
)
def test_text_that_is_no_quantity_is_refused(text: str) -> None:
    with pytest.raises(DataError):
        units.parse_quantity(text)


def test_the_assumed_unit_serves_only_bare_numbers() -> None:
    assert units.parse_quantity("7", unit="万吨").unit == units.parse_unit("万吨")
    assert units.parse_quantity("7 kt", unit="万吨").unit == units.parse_unit("kt")


PAIRS = [
    ("万吨", "kt"),
    ("亿千瓦时", "GWh"),
    ("万重量箱", "t"),
    ("t/d", "kt/d"),
    ("元/t", "CNY/t"),
    ("tce", "GJ"),
]


@given(value=st.floats(-1e9, 1e9), pair=st.sampled_from(PAIRS))
def test_conversion_there_and_back_is_the_identity(value: float, pair: tuple[str, str]) -> None:
    there = units.convert(value, *pair)
    assert units.convert(there, pair[1], pair[0]) == pytest.approx(value, rel=1e-12, abs=1e-12)


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused_but_never_crashes(text: str) -> None:
    try:
        quantity = units.parse_quantity(text)
    except DataError:
        return
    assert quantity.low <= quantity.value <= quantity.high


ROOT = Path(__file__).parents[1]
TIMES = {24, 60, 365, 366, 3600, 8760, 8784, 86400}
METHODS = {"mul", "multiply", "div", "divide", "truediv", "floordiv"}
# What is no conversion though it multiplies by a power of ten, by file and by what stands there.
EXCEPTIONS = {
    ("workbench/crs.py", "0.1 *"): "the published polynomial of the GCJ-02 offset",
    ("workbench/crs.py", "1000000.0"): "an easting written with its zone before it",
    ("workbench/siting/location.py", "most / 10"): "an order of magnitude between two costs",
    ("workbench/siting/medians.py", "* 10"): "an order of magnitude above every cost",
    ("workbench/siting/capacitated.py", "k % 10"): "every tenth round",
    ("workbench/siting/capacitated.py", "_SIZE"): "a scale of the computation, taken out again at its end",
    ("workbench/siting/capacitated.py", "_NEVER"): "a price that is never paid",
    ("workbench/siting/medians.py", "_SIZE"): "a scale of the computation, taken out again at its end",
    ("workbench/relocation/credits.py", "_AT_HOME_KM"): "a distance beyond every haul",
}


def literal(node: ast.AST | None) -> float | None:
    """Read a number, with its sign or as a power: 1e3, -1000, 10**3."""
    if isinstance(node, ast.UnaryOp):
        return literal(node.operand)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
        base, exponent = literal(node.left), literal(node.right)
        return None if base is None or exponent is None else base**exponent
    plain = isinstance(node, ast.Constant) and type(node.value) in (int, float)
    return float(node.value) if plain else None  # type: ignore[attr-defined]


def is_factor(value: float | None) -> bool:
    """Tell a factor between units (powers of ten, seconds, hours) from a tolerance, which is 1e-4 and less.

    No house unit is so much larger than another that a conversion would be written that way round: the
    larger divides, and dividing by 1e6 is found.
    """
    if value is None or value <= 1.1e-4 or value == 1:
        return False
    return value in TIMES or math.isclose(math.log10(value), round(math.log10(value)), abs_tol=1e-12)


def conversions(tree: ast.Module) -> Iterator[ast.AST]:
    """Yield what multiplies or divides by a factor, written out or under a name of the module."""
    named = {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign) and is_factor(literal(node.value))
        for target in node.targets
        if isinstance(target, ast.Name)
    }

    def factor(node: ast.AST) -> bool:
        return is_factor(literal(node)) or (isinstance(node, ast.Name) and node.id in named)

    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.Div | ast.FloorDiv | ast.Mod):
            sides: list[ast.expr] = [node.left, node.right]
        elif isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Mult | ast.Div | ast.FloorDiv):
            sides = [node.value]
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", None) in METHODS:
            sides = node.args
        else:
            continue
        if any(factor(side) for side in sides):
            yield node


def converts_itself(root: Path) -> list[str]:
    """Find every conversion of units outside the table, as file:line: what stands there."""
    found = []
    for path in sorted(
        path for room in ("workbench", "widgets", "geodata") for path in root.glob(f"{room}/**/*.py")
    ):
        name = path.relative_to(root).as_posix()
        if name == "workbench/units.py":
            continue
        for node in conversions(ast.parse(path.read_text(encoding="utf-8"))):
            text = ast.unparse(node)
            if not any(file == name and part in text for file, part in EXCEPTIONS):
                found.append(f"{name}:{node.lineno}: {text}")  # type: ignore[attr-defined]
    return found


def test_no_file_but_units_converts_by_a_factor_of_its_own() -> None:
    assert converts_itself(ROOT) == [], "take the factor from workbench.units, or add it to its table"


def test_every_exception_to_the_one_table_is_still_needed() -> None:
    for file, part in EXCEPTIONS:
        tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
        assert any(part in ast.unparse(node) for node in conversions(tree)), (file, part)


@pytest.mark.parametrize(
    "line",
    ["a = kt * 1e3", "a = 10**3 * kt", "a = kt / 10", "a /= 1000", "a = kt.div(1e6)", "a = h * 8760",
     "_K = 1000\na = kt / _K", "a = t * 0.001", "a = -1000 * kt"],
)  # fmt: skip
def test_a_factor_written_out_is_found(tmp_path: Path, line: str) -> None:
    (tmp_path / "workbench").mkdir()
    (tmp_path / "workbench/some.py").write_text(line)
    assert len(converts_itself(tmp_path)) == 1


@pytest.mark.parametrize(
    ("small", "large", "count"),
    [("t", "kt", 1000), ("kt", "万吨", 10), ("kWh", "GWh", 1e6), ("m2", "ha", 1e4), ("%", "1", 100),
     ("kt", "t", 1e-3)],
)  # fmt: skip
def test_how_many_of_one_unit_are_another_is_read_off_the_table(small: str, large: str, count: float) -> None:
    assert units.per(small, large) == count
