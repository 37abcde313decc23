"""One plan in many futures: the spread of each indicator, how often it pays, how often each clause holds."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import pandas as pd

from workbench.errors import DataError, Fault
from workbench.indicators import INDICATORS
from workbench.layers.heard import Heard
from workbench.relocation.assess import Assessor
from workbench.relocation.flips import Again
from workbench.relocation.plan import Plan
from workbench.robust.draws import Drawn, drawn
from workbench.robust.futures import KEYS, STAY, Outcome, Told, in_future, outcomes, penalty_mcny, settled
from workbench.study import Study

QUANTILES = {"p05": 0.05, "p25": 0.25, "median": 0.5, "p75": 0.75, "p95": 0.95}
_PLAN = "plan"


@dataclass(frozen=True, eq=False)
class Evaluation:
    """A fixed plan in many futures.

    `drawn`: the assumptions of each, and which were held at their value. `results` (index future):
    `objective_mcny` of the plan, `stay_mcny` of leaving every line where it is, `gain_mcny` (the second less
    the first), `failed` (why it could not be judged; "" where it could), and every indicator (NaN where it
    failed). `central`: the same at the table's values. A failed future is charged `penalty_mcny` (all demand
    unmet at its price) and counts as one in which the plan does not pay and breaks every clause. `broken`
    (index future; columns clause, row, industry, place): by how much each binding row is broken in its unit,
    see `futures.Outcome`; `units`: the unit of each of these columns.
    """

    drawn: Drawn
    results: pd.DataFrame
    central: pd.Series
    broken: pd.DataFrame
    units: pd.Series
    penalty_mcny: float

    @property
    def failed(self) -> int:
        """How many futures could not be judged."""
        return int((self.results["failed"] != "").sum())

    @property
    def pays_share(self) -> float:
        """Share of futures in which the plan costs less than leaving all as it is (weights included)."""
        return float(self._pays.mean())

    @property
    def lawful_share(self) -> float:
        """Share of futures in which every binding clause holds."""
        return float(self.lawful.mean())

    @property
    def satisfied_share(self) -> float:
        """Share of futures in which the plan pays and every binding clause holds."""
        return float((self.lawful & self._pays).mean())

    @property
    def _pays(self) -> pd.Series:
        return (self.results["gain_mcny"] > 0) & (self.results["failed"] == "")

    @property
    def lawful(self) -> pd.Series:
        """Tell of each future whether every binding clause holds."""
        return (self.broken == 0).all(axis=1) & (self.results["failed"] == "")

    @cached_property
    def indicators(self) -> pd.DataFrame:
        """The spread of each number (index id): central, mean, p05, p25, median, p75, p95, counted.

        `counted`: the futures behind it; the three in million CNY are of all, the charged ones included.
        """
        numbers = self.results.drop(columns="failed")
        table = numbers.quantile(list(QUANTILES.values())).T.set_axis(list(QUANTILES), axis=1)
        table.insert(0, "mean", numbers.mean())
        table.insert(0, "central", self.central)
        return table.assign(counted=numbers.notna().sum()).rename_axis("id")

    @cached_property
    def clauses(self) -> pd.DataFrame:
        """How often each binding row holds, the frailest first.

        Columns clause, row, industry, place, unit; holds_share, short_share (less than it asks) and
        over_share (more than it allows) of all futures, failed ones in none of the three; short_median and
        over_median of those that miss it so (NaN where none does). A row a future does not ask for holds.
        """
        judged, amount = self.results["failed"] == "", self.broken
        table = pd.DataFrame(
            {
                "unit": self.units,
                "holds_share": (amount == 0)[judged].sum() / len(amount),
                "short_share": (amount < 0).mean(),
                "over_share": (amount > 0).mean(),
                "short_median": -amount.where(amount < 0).median(),
                "over_median": amount.where(amount > 0).median(),
            }
        )
        return table.sort_values("holds_share", kind="stable").rename_axis(KEYS).reset_index()


def evaluate(
    plan: Plan,
    samples: int = 500,
    seed: int = 0,
    scheduler: str | None = None,
    *,
    over: Iterable[str] | None = None,
    together: Sequence[Collection[str]] = (),
    penalty: float | None = None,
    progress: Told | None = None,
    cancel: Callable[[], bool] | None = None,
) -> Evaluation:
    """Judge a fixed plan in futures drawn over the ranges of the assumptions.

    What was decided stays (of several years the state at the end of the last); what the law asks, prices and
    demand are laid out anew in each future and the cheapest operation is found. `over`: ids to draw, all the
    plan and its indicators read without it; `together`: see `draws.drawn`, which states the distribution.
    `penalty`: million CNY a failed future is charged instead of `futures.penalty_mcny`. The same seed gives
    the same answer. `scheduler`: None, this process; no other is known yet. Raises DataError, LabelError for
    ids nobody knows, StoppedError when `cancel` says so.
    """
    return evaluate_together(
        {_PLAN: plan}, samples, seed, scheduler,
        over=over, together=together, penalty=penalty, progress=progress, cancel=cancel,
    )[_PLAN]  # fmt: skip


def evaluate_together(
    plans: Mapping[str, Plan],
    samples: int = 500,
    seed: int = 0,
    scheduler: str | None = None,
    *,
    over: Iterable[str] | None = None,
    together: Sequence[Collection[str]] = (),
    penalty: float | None = None,
    progress: Told | None = None,
    cancel: Callable[[], bool] | None = None,
) -> dict[str, Evaluation]:
    """Judge several plans in the same futures, all under the scenario of the first; see `evaluate`."""
    if scheduler is not None:
        raise DataError([Fault("robust", None, "scheduler", repr(scheduler), "None", "Leave it out.")])
    if not plans:
        raise DataError([Fault("robust", None, "plans", "none", "1 or more plans", "Name a plan.")])
    first = next(iter(plans.values()))
    study = study_of(first)
    names = heard(first, study) if over is None else over
    network = study.variants.of_network
    sample = drawn(study.layers.assumptions, names, samples, seed, together=together, network=network)
    charged = penalty_mcny(study.problem) if penalty is None else penalty
    return judged_together(study.variants, plans, sample, charged, progress=progress, cancel=cancel)


def judged(
    again: Again,
    plan: Plan,
    sample: Drawn,
    charged_mcny: float,
    *,
    progress: Told | None = None,
    cancel: Callable[[], bool] | None = None,
) -> Evaluation:
    """Judge a fixed plan in drawn futures, each laid out by `again`; see `evaluate`."""
    return judged_together(again, {_PLAN: plan}, sample, charged_mcny, progress=progress, cancel=cancel)[
        _PLAN
    ]


def judged_together(
    again: Again,
    plans: Mapping[str, Plan],
    sample: Drawn,
    charged_mcny: float,
    *,
    progress: Told | None = None,
    cancel: Callable[[], bool] | None = None,
) -> dict[str, Evaluation]:
    """Judge several fixed plans in the same futures, each laid out once for all of them."""
    central = in_future(again, plans, {}, charged_mcny)
    found = outcomes(again, plans, sample.values, charged_mcny=charged_mcny, progress=progress, cancel=cancel)
    return {
        name: _evaluation(plan, sample, charged_mcny, central[name], central[STAY], found[name], found[STAY])
        for name, plan in plans.items()
    }


def _evaluation(
    plan: Plan,
    sample: Drawn,
    charged_mcny: float,
    central: Outcome,
    central_still: Outcome,
    mine: list[Outcome],
    still: list[Outcome],
) -> Evaluation:
    results = pd.DataFrame([_row(*pair) for pair in zip(mine, still, strict=True)])
    broken = pd.DataFrame([each.over for each in mine]).fillna(0.0).reset_index(drop=True)
    known = plan.limits.set_index(KEYS)["unit"]
    units = known[~known.index.duplicated()].reindex(broken.columns)
    at_value = pd.Series(_row(central, central_still)).drop("failed").astype(float)
    return Evaluation(sample, results, at_value, broken, units, charged_mcny)


def _row(mine: Outcome, still: Outcome) -> dict[str, object]:
    gain = still.objective_mcny - mine.objective_mcny
    money = {"objective_mcny": mine.objective_mcny, "stay_mcny": still.objective_mcny, "gain_mcny": gain}
    return money | dict(mine.values) | {"failed": mine.failed or still.failed}


def study_of(plan: Plan) -> Study:
    """Return the study that made a plan, or one made of its scenario and layers."""
    known = plan.study
    return known if isinstance(known, Study) else Study.prepare(plan.scenario, plan.layers)


def heard(plan: Plan, study: Study) -> frozenset[str]:
    """Return the assumptions read to lay a plan out, to operate it, or to count its indicators."""
    ear = Heard.of(study.layers.assumptions)
    problem = replace(study.problem, layers=replace(study.layers, assumptions=ear))
    assessor = Assessor(problem)
    operated = assessor.decided(settled(plan, problem))
    for known in INDICATORS.values():
        known.measure(operated)
    return study.variants.names | frozenset[str]().union(*ear.names.values())
