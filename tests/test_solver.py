"""The door to HiGHS: labels in, labels out; bounds proven; conflicts told by the names of rules."""

from __future__ import annotations

import subprocess
import sys
import threading
import time

import numpy as np
import pandas as pd
import pytest

from tests.golden.paper import text
from workbench import solver
from workbench.errors import InfeasibleError, LabelError, StoppedError, WorkbenchError


def knapsack() -> solver.Model:
    model = solver.Model()
    take = model.variables("take", ["a", "b", "c"], cost=[-6.0, -10.0, -12.0], kind="binary")
    model.rows("weight", ["all"], [(0, take.columns, [1.0, 2.0, 3.0])], upper=5.0, rule="the sack holds five")
    return model


def transport() -> solver.Model:
    model = solver.Model()
    pairs = pd.MultiIndex.from_product([["p", "q"], ["m", "n"]])
    flow = model.variables("flow", pairs, cost=[1.0, 3.0, 2.0, 1.0])
    model.rows("supply", ["p", "q"], [([0, 0, 1, 1], flow.columns, 1.0)], upper=[10.0, 10.0])
    arrives = [([0, 1, 0, 1], flow.columns, 1.0)]
    model.rows("demand", ["m", "n"], arrives, lower=[12.0, 5.0], rule="demand is met")
    return model


def test_whole_numbers_are_solved_to_a_proven_bound() -> None:
    found = solver.solve(knapsack())
    assert found.status == "optimal"
    assert found.objective == pytest.approx(-22.0)
    assert found.bound == pytest.approx(-22.0)
    assert found.gap == pytest.approx(0.0)
    assert found.values["take"].to_dict() == {"a": 0.0, "b": 1.0, "c": 1.0}
    assert not found.duals


def test_linear_programs_give_prices_by_label() -> None:
    found = solver.solve(transport())
    assert found.objective == pytest.approx(10 + 2 * 2 + 5)
    assert found.duals["demand"]["m"] == pytest.approx(2.0)  # one more at m comes from q
    assert found.duals["supply"]["p"] == pytest.approx(-1.0)  # one more at p saves the difference
    assert found.reduced_costs["flow"]["p", "n"] == pytest.approx(3.0)


def test_a_session_solves_again_after_bounds_and_costs_change() -> None:
    session = solver.Session(transport())
    assert session.solve().objective == pytest.approx(19.0)
    upper = pd.Series([4.0], index=pd.MultiIndex.from_tuples([("p", "m")]))
    session.set_bounds("flow", upper=upper)
    assert session.solve().objective == pytest.approx(4 + 8 * 2 + 2 * 1 + 3 * 3)
    session.set_bounds("flow", upper=upper + 100)
    session.set_bounds("flow", lower=upper, upper=upper)  # both at once hold both
    assert session.solve().values["flow"]["p", "m"] == pytest.approx(4.0)
    session.set_bounds("flow", lower=upper * 0.0, upper=upper + 100)
    session.set_row_bounds("supply", upper=pd.Series(20.0, index=["p", "q"]))
    assert session.solve().objective == pytest.approx(12 + 5)
    session.set_costs("flow", pd.Series([5.0], index=upper.index))
    assert session.solve().objective == pytest.approx(12 * 2 + 5)


def test_a_conflict_is_told_by_rule_and_shortfall() -> None:
    model = transport()
    flow = model.variable_blocks["flow"]
    model.rows("cap", ["province"], [(0, flow.columns, 1.0)], upper=9.0, rule="the cap")
    with pytest.raises(InfeasibleError, match="short by 8"):
        solver.solve(model)
    table = solver.diagnose(model)
    assert table["shortfall"].sum() == pytest.approx(8.0)
    assert set(table["rule"]) <= {"the cap", "demand is met"}


def test_a_conflict_of_whole_numbers_alone_is_also_told() -> None:
    model = solver.Model()
    line = model.variables("line", ["a", "b"], kind="binary")
    model.rows("exact", ["sum"], [(0, line.columns, 2.0)], lower=3.0, upper=3.0, rule="three tonnes exactly")
    assert solver.diagnose(model).empty
    with pytest.raises(InfeasibleError, match="three tonnes exactly"):
        solver.solve(model)


def test_no_rule_to_loosen_is_said_plainly() -> None:
    model = solver.Model()
    x = model.variables("x", ["a"], upper=1.0)
    model.rows("structure", ["r"], [(0, x.columns, 1.0)], lower=2.0)
    with pytest.raises(InfeasibleError, match="contradict"):
        solver.solve(model)


def test_a_cost_without_floor_is_an_error() -> None:
    model = solver.Model()
    model.variables("x", ["a"], cost=-1.0)
    with pytest.raises(WorkbenchError, match="no floor"):
        solver.solve(model)


def hard_model(n: int = 120, m: int = 40) -> solver.Model:
    rng = np.random.default_rng(0)
    weight = rng.integers(1, 100, (m, n)).astype(float)
    model = solver.Model()
    x = model.variables("x", range(n), cost=-rng.integers(1, 100, n).astype(float), kind="binary")
    rows = np.repeat(np.arange(m), n)
    model.rows("r", range(m), [(rows, np.tile(x.columns, m), weight.ravel())], upper=weight.sum(axis=1) * 0.3)
    return model


def test_cancelling_returns_the_best_plan_so_far() -> None:
    seen: list[solver.Progress] = []

    def first_plan_seen() -> bool:
        return any(told.objective < 0 for told in seen)

    found = solver.solve(hard_model(), progress=seen.append, cancel=first_plan_seen)
    assert found.status == "cancelled"
    assert found.bound <= found.objective
    assert found.gap > 0
    assert (hard_model().arrays()["cost"] * found.values["x"]).sum() == pytest.approx(found.objective)


def test_both_bounds_set_at_once_are_both_set() -> None:
    """The second was set together with the other bound as it had been before the first."""
    model = solver.Model()
    model.variables("x", ["a"], cost=1.0, lower=5.0, upper=9.0)
    session = solver.Session(model)
    session.set_bounds("x", lower=pd.Series({"a": 2.0}), upper=pd.Series({"a": 4.0}))
    assert session.solve().objective == pytest.approx(2.0)
    session.set_costs("x", pd.Series({"a": -1.0}))
    assert session.solve().objective == pytest.approx(-4.0)


def test_a_search_once_stopped_searches_on_when_asked_again() -> None:
    """The solver kept what it was told before, so that every later search of a session ended at once."""
    session = solver.Session(hard_model(60, 10))
    seen: list[solver.Progress] = []
    early = session.solve(progress=seen.append, cancel=lambda: any(told.objective < 0 for told in seen))
    later = session.solve(gap=0.01, progress=seen.append)
    assert early.status == "cancelled"
    assert later.status == "optimal"
    assert later.gap <= 0.01


def test_cancelling_before_any_plan_says_so_unless_one_was_offered() -> None:
    session, nothing = solver.Session(hard_model()), pd.Series(0.0, index=range(120))
    with pytest.raises(StoppedError, match="before a first plan"):
        session.solve(time_limit_s=0.0)
    session.start_from({"x": nothing})
    for limit in ({"time_limit_s": 0.0}, {"cancel": lambda: True}):
        found = session.solve(**limit)
        assert found.status != "optimal"
        assert found.objective <= 0.0
        assert found.bound < found.objective
    session = solver.Session(hard_model())
    session.start_from({"x": nothing + 1.0})  # breaks every row: no plan to answer with
    with pytest.raises(StoppedError):
        session.solve(time_limit_s=0.0)


def test_a_conflict_is_named_only_where_somebody_asks(monkeypatch) -> None:
    model = solver.Model()
    x = model.variables("x", ["a"], upper=1.0)
    model.rows("r", ["a"], [(np.array([0]), x.columns, 1.0)], lower=2.0, rule="P1 more than there is")
    with pytest.raises(InfeasibleError, match="P1"):
        solver.solve(model)
    monkeypatch.setattr("workbench.solver.session.diagnose", lambda *a, **b: pytest.fail("nobody asked"))
    with pytest.raises(InfeasibleError):
        solver.solve(model, explain=False)


def test_a_solver_that_does_not_stop_is_not_waited_for_but_may_be_asked_again(monkeypatch) -> None:
    monkeypatch.setattr("workbench.solver.watch._PATIENCE_S", -1.0)
    session = solver.Session(hard_model(60, 10))
    session.start_from({"x": pd.Series(0.0, index=range(60))})
    early = session.solve(cancel=lambda: True)
    assert early.status == "cancelled"
    assert session.solve(gap=0.01).objective <= early.objective


def test_without_any_plan_a_solver_that_does_not_stop_is_not_waited_for_either(monkeypatch) -> None:
    done = threading.Event()
    monkeypatch.setattr("workbench.solver.watch._PATIENCE_S", -1.0)
    monkeypatch.setattr(
        "workbench.solver.watch.Watch._work", lambda watch: (done.wait(30), watch._done.set())
    )
    session, start = solver.Session(hard_model(60, 10), relax=True), time.monotonic()
    with pytest.raises(StoppedError, match="cancelled before a first plan"):
        session.solve(cancel=lambda: True)
    assert time.monotonic() - start < 10
    done.set()


INTERRUPTED = """
import _thread, signal, threading
import pandas as pd
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell has its background jobs ignore Ctrl-C
from tests.test_solver import hard_model, solver
from workbench.solver import watch
watch._FAREWELL_S = 120.0  # a busy machine may keep the solver from hearing
session = solver.Session(hard_model())
if {known}:
    session.start_from({{"x": pd.Series(0.0, index=range(120))}})
timer = threading.Timer(1.0, _thread.interrupt_main)
timer.daemon = True
timer.start()
try:
    session.solve(time_limit_s=600.0)
except KeyboardInterrupt:
    print("stopped", [thread.name for thread in threading.enumerate() if "_work" in thread.name])
"""


@pytest.mark.parametrize("known", [True, False])
def test_ctrl_c_ends_the_solver_too_and_the_process_after_it(known: bool) -> None:
    """The solver used to run on to its limit, or took the process down with it when it was torn away."""
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED.format(known=known)], capture_output=True, text=True, timeout=300
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "stopped []\n", "")


def test_a_limit_that_ends_a_solve_is_not_called_a_cancel() -> None:
    session = solver.Session(hard_model())
    session.start_from({"x": pd.Series(0.0, index=range(120))})
    assert session.solve(time_limit_s=0.3).status == "time limit"


def test_each_better_plan_is_told_as_it_is_found() -> None:
    told: list[tuple[float, pd.Series]] = []
    model = hard_model(60, 10)
    found = solver.solve(model, gap=0.01, incumbent=lambda cost, values: told.append((cost, values["x"])))
    assert [cost for cost, _ in told] == sorted((cost for cost, _ in told), reverse=True)
    assert told[-1][0] == pytest.approx(found.objective)
    for cost, plan in told:
        assert (model.arrays()["cost"] * plan).sum() == pytest.approx(cost)


def test_a_distance_in_the_unit_of_the_cost_is_good_enough_too() -> None:
    loose = solver.solve(hard_model(60, 10), gap_abs=400.0)
    assert 1.0 < loose.objective - loose.bound <= 400.0


UNITS = [1e-12, 1e-9, 1e-6, 1.0, 1e6, 1e9, 1e12]


@pytest.mark.parametrize("unit", UNITS)
def test_no_unit_of_money_or_of_amounts_changes_the_plan_or_its_prices(unit: float) -> None:
    """Open plants at a fixed cost and haul: by hand p alone, 3 + 12 x 1 + 5 x 3 = 30, two plants 35."""

    def plants(money: float, amount: float) -> solver.Model:
        model = solver.Model()
        opened = model.variables("open", ["p", "q"], cost=np.array([3.0, 13.0]) * money, kind="binary")
        pairs = pd.MultiIndex.from_product([["p", "q"], ["m", "n"]])
        flow = model.variables("flow", pairs, cost=np.array([1.0, 3.0, 2.0, 1.0]) * money / amount)
        load = [([0, 0, 1, 1], flow.columns, 1.0), ([0, 1], opened.columns, -20.0 * amount)]
        model.rows("load", ["p", "q"], load, upper=0.0)
        need = np.array([12.0, 5.0]) * amount
        model.rows(
            "demand", ["m", "n"], [([0, 1, 0, 1], flow.columns, 1.0)], lower=need, rule="demand is met"
        )
        return model

    for money, amount in ((unit, 1.0), (1.0, unit), (unit, unit), (unit, 1 / unit)):
        found = solver.solve(plants(money, amount))
        assert found.values["open"].to_dict() == {"p": 1.0, "q": 0.0}
        np.testing.assert_allclose(found.values["flow"] / amount, [12.0, 5.0, 0.0, 0.0], atol=1e-9)
        assert found.objective / money == pytest.approx(30.0)
        assert found.gap <= 1e-9
        prices = solver.solve(plants(money, amount), relax=True).duals["demand"] * amount / money
        assert prices.to_dict() == pytest.approx({"m": 1.15, "n": 1.65})
        model = plants(money, amount)
        model.rows("cap", ["all"], [(0, model.variable_blocks["flow"].columns, 1.0)], upper=9.0 * amount)
        short = solver.diagnose(model)["shortfall"].sum() / amount
        assert short == pytest.approx(8.0)


@pytest.mark.parametrize("unit", UNITS)
def test_a_session_of_any_unit_takes_changes_in_that_unit(unit: float) -> None:
    model = solver.Model()
    x = model.variables("x", ["a", "b"], cost=[unit, 2 * unit], upper=4 * unit)
    model.rows("need", ["r"], [(0, x.columns, 1.0)], lower=5 * unit)
    session = solver.Session(model)
    assert session.solve().objective / unit**2 == pytest.approx(6.0)
    session.set_bounds("x", upper=pd.Series([1.0 * unit], index=["a"]))
    session.set_row_bounds("need", lower=pd.Series([3.0 * unit], index=["r"]))
    assert session.solve().objective / unit**2 == pytest.approx(5.0)
    session.set_costs("x", pd.Series([5.0, 3.0], index=["a", "b"]))
    assert session.solve().objective / unit == pytest.approx(9.0)


def test_the_same_seed_gives_the_same_plan() -> None:
    one, two = (solver.solve(hard_model(60, 10), gap=0.01, seed=3) for _ in range(2))
    assert one.objective == two.objective
    pd.testing.assert_series_equal(one.values["x"], two.values["x"])


def test_a_known_plan_can_be_offered_first() -> None:
    session = solver.Session(knapsack())
    session.start_from({"take": pd.Series([0.0, 1.0, 1.0], index=["a", "b", "c"])})
    assert session.solve().objective == pytest.approx(-22.0)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda m: m.variables("take", ["z"]), "exists already"),
        (lambda m: m.variables("x", ["a", "a"]), "must be unique"),
        (lambda m: m.variables("x", ["a"], cost=np.inf), "must be finite"),
        (lambda m: m.variables("x", ["a"], lower=np.nan), "not a number"),
        (lambda m: m.variables("x", ["a"], cost=pd.Series([1.0], index=["b"])), "other labels"),
        (lambda m: m.rows("r", ["a"], [(0, 99, 1.0)]), "do not exist"),
        (lambda m: m.rows("r", ["a"], [(1, 0, 1.0)]), "outside their block"),
        (lambda m: m.rows("r", ["a"], [(0, 0, np.nan)]), "must be finite"),
        (lambda m: m.variable_blocks["take"].at(["a", "zz"]), "zz"),
    ],
)
def test_labels_and_numbers_are_checked_when_the_model_is_built(build, message) -> None:
    with pytest.raises(LabelError, match=message):
        build(knapsack())


def test_a_model_reads_as_on_paper() -> None:
    assert text(knapsack()) == (
        "minimise\n  -6 take[a]\n  -10 take[b]\n  -12 take[c]\nrows\n"
        "  weight[all]: +1 take[a] +2 take[b] +3 take[c] <= 5\n"
        "bounds\n  0 <= take[a] <= 1 whole\n  0 <= take[b] <= 1 whole\n  0 <= take[c] <= 1 whole\n"
    )
    assert text(knapsack(), ["weight"]).startswith("  weight[all]")


def test_solving_prints_nothing(capfd) -> None:
    solver.solve(transport())
    assert capfd.readouterr() == ("", "")


def test_a_row_without_entries_is_no_reason_to_warn() -> None:
    model = solver.Model()
    x = model.variables("x", ["a"], cost=1.0, lower=2.0)
    model.rows("empty", ["r"], [], upper=0.0)
    model.rows("full", ["r"], [(0, x.columns, 1.0)], lower=3.0)
    assert solver.solve(model).objective == pytest.approx(3.0)


LEFT = """
from contextlib import suppress
from tests.test_solver import hard_model, solver
from workbench.solver import watch
watch._PATIENCE_S = -1.0
with suppress(solver.session.StoppedError):  # a quick machine has a first plan by then
    solver.Session(hard_model()).solve(cancel=lambda: True)
print("left", len(watch._left))
"""


def test_a_process_ends_in_order_though_a_solver_was_not_waited_for() -> None:
    """It used to end in "terminate called without an active exception" (exit code 134)."""
    done = subprocess.run([sys.executable, "-c", LEFT], capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout, done.stderr) == (0, "left 1\n", "")
