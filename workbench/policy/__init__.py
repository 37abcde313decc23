"""The policy as data and rules: clauses, targets, screening, replacement, tariffs, duties."""

from workbench.policy.options import PolicyOptions
from workbench.policy.registry import Clause, agencies, clause, clauses, in_force, numbers, switches
from workbench.policy.targets import burn_down, implied, path, share_before, target, targets

__all__ = [
    "Clause",
    "PolicyOptions",
    "agencies",
    "burn_down",
    "clause",
    "clauses",
    "implied",
    "in_force",
    "numbers",
    "path",
    "share_before",
    "switches",
    "target",
    "targets",
]
