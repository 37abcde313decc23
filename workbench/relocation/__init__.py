"""Which lines stay, close or move, where to, and who then supplies whom."""

from workbench.relocation.accounts import co2_kt, costs_mcny, objective_mcny
from workbench.relocation.assess import Assessor
from workbench.relocation.optimise import optimise
from workbench.relocation.plan import Plan
from workbench.relocation.problem import Problem, prepare
from workbench.relocation.program import formulate

__all__ = [
    "Assessor",
    "Plan",
    "Problem",
    "co2_kt",
    "costs_mcny",
    "formulate",
    "objective_mcny",
    "optimise",
    "prepare",
]
