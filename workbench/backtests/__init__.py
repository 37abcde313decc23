"""Back-tests: how well reasons known in 2014 find the works that closed or moved afterwards."""

from workbench.backtests.known import ENDED, levers, outcomes, without_history
from workbench.backtests.rankings import BESIDE, OWN, gain_alone, rankings
from workbench.backtests.run import Backtest, Evidence, backtest, gather, hold
from workbench.backtests.score import auc, chance_auc, judged, learned, within

__all__ = [
    "BESIDE",
    "ENDED",
    "OWN",
    "Backtest",
    "Evidence",
    "auc",
    "backtest",
    "chance_auc",
    "gain_alone",
    "gather",
    "hold",
    "judged",
    "learned",
    "levers",
    "outcomes",
    "rankings",
    "within",
    "without_history",
]
