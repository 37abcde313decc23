"""Every figure of the text, held against a second copy: value, unit, strict sign and deadline."""

from __future__ import annotations

import pytest

from workbench.policy import registry

YEAR = "2014-12-31"
FIGURES = [
    ("P2", "net_growth", "", "<=", 0, "万吨", "standing"),
    ("P3", "cap", "steel", "<=", 3600, "万吨", "5y"),
    ("P4", "eliminate", "steel", ">=", 300, "万吨", "5y"),
    ("P5", "high_end_share", "steel", ">=", 50, "%", "5y"),
    ("P6", "cap", "cement", "<=", 15000, "万吨", "5y"),
    ("P7", "eliminate", "cement", ">=", 1000, "万吨", "5y"),
    ("P8", "nsp_share", "cement", ">=", 95, "%", "5y"),
    ("P9", "cap", "flat_glass", "<=", 4500, "万重量箱", "5y"),
    ("P10", "eliminate", "flat_glass", ">=", 550, "万重量箱", "5y"),
    ("P11", "deep_processing_share", "flat_glass", ">=", 50, "%", "5y"),
    ("P12", "cap", "aluminium", "<=", 110, "万吨", "5y"),
    ("P13", "deep_processing_share", "aluminium", ">", 80, "%", "5y"),
    ("P13", "high_end_share", "aluminium", ">=", 50, "%", "5y"),
    ("P14", "mines_closed_2013_2014", "coal", ">=", 500, "处", YEAR),
    ("P14", "eliminate", "coal", ">=", 4000, "万吨", "5y"),
    ("P14", "mean_mine_before", "coal", "=", 4.5, "万吨", "5y"),
    ("P14", "mean_mine", "coal", ">=", 11.5, "万吨", "5y"),
    ("P14", "mechanisation_before", "coal", "=", 35, "%", "5y"),
    ("P14", "mechanisation_share", "coal", ">=", 55, "%", "5y"),
    ("P19", "firms_leaving", "steel", ">=", 100, "户", "5y"),
    ("P20", "bf_m3", "steel", "<=", 400, "m3", "5y"),
    ("P20", "bof_t", "steel", "<=", 30, "t", "5y"),
    ("P20", "eaf_t", "steel", "<=", 30, "t", "5y"),
    ("P21", "huge_groups_min", "cement", ">=", 3, "家", "5y"),
    ("P21", "huge_groups_max", "cement", "<=", 5, "家", "5y"),
    ("P21", "huge_group", "cement", ">=", 1000, "万吨", "5y"),
    ("P21", "large_groups_min", "cement", ">=", 5, "家", "5y"),
    ("P21", "large_groups_max", "cement", "<=", 7, "家", "5y"),
    ("P21", "large_group", "cement", ">", 500, "万吨", "5y"),
    ("P22", "replacement_ratio", "cement", ">=", 1, "1", "standing"),
    ("P24", "zone_growth", "cement", "<=", 0, "万吨", "5y"),
    ("P26", "coprocessing_share", "cement", ">=", 10, "%", "5y"),
    ("P34", "cell_kA", "aluminium", "<=", 16, "万安培", "2015-12-31"),
    ("P35", "ac_power", "aluminium", ">", 13700, "kWh/t", "standing"),
    ("P35", "surcharge", "aluminium", "=", 10, "%", "standing"),
    ("P35", "norm_after", "aluminium", ">", 2015, "年", "standing"),
    ("P40", "approvals", "", "<=", 0, "项", "standing"),
    ("P46", "criteria", "", ">=", 5, "项", "standing"),
    ("P47", "obsolete_moved", "", "<=", 0, "万吨", "standing"),
    ("P64", "cap", "steel", "<=", 3600, "万吨", YEAR),
    ("P64", "eliminate", "steel", ">=", 92, "万吨", YEAR),
    ("P64", "high_end_share", "steel", ">=", 40, "%", YEAR),
    ("P64", "high_end_share_rise", "steel", "=", 10, "%", YEAR),
    ("P65", "cap", "cement", "<=", 15000, "万吨", YEAR),
    ("P65", "eliminate", "cement", ">=", 300, "万吨", YEAR),
    ("P65", "nsp_share", "cement", ">=", 95, "%", YEAR),
    ("P65", "nsp_share_rise", "cement", "=", 2, "%", YEAR),
    ("P66", "cap", "flat_glass", "<=", 4500, "万重量箱", YEAR),
    ("P66", "eliminate", "flat_glass", ">=", 160, "万重量箱", YEAR),
    ("P66", "deep_processing_share", "flat_glass", ">=", 35, "%", YEAR),
    ("P66", "deep_processing_share_rise", "flat_glass", "=", 5, "%", YEAR),
    ("P67", "cap", "aluminium", "<=", 110, "万吨", YEAR),
    ("P67", "high_end_share", "aluminium", ">=", 45, "%", YEAR),
    ("P67", "high_end_share_rise", "aluminium", "=", 10, "%", YEAR),
    ("P68", "mines_closed_2013_2014", "coal", ">=", 500, "处", YEAR),
    ("P68", "firms", "coal", "<=", 400, "家", YEAR),
    ("P68", "firms_fall", "coal", "=", 66, "%", YEAR),
    ("P68", "mechanisation_share", "coal", ">=", 45, "%", YEAR),
    ("P70", "eliminate_after_2014", "steel", ">=", 208, "万吨", "5y"),
    ("P70", "eliminate_after_2014", "cement", ">=", 700, "万吨", "5y"),
    ("P70", "eliminate_after_2014", "flat_glass", ">=", 390, "万重量箱", "5y"),
    ("P72", "unified_groups", "steel", ">=", 1, "家", YEAR),
    ("P75", "rebar_share", "steel", ">=", 60, "%", YEAR),
    ("P75", "rebar_MPa", "steel", ">=", 400, "MPa", YEAR),
    ("P76", "mines_closed_2014", "coal", ">=", 100, "处", YEAR),
]  # fmt: skip


@pytest.mark.parametrize(("clause", "key", "industry", "sign", "value", "unit", "by"), FIGURES)
def test_a_figure_is_the_texts(clause, key, industry, sign, value, unit, by):
    found = registry.clause(clause).number(key, industry)
    assert (found.value, found.sign, found.unit, found.by) == (value, sign, unit, by)


def test_no_figure_is_added_or_lost():
    held = [(n.clause, n.key, n.industry) for n in registry.all_numbers()]
    assert held == [row[:3] for row in FIGURES]
