"""The ledger held against what exists: lines, sites, places, the zone, limits, hands, dates and the term."""

from __future__ import annotations

import re
from datetime import date

import pandas as pd
import pytest
from typer.testing import CliRunner

import workbench as wb
from tests.policy import worlds
from tests.policy.test_ledger import CITY, DAY, PLAN, PROVINCE, ledger, refused
from tests.policy.worlds import CHENGDU, LUZHOU
from workbench.cli.policy import policy as commands
from workbench.errors import DataError
from workbench.policy import accounts
from workbench.policy.ground import ground_of
from workbench.policy.ledger import Ledger


def ground(**assumptions):
    counties = [("合江县", None, None), ("北川县", "national", 2010)]
    sites = [("S", LUZHOU, "合江县", "cement"), ("Z", CHENGDU, "双流县", ""), ("ECO", LUZHOU, "北川县", "")]
    names = ("id", "prefecture_zh", "county_zh", "industries")
    layers = worlds.layers(
        assumptions,
        lines=worlds.lines(
            {"id": "A", "prefecture_zh": CHENGDU, "capacity_kt": 1000.0},
            {"id": "B", "prefecture_zh": LUZHOU, "capacity_kt": 500.0},
            {"id": "GONE", "in_baseline": False},
        ),
        equipment=worlds.equipment(("X", "none", 1)),
        prefectures=worlds.prefectures(),
        counties=worlds.frame(
            [
                {"id": n, "county_zh": n, "eco_function_level": level, "eco_function_since": since}
                for n, level, since in counties
            ]
        ),
        sites=worlds.frame([dict(zip(names, row, strict=True)) for row in sites]),
    )
    return ground_of(layers)


CREDIT = {"line_id": "B", "industry": "cement", "prefecture_zh": LUZHOU, "t": 500_000, "listed_year": 2014,
          "overdue": False}  # fmt: skip
DRAFT = {"plan_id": "R1", "prefecture_zh": LUZHOU, "industry": "cement", "site_id": "S", "new_t": 500_000,
         "credits": {"B": 500_000}}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"line_id": "GHOST"}, "a line of the baseline"),
        ({"line_id": "GONE"}, "a line of the baseline"),
        ({"industry": "steel"}, "cement, as the tables have the line"),
        ({"prefecture_zh": CHENGDU}, "泸州市, where the line stands"),
        ({"prefecture_zh": "阿特兰蒂斯"}, "a prefecture of the province"),
        ({"t": 500_001}, "at most the 500000 t the line has"),
        ({"overdue": True}, "what the screening says"),
    ],
)
def test_a_credit_is_held_against_its_line(change, told):
    book = Ledger(ground=ground())
    assert told in refused(book, "register", **{**CREDIT, **change})
    assert book.record("register", **CITY, **CREDIT).lines


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"site_id": "NOWHERE"}, "a site of the baseline"),
        ({"site_id": "Z"}, f"a site in {LUZHOU}"),
        ({"site_id": "ECO"}, "P48"),
        ({"prefecture_zh": CHENGDU, "site_id": "Z"}, "P24"),
    ],
)
def test_a_plan_is_held_against_its_site_the_zone_and_sensitive_counties(change, told):
    book = Ledger(ground=ground()).record("register", **CITY, **CREDIT)
    assert told in refused(book, "draft", **{**DRAFT, **change})
    assert book.record("draft", **CITY, **DRAFT).plans


def test_a_prefecture_takes_no_more_than_it_can():
    book = Ledger(ground=ground(**{"cement.prefecture_new_kt": 400.0})).record("register", **CITY, **CREDIT)
    assert "P46" in refused(book, "draft", **DRAFT)
    small = {**DRAFT, "new_t": 400_000, "credits": {"B": 400_000}}
    full = book.record("draft", **CITY, **small)
    again = {**DRAFT, "plan_id": "R2", "new_t": 1, "credits": {"B": 1}}
    assert "400,001 t new" in refused(full, "draft", **again)
    assert full.record("withdraw", **CITY, plan_id="R1").record("draft", **CITY, **again).plans


def test_who_drafted_does_not_confirm_announce_or_accept():
    book = ledger().record("draft", **CITY, **PLAN)
    same = {**PROVINCE, "who": CITY["who"]}
    assert "another hand" in refused(book, "confirm", same, plan_id="R1")
    assert book.record("confirm", **PROVINCE, plan_id="R1").plans["R1"].state == "confirmed"


@pytest.mark.parametrize(
    ("when", "ok"),
    [("2014-02-21", False), ("2014-02-22", True), ("2019-02-21", True), ("2019-02-22", False)],
)
def test_nothing_is_entered_outside_the_term(when, ok):
    who = {**CITY, "when": date.fromisoformat(when)}
    if ok:
        Ledger().record("register", **who, **CREDIT)
    else:
        assert "a day of the term" in refused(Ledger(), "register", who, **CREDIT)


def test_tonnes_of_another_prefecture_need_an_agreement_signed_by_both():
    book = Ledger(ground=ground()).record(
        "register", **CITY, **{**CREDIT, "line_id": "A", "prefecture_zh": CHENGDU}
    )
    draft = {**DRAFT, "credits": {"A": 500_000}}
    assert "at most the 0 t" in refused(book, "draft", **draft)
    deal = {"from_zh": CHENGDU, "to_zh": LUZHOU, "alpha_pct": 40, "signed_from": "成都", "signed_to": "泸州"}
    assert "two prefectures, each by its own hand" in refused(book, "agree", **{**deal, "signed_to": "成都"})
    assert "a prefecture of the province" in refused(book, "agree", **{**deal, "to_zh": "无此市"})
    book = book.record("agree", **CITY, **deal).record("draft", **CITY, **draft)
    assert book.benefit_splits().values.tolist() == [[CHENGDU, LUZHOU, 40.0]]
    assert book.credits().set_index("state")["kt"].to_dict() == {"pledged": 500.0}


def announced():
    book = ledger().record("draft", **CITY, **PLAN)
    return book.record("confirm", **PROVINCE, plan_id="R1").record("announce", **PROVINCE, plan_id="R1")


def test_a_plan_runs_from_closing_through_dismantling_to_the_start_up():
    book = announced()
    closing = {"plan_id": "R1", "closed_on": "2014-07-01", "start_up": "2015-01-01"}
    assert "a plan that is dismantled" in refused(book, "start", plan_id="R1", started_on="2015-01-01")
    assert "a day of the term" in refused(
        book, "close", **{**closing, "closed_on": "2019-03-01", "start_up": "2019-03-02"}
    )
    book = book.record("close", **CITY, **closing)
    accept = {"plan_id": "R1", "accepted_on": "2014-09-01", "accepted_by": "赵某"}
    assert "not before the closing" in refused(
        book, "dismantle", PROVINCE, **{**accept, "accepted_on": "2014-06-30"}
    )
    book = book.record("dismantle", **PROVINCE, **accept)
    assert "not before the dismantling" in refused(book, "start", plan_id="R1", started_on="2014-08-31")
    book = book.record("start", **CITY, plan_id="R1", started_on="2015-01-01")
    assert book.plans["R1"].state == "started"
    assert book.elimination_list()["kt"].sum() == 800


def test_late_steps_are_told_with_who_is_waited_for():
    book = announced().record("close", **CITY, plan_id="R1", closed_on="2014-07-01", start_up="2015-01-01")
    assert book.late(date(2015, 1, 1)).empty
    late = book.late(date(2015, 1, 11)).loc["R1"]
    assert late[["step", "due", "days", "waits_for"]].tolist() == ["dismantle", "2015-01-01", 10, "经信"]
    book = book.record("dismantle", **PROVINCE, plan_id="R1", accepted_on="2014-12-01", accepted_by="赵某")
    assert book.late(date(2015, 1, 11)).loc["R1", ["step", "waits_for"]].tolist() == ["start", "市州"]


def test_the_drafts_of_a_plan_are_recorded_as_they_are():
    plan = worlds.plan(
        [("A", 1000.0, "move", "S"), ("B", 500.0, "close")],
        [("S", 1200.0, LUZHOU)],
        [("A", "S:cement", 1000.0), ("B", "S:cement", 200.0)],
    )
    plan.decisions.loc["B", "prefecture_zh"] = LUZHOU
    book = Ledger(ground=ground())
    for action, fields in accounts.ledger_entries(plan, when=DAY):
        book = book.record(action, **fields)
    assert book.plan_table()["state"].to_dict() == {"R-S:cement": "draft"}
    assert book.credits()["kt"].sum() == 1200
    pd.testing.assert_series_equal(book.matrix().loc[CHENGDU], pd.Series({LUZHOU: 1000.0}), check_names=False)


def test_a_plan_is_recorded_and_stepped_by_the_command(tmp_path, monkeypatch, layers):
    monkeypatch.setattr(wb, "load", lambda: layers)
    file, run = str(tmp_path / "file.jsonl"), CliRunner()
    real = ground_of(layers)
    lines = {id: row for id, row in real.lines.items() if row[0] == "cement" and row[2] > 0}
    sites = {
        id: place for id, (place, county, industries) in real.sites.items()
        if "cement" in industries and place not in real.zone and county not in real.sensitive
    }  # fmt: skip
    site, place = next(iter(sites.items()))
    line, (_, home, tonnes) = next((id, row) for id, row in lines.items() if row[1] == place)

    def record(*words, who="王某", role="市州", on="2014-04-01"):
        return run.invoke(commands, ["record", file, *words, "--who", who, "--role", role, "--on", on])

    credit = [f"line_id={line}", "industry=cement", f"prefecture_zh={home}", f"t={tonnes}",
              "listed_year=2014", "overdue=false"]  # fmt: skip
    assert record("register", *credit).exit_code == 0
    for fields, told in (
        (["plan_id=R1", "when=2014-01-01"], "when: found '2014-01-01'; expected no such field"),
        (["plan_id=R1", "plan_id=R2"], "each field once"),
        (["x"], "name=value"),
        (["plan_id=2014"], r"2014 \(unknown\)"),  # a number that names a plan is its name
    ):
        assert re.search(told, str(record("confirm", *fields).exception))
    for credits in (f"{line}:1.5", f"{line}:nan", f"{line}:", f"{line}:1,{line}:2", line):
        fault = record("draft", "plan_id=R1", f"prefecture_zh={place}", "industry=cement",
                       f"site_id={site}", "new_t=1", f"credits={credits}").exception  # fmt: skip
        assert isinstance(fault, DataError)
        assert "credits" in fault.faults[0].field
    draft = ["plan_id=R1", f"prefecture_zh={place}", "industry=cement", f"site_id={site}", f"new_t={tonnes}",
             f"credits={line}:{tonnes}"]  # fmt: skip
    assert record("draft", *draft).exit_code == 0
    assert isinstance(record("confirm", "plan_id=R1", role="经信").exception, DataError)  # the drafter's hand
    done = record("confirm", "plan_id=R1", who="李某", role="经信")
    assert "已确认" in done.output
    shown = run.invoke(commands, ["ledger", file])
    assert shown.exit_code == 0
    assert "R1" in shown.output
