"""The 78 clauses as data: complete, dated, with strict signs and every ambiguity a switch."""

from __future__ import annotations

from datetime import date

import pytest

from workbench import policy
from workbench.errors import LabelError
from workbench.policy import registry


def test_every_clause_from_p1_to_p78_stands_in_order_in_two_languages():
    frame = policy.clauses()
    assert list(frame.index) == [f"P{i}" for i in range(1, 79)]
    assert frame["zh"].str.contains(r"[\u4e00-\u9fff]").all()
    assert frame["en"].str.contains("[A-Za-z]{3}").all()
    assert set("".join(frame["type"]).replace(";", "")) == set("RCKLPDWS")


def test_every_agency_and_switch_a_clause_names_exists():
    frame = policy.clauses()
    named = {code for cell in [*frame["lead"], *frame["support"]] for code in cell.split(";") if code}
    assert named <= set(policy.agencies().index)
    assert {s for cell in frame["switches"] for s in cell.split(";") if s} <= set(policy.switches().index)
    with pytest.raises(LabelError, match="商务"):
        registry.agency_names(("商务",))


def test_the_texts_units_become_house_units():
    assert registry.limit("P3", "cap") == 36_000
    assert registry.limit("P9", "cap") == 2_250  # 45 million cases of 50 kg
    assert registry.limit("P34", "cell_kA") == 160  # 16 万安培
    assert policy.clause("P24").code == "G2.2"


@pytest.mark.parametrize(
    ("amount", "sign", "limit", "lawful"),
    [
        (36_000, "<=", 36_000, True), (36_001, "<=", 36_000, False),
        (50, ">=", 50, True), (49.9, ">=", 50, False),
        (80, ">", 80, False), (80.1, ">", 80, True), (400, "<", 400, False), (399, "<", 400, True),
        (0.1 + 0.2, "<=", 0.3, True), (3, "=", 3, True), (4, "=", 3, False),
    ],
)  # fmt: skip
def test_signs_are_strict_where_the_text_is(amount, sign, limit, lawful):
    assert registry.meets(amount, sign, limit) is lawful


def test_the_sign_of_each_figure_is_the_texts():
    sign = policy.numbers().set_index(["clause", "key"])["sign"]
    assert sign["P13", "deep_processing_share"] == ">"
    assert sign["P21", "huge_group"] == ">="
    assert sign["P21", "large_group"] == ">"
    assert sign["P35", "ac_power"] == ">"
    assert set(sign["P20"]) == {"<="}  # 以下 counts the number in
    assert set(sign) <= set(registry.SIGNS)


def test_the_opinion_binds_five_years_and_the_last_day_is_a_switch():
    assert not policy.in_force(date(2014, 2, 21))
    assert policy.in_force(date(2014, 2, 22))
    assert policy.in_force(date(2019, 2, 21))
    assert not policy.in_force(date(2019, 2, 22))
    short = policy.PolicyOptions(term_ends="2018-12-31")
    assert not policy.in_force(date(2019, 1, 1), short)
    assert policy.clause("P3").deadline(short) == date(2018, 12, 31)
    assert policy.clause("P2").deadline() is None


def test_an_unknown_clause_or_number_is_named():
    with pytest.raises(LabelError, match="P79"):
        policy.clause("P79")
    with pytest.raises(LabelError, match="cup"):
        registry.limit("P3", "cup")


def test_every_ambiguity_shows_its_default_and_the_reading_chosen():
    frame = policy.switches(policy.PolicyOptions(nested_cement_groups=True), zone="five")
    assert len(frame) == 13
    for name, row in frame.iterrows():
        assert {row["default"], row["chosen"]} <= set(row["readings"].split(";")), name
    assert frame.loc["nested_cement_groups", "chosen"] == "true"
    assert frame.loc["zone.definition", ["default", "chosen"]].tolist() == ["eight", "five"]


def test_the_frame_handed_out_is_the_callers_own():
    for frame, column in ((policy.clauses(), "zh"), (registry.table("agencies"), "name_zh")):
        frame[column] = ""
    assert policy.clauses().loc["P1", "zh"]
    assert policy.agencies()["name_zh"].all()


def test_what_the_text_forbids_altogether_is_a_zero():
    forbidden = {"P2": "net_growth", "P24": "zone_growth", "P40": "approvals", "P47": "obsolete_moved"}
    assert {registry.limit(id, key) for id, key in forbidden.items()} == {0}
    assert registry.limit("P46", "criteria") == 5
    assert registry.limit("P22", "replacement_ratio") == 1
    assert registry.limit("P72", "unified_groups") == 1
    assert registry.limit("P75", "rebar_MPa") == 400


def test_where_coal_stood_before():
    before = {key: registry.limit("P14", key) for key in ("mean_mine_before", "mechanisation_before")}
    assert before == {"mean_mine_before": 45, "mechanisation_before": 35}
