"""HiGHS behind one door: a model solved, changed and solved again, its bound proven, its conflicts named."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from threading import Thread
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from workbench.errors import InfeasibleError, StoppedError, WorkbenchError
from workbench.solver.model import Block, Model
from workbench.solver.scale import scale
from workbench.solver.watch import Progress, Status, Watch, relative_gap

# Which whole lines clash can be as hard as the plan itself: a loosening that suffices names rules as well.
DIAGNOSE_S = 20.0
Values: TypeAlias = pd.Series | np.ndarray
# What HiGHS spends on better plans whatever its effort, and on beginning anew for them.
_GUESSES = (
    "mip_heuristic_run_rens", "mip_heuristic_run_rins", "mip_heuristic_run_root_reduced_cost",
    "mip_heuristic_run_feasibility_jump", "mip_allow_restart",
)  # fmt: skip


@dataclass(frozen=True)
class Solution:
    """Values by block and label, the proven bound, and for linear programs the prices of rows and bounds.

    All in the model's own units. `bound`: no plan costs less (minus infinity for a linear program stopped
    early). `gap`: see `relative_gap`.
    """

    status: Status
    objective: float
    bound: float
    gap: float
    seconds: float
    values: Mapping[str, pd.Series]
    duals: Mapping[str, pd.Series] = field(default_factory=dict)
    reduced_costs: Mapping[str, pd.Series] = field(default_factory=dict)


class Session:
    """A model loaded into the solver once; change bounds or costs by label and solve on from there."""

    def __init__(self, model: Model, *, seed: int = 0, relax: bool = False) -> None:
        import highspy

        self.model = model
        self._solver = _quiet_highs()
        self._left: tuple[Thread, Watch] | None = None  # a solve told to stop that still runs
        # One thread and a fixed seed: the same input gives the same plan on every machine.
        for option, value in (
            ("output_flag", False),
            ("log_to_console", False),
            ("threads", 1),
            ("random_seed", int(seed)),
        ):
            self._highs.setOptionValue(option, value)
        a = model.arrays()
        self._row_bounds = a["row_lower"], a["row_upper"]  # in the model's unit
        self._integer = np.zeros_like(a["integer"]) if relax else a["integer"]
        self._cost = a["cost"]
        self._start: np.ndarray | None = None  # a whole plan offered, in the solver's numbers
        self._scale = scale({**a, "integer": self._integer})
        columns, rows = self._scale.columns, self._scale.rows
        self._factor = self._scale.cost_factor(self._cost)
        entry_rows = np.repeat(rows, np.diff(a["start"]))
        self._highs.passModel(
            model.columns, model.rows_count, len(a["value"]),
            int(highspy.MatrixFormat.kRowwise), int(highspy.ObjSense.kMinimize), 0.0,
            a["cost"] * columns * self._factor, a["lower"] / columns, a["upper"] / columns,
            a["row_lower"] * rows, a["row_upper"] * rows,
            a["start"][:-1], a["index"], a["value"] * entry_rows * columns[a["index"]], self._integer,
        )  # fmt: skip

    @property
    def _highs(self) -> Any:
        """The solver, once it has let go of a solve that was not waited for."""
        if self._left is not None:
            (worker, watch), self._left = self._left, None
            worker.join()
            watch.close()
        return self._solver

    def set_bounds(
        self, name: str, *, lower: pd.Series | None = None, upper: pd.Series | None = None
    ) -> None:
        """Replace bounds of some variables of a block, given as series by label."""
        block, lp = self.model.variable_blocks[name], self._highs.getLp()
        low, high = np.array(lp.col_lower_), np.array(lp.col_upper_)
        for side, series in ((low, lower), (high, upper)):
            if series is not None:
                columns = block.at(series.index)
                side[columns] = series.to_numpy(float) / self._scale.columns[columns]
        touched = np.arange(block.first, block.first + len(block.labels), dtype=np.int32)
        self._highs.changeColsBounds(len(touched), touched, low[touched], high[touched])

    def set_row_bounds(self, name: str, *, lower: Values | None = None, upper: Values | None = None) -> None:
        """Replace the lower or upper bounds of rows of a block: a series by label, or one value for each."""
        block, touched = self.model.row_blocks[name], np.zeros(self.model.rows_count, dtype=bool)
        for known, series in zip(self._row_bounds, (lower, upper), strict=True):
            if series is not None:
                rows, values = _placed(block, series)
                touched[rows[known[rows] != values]] = True
                known[rows] = values
        rows = np.flatnonzero(touched)
        low, high = (known[rows] * self._scale.rows[rows] for known in self._row_bounds)
        self._highs.changeRowsBounds(len(rows), rows.astype(np.int32), low, high)

    def set_costs(self, name: str, cost: Values) -> None:
        """Replace the cost of variables of a block: a series by label, or one value for each."""
        columns, values = _placed(self.model.variable_blocks[name], cost)
        if (self._cost[columns] == values).all():
            return
        self._cost[columns] = values
        self._factor = self._scale.cost_factor(self._cost)
        scaled = self._cost * self._scale.columns * self._factor
        self._highs.changeColsCost(len(scaled), np.arange(len(scaled), dtype=np.int32), scaled)

    def start_from(self, values: Mapping[str, pd.Series]) -> None:
        """Offer a known plan (some or all blocks) as the first one.

        A plan of all blocks that obeys every row is also what a solve stopped at once answers with.
        """
        import highspy

        columns = np.concatenate([self.model.variable_blocks[n].at(s.index) for n, s in values.items()])
        numbers = np.concatenate([s.to_numpy(float) for s in values.values()]) / self._scale.columns[columns]
        self._start = None
        if len(columns) == self.model.columns:
            self._start = np.empty(self.model.columns)
            self._start[columns] = numbers
            known = highspy.HighsSolution()
            known.col_value = self._start.tolist()
            self._highs.setSolution(known)
        else:
            self._highs.setSolution(len(columns), columns.astype(np.int32), numbers)

    def solve(
        self,
        *,
        gap: float = 0.0,
        gap_abs: float | None = None,
        time_limit_s: float = np.inf,
        heuristics: bool = True,
        progress: Callable[[Progress], None] | None = None,
        cancel: Callable[[], bool] | None = None,
        incumbent: Callable[[float, Mapping[str, pd.Series]], None] | None = None,
        explain: bool = True,
    ) -> Solution:
        """Minimise and return the best plan with its bound.

        `gap`, `gap_abs`: distance to the bound that is good enough, relative and in the unit of the objective
        (None: a millionth of the median cost); either suffices. Without `heuristics` no time goes into
        guessing better plans, all into the bound (for a start that is hard to beat). `progress` is told how
        far it is, `incumbent` each better plan as it is found (its cost, its values by block); `cancel` is
        asked again and again and stops the solve by answering True. Raises InfeasibleError (with the rules in
        conflict, unless not to `explain`) when no plan obeys every row, StoppedError when none was found in
        time, WorkbenchError when the cost has no floor.
        """
        highs = self._highs
        before = highs.getRunTime()
        highs.setOptionValue("mip_rel_gap", float(gap))
        highs.setOptionValue("mip_abs_gap", 1e-6 if gap_abs is None else float(gap_abs) * self._factor)
        highs.setOptionValue("mip_heuristic_effort", 0.05 if heuristics else 0.0)  # 0.05: HiGHS's own
        for guess in _GUESSES:
            highs.setOptionValue(guess, heuristics)
        highs.setOptionValue("time_limit", float(before + time_limit_s))

        def improved(scaled: np.ndarray) -> None:
            if incumbent is not None:
                values = self._whole(scaled)
                incumbent(float(self._cost @ values), _by_block(self.model.variable_blocks, values))

        # whoever gave a reason to stop does not wait long for a solver deep in presolve
        hurry = cancel is not None or time_limit_s < np.inf
        known = self._start if hurry and self._start is not None and self._obeys(self._start) else None
        worker, again = None, False
        while worker is None:
            watch = Watch(highs, self._factor, progress, cancel, None if incumbent is None else improved)
            worker = watch.run(time_limit_s - (highs.getRunTime() - before), wait=not hurry)
            if worker is None and (again or not self._contradicts()):
                return self._solution(highs.getRunTime() - before, watch.stopped, explain)
            if worker is None:
                highs.clearSolver()  # forgets the plan it started from, nothing else
                again = True
        self._left = (worker, watch)
        plans = [self._whole(x) for x in (known, watch.best) if x is not None]
        if not plans:
            raise _none_yet(watch.stopped or "time limit", watch.bound)
        return self._answer(
            watch.stopped or "time limit", min(plans, key=self._cost.dot), watch.bound, time_limit_s
        )

    def _contradicts(self) -> bool:
        """Tell whether the solver calls a plan optimal whose cost is not the one it tells.

        HiGHS 1.16 can end with the values it started from beside the objective of nothing that exists.
        """
        import highspy

        info = self._highs.getInfo()
        if self._highs.getModelStatus() != highspy.HighsModelStatus.kOptimal or not self._integer.any():
            return False
        cost = float(self._cost @ self._whole(np.array(self._highs.getSolution().col_value))) * self._factor
        return abs(cost - info.objective_function_value) > 1e-4 * max(abs(cost), 1.0)

    def _status(self, stopped: Status | None, explain: bool) -> Status:
        import highspy

        found, kinds = self._highs.getModelStatus(), highspy.HighsModelStatus
        if found == kinds.kOptimal:
            return "optimal"
        if found in (kinds.kInfeasible, kinds.kUnboundedOrInfeasible):
            if not explain:
                raise InfeasibleError("no plan obeys every rule", [])
            raise _conflict(self.model, relax=not self._integer.any())
        if found == kinds.kUnbounded:
            raise WorkbenchError("the cost of the model has no floor: a negative cost lacks a bound")
        if found not in (kinds.kInterrupt, kinds.kTimeLimit):
            told = self._highs.modelStatusToString(found)
            raise WorkbenchError(f"the solver gave up ({told}); are some numbers of the model very large?")
        return stopped or "time limit"

    def _solution(self, seconds: float, stopped: Status | None, explain: bool) -> Solution:
        status, info, found = self._status(stopped, explain), self._highs.getInfo(), self._highs.getSolution()
        mixed, done = bool(self._integer.any()), status == "optimal"
        values = self._whole(np.array(found.col_value)) if info.primal_solution_status == 2 else None
        if not done and self._start is not None and self._obeys(self._start):
            known = self._whole(self._start)
            if values is None or self._cost @ known < self._cost @ values:
                values = known
        bound = info.mip_dual_bound / self._factor if mixed else -np.inf
        if values is None:
            raise _none_yet(status, bound)
        if mixed or not done:
            return self._answer(status, values, bound, seconds)
        duals = np.array(found.row_dual) * self._scale.rows / self._factor
        reduced = np.array(found.col_dual) / self._scale.columns / self._factor
        return replace(
            self._answer(status, values, np.inf, seconds),
            duals=_by_block(self.model.row_blocks, duals),
            reduced_costs=_by_block(self.model.variable_blocks, reduced),
        )

    def _answer(self, status: Status, values: np.ndarray, bound: float, seconds: float) -> Solution:
        objective = float(self._cost @ values)
        bound = min(bound, objective)
        gap = relative_gap(objective, bound, nothing=1e-9 / self._factor)
        return Solution(status, objective, bound, gap, seconds, _by_block(self.model.variable_blocks, values))

    def _whole(self, scaled: np.ndarray) -> np.ndarray:
        """Return the solver's values in the model's units, whole where they must be."""
        whole = self._integer == 1
        values = scaled * self._scale.columns
        values[whole] = np.round(values[whole])
        return values

    def _obeys(self, x: np.ndarray, tolerance: float = 1e-6) -> bool:
        """Tell whether a plan keeps the rows and bounds now in force, in the solver's own numbers."""
        a, lp = self.model.arrays(), self._highs.getLp()
        terms = a["value"] * (x * self._scale.columns)[a["index"]]
        of = np.repeat(np.arange(lp.num_row_), np.diff(a["start"]))
        product = np.bincount(of, terms, minlength=lp.num_row_) * self._scale.rows
        sides = ((product, lp.row_lower_, lp.row_upper_), (x, lp.col_lower_, lp.col_upper_))
        return all(
            bool(
                (value >= np.asarray(low) - tolerance).all() and (value <= np.asarray(high) + tolerance).all()
            )
            for value, low, high in sides
        )


def _placed(block: Block, values: Values) -> tuple[np.ndarray, np.ndarray]:
    """Return the numbers of the rows or columns of a block that values belong to, and the values."""
    if isinstance(values, pd.Series):
        return block.at(values.index), values.to_numpy(float)
    return block.at(block.labels), np.asarray(values, dtype=float)


def _none_yet(status: Status, bound: float) -> StoppedError:
    return StoppedError(f"{status} before a first plan was found; allow more solver.time_limit_s", bound)


def _quiet_highs() -> Any:
    """Return a solver that prints nothing, not even the banner it shows while its callbacks are set up."""
    import highspy

    class Quiet(highspy.Highs):
        def enableCallbacks(self) -> None:
            self.silent()
            super().enableCallbacks()

    return Quiet()


def _by_block(blocks: Mapping[str, Any], values: np.ndarray) -> dict[str, pd.Series]:
    return {
        name: pd.Series(values[b.first : b.first + len(b.labels)], index=b.labels, name=name)
        for name, b in blocks.items()
    }


def solve(model: Model, *, seed: int = 0, relax: bool = False, **options: Any) -> Solution:
    """Solve a model once; options as in `Session.solve`. `relax` drops the whole-number conditions."""
    return Session(model, seed=seed, relax=relax).solve(**options)


def diagnose(model: Model, *, relax: bool = True) -> pd.DataFrame:
    """Name the rules in conflict: the least total loosening of rule rows that makes a plan possible.

    Returns a frame with columns `rows`, `label`, `rule`, `side` (the bound that gives way: low or high) and
    `shortfall` (in the unit of the row), largest relative shortfall first; empty when the model is feasible.
    With `relax` whole-number conditions are dropped, which is quick and finds every conflict of amounts; else
    the loosening is the least found in DIAGNOSE_S. Raises InfeasibleError when even loosening every rule
    leaves no plan.
    """
    import highspy

    rules = [block for block in model.row_blocks.values() if block.rule]
    session = Session(model, relax=relax)
    highs, a = session._highs, model.arrays()
    highs.changeColsCost(model.columns, np.arange(model.columns, dtype=np.int32), np.zeros(model.columns))
    largest = np.zeros(model.rows_count)
    np.maximum.at(largest, np.repeat(np.arange(model.rows_count), np.diff(a["start"])), np.abs(a["value"]))
    records: list[tuple[str, Any, str, str, float]] = []
    for block in rules:
        for offset, label in enumerate(block.labels):
            row = block.first + offset
            low, high = a["row_lower"][row], a["row_upper"][row]
            # measured relative to the row's own size, so that tonnes and counts weigh alike
            size = max((abs(x) for x in (low, high) if np.isfinite(x)), default=0.0) or largest[row] or 1.0
            for bound, sign in ((low, 1.0), (high, -1.0)):
                if np.isfinite(bound):
                    place = np.array([row], np.int32), np.array([sign * session._scale.rows[row] * size])
                    highs.addCol(1.0, 0.0, highspy.kHighsInf, 1, *place)
                    side = "low" if sign > 0 else "high"
                    records.append((block.name, label, block.rule, side, size))
    highs.setOptionValue("time_limit", DIAGNOSE_S)
    highs.run()
    if highs.getInfo().primal_solution_status != 2:
        raise InfeasibleError("no plan exists even if every rule gives way: the data contradict themselves")
    slack = np.array(highs.getSolution().col_value)[model.columns :]
    frame = pd.DataFrame(records, columns=["rows", "label", "rule", "side", "size"]).assign(share=slack)
    frame["shortfall"] = frame["share"] * frame["size"]
    frame = frame[frame["share"] > 1e-6].sort_values("share", ascending=False, kind="stable")
    return frame.drop(columns=["size", "share"]).reset_index(drop=True)


def _conflict(model: Model, *, relax: bool) -> InfeasibleError:
    if not any(block.rule for block in model.row_blocks.values()):  # nothing could give way
        return InfeasibleError("no plan obeys every row: the data contradict themselves", [])
    found = diagnose(model)
    if found.empty and not relax:  # the amounts agree: only whole lines or modules clash
        found = diagnose(model, relax=False)
    names = found["rule"] + " (" + found["rows"] + "[" + found["label"].map(str) + "])"
    rules = list(zip(names, found["shortfall"].map(float), strict=True))
    told = "; ".join(
        f"{rule}: short by {amount:{',.1f' if amount >= 0.1 else '.3g'}}" for rule, amount in rules[:8]
    )
    told = told or "no rule row could be named"
    return InfeasibleError(f"no plan obeys every rule. In conflict: {told}", rules)
