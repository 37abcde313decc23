"""The policy as data and rules: clauses, targets, screening, replacement, tariffs, duties."""

from workbench.policy.access import compliant_lines, entry, why_not
from workbench.policy.accounts import (
    batches,
    credit_value,
    replacement_drafts,
    scorecard,
    share_benefits,
    under_performers,
)
from workbench.policy.coal import coal_account, coal_verdicts
from workbench.policy.consolidation import (
    cement_group_counts,
    concentration,
    cr,
    group_capacity,
    groups_of,
    hhi,
)
from workbench.policy.duty_list import agenda, duties, overdue
from workbench.policy.goals import burn_down, implied, path, share_before, target, targets
from workbench.policy.journal import Journal
from workbench.policy.ledger import Ledger
from workbench.policy.mergers import Mergers, firms_of, merge, unified_group
from workbench.policy.options import PolicyOptions
from workbench.policy.proof import coverage
from workbench.policy.register_files import (
    empty_register,
    load_register,
    read_register,
    register_schema,
    registers,
)
from workbench.policy.registry import Clause, agencies, clause, clauses, in_force, limit, numbers, switches
from workbench.policy.screening import obsolete_lines, screen, sub_standard_firms, thresholds, worst
from workbench.policy.tariffs import (
    Load,
    annual_cost_cny_t,
    margin_effect,
    may_buy_direct,
    power_cost,
    unlawful_discounts,
    water_cost_cny_t,
)
from workbench.policy.verdicts import check, summary
from workbench.policy.versions import area_class, ratio, rule_versions, version_on

__all__ = [
    "Clause",
    "Journal",
    "Ledger",
    "Load",
    "Mergers",
    "PolicyOptions",
    "agencies",
    "agenda",
    "annual_cost_cny_t",
    "area_class",
    "batches",
    "burn_down",
    "cement_group_counts",
    "check",
    "clause",
    "clauses",
    "coal_account",
    "coal_verdicts",
    "compliant_lines",
    "concentration",
    "coverage",
    "cr",
    "credit_value",
    "duties",
    "empty_register",
    "entry",
    "firms_of",
    "group_capacity",
    "groups_of",
    "hhi",
    "implied",
    "in_force",
    "limit",
    "load_register",
    "margin_effect",
    "may_buy_direct",
    "merge",
    "numbers",
    "obsolete_lines",
    "overdue",
    "path",
    "power_cost",
    "ratio",
    "read_register",
    "register_schema",
    "registers",
    "replacement_drafts",
    "rule_versions",
    "scorecard",
    "screen",
    "share_before",
    "share_benefits",
    "sub_standard_firms",
    "summary",
    "switches",
    "target",
    "targets",
    "thresholds",
    "under_performers",
    "unified_group",
    "unlawful_discounts",
    "version_on",
    "water_cost_cny_t",
    "why_not",
    "worst",
]
