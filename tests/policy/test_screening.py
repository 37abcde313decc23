"""Screening: an edge on each side of each threshold, and missing figures never pass."""

from __future__ import annotations

from datetime import date

import pytest

from tests.policy import worlds
from workbench.policy import PolicyOptions, access, screening


def verdict(rule, line, units=(), on=screening.REFERENCE_DAY):
    """The verdict of one rule on a world of one line."""
    world = worlds.layers(
        lines=worlds.lines({"id": "L", **line}), equipment=worlds.equipment(("X", "none", 1), *units)
    )
    rows = screening.screen(world, on=on).set_index("rule")
    return rows.loc[rule, "verdict"] if rule in rows.index else None


@pytest.mark.parametrize(
    ("process", "unit", "rule", "below", "edge"),
    [
        ("bf_bof", "BF", "steel.bf", 400, 401),
        ("bf_bof", "BOF", "steel.bof", 30, 30.1),
        ("eaf", "EAF", "steel.eaf", 30, 30.1),
        ("prebake", "cell", "aluminium.cell", 160, 161),
    ],
)
def test_units_of_the_threshold_and_below_fall_under_it(process, unit, rule, below, edge):
    line = {"industry": "aluminium" if process == "prebake" else "steel", "process": process}
    assert verdict(rule, line, [("P", unit, below)]) == "fail"
    assert verdict(rule, line, [("P", unit, edge)]) == "pass"
    assert verdict(rule, line, [("P", unit, None)]) == "unknown"
    assert verdict(rule, line) == "unknown"


def test_one_small_furnace_among_large_ones_is_found_and_a_hidden_size_is_not_a_pass():
    line = {"industry": "steel", "process": "bf_bof"}
    assert verdict("steel.bf", line, [("P", "BF", 1750), ("P", "BF", 380)]) == "fail"
    assert verdict("steel.bf", line, [("P", "BF", 1750), ("P", "BF", None)]) == "unknown"
    assert verdict("steel.eaf", line, [("P", "BF", 1750)]) is None  # an integrated route has no arc furnace


@pytest.mark.parametrize(("unit", "process", "size"), [("BF", "bf", 400), ("cell", "prebake", 160)])
def test_whether_below_leaves_the_figure_out_is_a_switch(unit, process, size):
    industry = "steel" if unit == "BF" else "aluminium"
    world = worlds.layers(
        lines=worlds.lines({"id": "L", "industry": industry, "process": process}),
        equipment=worlds.equipment(("P", unit, size)),
    )
    for strict, expected in ((False, {"L"}), (True, set())):
        rows = screening.screen(world, options=PolicyOptions(strict_below=strict))
        assert screening.obsolete_lines(rows) == expected


def test_a_small_furnace_condemns_its_own_share_not_the_works():
    rows = [
        {"id": "A", "industry": "steel", "process": "bf_bof", "capacity_kt": 2_000.0},
        {"id": "B", "industry": "steel", "process": "bf_bof", "capacity_kt": 350.0, "size": 350.0,
         "size_unit": "m3"},
        {"id": "C", "industry": "steel", "process": "bf_bof", "capacity_kt": 4_050.0, "size": 1750.0,
         "size_unit": "m3"},
    ]  # fmt: skip
    world = worlds.layers(
        lines=worlds.lines(*rows), equipment=worlds.equipment(("P", "BF", 1750), ("P", "BF", 350))
    )
    found = screening.screen(world)
    furnace = found[found["rule"] == "steel.bf"].set_index("line_id")
    assert furnace["verdict"].to_dict() == {"A": "fail", "B": "fail", "C": "pass"}
    assert furnace["obsolete_kt"].to_dict() == pytest.approx({"A": 2_000 * 350 / 2_100, "B": 350, "C": 0})
    assert screening.obsolete_lines(found) == {"B"}  # a works is condemned by its share only


@pytest.mark.parametrize(
    ("industry", "word", "expected"),
    [
        ("cement", "机立窑", "fail"), ("cement", "立窑", "fail"), ("cement", "Shaft ", "fail"),
        ("flat_glass", "格法", "fail"), ("flat_glass", "平拉", "fail"), ("steel", "中频炉", "fail"),
        ("aluminium", "自焙槽", "fail"), ("aluminium", "soderberg", "fail"), ("cement", "新型干法", "pass"),
        ("cement", "某种新窑", "unknown"), ("cement", "float", "unknown"),
    ],
)  # fmt: skip
def test_a_process_is_read_by_a_closed_vocabulary_and_an_unlisted_word_never_complies(
    industry, word, expected
):
    world = worlds.layers(
        lines=worlds.lines({"id": "L", "industry": industry, "process": word}),
        equipment=worlds.equipment(
            ("P", "BF", 2000), ("P", "EAF", 100), ("P", "BOF", 100), ("P", "cell", 400)
        ),
    )
    rows = screening.screen(world)
    process = rows[(rows["effect"] == "obsolete") & (rows["unit"] == "flag") & (rows["main"] == "yes")]
    assert set(process["verdict"]) == {expected}
    assert ("L" in access.compliant_lines(rows).index) is (expected == "pass")


def test_a_furnace_closed_or_not_yet_built_on_the_day_does_not_count():
    line = {"industry": "steel", "process": "bf_bof"}
    units = [("P", "BF", 300, 1990, 2013), ("P", "BF", 350, 2016, None), ("P", "BF", 450, 2000, None)]
    assert verdict("steel.bf", line, units, date(2014, 6, 1)) == "pass"
    assert verdict("steel.bf", line, units, date(2016, 6, 1)) == "fail"


@pytest.mark.parametrize("process", ["shaft", "wet", "hollow"])
def test_shaft_and_other_old_kilns_fall_and_dry_process_does_not(process):
    assert verdict("cement.kiln", {"process": process}) == "fail"
    assert verdict("cement.kiln", {"process": "nsp"}) == "pass"
    assert verdict("cement.kiln", {"process": None}) == "unknown"


def test_backward_rolling_is_found_where_stated_and_unknown_elsewhere():
    steel = {"industry": "steel"}
    assert verdict("steel.rolling", {**steel, "process": "backward_rolling"}) == "fail"
    assert verdict("steel.rolling", {**steel, "process": "eaf"}) == "unknown"


@pytest.mark.parametrize(
    ("rule", "column", "line", "bad", "good"),
    [
        ("aluminium.power", "ac_kwh_t", {"industry": "aluminium"}, 13_701, 13_700),
        ("cement.mill", "mill_diameter_m", {}, 3.0, 3.01),
        ("urban.steel", "in_built_up", {"industry": "steel"}, 1, 0),
        ("papers", "no_formalities", {}, 1, 0),
        ("energy_norm", "energy_over_norm", {}, 1, 0),
    ],
)
def test_attributes_bite_at_their_strict_sign_and_are_unknown_when_missing(rule, column, line, bad, good):
    assert verdict(rule, {**line, column: bad}) == "fail"
    assert verdict(rule, {**line, column: good}) == "pass"
    assert verdict(rule, {**line, column: None}) == "unknown"
    assert verdict(rule, line) == "unknown"


def test_small_cells_are_overdue_only_after_the_end_of_2015():
    world = worlds.layers(
        lines=worlds.lines({"id": "L", "industry": "aluminium", "process": "prebake"}),
        equipment=worlds.equipment(("P", "cell", 120)),
    )
    for day, late in ((date(2015, 12, 31), False), (date(2016, 1, 1), True)):
        rows = screening.screen(world, on=day)
        assert rows.set_index("rule").loc["aluminium.cell", "overdue"] == late
        assert (screening.obsolete_lines(rows, overdue=True) == {"L"}) is late
        assert screening.obsolete_lines(rows) == {"L"}


def test_the_worst_verdict_of_a_line_wins_and_keeps_its_clause():
    world = worlds.layers(
        lines=worlds.lines({"id": "L", "industry": "steel", "process": "bf_bof"}),
        equipment=worlds.equipment(("P", "BF", 380), ("P", "BOF", 120)),
    )
    row = screening.worst(screening.screen(world)).loc["L"]
    assert (row["verdict"], row["rules"], row["clauses"]) == ("fail", "steel.bf", "P20")


def test_every_threshold_names_its_clause_source_and_two_languages():
    frame = screening.thresholds()
    assert (frame[["clause", "source", "confidence", "zh", "en"]] != "").all(axis=None)
    assert set(frame["confidence"]) <= {"high", "medium", "low"}
    assert set(frame["sign"]) <= set(screening.COMPARE)


def test_thresholds_are_the_figures_of_their_clauses():
    from workbench.policy import clause

    frame = screening.thresholds()
    for rule, id, key in (
        ("steel.bf", "P20", "bf_m3"),
        ("steel.bof", "P20", "bof_t"),
        ("steel.eaf", "P20", "eaf_t"),
        ("aluminium.cell", "P34", "cell_kA"),
        ("aluminium.power", "P35", "ac_power"),
    ):
        number = clause(id).number(key)
        assert frame.loc[rule, ["clause", "limit", "sign"]].tolist() == [id, number.house_value, number.sign]
