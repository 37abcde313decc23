"""Which assumptions flip a plan: each at its low and at its high, and all that speak against it together."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench.errors import InfeasibleError, StoppedError, WorkbenchError
from workbench.relocation.decisions import Choices
from workbench.relocation.problem import Problem
from workbench.relocation.program import formulate
from workbench.solver import Model, Session, Solution

# Nearer than this two plans are the same to a planner, million CNY a year; each is proven to a fifth of it.
SAME_MCNY = 5.0
LIMIT_S = 300.0
ENDS = ("low", "high")
_COLUMNS = ("assumption", "end", "value", "status", "saved_mcny", "worth_mcny", "leaves", "stays")

# values of assumptions -> the problem laid out with them
Again = Callable[[Mapping[str, float]], Problem]


@dataclass(frozen=True, eq=False)
class Flips:
    """What would make another plan the better one.

    `sides`: one row per assumption and end (low, high) that changes the program: value, status ``holds`` (no
    plan is more than SAME_MCNY better, proven), ``flips`` (one is), ``unlawful`` (the plan's lines may not
    all stay or leave any more) or ``open`` (not settled in time); saved_mcny (what the plan saves there
    against moving nothing, NaN where that is unlawful), worth_mcny (what the better plan saves beyond it),
    leaves and stays (lines, apart by ;, in which the better plan differs). `against`: the same for all
    assumptions at the end at which the plan saves less, together. `omitted` (index assumption): why one has
    no row: ``idle`` (at neither end any number of the program changes: no plan can gain on another),
    ``no_range`` (read, but nobody states between what it may lie) or ``untried`` (the time did not suffice).
    """

    sides: pd.DataFrame
    against: pd.Series
    omitted: pd.Series

    def left_out(self, why: str) -> tuple[str, ...]:
        """Name the assumptions left out for one reason."""
        return tuple(map(str, self.omitted.index[self.omitted == why]))

    @property
    def flipping(self) -> pd.DataFrame:
        """The sides at which the plan is no longer the one to choose, dearest first."""
        table = self.sides[self.sides["status"].isin(["flips", "unlawful"])]
        return table.sort_values("worth_mcny", ascending=False, na_position="first", kind="stable")


def flips(
    problem: Problem,
    again: Again,
    names: Iterable[str],
    *,
    limit_s: float = LIMIT_S,
    progress: Callable[[str], None] | None = None,
) -> Flips:
    """Try each assumption at its low and at its high, then all against the plan together.

    `names`: ids that `again` reads. Where every number of the program stays what it is, to the last digit,
    nothing is solved. Those of works and moves come first, then freight and the rest.
    """
    tell, until = progress or (lambda words: None), time.monotonic() + limit_s
    frame = problem.layers.assumptions.frame
    known = frame.loc[sorted(set(names) & set(frame.index)), ["value", "low", "high"]]
    ranged = known["low"].notna() & known["high"].notna() & (known["low"] < known["high"])
    plan, base = _Plan.of(problem), formulate(problem).arrays()
    found: dict[tuple[str, str], dict[str, object]] = {}
    omitted = dict.fromkeys(known.index[~ranged], "no_range")
    tried = _in_turn(known[ranged], problem.scenario.industries)
    for number, (name, row) in enumerate(tried.iterrows(), start=1):
        if time.monotonic() > until:
            omitted[name] = "untried"
            continue
        tell(f"{number}/{len(tried)} {name} {row['low']:g} - {row['high']:g}")
        ends = [end for end in ENDS if row[end] != row["value"]]
        sides = {end: plan.at(_laid(again, {str(name): row[end]}), base) for end in ends}
        kept = {(str(name), end): side | {"value": row[end]} for end, side in sides.items() if side}
        found |= kept
        if not kept:
            omitted[name] = "idle"
    sides = _table(found)
    tell("一并取不利值 all against the plan together")
    worst = _worst(sides)
    against = plan.at(_laid(again, worst), None) or {}
    row = pd.Series({name: against.get(name) for name in _COLUMNS[3:]} | {"assumptions": len(worst)})
    return Flips(sides, row, pd.Series(omitted, dtype=object).sort_index().rename_axis("assumption"))


def _in_turn(known: pd.DataFrame, industries: Iterable[str]) -> pd.DataFrame:
    """Order assumptions by their first name: those of works and moves first, then freight and the rest."""
    order = {name: number for number, name in enumerate(("relocation", "road", "rail"), start=1)}
    order |= dict.fromkeys(industries, 0)
    turn = known.index.str.split(".").str[0].map(lambda first: order.get(first, 9))
    return known.iloc[np.argsort(turn.to_numpy(), kind="stable")]


def _laid(again: Again, values: Mapping[str, float]) -> Problem | WorkbenchError:
    """Lay the problem out anew; where that is impossible, say why."""
    try:
        return again(values)
    except WorkbenchError as error:
        return error


def _same(a: dict[str, np.ndarray], b: dict[str, np.ndarray]) -> bool:
    return all(np.array_equal(a[name], b[name]) for name in a)


def _worst(sides: pd.DataFrame) -> dict[str, float]:
    """The end of each assumption at which the plan saves less."""
    table = sides.dropna(subset=["saved_mcny"]).sort_values("saved_mcny", kind="stable")
    first = table.drop_duplicates("assumption").set_index("assumption")
    return {str(name): float(value) for name, value in first["value"].sort_index().items()}


def _table(found: Mapping[tuple[str, str], Mapping[str, object]]) -> pd.DataFrame:
    rows = [{"assumption": name, "end": end, **side} for (name, end), side in found.items()]
    return pd.DataFrame(rows, columns=list(_COLUMNS))


@dataclass(frozen=True)
class _Plan:
    """The best plan and the lawful one that moves nothing, by the lines each keeps."""

    kept: frozenset[str]
    still: frozenset[str] | None

    @classmethod
    def of(cls, problem: Problem) -> _Plan:
        choices = Choices(problem)
        model = formulate(problem, None, choices)
        best = _solve(Session(model, seed=problem.scenario.seed), problem)
        session = Session(model, seed=problem.scenario.seed)
        _move_nothing(session, choices)
        try:
            still: Solution | None = _solve(session, problem)
        except (InfeasibleError, StoppedError):
            still = None
        return cls(_kept(choices, best), None if still is None else _kept(choices, still))

    def at(
        self, problem: Problem | WorkbenchError, base: dict[str, np.ndarray] | None
    ) -> dict[str, object] | None:
        """Judge the plan where assumptions differ; None where the program is the same as `base`."""
        nothing = {"saved_mcny": np.nan, "worth_mcny": np.nan, "leaves": "", "stays": ""}
        if isinstance(problem, WorkbenchError):
            return nothing | {"status": "open"}
        choices = Choices(problem)
        model = formulate(problem, None, choices)
        if base is not None and _same(base, model.arrays()):
            return None
        mine = _fixed(model, choices, self.kept)
        still = None if self.still is None else _fixed(model, choices, self.still, moves=False)
        if mine is None:
            return nothing | {"status": "unlawful"}
        saved = np.nan if still is None else still.objective - mine.objective
        return self._against(model, choices, mine) | {"saved_mcny": saved}

    def _against(self, model: Model, choices: Choices, mine: Solution) -> dict[str, object]:
        """Look for a plan more than SAME_MCNY better than this one's lines allow."""
        problem, enough = choices.problem, mine.objective - SAME_MCNY
        done: list[bool] = []
        session = Session(model, seed=problem.scenario.seed)
        session.start_from(mine.values)

        def look(gap_mcny: float) -> Solution:
            return session.solve(
                gap_abs=gap_mcny, time_limit_s=problem.scenario.solver.time_limit_s,
                progress=lambda told: done.append(True) if told.bound >= enough else None,
                cancel=lambda: bool(done),
            )  # fmt: skip

        found = look(SAME_MCNY / 5)
        if found.bound < enough <= found.objective and not done:  # too near to tell: look closer
            found = look(1e-3)
        worth = mine.objective - found.objective
        if worth <= SAME_MCNY:
            proven = found.bound >= enough - 1e-3 or bool(done)
            status = "holds" if proven else "open"
            return {"status": status, "worth_mcny": 0.0, "leaves": "", "stays": ""}
        kept = _kept(choices, found)
        return {
            "status": "flips",
            "worth_mcny": worth,
            "leaves": ";".join(sorted(self.kept - kept)),
            "stays": ";".join(sorted(kept - self.kept)),
        }


def _solve(session: Session, problem: Problem) -> Solution:
    return session.solve(
        gap_abs=SAME_MCNY / 5, time_limit_s=problem.scenario.solver.time_limit_s, explain=False
    )


def lines_kept(choices: Choices, keep: pd.Series) -> frozenset[str]:
    """Name the lines that stay, given how many of each class do: of identical ones the earlier."""
    order = choices.class_of.groupby(choices.class_of).cumcount()
    stays = keep.round().reindex(choices.class_of).to_numpy()
    return frozenset(order.index[order.to_numpy() < stays])


def _kept(choices: Choices, found: Solution) -> frozenset[str]:
    return lines_kept(choices, found.values["keep"])


def _move_nothing(session: Session, choices: Choices) -> None:
    """Let no line move but those pinned to a site."""
    movable = choices.movable
    session.set_bounds("move", upper=pd.Series(0.0, index=movable.index[movable["build"] == ""]))


def _fixed(model: Model, choices: Choices, kept: frozenset[str], *, moves: bool = True) -> Solution | None:
    """Solve with the lines that stay given; None where no lawful plan keeps just these."""
    session = Session(model, seed=choices.problem.scenario.seed)
    stays = choices.class_of.index.isin(sorted(kept))
    count = pd.Series(stays.astype(float), index=choices.class_of.index).groupby(choices.class_of).sum()
    count = count.reindex(choices.lines.index)
    session.set_bounds("keep", lower=count, upper=count)
    if not moves:
        _move_nothing(session, choices)
    try:
        return _solve(session, choices.problem)
    except (InfeasibleError, StoppedError):
        return None
