"""The policy as data and rules: clauses, targets, screening, replacement, tariffs, duties."""

from workbench.later import later

__getattr__, __dir__, __all__ = later(
    __name__,
    {
        "access": "compliant_lines entry why_not",
        "accounts": ("batches ledger_entries replacement_drafts scorecard share_benefits under_performers"),
        "coal": "coal_account",
        "consolidation": "cement_group_counts concentration cr group_capacity groups_of hhi",
        "duty_list": "agenda duties overdue",
        "goals": "burn_down implied path share_before target targets",
        "items": "Verdict item_table",
        "journal": "Journal",
        "ground": "Ground ground_of",
        "ledger": "Ledger",
        "mergers": "Mergers firms_of merge",
        "options": "PolicyOptions",
        "proof": "coverage",
        "register_files": (
            "differences empty_register load_register read_register read_registers register_schema registers "
            "with_registers"
        ),
        "registry": "Clause agencies clause clauses in_force limit numbers switches",
        "screening": "obsolete_lines screen thresholds worst",
        "tariffs": "Load may_buy_direct power_cost surcharge_list unlawful_discounts",
        "verdicts": "check summary",
        "versions": "area_class ratio rule_versions",
    },
)
