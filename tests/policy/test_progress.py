"""Targets over the prefectures: shares that sum to the whole, quarters that fall due, those behind."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from tests.policy import worlds
from tests.policy.worlds import CHENGDU, LUZHOU
from workbench.errors import LabelError
from workbench.policy import progress


@pytest.fixture
def layers():
    return worlds.layers(
        lines=worlds.lines(
            {"id": "A", "process": "立窑", "capacity_kt": 300.0},
            {"id": "B", "prefecture_zh": LUZHOU, "capacity_kt": 900.0},
        ),
        equipment=worlds.equipment(("X", "none", 1)),
        residual=worlds.residual(cement=100.0),
    )


def closures(*rows):
    columns = ["name_zh", "prefecture_zh", "industry", "kt", "closed_on"]
    return pd.DataFrame(list(rows), columns=columns)


def test_the_key_decides_the_shares_and_they_sum_to_one(layers):
    obsolete = progress.shares(layers, "cement", "obsolete")
    assert obsolete.to_dict() == {CHENGDU: 0.75, LUZHOU: 0.25}  # 300 listed, 100 not located
    assert progress.shares(layers, "cement", "capacity").round(4).to_dict() == {
        LUZHOU: 0.7692,
        CHENGDU: 0.2308,
    }
    own = progress.shares(layers, "cement", {CHENGDU: 1.0, LUZHOU: 3.0})
    assert own.to_dict() == {LUZHOU: 0.75, CHENGDU: 0.25}
    for wrong in ("luck", {CHENGDU: -1.0}, {CHENGDU: 0.0}):
        with pytest.raises(LabelError):
            progress.shares(layers, "cement", wrong)


@pytest.mark.parametrize(
    ("day", "due"),
    [
        (date(2014, 2, 21), 0.0),
        (date(2014, 6, 29), 750.0),
        (date(2014, 6, 30), 1500.0),
        (date(2014, 12, 31), 3000.0),
        (date(2015, 3, 31), 3000.0 + 1750 / 4),
        (date(2018, 12, 31), 10_000.0),
        (date(2019, 2, 21), 10_000.0),
    ],
)
def test_a_quarter_falls_due_on_its_last_day(day, due):
    assert progress.due_kt("cement", day) == pytest.approx(due)


def test_progress_ranks_prefectures_and_tells_how_far_behind_they_are(layers):
    done = closures(
        ("甲", CHENGDU, "cement", 1125.0, date(2014, 6, 1)),
        ("乙", LUZHOU, "cement", 100.0, date(2014, 6, 30)),
        ("丙", LUZHOU, "cement", 900.0, date(2014, 7, 1)),
    )
    frame = progress.progress(layers, done, date(2014, 6, 30), industries=("cement",)).loc["cement"]
    assert frame["prefecture_zh"].tolist() == [CHENGDU, LUZHOU]
    assert frame["due_kt"].tolist() == [1125, 375]
    assert frame["done_share"].tolist() == pytest.approx([1.0, 100 / 375])
    assert frame["behind_kt"].tolist() == [0, 275]
    assert frame["target_kt"].sum() == 10_000
