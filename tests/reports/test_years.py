"""The years of a plan as a planner reads them: each year told, money by payer, nothing counted twice."""

from __future__ import annotations

import pytest

from tests.relocation import checker_years, world
from tests.relocation.test_years import planned
from workbench.labels import LABELS
from workbench.reports import years


@pytest.fixture(scope="module")
def plan():
    return planned(world.with_old_works(), years=[2014, 2015, 2016])


def test_each_year_has_its_row_and_what_is_eliminated_reaches_the_task(plan) -> None:
    table = years.year_table(plan)
    assert table["year"].tolist() == [2014, 2015, 2016]
    assert (table["eliminated_kt"] >= table["due_kt"] - 1e-3).all()
    assert table["due_kt"].tolist() == [3000.0, 4750.0, 6500.0]
    closed = [line for text in table["closes"] for line in text.split(", ") if line]
    assert sorted(closed) == sorted(plan.decisions.index[plan.decisions["decision"] != "keep"])
    assert table["started_kt"].sum() == pytest.approx(plan.builds["capacity_kt"].sum())


def test_what_is_spent_once_is_the_same_in_every_table(plan) -> None:
    spent = sum(checker_years.spent_mcny(plan).values())
    assert years.year_table(plan)["once_mcny"].sum() == pytest.approx(spent, rel=1e-5)
    assert years.outlay_table(plan)["mcny"].sum() == pytest.approx(spent, rel=1e-5)
    assert years.payback_table(plan)["once_mcny"].sum() == pytest.approx(spent, rel=1e-5)


def test_every_year_is_told_in_both_languages_and_every_column_has_a_name(plan) -> None:
    said = years.sentences(plan)
    for year in plan.stages:
        zh, en = next(pair for pair in said if pair[1].startswith(f"{year}: closes"))
        assert zh.startswith(f"{year}年：关闭")
        assert "lack" in en
    for title, table in years.sheets(plan).items():
        assert set(table.columns) <= set(LABELS), title
    payers = set(years.outlay_table(plan)["payer"])
    assert "财政 treasury" in payers
    assert "业主未知 owner unknown" in payers
