"""HiGHS behind one door: a model solved, changed and solved again, its bound proven, its conflicts named."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pandas as pd

from workbench.errors import InfeasibleError, WorkbenchError
from workbench.solver.model import Model

Status = Literal["optimal", "time limit", "cancelled"]


@dataclass(frozen=True)
class Progress:
    """How far a solve has come; `objective` is infinite until a first plan exists."""

    seconds: float
    objective: float
    bound: float
    gap: float
    nodes: int


@dataclass(frozen=True)
class Solution:
    """Values by block and label, the proven bound, and for linear programs the prices of rows and bounds."""

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
        self._highs = _quiet_highs()
        # One thread and a fixed seed: the same input gives the same plan on every machine.
        for option, value in (
            ("output_flag", False),
            ("log_to_console", False),
            ("threads", 1),
            ("random_seed", int(seed)),
        ):
            self._highs.setOptionValue(option, value)
        a = model.arrays()
        self._integer = np.zeros_like(a["integer"]) if relax else a["integer"]
        self._highs.passModel(
            model.columns, model.rows_count, len(a["value"]),
            int(highspy.MatrixFormat.kRowwise), int(highspy.ObjSense.kMinimize), 0.0,
            a["cost"], a["lower"], a["upper"], a["row_lower"], a["row_upper"],
            a["start"][:-1], a["index"], a["value"], self._integer,
        )  # fmt: skip

    def set_bounds(
        self, name: str, *, lower: pd.Series | None = None, upper: pd.Series | None = None
    ) -> None:
        """Replace bounds of some variables of a block, given as series by label."""
        block, lp = self.model.variable_blocks[name], self._highs.getLp()
        for series, other in ((lower, np.asarray(lp.col_upper_)), (upper, np.asarray(lp.col_lower_))):
            if series is None:
                continue
            columns = block.at(series.index).astype(np.int32)
            pair = (series.to_numpy(float), other[columns])
            low, high = pair if series is lower else pair[::-1]
            self._highs.changeColsBounds(len(columns), columns, low, high)
            lp = self._highs.getLp()

    def set_row_bounds(
        self, name: str, *, lower: pd.Series | None = None, upper: pd.Series | None = None
    ) -> None:
        """Replace the lower or upper bounds of some rows of a block, given as series by label."""
        block, lp = self.model.row_blocks[name], self._highs.getLp()
        old = {"lower": np.array(lp.row_lower_), "upper": np.array(lp.row_upper_)}
        touched: set[int] = set()
        for which, series in (("lower", lower), ("upper", upper)):
            if series is not None:
                rows = block.at(series.index)
                old[which][rows] = series.to_numpy(float)
                touched |= set(rows.tolist())
        for row in sorted(touched):
            self._highs.changeRowBounds(row, float(old["lower"][row]), float(old["upper"][row]))

    def set_costs(self, name: str, cost: pd.Series) -> None:
        """Replace the cost of some variables of a block, given as a series by label."""
        columns = self.model.variable_blocks[name].at(cost.index).astype(np.int32)
        self._highs.changeColsCost(len(columns), columns, cost.to_numpy(float))

    def start_from(self, values: Mapping[str, pd.Series]) -> None:
        """Offer a known plan (some or all blocks) as the first one."""
        import highspy

        columns = np.concatenate([self.model.variable_blocks[n].at(s.index) for n, s in values.items()])
        numbers = np.concatenate([s.to_numpy(float) for s in values.values()])
        if len(columns) == self.model.columns:
            known = highspy.HighsSolution()
            full = np.empty(self.model.columns)
            full[columns] = numbers
            known.col_value = full.tolist()
            self._highs.setSolution(known)
        else:
            self._highs.setSolution(len(columns), columns.astype(np.int32), numbers)

    def solve(
        self,
        *,
        gap: float = 0.0,
        time_limit_s: float = np.inf,
        heuristics: bool = True,
        progress: Callable[[Progress], None] | None = None,
        cancel: Callable[[], bool] | None = None,
    ) -> Solution:
        """Minimise and return the best plan with its bound.

        `gap`: relative distance to the bound that is good enough; without `heuristics` no time goes into
        guessing better plans, all into the bound (for a start that is hard to beat); `progress` is told how
        far it is; `cancel` is asked again and again and stops the solve by answering True. Raises
        InfeasibleError (with the rules in conflict) when no plan obeys every row, WorkbenchError when none
        was found in time or cost has no floor.
        """
        highs = self._highs
        before = highs.getRunTime()
        highs.setOptionValue("mip_rel_gap", float(gap))
        highs.setOptionValue("mip_heuristic_effort", 0.05 if heuristics else 0.0)  # 0.05: HiGHS's own
        highs.setOptionValue("time_limit", float(before + time_limit_s))
        watch = self._watch(progress, cancel, before)
        highs.run()
        for event, function in watch:
            event -= function
        status = self._status(cancel)
        return self._solution(status, highs.getRunTime() - before)

    def _watch(self, progress: Any, cancel: Any, before: float) -> list:
        if progress is None and cancel is None:
            return []

        def told(event: Any) -> None:
            out = event.data_out
            if progress is not None:
                progress(
                    Progress(out.running_time - before, out.mip_primal_bound, out.mip_dual_bound, out.mip_gap,
                             int(out.mip_node_count))
                )  # fmt: skip
            if cancel is not None and cancel():
                event.data_in.user_interrupt = True

        def asked(event: Any) -> None:
            if cancel is not None and cancel():
                event.data_in.user_interrupt = True

        watch = [(self._highs.cbMipInterrupt, told)]
        if cancel is not None:
            watch += [(self._highs.cbSimplexInterrupt, asked), (self._highs.cbIpmInterrupt, asked)]
        for event, function in watch:
            event += function
        return watch

    def _status(self, cancel: Any) -> Status:
        import highspy

        found, has_plan = self._highs.getModelStatus(), self._highs.getInfo().primal_solution_status == 2
        kinds = highspy.HighsModelStatus
        if found == kinds.kOptimal:
            return "optimal"
        if found in (kinds.kInfeasible, kinds.kUnboundedOrInfeasible):
            raise _conflict(self.model, relax=not self._integer.any())
        if found == kinds.kUnbounded:
            raise WorkbenchError("the cost of the model has no floor: a negative cost lacks a bound")
        stopped: Status = "cancelled" if found == kinds.kInterrupt else "time limit"
        if not has_plan or found not in (kinds.kInterrupt, kinds.kTimeLimit):
            told = self._highs.modelStatusToString(found)
            raise WorkbenchError(
                f"stopped ({told}) before a first plan was found; allow more solver.time_limit_s"
            )
        return stopped

    def _solution(self, status: Status, seconds: float) -> Solution:
        info, found = self._highs.getInfo(), self._highs.getSolution()
        objective = float(info.objective_function_value)
        mixed = bool(self._integer.any())
        bound = float(info.mip_dual_bound) if mixed else objective
        gap = abs(objective - bound) / max(abs(objective), 1e-9)
        values = np.array(found.col_value)
        values[self._integer == 1] = np.round(values[self._integer == 1])
        prices = not mixed and status == "optimal"
        return Solution(
            status, objective, bound, gap, seconds,
            _by_block(self.model.variable_blocks, values),
            _by_block(self.model.row_blocks, np.array(found.row_dual)) if prices else {},
            _by_block(self.model.variable_blocks, np.array(found.col_dual)) if prices else {},
        )  # fmt: skip


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

    Returns a frame with columns `rows`, `label`, `rule`, `shortfall` (in the unit of the row), largest
    relative shortfall first; empty when the model is feasible. With `relax` whole-number conditions are
    dropped, which is quick and finds every conflict of amounts. Raises InfeasibleError when even loosening
    every rule leaves no plan.
    """
    import highspy

    rules = [block for block in model.row_blocks.values() if block.rule]
    session = Session(model, relax=relax)
    highs, a = session._highs, model.arrays()
    highs.changeColsCost(model.columns, np.arange(model.columns, dtype=np.int32), np.zeros(model.columns))
    records: list[tuple[str, Any, str, float]] = []
    for block in rules:
        for offset, label in enumerate(block.labels):
            row = block.first + offset
            low, high = a["row_lower"][row], a["row_upper"][row]
            # measured relative to the row's own size, so that tonnes and counts weigh alike
            size = max(abs(x) for x in (low, high, 1.0) if np.isfinite(x))
            for bound, sign in ((low, 1.0), (high, -1.0)):
                if np.isfinite(bound):
                    place = np.array([row], np.int32), np.array([sign])
                    highs.addCol(1 / size, 0.0, highspy.kHighsInf, 1, *place)
                    records.append((block.name, label, block.rule, size))
    highs.run()
    if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        raise InfeasibleError("no plan exists even if every rule gives way: the data contradict themselves")
    slack = np.array(highs.getSolution().col_value)[model.columns :]
    frame = pd.DataFrame(records, columns=["rows", "label", "rule", "size"]).assign(shortfall=slack)
    frame["share"] = frame["shortfall"] / frame["size"]
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
    told = "; ".join(f"{rule}: short by {amount:,.1f}" for rule, amount in rules[:8])
    told = told or "no rule row could be named"
    return InfeasibleError(f"no plan obeys every rule. In conflict: {told}", rules)
