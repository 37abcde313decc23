"""Several plans in the same futures: what choosing each costs where another would have been better."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from workbench.relocation.plan import Plan
from workbench.robust.evaluate import Evaluation, evaluate_together
from workbench.robust.futures import Told


@dataclass(frozen=True, eq=False)
class Regret:
    """Plans in the same futures. `plans`: each one's `Evaluation` by its name, on the same draws."""

    plans: Mapping[str, Evaluation]

    @property
    def regret_mcny(self) -> pd.DataFrame:
        """What each plan costs beyond the best of them in each future (rows), million CNY a year.

        The best is the cheapest of the plans named, lawful there or not; a failed plan bears its penalty.
        """
        cost = pd.DataFrame({name: each.results["objective_mcny"] for name, each in self.plans.items()})
        return cost.sub(cost.min(axis=1), axis=0)

    @property
    def table(self) -> pd.DataFrame:
        """One row per plan (index plan), the least greatest regret first (Savage 1951).

        Columns regret_max, regret_p95, regret_mean (million CNY a year); best_share (no plan is cheaper);
        pays_share, lawful_share, satisfied_share (satisficing: both) and failed as of `Evaluation`.
        """
        regret = self.regret_mcny
        shares = ("pays_share", "lawful_share", "satisfied_share", "failed")
        table = pd.DataFrame(
            {
                "regret_max": regret.max(),
                "regret_p95": regret.quantile(0.95),
                "regret_mean": regret.mean(),
                "best_share": (regret == 0).mean(),
            }
            | {name: {plan: getattr(each, name) for plan, each in self.plans.items()} for name in shares}
        )
        return table.loc[list(self.plans)].sort_values("regret_max", kind="stable").rename_axis("plan")


def regret(
    plans: Mapping[str, Plan],
    samples: int = 500,
    seed: int = 0,
    *,
    over: Iterable[str] | None = None,
    together: Sequence[Collection[str]] = (),
    penalty: float | None = None,
    progress: Told | None = None,
    cancel: Callable[[], bool] | None = None,
) -> Regret:
    """Judge plans (by name) in the same futures, all under the scenario of the first; see `evaluate`.

    A plan of other lines than the first has fails in every future, and says so.
    """
    return Regret(
        evaluate_together(
            plans, samples, seed,
            over=over, together=together, penalty=penalty, progress=progress, cancel=cancel,
        )
    )  # fmt: skip
