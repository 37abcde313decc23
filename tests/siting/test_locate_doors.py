"""Every location model through its own door: any form of the same input, and no time at all."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pandas as pd
import pytest

from workbench.errors import DataError
from workbench.siting import (
    backup_coverage,
    facility_location,
    max_coverage,
    p_center,
    p_dispersion,
    p_median,
    set_cover,
)

WAYS = np.array([[0.0, 4, 9], [4, 0, 5], [9, 5, 0]])
AMOUNT = np.array([3.0, 1, 2])
LABELS = ["pq", "r", "s"]

# (costs, p, amounts, more) -> answer
MODELS: dict[str, Any] = {
    "median": lambda c, p, d, **k: p_median(c, p, d, **k),
    "median of size": lambda c, p, d, **k: p_median(c, p, d, capacity=5, **k),
    "opening": lambda c, p, d, **k: facility_location(c, 4.0, d, p=p, **k),
    "single": lambda c, p, d, **k: facility_location(c, 4.0, d, 4, p=p, single_source=True, **k),
    "centre": lambda c, p, d, **k: p_center(c, p, demand=d, **k),
    "cover": lambda c, p, d, **k: set_cover(c, 4, demand=d, **k),
    "coverage": lambda c, p, d, **k: max_coverage(c, 4, p, d, **k),
    "coverage of size": lambda c, p, d, **k: max_coverage(c, 4, p, d, capacity=2, **k),
    "backup": lambda c, p, d, **k: backup_coverage(c, 5, p, d, **k),
    "dispersion": lambda c, p, d, **k: p_dispersion(c, p, **k),
}
PAIRS = pd.MultiIndex.from_tuples([("a", 1), ("a", 2), ("b", 1)])
FORMS: dict[str, tuple[Any, Any, Any, list]] = {
    "arrays": (WAYS, 2, AMOUNT, [0, 1, 2]),
    "lists": (WAYS.tolist(), 2, AMOUNT.tolist(), [0, 1, 2]),
    "p as 2.0": (pd.DataFrame(WAYS, LABELS, LABELS), 2.0, dict(zip(LABELS, AMOUNT, strict=True)), LABELS),
    "p of numpy": (pd.DataFrame(WAYS, LABELS, LABELS), np.int64(2), AMOUNT, LABELS),
    "numbers as labels": (
        pd.DataFrame(WAYS, [7, 8, 9], [7, 8, 9]),
        2,
        pd.Series(AMOUNT, [7, 8, 9]),
        [7, 8, 9],
    ),
    "pairs as labels": (pd.DataFrame(WAYS, PAIRS, PAIRS), 2, pd.Series(AMOUNT, PAIRS), list(PAIRS)),
    "whole numbers": (pd.DataFrame(WAYS.astype(int), LABELS, LABELS), 2, AMOUNT.astype(int), LABELS),
}


def plain(model: str, **more: Any):
    frame = pd.DataFrame(WAYS, LABELS, LABELS)
    return MODELS[model](frame, 2, pd.Series(AMOUNT, LABELS), **more)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("model", MODELS)
def test_any_form_of_the_same_input_has_the_same_answer(model: str, form: str) -> None:
    costs, p, amounts, labels = FORMS[form]
    found, wanted = MODELS[model](costs, p, amounts), plain(model)
    assert found.proven
    assert found.objective == pytest.approx(wanted.objective)
    assert [labels.index(site) for site in found.sites] == [LABELS.index(site) for site in wanted.sites]


@pytest.mark.parametrize("model", MODELS)
def test_one_label_is_a_label_and_not_its_letters(model: str) -> None:
    assert "pq" in plain(model, required="pq").sites


@pytest.mark.parametrize("model", [name for name in MODELS if name != "dispersion"])
@pytest.mark.parametrize("wrong", [np.inf, -1.0, np.nan, "many"])
def test_an_amount_that_is_none_is_named_by_row(model: str, wrong: Any) -> None:
    amounts = pd.Series([1.0, wrong, 1.0], LABELS, dtype=object)
    with pytest.raises(DataError, match=r"(?s)demand.*row 3.*\br\b"):
        MODELS[model](pd.DataFrame(WAYS, LABELS, LABELS), 2, amounts)


@pytest.mark.parametrize("size", [1e300, 1e-300])
def test_figures_whose_products_are_none_are_refused_and_never_searched(size: float) -> None:
    frame = pd.DataFrame(WAYS, LABELS, LABELS)
    with pytest.raises(DataError, match="another unit"):
        p_median(frame * size, 2, AMOUNT)
    with pytest.raises(DataError, match="another unit"):
        p_median(frame, 2, AMOUNT * size)


def test_a_radius_and_seconds_are_numbers() -> None:
    frame = pd.DataFrame(WAYS, LABELS, LABELS)
    with pytest.raises(DataError, match="radius"):
        set_cover(frame, "5")  # type: ignore[arg-type]
    with pytest.raises(DataError, match="time_limit_s"):
        p_median(frame, 2, AMOUNT, time_limit_s="x")  # type: ignore[arg-type]


def test_no_limit_on_capacity_is_no_capacity() -> None:
    frame, rest = pd.DataFrame(WAYS, LABELS, LABELS), pd.Series([np.inf, 1.0, 1.0], LABELS)
    assert p_median(frame, 2, AMOUNT, capacity=np.inf).objective == plain("median").objective
    assert facility_location(frame, 4.0, AMOUNT, np.inf, p=2).objective == plain("opening").objective
    assert max_coverage(frame, 4, 2, AMOUNT, capacity=np.inf).objective == plain("coverage").objective
    assert facility_location(frame, 4.0, AMOUNT, rest, p=1).sites == ["pq"]


@pytest.fixture(scope="module")
def plane() -> pd.DataFrame:
    xy = np.random.default_rng(1).random((80, 2)) * 1000
    return pd.DataFrame(np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1)))


def asked(model: str, plane: pd.DataFrame) -> Any:
    """Return a model on a plane, hard enough for a search."""
    asks = {
        "median of size": lambda **k: p_median(plane, 8, capacity=len(plane) / 6, **k),
        "single": lambda **k: facility_location(plane, 900.0, 1.0, 9, single_source=True, **k),
        "opening": lambda **k: facility_location(plane, 900.0, **k),
        "cover": lambda **k: set_cover(plane, 150, **k),
        "coverage": lambda **k: max_coverage(plane, 180, 6, **k),
        "coverage of size": lambda **k: max_coverage(plane, 220, 6, capacity=9, **k),
        "backup": lambda **k: backup_coverage(plane, 220, 6, **k),
    }
    return asks.get(model, lambda **k: MODELS[model](plane, 8, 1.0, **k))


def stands(model: str, found: Any) -> None:
    """A plan, and a bound on the right side of it that says something."""
    assert found.status in ("time limit", "cancelled", "optimal")
    assert len(found.sites) >= 6
    assert found.bound > 0
    most = model.startswith(("coverage", "backup", "dispersion"))
    assert found.bound >= found.objective if most else found.bound <= found.objective


@pytest.mark.parametrize("stop", [{"time_limit_s": 0.0}, {"cancel": lambda: True}])
@pytest.mark.parametrize("model", MODELS)
def test_no_time_at_all_still_gives_a_plan_and_a_bound(model: str, stop: dict, plane: pd.DataFrame) -> None:
    stands(model, asked(model, plane)(**stop))


@pytest.fixture(scope="module")
def wide() -> pd.DataFrame:
    xy = np.random.default_rng(2).random((500, 2)) * 1000
    return pd.DataFrame(np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1)))


@pytest.mark.parametrize("model", MODELS)
def test_a_search_leaves_off_within_a_second_of_being_asked_to(model: str, wide: pd.DataFrame) -> None:
    start, ask = time.process_time(), asked(model, wide)
    found = ask(cancel=lambda: time.process_time() - start > 0.3)
    assert time.process_time() - start < 1.3
    stands(model, found)


def test_a_limit_that_ends_a_search_is_not_called_a_cancel(wide: pd.DataFrame) -> None:
    found = backup_coverage(wide, 120, 30, time_limit_s=0.05)
    assert found.status == "time limit"


@pytest.mark.parametrize("ask", [p_median, p_center])
def test_many_sites_are_not_opened_one_by_one_once_time_is_up(ask: Any, monkeypatch) -> None:
    monkeypatch.setattr("workbench.siting.medians._LEAST_CELLS", 0)
    xy = np.random.default_rng(3).random((60, 2))
    way = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
    found = ask(way, 40, cancel=lambda: True)
    assert len(found.sites) == 40
    assert 0 < found.bound <= found.objective
