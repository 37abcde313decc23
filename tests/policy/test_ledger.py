"""The replacement ledger: one plan from draft to closed, and every refusal the rules ask for."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from pydantic import ValidationError

from workbench.errors import DataError
from workbench.policy import PolicyOptions
from workbench.policy.ledger import Ledger

DAY = date(2014, 7, 1)
CITY = {"when": DAY, "who": "王某", "role": "市州"}
PROVINCE = {"when": DAY, "who": "李某", "role": "经信"}
LINE = {
    "line_id": "L",
    "industry": "cement",
    "prefecture_zh": "泸州市",
    "t": 1_000_000,
    "listed_year": 2014,
    "overdue": False,
}
PLAN = {"plan_id": "R1", "prefecture_zh": "泸州市", "industry": "cement", "site_id": "S", "new_t": 800_000,
        "credits": {"L": 800_000}}  # fmt: skip


def ledger(options=None, **line):
    return Ledger(options=options or PolicyOptions()).record("register", **CITY, **{**LINE, **line})


def refused(book, action, who=CITY, **data):
    with pytest.raises(DataError) as error:
        book.record(action, **who, **data)
    return str(error.value)


def test_a_plan_goes_from_draft_to_closed_and_its_tonnes_to_the_elimination_list():
    book = ledger().record("draft", **CITY, **PLAN)
    assert book.free_t("L") == 200_000
    assert book.elimination_list().empty
    book = book.record("confirm", **PROVINCE, plan_id="R1").record("announce", **PROVINCE, plan_id="R1")
    assert book.elimination_list()["kt"].sum() == 800
    book = book.record("close", **CITY, plan_id="R1", closed_on="2014-07-01", start_up="2015-01-01")
    row = book.plan_table().loc["R1"]
    assert (row["state"], row["by"], row["since"]) == ("closed", "王某", "2014-07-01")
    assert [state for state, *_ in book.plans["R1"].history] == ["draft", "confirmed", "announced", "closed"]
    assert book.credits().groupby("state")["kt"].sum().to_dict() == {"free": 200, "spent": 800}


@pytest.mark.parametrize("action", ["announce", "close", "reject"])
def test_no_step_may_be_skipped(action):
    book = ledger().record("draft", **CITY, **PLAN)
    dates = {"closed_on": "2014-07-01", "start_up": "2014-07-01"} if action == "close" else {}
    assert "a plan that is" in refused(
        book, action, CITY if action == "close" else PROVINCE, plan_id="R1", **dates
    )


def test_a_prefecture_cannot_confirm_its_own_plan_and_the_province_does_not_draft():
    assert "经信" in refused(ledger().record("draft", **CITY, **PLAN), "confirm", CITY, plan_id="R1")
    assert "市州" in refused(ledger(), "draft", PROVINCE, **PLAN)


def test_a_tonne_pays_once():
    book = ledger().record("draft", **CITY, **PLAN)
    assert "200000 t" in refused(book, "draft", **{**PLAN, "plan_id": "R2"})
    assert "gives its tonnes once" in refused(book, "register", **LINE)
    back = book.record("withdraw", **CITY, plan_id="R1")
    assert back.free_t("L") == 1_000_000


@pytest.mark.parametrize(("given", "ok"), [(799_999, False), (800_000, True)])
def test_equal_replacement_holds_to_the_tonne(given, ok):
    draft = {**PLAN, "credits": {"L": given}}
    if ok:
        ledger().record("draft", **CITY, **draft)
    else:
        assert "at least 800000 t" in refused(ledger(), "draft", **draft)


def test_a_stricter_version_asks_for_more_and_for_listed_lines():
    options = PolicyOptions(rule_version="miit-2017-337")
    assert "at least 1000000 t" in refused(ledger(options), "draft", **PLAN)
    full = {**PLAN, "credits": {"L": 1_000_000}}
    assert ledger(options).record("draft", **CITY, **full).plans["R1"].need_t == 1_000_000
    assert "listed in 2013" in refused(ledger(options, listed_year=2012), "draft", **full)
    assert ledger(options, listed_year=2013).record("draft", **CITY, **full).plans


def test_overdue_obsolete_lines_and_other_industries_give_no_credit():
    assert "overdue" in refused(ledger(overdue=True), "draft", **PLAN)
    assert "a line of cement" in refused(ledger(industry="steel"), "draft", **PLAN)


def test_old_lines_close_before_the_new_one_starts():
    book = ledger().record("draft", **CITY, **PLAN)
    book = book.record("confirm", **PROVINCE, plan_id="R1").record("announce", **PROVINCE, plan_id="R1")
    late = {"plan_id": "R1", "closed_on": "2015-01-02", "start_up": "2015-01-01"}
    assert "start-up" in refused(book, "close", **late)


def test_credits_are_sold_across_prefectures_and_only_their_owner_uses_them():
    book = ledger()
    assert "at most the 0 t" in refused(book, "draft", **{**PLAN, "prefecture_zh": "宜宾市"})
    deal = {"line_id": "L", "seller": "泸州市", "buyer": "宜宾市", "t": 800_000, "price_cny_t": 60.0}
    book = book.record("trade", **CITY, **deal).record("draft", **CITY, **{**PLAN, "prefecture_zh": "宜宾市"})
    assert book.matrix().loc["泸州市", "宜宾市"] == 800
    assert book.trades()["value_mcny"].tolist() == [48.0]
    assert "200000 t 泸州市" in refused(book, "trade", **deal)


def test_every_reason_is_told_at_once():
    text = refused(
        ledger(overdue=True),
        "draft",
        PROVINCE,
        **{**PLAN, "plan_id": "R2", "credits": {"L": 2_000_000, "M": 1}},
    )
    assert text.count("\n") == 4  # the role, L overdue, L too much, M unknown
    text = refused(ledger(), "draft", **{**PLAN, "new_t": 0, "site_id": " ", "credits": {}})
    assert text.count("\n") == 3


def test_time_does_not_run_backwards_and_somebody_signs():
    book = ledger()
    assert "not before" in refused(book, "withdraw", {**CITY, "when": date(2014, 1, 1)}, plan_id="R1")
    assert "who" in refused(book, "register", {**CITY, "who": " "}, **{**LINE, "line_id": "M"})
    assert "'register', 'agree'" in refused(book, "burn")


@pytest.mark.parametrize(
    ("action", "change"),
    [
        ("register", {"t": 10**400}),
        ("register", {"t": True}),
        ("register", {"t": 1.5}),
        ("register", {"listed_year": 9999}),
        ("register", {"overdue": "no"}),
        ("register", {"line_id": None}),
        ("register", {"line_id": "L\x1b[2J"}),
        ("register", {"line_id": "\ud800"}),
        ("register", {"industry": "paper"}),
        ("register", {"when": datetime(2014, 7, 1, 12)}),
        ("register", {"when": "2014-07-01"}),
        ("register", {"when": date(9999, 1, 1)}),
        ("register", {"who": None}),
        ("register", {"role": ["市州"]}),
        ("register", {"note": "x"}),
        ("trade", {"price_cny_t": float("nan")}),
        ("trade", {"price_cny_t": float("inf")}),
        ("trade", {"price_cny_t": "60"}),
        ("trade", {"buyer": None}),
        ("trade", {"buyer": "泸州市"}),
        ("draft", {"credits": None}),
        ("draft", {"credits": {"L": float("nan")}}),
        ("draft", {"credits": {1: 1}}),
    ],
)
def test_no_entry_is_taken_that_could_not_be_read_again(action, change):
    deal = {"line_id": "L", "seller": "泸州市", "buyer": "宜宾市", "t": 1, "price_cny_t": 60}
    data = {"register": {**LINE, "line_id": "M"}, "trade": deal, "draft": PLAN}[action]
    with pytest.raises(DataError):
        ledger().record(action, **{**CITY, **data, **change})


@pytest.mark.parametrize(
    "day", ["20140701", "2014-7-1", "2014-02-30", "2014-W27-2", "1850-01-01", "", None, 1]
)
def test_days_are_written_one_way_so_that_they_compare(day):
    book = ledger().record("draft", **CITY, **PLAN)
    book = book.record("confirm", **PROVINCE, plan_id="R1").record("announce", **PROVINCE, plan_id="R1")
    assert "closed_on" in refused(book, "close", plan_id="R1", closed_on=day, start_up="2015-01-01")


def test_an_entry_is_its_own_whatever_becomes_of_the_data_it_came_from():
    credits = {"L": 800_000}
    book = ledger().record("draft", **CITY, **{**PLAN, "credits": credits})
    credits["L"] = 1
    assert Ledger.replay(book.events) == book


def test_a_line_shut_on_a_leap_day_is_due_on_the_last_of_february():
    book = ledger(PolicyOptions(rule_version="miit-2017-337"), t=3_000_000)
    book = book.record("draft", **CITY, **{**PLAN, "credits": {"L": 1_200_000}})
    for step in ("confirm", "announce"):
        book = book.record(step, **{**PROVINCE, "when": date(2016, 2, 29)}, plan_id="R1")
    days = {"closed_on": "2016-02-29", "start_up": "2018-01-01"}
    book = book.record("close", **{**CITY, "when": date(2016, 2, 29)}, plan_id="R1", **days)
    assert list(book.late(date(2017, 3, 2))["due"]) == ["2017-02-28"]


def test_a_day_written_without_its_zeros_is_refused_and_not_compared_as_text():
    book = ledger().record("draft", **CITY, **PLAN)
    for step in ("confirm", "announce"):
        book = book.record(step, **PROVINCE, plan_id="R1")
    assert "start_up" in refused(book, "close", plan_id="R1", closed_on="2014-10-01", start_up="2014-9-1")


def test_rules_of_a_version_that_does_not_exist_are_refused_before_anything_is_solved():
    with pytest.raises(ValidationError, match="sichuan-2014"):
        PolicyOptions(rule_version="no-such")
