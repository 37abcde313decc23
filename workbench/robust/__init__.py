"""How a plan fares where the assumptions are other than the table says: the same plan in many futures."""

from workbench.robust.draws import Drawn, drawn
from workbench.robust.evaluate import Evaluation, evaluate
from workbench.robust.futures import PENALTY, Outcome, outcomes
from workbench.robust.regret import Regret, regret
from workbench.robust.sobol import sobol

__all__ = [
    "PENALTY",
    "Drawn",
    "Evaluation",
    "Outcome",
    "Regret",
    "drawn",
    "evaluate",
    "outcomes",
    "regret",
    "sobol",
]
