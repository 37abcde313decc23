"""The only door to HiGHS: labelled variables and named rows in, a plan with its proven bound out.

A model is built block by block. Every variable and row carries a label, so a solution reads as series by
label, and a conflict is told by the names of the rules in it, never by row numbers.
"""

from workbench.solver.model import Block, Blocks, Entries, Model, Rows, Stage, Variables
from workbench.solver.pareto import Front, Objective, pareto
from workbench.solver.parts import components, joined, merged, part, priced
from workbench.solver.session import Session, Solution, diagnose, solve
from workbench.solver.watch import Progress, relative_gap

__all__ = [
    "Block",
    "Blocks",
    "Entries",
    "Front",
    "Model",
    "Objective",
    "Progress",
    "Rows",
    "Session",
    "Solution",
    "Stage",
    "Variables",
    "components",
    "diagnose",
    "joined",
    "merged",
    "pareto",
    "part",
    "priced",
    "relative_gap",
    "solve",
]
