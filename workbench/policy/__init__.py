"""The policy as data and rules: clauses, targets, screening, replacement, tariffs, duties."""

from workbench.policy.consolidation import (
    cement_group_counts,
    concentration,
    cr,
    group_capacity,
    groups_of,
    hhi,
)
from workbench.policy.options import PolicyOptions
from workbench.policy.registry import Clause, agencies, clause, clauses, in_force, numbers, switches
from workbench.policy.screening import obsolete_lines, screen, sub_standard_firms, thresholds, worst
from workbench.policy.targets import burn_down, implied, path, share_before, target, targets
from workbench.policy.verdicts import check, summary
from workbench.policy.versions import area_class, ratio, rule_versions, version_on

__all__ = [
    "Clause",
    "PolicyOptions",
    "agencies",
    "area_class",
    "burn_down",
    "cement_group_counts",
    "check",
    "clause",
    "clauses",
    "concentration",
    "cr",
    "group_capacity",
    "groups_of",
    "hhi",
    "implied",
    "in_force",
    "numbers",
    "obsolete_lines",
    "path",
    "ratio",
    "rule_versions",
    "screen",
    "share_before",
    "sub_standard_firms",
    "summary",
    "switches",
    "target",
    "targets",
    "thresholds",
    "version_on",
    "worst",
]
