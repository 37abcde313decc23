"""Rankings: published worked examples, the reference library beside ours, and awkward tables."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from workbench.errors import DataError, LabelError
from workbench.siting import Criterion, rank

# Hwang and Yoon (1981), Multiple Attribute Decision Making: choice of a fighter aircraft.
FIGHTERS = pd.DataFrame(
    [
        [2.0, 1500, 20000, 5.5, 5, 9],
        [2.5, 2700, 18000, 6.5, 3, 5],
        [1.8, 2000, 21000, 4.5, 7, 7],
        [2.2, 1800, 20000, 5.0, 5, 5],
    ],
    ["A1", "A2", "A3", "A4"],
    ["speed", "range", "payload", "cost", "reliability", "manoeuvre"],
)
WEIGHTS = [0.2, 0.1, 0.1, 0.1, 0.2, 0.3]
CRITERIA = [
    Criterion(name, w, "min" if name == "cost" else "max") for name, w in zip(FIGHTERS, WEIGHTS, strict=True)
]

# Brans, Vincke and Mareschal (1986), EJOR 24: sites of a hydroelectric power station, all six functions.
STATIONS = pd.DataFrame(
    {
        "manpower": [80, 65, 83, 40, 52, 94],
        "power": [90, 58, 60, 80, 72, 96],
        "construction": [600, 200, 400, 1000, 600, 700],
        "maintenance": [54, 97, 72, 75, 20, 36],
        "villages": [8, 1, 4, 7, 3, 5],
        "security": [5, 1, 7, 10, 8, 6],
    },
    [f"a{i}" for i in range(1, 7)],
)
FUNCTIONS = [
    Criterion("manpower", 1, "min", preference="quasi", q=10),
    Criterion("power", 1, "max", preference="linear", p=30),
    Criterion("construction", 1, "min", preference="linear_quasi", q=50, p=500),
    Criterion("maintenance", 1, "min", preference="level", q=10, p=60),
    Criterion("villages", 1, "min"),
    Criterion("security", 1, "max", preference="gaussian", p=5),
]


def test_topsis_ranks_the_fighters_as_published():
    found = rank(FIGHTERS, CRITERIA, "topsis")
    assert found.scores.round(3).tolist() == [0.643, 0.268, 0.614, 0.312]
    assert found.ranks.tolist() == [1, 4, 2, 3]
    assert found.best == ["A1"]


def test_promethee_gives_the_published_flows_of_the_power_stations():
    found = rank(STATIONS, FUNCTIONS, "promethee")
    assert found.steps["preference"].loc["a1"].round(3).tolist() == [0, 0.296, 0.25, 0.269, 0.1, 0.185]
    assert found.steps["flow_plus"].round(3).tolist() == [0.22, 0.396, 0.247, 0.329, 0.455, 0.3]
    assert found.steps["flow_minus"].round(3).tolist() == [0.366, 0.379, 0.336, 0.349, 0.162, 0.355]
    assert found.ranks.sort_values().index.tolist() == ["a5", "a2", "a4", "a6", "a3", "a1"]


def test_vikor_climbs_opricovic_and_tzengs_mountains():
    # EJOR 156 (2004): risk (least) and altitude (most), equal weights; by hand S = .5 .375 .5, R = .5 .25 .5
    peaks = pd.DataFrame({"risk": [1, 2, 5], "altitude": [3000, 3750, 4500]}, ["A1", "A2", "A3"])
    found = rank(peaks, [Criterion("risk", 1, "min"), Criterion("altitude", 1)], "vikor")
    assert found.steps["S"].tolist() == [0.5, 0.375, 0.5]
    assert found.steps["R"].tolist() == [0.5, 0.25, 0.5]
    assert found.scores.tolist() == [1, 0, 1]
    assert found.ranks.tolist() == [2, 1, 2]
    assert found.steps["compromise"].tolist() == [False, True, False]


def test_weighted_sum_adds_values_scaled_between_worst_and_best():
    table = pd.DataFrame({"a": [0, 5, 10], "b": [30, 20, 10]}, list("xyz"))
    found = rank(table, [Criterion("a", 3), Criterion("b", 1, "min")], "weighted_sum")
    assert found.scores.tolist() == [0, 0.5, 1]


@pytest.mark.parametrize("method", ["weighted_sum", "vikor", "promethee"])
def test_the_reference_library_agrees(method):
    from pymcdm import methods
    from pymcdm.normalizations import minmax_normalization

    theirs = {
        "weighted_sum": methods.WSM(minmax_normalization),
        "vikor": methods.VIKOR(),
        "promethee": methods.PROMETHEE_II("usual"),
    }
    types = np.array([-1 if c.direction == "min" else 1 for c in CRITERIA])
    scores = theirs[method](FIGHTERS.to_numpy(float), np.array(WEIGHTS), types)
    np.testing.assert_allclose(rank(FIGHTERS, CRITERIA, method).scores, scores, atol=1e-9)


@pytest.mark.parametrize("method", ["weighted_sum", "topsis", "vikor", "promethee"])
def test_zero_weights_constant_columns_and_ties_decide_nothing(method):
    table = FIGHTERS.assign(same=7.0, noise=[4, 3, 2, 1])
    more = [*CRITERIA, Criterion("same", 0.5), Criterion("noise", 0.0)]
    assert rank(table, more, method).ranks.tolist() == rank(FIGHTERS, CRITERIA, method).ranks.tolist()
    twins = pd.DataFrame({"a": [1.0, 1.0, 0.0]}, list("xyz"))
    assert rank(twins, [Criterion("a", 1)], method).ranks.tolist() == [1, 1, 3]
    assert rank(twins.head(2), [Criterion("a", 1)], method).ranks.tolist() == [1, 1]
    assert rank(twins.head(1), [Criterion("a", 1)], method).ranks.tolist() == [1]


def test_transforms_score_classes_ramps_and_functions():
    table = pd.DataFrame({"zone": ["free", "soft"], "km": [50, 250], "kt": [10.0, 1000.0]}, ["x", "y"])
    criteria = [
        Criterion("zone", 1, transform={"free": 1.0, "soft": 0.4}),
        Criterion("km", 1, transform=(0, 200)),
        Criterion("kt", 1, transform=np.log10),
    ]
    values = rank(table, criteria).steps["values"]
    assert values.loc["x"].tolist() == [1.0, 0.25, 1.0]
    assert values.loc["y"].tolist() == [0.4, 1.0, 3.0]


def test_every_missing_value_and_unknown_class_is_named():
    table = pd.DataFrame({"a": [1.0, np.nan], "zone": ["free", "??"]}, ["x", "y"])
    with pytest.raises(DataError, match=r"(?s)y / a.*y / zone.*\?\?"):
        rank(table, [Criterion("a", 1), Criterion("zone", 1, transform={"free": 1})])


@pytest.mark.parametrize(
    ("criteria", "text"),
    [
        ([], "at least one"),
        ([Criterion("speed", -1)], "at least 0"),
        ([Criterion("speed", 0)], "all zero"),
        ([Criterion("wings", 1)], "no such column"),
        ([Criterion("speed", 1), Criterion("speed", 2)], "named twice"),
        ([Criterion("speed", 1, "up")], "'max' or 'min'"),
        ([Criterion("speed", 1, transform=(1, 1))], "two different ends"),
        ([Criterion("speed", 1, preference="linear")], "p above 0"),
        ([Criterion("speed", 1, preference="linear_quasi", q=2, p=1)], "above q"),
    ],
)
def test_faulty_criteria_are_refused(criteria, text):
    with pytest.raises(DataError, match=text):
        rank(FIGHTERS, criteria)


def test_an_unknown_method_and_repeated_labels_are_refused():
    with pytest.raises(LabelError, match="electre"):
        rank(FIGHTERS, CRITERIA, "electre")
    with pytest.raises(DataError, match="A1"):
        rank(pd.concat([FIGHTERS, FIGHTERS.head(1)]), CRITERIA)
