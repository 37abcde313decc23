"""Why a ledger refuses an entry: order and term, roles and hands, tonnes, places and dates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from workbench.errors import Fault
from workbench.policy import registry, versions
from workbench.policy.entries import form_faults
from workbench.policy.ground import no as _no
from workbench.policy.ledger_book import ENDED, STEPS, Book, Replacement


def reasons(book: Book, action: str, when: Any, who: Any, role: Any, data: Mapping[str, Any]) -> list[Fault]:
    """Return every reason against an entry at once; its form first, for nothing else can be asked of none."""
    found = form_faults(action, when, who, role, data)
    if found:
        return found
    asked = _REASONS.get(action, _step_reasons)
    return [
        *_order(book, when), *_term(book, when), *asked(book, data, action, role),
        *_hand(book, action, who, data),
    ]  # fmt: skip


def _hand(book: Book, action: str, who: str, data: Mapping[str, Any]) -> Iterable[Fault]:
    plan = book.plans.get(data.get("plan_id", ""))
    if plan and action in ("confirm", "announce", "dismantle") and who == plan.drafted_by:
        yield _no("who", who, "another hand than the one that drafted it", "Let the office record it.")


def _term(book: Book, when: date) -> Iterable[Fault]:
    first, last = registry.term(book.options)
    if not first <= when <= last:
        yield _no("when", when, f"a day of the term, {first} to {last} (clause P63)")


def _order(book: Book, when: date) -> Iterable[Fault]:
    if book.events and when.isoformat() < book.events[-1].when:
        yield _no("when", when, f"a day not before the last entry, {book.events[-1].when}")


def _role(role: str, expected: str) -> Iterable[Fault]:
    if role != expected:
        yield _no("role", role, expected, "Let the office in charge record it (clause P42).")


def _register_reasons(book: Book, data: Mapping[str, Any], action: str, role: str) -> Iterable[Fault]:
    yield from _role(role, "市州")
    if data["line_id"] in book.lines:
        yield _no(
            "line_id", data["line_id"], "a line not yet registered", "A closed line gives its tonnes once."
        )
    if book.ground:
        yield from book.ground.register(data)


def _agree_reasons(book: Book, data: Mapping[str, Any], action: str, role: str) -> Iterable[Fault]:
    yield from _role(role, "市州")
    if book.ground:
        yield from book.ground.deal(("from_zh", data["from_zh"]), ("to_zh", data["to_zh"]))


def _draft_reasons(book: Book, data: Mapping[str, Any], action: str, role: str) -> Iterable[Fault]:
    yield from _role(role, "市州")
    if data["plan_id"] in book.plans:
        yield _no("plan_id", data["plan_id"], "a plan id not used before")
    for line, t in sorted(data["credits"].items()):
        yield from _credit_reasons(book, data, line, t)
    if book.ground:
        there = [p for p in book.plans.values() if p.prefecture_zh == data["prefecture_zh"]]
        mine = [p for p in there if p.industry == data["industry"] and p.state not in ENDED]
        yield from book.ground.draft(data, sum(p.new_t for p in mine))
    need, given = book.need_t(data), sum(data["credits"].values())
    if given < need:
        yield _no(
            "credits", f"{given} t", f"at least {need} t", "Add closed tonnes or build less (clause P22)."
        )


def _credit_reasons(book: Book, data: Mapping[str, Any], line: str, t: int) -> Iterable[Fault]:
    known = book.lines.get(line)
    if known is None:
        yield _no("credits", line, "a registered closed line")
        return
    if known["industry"] != data["industry"]:
        yield _no("credits", f"{line} ({known['industry']})", f"a line of {data['industry']}")
    if known["overdue"]:
        yield _no(
            "credits",
            line,
            "a line not overdue for elimination",
            "Choose another line (clause P47).",
        )
    first = versions.listed_from(book.options)
    if known["listed_year"] < first:
        yield _no("credits", f"{line} listed {known['listed_year']}", f"listed in {first} or later")
    free = sum(book.free_t(line, owner) for owner in book.owners(line, data["prefecture_zh"]))
    if t > free:
        yield _no(
            "credits",
            f"{line}: {t} t",
            f"at most the {free} t still free there",
            "Each tonne pays once (P42).",
        )


def _trade_reasons(book: Book, data: Mapping[str, Any], action: str, role: str) -> Iterable[Fault]:
    yield from _role(role, "市州")
    if book.ground:
        yield from book.ground.deal(("seller", data["seller"]), ("buyer", data["buyer"]))
    free = book.free_t(data["line_id"], data["seller"])
    if data["t"] > free:
        yield _no("t", data["t"], f"at most the {free} t {data['seller']} has free")


def _step_reasons(book: Book, data: Mapping[str, Any], action: str, role: str) -> Iterable[Fault]:
    before, _, office = STEPS[action]
    yield from _role(role, office)
    plan = book.plans.get(data["plan_id"])
    if plan is None or plan.state != before:
        yield _no(
            "plan_id", f"{data['plan_id']} ({plan.state if plan else 'unknown'})", f"a plan that is {before}"
        )
        return
    yield from _date_reasons(book, data, plan, action)


def _date_reasons(book: Book, data: Mapping[str, Any], plan: Replacement, action: str) -> Iterable[Fault]:
    first, last = (day.isoformat() for day in registry.term(book.options))
    if action == "close":
        if data["closed_on"] > data["start_up"]:
            yield _no("closed_on", data["closed_on"], f"not after the start-up on {data['start_up']}",
                      "Old lines close before the new one starts.")  # fmt: skip
        if not first <= data["closed_on"] <= last:
            yield _no("closed_on", data["closed_on"], f"a day of the term, {first} to {last}")
    if action == "dismantle" and data["accepted_on"] < plan.dates["closed_on"]:
        yield _no("accepted_on", data["accepted_on"], f"not before the closing on {plan.dates['closed_on']}")
    if action == "start" and data["started_on"] < plan.dates["accepted_on"]:
        found, accepted = data["started_on"], plan.dates["accepted_on"]
        yield _no("started_on", found, f"not before the dismantling was accepted on {accepted}")


_REASONS = {
    "register": _register_reasons, "draft": _draft_reasons, "trade": _trade_reasons,
    "agree": _agree_reasons,
}  # fmt: skip
