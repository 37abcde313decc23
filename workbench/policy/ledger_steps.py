"""What an entry changes in a ledger, once the rules have let it in; the sum of tonnes never does."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypeVar

from workbench.policy.ledger_book import STEPS, Book, Event, Lot, Replacement

B = TypeVar("B", bound=Book)


def applied(book: B, event: Event) -> B:
    """Return the ledger as the entry leaves it, the entry at its end."""
    return replace(_APPLY.get(event.action, _step)(book, event), events=(*book.events, event))


def _register(book: B, event: Event) -> B:
    data = event.data
    lot = Lot(data["line_id"], data["industry"], data["prefecture_zh"], data["prefecture_zh"], data["t"])
    return replace(book, lots=(*book.lots, lot), lines={**book.lines, data["line_id"]: dict(data)})


def _take(lots: tuple[Lot, ...], line: str, holder: str, t: int, **change: Any) -> tuple[Lot, ...]:
    """Split t free tonnes of a line off an owner's lots and mark them; the sum never changes."""
    out: list[Lot] = []
    for lot in lots:
        part = min(t, lot.t) if (lot.line_id, lot.owner, lot.plan_id) == (line, holder, "") else 0
        t -= part
        if part:
            out.append(replace(lot, t=part, **change))
        if lot.t > part:
            out.append(replace(lot, t=lot.t - part))
    return tuple(out)


def _draft(book: B, event: Event) -> B:
    data, lots = event.data, book.lots
    for line, t in sorted(data["credits"].items()):
        for owner in book.owners(line, data["prefecture_zh"]):
            part = min(t, book.free_t(line, owner))
            lots = _take(lots, line, owner, part, plan_id=data["plan_id"])
            t -= part
    plan = Replacement(
        data["plan_id"], data["prefecture_zh"], data["industry"], data["site_id"], data["new_t"],
        book.need_t(data), "draft", event.who, {}, (("draft", event.when, event.who),),
    )  # fmt: skip
    return replace(book, lots=lots, plans={**book.plans, plan.plan_id: plan})


def _trade(book: B, event: Event) -> B:
    data = event.data
    return replace(
        book, lots=_take(book.lots, data["line_id"], data["seller"], data["t"], owner=data["buyer"])
    )


def _step(book: B, event: Event) -> B:
    plan = book.plans[event.data["plan_id"]]
    state = STEPS[event.action][1]
    history = (*plan.history, (state, event.when, event.who))
    lots = book.lots
    dates = {**plan.dates, **{name: day for name, day in event.data.items() if name in _DATES}}
    if state in ("withdrawn", "closed"):
        change: dict[str, Any] = {"plan_id": ""} if state == "withdrawn" else {"spent": True}
        lots = tuple(replace(x, **change) if x.plan_id == plan.plan_id else x for x in lots)
    plans = {**book.plans, plan.plan_id: replace(plan, state=state, history=history, dates=dates)}
    return replace(book, lots=lots, plans=plans)


def _agree(book: B, event: Event) -> B:
    pair = (event.data["from_zh"], event.data["to_zh"])
    return replace(book, agreed={**book.agreed, pair: float(event.data["alpha_pct"])})


_DATES = ("closed_on", "start_up", "accepted_on", "started_on")
_APPLY = {"register": _register, "draft": _draft, "trade": _trade, "agree": _agree}
