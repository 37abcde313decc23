"""Rankings: published worked examples, the reference library beside ours, and awkward tables."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.laws import law
from workbench.errors import DataError, LabelError
from workbench.siting import Criterion, rank, rank_reversal

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


@pytest.mark.parametrize("method", ["weighted_sum", "topsis", "vikor", "promethee", "electre"])
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
    with pytest.raises(LabelError, match="electre_iii"):
        rank(FIGHTERS, CRITERIA, "electre_iii")
    with pytest.raises(DataError, match="A1"):
        rank(pd.concat([FIGHTERS, FIGHTERS.head(1)]), CRITERIA)


@pytest.mark.parametrize(
    ("method", "terms", "error", "text"),
    [
        ("vikor", {"v": "1"}, DataError, "v: found 1; expected a number from 0 to 1"),
        ("vikor", {"v": 1.1}, DataError, "v: found 1.1; expected a number from 0 to 1"),
        ("vikor", {"v": np.nan}, DataError, "v: found nan"),
        ("electre", {"concordance": -0.1, "discordance": 2}, DataError, r"(?s)concordance.*discordance"),
        ("topsis", {"norm": "linear"}, LabelError, "linear"),
        ("spotis", {}, DataError, r"(?s)speed: found no bounds.*manoeuvre: found no bounds"),
        ("spotis", {"bounds": {"wings": (0, 1)}}, LabelError, "wings"),
        (
            "weighted_sum",
            {"norm": "fixed", "bounds": dict.fromkeys(FIGHTERS, (0, 6000))},
            DataError,
            "20000 at A1",
        ),
    ],
)
def test_terms_no_method_knows_are_refused(method, terms, error, text):
    with pytest.raises(error, match=text):
        rank(FIGHTERS, CRITERIA, method, **terms)


def test_an_unknown_preference_function_is_refused():
    with pytest.raises(DataError, match="speed: found preference 'gauss'; expected one of usual, quasi"):
        rank(FIGHTERS, [Criterion("speed", 1, preference="gauss", p=1.0)], "promethee")
    with pytest.raises(DataError, match="thresholds q nan"):
        rank(FIGHTERS, [Criterion("speed", 1, preference="quasi", q=np.nan)], "promethee")


# Example of Dezert, Tchamova, Han and Tacnet (2020), FUSION, with bounds and distances as pymcdm quotes them
# (the paper itself was not read). A by hand: 0.2 1.5/17 + 0.3 2.9/16 + 0.5 3.3/13 = 0.1989.
SPOTIS = pd.DataFrame(
    [[10.5, -3.1, 1.7], [-4.7, 0, 3.4], [8.1, 0.3, 1.3], [3.2, 7.3, -5.3]], list("ABCD"), list("xyz")
)
SPOTIS_CRITERIA = [Criterion("x", 0.2), Criterion("y", 0.3, "min"), Criterion("z", 0.5)]
SPOTIS_BOUNDS = {"x": (-5, 12), "y": (-6, 10), "z": (-8, 5)}


def test_spotis_gives_the_quoted_distances_and_no_rank_turns():
    found = rank(SPOTIS, SPOTIS_CRITERIA, "spotis", bounds=SPOTIS_BOUNDS)
    assert found.scores.round(4).tolist() == [0.1989, 0.3705, 0.3063, 0.7491]
    assert found.ranks.tolist() == [1, 3, 2, 4]
    plain = rank(SPOTIS, SPOTIS_CRITERIA, "weighted_sum", norm="fixed", bounds=SPOTIS_BOUNDS)
    np.testing.assert_allclose(plain.scores, 1 - found.scores)
    for method in ("spotis", "weighted_sum"):
        assert rank_reversal(SPOTIS, SPOTIS_CRITERIA, method, norm="fixed", bounds=SPOTIS_BOUNDS).empty


def test_scores_on_fixed_ramps_stay_when_an_alternative_goes():
    table = pd.DataFrame({"km": [20, 50, 90], "zone": ["free", "soft", "free"]}, list("xyz"))
    criteria = [
        Criterion("km", 3, "min", transform=(0, 100)),
        Criterion("zone", 1, transform={"free": 1.0, "soft": 0.5}),
    ]
    whole = rank(table, criteria, "weighted_sum", norm="fixed").scores
    assert whole.tolist() == pytest.approx([0.85, 0.5, 0.325])
    rest = rank(table.drop(index="z"), criteria, "weighted_sum", norm="fixed").scores
    assert rest.tolist() == pytest.approx([0.85, 0.5])
    assert rank(table.drop(index="z"), criteria, "weighted_sum").scores.tolist() != pytest.approx([0.85, 0.5])


@pytest.mark.parametrize("norm", ["range", "vector", "fixed"])
def test_topsis_agrees_with_the_reference_library_under_every_norm(norm):
    from pymcdm import methods, normalizations

    types = np.array([-1 if c.direction == "min" else 1 for c in CRITERIA])
    if norm == "fixed":  # the worst and best there are as bounds: the same as the range
        bounds = {name: (float(FIGHTERS[name].min()), float(FIGHTERS[name].max())) for name in FIGHTERS}
        ours = rank(FIGHTERS, CRITERIA, "topsis", norm=norm, bounds=bounds)
    else:
        ours = rank(FIGHTERS, CRITERIA, "topsis", norm=norm)
    if norm == "vector":  # theirs turns a cost round before, ours measures it to its least: by hand instead
        assert ours.scores.round(3).tolist() == [0.643, 0.268, 0.614, 0.312]
        return
    theirs = methods.TOPSIS(normalizations.minmax_normalization)
    np.testing.assert_allclose(ours.scores, theirs(FIGHTERS.to_numpy(float), np.array(WEIGHTS), types))


def test_electre_counts_who_agrees_and_who_objects_by_hand():
    # A1 is at least as good as A2 in payload, cost, reliability and manoeuvre: 0.1 + 0.1 + 0.2 + 0.3
    agree = rank(FIGHTERS, CRITERIA, "electre").steps["concordance"]
    assert agree.loc["A1"].tolist() == pytest.approx([1.0, 0.7, 0.5, 0.6])
    # stretched and weighted, in thirds: x (2, 0), y (0, 1), z (1, 0.5); y is 1 ahead of x in b, 2 behind
    # in a: it objects by a half
    table = pd.DataFrame({"a": [10, 0, 5], "b": [0, 10, 5]}, list("xyz"))
    found = rank(table, [Criterion("a", 2), Criterion("b", 1)], "electre", norm="range")
    assert found.steps["discordance"].round(9).to_numpy().tolist() == [[0, 0.5, 0.5], [1, 0, 1], [1, 0.5, 0]]
    # on the mean, 0.5 and 0.75 of the six pairs, x outranks both, z outranks y
    assert found.steps["thresholds"].tolist() == pytest.approx([0.5, 0.75])
    graph = found.steps["outranks"].to_numpy().astype(int)
    assert graph.tolist() == [[0, 1, 1], [0, 0, 0], [0, 1, 0]]
    assert found.scores.tolist() == [2, -2, 0]
    assert found.steps["kernel"].tolist() == [True, False, False]


@law(200)
@given(st.integers(2, 7), st.integers(1, 4), st.integers(0, 10**6))
def test_electre_keeps_order_dominance_and_the_ends_of_its_thresholds(n: int, m: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(rng.integers(1, 6, (n, m)), list("abcdefg"[:n]), list("uvwx"[:m])).astype(float)
    criteria = [Criterion(name, 1.0 + k, rng.choice(["max", "min"])) for k, name in enumerate(table)]
    plain = rank(table, criteria, "electre")
    turned = rank(table.iloc[::-1, ::-1], criteria[::-1], "electre")
    assert turned.ranks[table.index].tolist() == plain.ranks.tolist()
    good = table * [1 if c.direction == "max" else -1 for c in criteria]
    everyone = rank(table, criteria, "electre", concordance=0.0, discordance=1.0).steps["outranks"]
    strict = rank(table, criteria, "electre", concordance=1.0, discordance=0.0).steps["outranks"]
    for one in table.index:
        for two in table.index.drop(one):
            assert everyone.at[one, two]
            assert strict.at[one, two] == (good.loc[one] >= good.loc[two]).all()
            if (good.loc[one] >= good.loc[two]).all() and (good.loc[one] > good.loc[two]).any():
                assert plain.scores[one] >= plain.scores[two]
    kernel, graph = plain.steps["kernel"], plain.steps["outranks"]
    for name in table.index[~kernel]:  # who is out is outranked by someone who is in
        assert graph.loc[kernel, name].any()


def test_a_circle_of_outranking_stands_or_falls_together():
    table = pd.DataFrame({"a": [3, 2, 1, 0], "b": [1, 3, 2, 0], "c": [2, 1, 3, 0]}, list("wxyz"))
    found = rank(
        table, [Criterion(n, 1) for n in table], "electre", norm="range", concordance=0.6, discordance=1.0
    )
    graph = found.steps["outranks"]
    assert graph.at["w", "y"] or graph.at["w", "x"]
    assert found.steps["kernel"].tolist() == [True, True, True, False]
    assert found.ranks.tolist() == [1, 1, 1, 4]


@pytest.mark.parametrize("size", [1e300, 1e-300])
def test_figures_whose_squares_are_none_are_refused_not_ranked_alike(size):
    table = pd.DataFrame({"a": [1.0, 2, 3], "b": [3.0, 1, 2]}, index=list("xyz")) * size
    with pytest.raises(DataError, match="another unit"):
        rank(table, [Criterion("a", 0.5), Criterion("b", 0.5)])
