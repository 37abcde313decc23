"""The only door to HiGHS: labelled variables and named rows in, a plan with its proven bound out.

A model is built block by block. Every variable and row carries a label, so a solution reads as series by
label, and a conflict is told by the names of the rules in it, never by row numbers.
"""

from workbench.solver.model import Block, Entries, Model, Rows, Variables
from workbench.solver.pareto import Front, pareto
from workbench.solver.session import Session, Solution, diagnose, solve
from workbench.solver.watch import Progress, relative_gap

__all__ = [
    "Block",
    "Entries",
    "Front",
    "Model",
    "Progress",
    "Rows",
    "Session",
    "Solution",
    "Variables",
    "diagnose",
    "pareto",
    "relative_gap",
    "solve",
]
