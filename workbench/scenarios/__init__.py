"""Scenarios: every choice a planner can make, frozen, named and saved as TOML."""

from workbench.scenarios.check import check
from workbench.scenarios.files import changes, dumps, load, save
from workbench.scenarios.scenario import ObjectiveOptions, Scenario, SolverOptions

__all__ = ["ObjectiveOptions", "Scenario", "SolverOptions", "changes", "check", "dumps", "load", "save"]
