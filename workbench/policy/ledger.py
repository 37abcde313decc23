"""The replacement ledger: closed tonnes become credits, each is pledged once, plans go from draft to closed.

A ledger is the fold of its events and nothing else. Tonnes are whole numbers, so none is lost to rounding.
Every event carries the hash of the one before it.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import pandas as pd

from workbench.errors import DataError, Fault
from workbench.policy import versions
from workbench.policy.entries import form_faults
from workbench.policy.options import PolicyOptions

GENESIS = "0" * 64
# action -> (state the plan must be in, state it goes to, role that may do it): clause P42
STEPS = {
    "confirm": ("draft", "confirmed", "经信"),
    "announce": ("confirmed", "announced", "经信"),
    "close": ("announced", "closed", "市州"),
    "withdraw": ("draft", "withdrawn", "市州"),
    "reject": ("confirmed", "withdrawn", "经信"),
}


@dataclass(frozen=True)
class Event:
    """One entry: what was done, when, by whom in which role, and the hash that chains it to the last."""

    action: str
    when: str
    who: str
    role: str
    data: Mapping[str, Any]
    previous: str
    hash: str

    @staticmethod
    def digest(action: str, when: str, who: str, role: str, data: Mapping[str, Any], previous: str) -> str:
        text = json.dumps([action, when, who, role, data, previous], ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def sound(self, previous: str) -> bool:
        """Say whether the entry is unaltered and follows `previous`."""
        made = self.digest(self.action, self.when, self.who, self.role, self.data, self.previous)
        return self.previous == previous and self.hash == made


@dataclass(frozen=True)
class Lot:
    """Tonnes of one closed line with one owner: free (no plan), pledged, or spent (plan closed)."""

    line_id: str
    industry: str
    home: str
    owner: str
    t: int
    plan_id: str = ""
    spent: bool = False


@dataclass(frozen=True)
class Replacement:
    """A replacement plan of a prefecture: the new tonnes, the ratio they need, and where it stands."""

    plan_id: str
    prefecture_zh: str
    industry: str
    site_id: str
    new_t: int
    need_t: int
    state: str
    drafted_by: str
    history: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True)
class Ledger:
    """Credits and plans after some events. `record` returns a new ledger; none is changed in place."""

    events: tuple[Event, ...] = ()
    lots: tuple[Lot, ...] = ()
    plans: Mapping[str, Replacement] = field(default_factory=dict)
    lines: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    options: PolicyOptions = field(default_factory=PolicyOptions)

    @property
    def head(self) -> str:
        """Hash of the last event: printed on a notice, it proves later that nothing before it was changed."""
        return self.events[-1].hash if self.events else GENESIS

    def record(self, action: str, *, when: date, who: str, role: str, **data: Any) -> Ledger:
        """Return the ledger after one more event.

        register (role 市州): line_id, industry, prefecture_zh, t, listed_year, overdue.
        draft (市州): plan_id, prefecture_zh, industry, site_id, new_t, credits {line_id: t}.
        trade (市州): line_id, seller, buyer, t, price_cny_t. confirm, announce, reject (经信) and
        withdraw (市州): plan_id. close (市州): plan_id, closed_on, start_up (ISO days).
        Raises DataError with every reason at once when the rules forbid it.
        """
        found = form_faults(action, when, who, role, data)
        if not found:
            found = list(self._order(when))
            found += list(_REASONS.get(action, _step_reasons)(self, data, action, role))
        if found:
            raise DataError(found, f"the ledger refuses {action!r}")
        day, data = (
            when.isoformat(),
            json.loads(json.dumps(data)),
        )  # ours alone, whatever the caller does next
        event_hash = Event.digest(action, day, who, role, data, self.head)
        event = Event(action, day, who, role, data, self.head, event_hash)
        return replace(_APPLY.get(action, _step)(self, event), events=(*self.events, event))

    @classmethod
    def replay(cls, events: Iterable[Event], options: PolicyOptions | None = None) -> Ledger:
        """Rebuild a ledger from its events; raises DataError naming the first entry that was altered."""
        ledger = cls(options=options or PolicyOptions())
        for row, event in enumerate(events, start=1):
            if not event.sound(ledger.head):
                mend = "Restore the file from a copy; every later entry is in doubt."
                raise DataError([Fault("ledger", row, "hash", event.hash[:12], "an unbroken chain", mend)])
            when = date.fromisoformat(event.when)
            ledger = ledger.record(event.action, when=when, who=event.who, role=event.role, **event.data)
        return ledger

    def free_t(self, line_id: str, owner: str | None = None) -> int:
        """Return the tonnes of a line nobody has pledged, of one owner or of all."""
        return sum(
            x.t for x in self.lots if x.line_id == line_id and not x.plan_id and owner in (None, x.owner)
        )

    def credits(self) -> pd.DataFrame:
        """Return every lot of tonnes: line_id, industry, home, owner, kt, plan_id, state."""
        state = {x: "spent" if x.spent else "pledged" if x.plan_id else "free" for x in self.lots}
        columns = ["line_id", "industry", "home", "owner", "kt", "plan_id", "state"]
        rows = [(x.line_id, x.industry, x.home, x.owner, x.t / 1000, x.plan_id, state[x]) for x in self.lots]
        return pd.DataFrame(rows, columns=columns)

    def plan_table(self) -> pd.DataFrame:
        """Return every replacement plan: index plan_id; place, tonnes, state and who set it when."""
        rows = [
            (p.plan_id, p.prefecture_zh, p.industry, p.site_id, p.new_t / 1000, p.need_t / 1000, p.state,
             p.history[-1][1], p.history[-1][2])
            for p in self.plans.values()
        ]  # fmt: skip
        columns = [
            "plan_id",
            "prefecture_zh",
            "industry",
            "site_id",
            "new_kt",
            "need_kt",
            "state",
            "since",
            "by",
        ]
        return pd.DataFrame(rows, columns=columns).set_index("plan_id")

    def elimination_list(self) -> pd.DataFrame:
        """Return the tonnes that an announced or closed plan puts on the elimination list (clause P42)."""
        listed = {p.plan_id for p in self.plans.values() if p.state in ("announced", "closed")}
        frame = self.credits()
        return frame[frame["plan_id"].isin(listed)].reset_index(drop=True)

    def matrix(self) -> pd.DataFrame:
        """Return pledged kt from home prefecture (rows) to the plan's prefecture (columns), clause P50."""
        frame = self.credits()
        frame = frame[frame["plan_id"] != ""]
        to = frame["plan_id"].map({p.plan_id: p.prefecture_zh for p in self.plans.values()})
        return frame.assign(to=to).pivot_table(
            index="home", columns="to", values="kt", aggfunc="sum", fill_value=0.0
        )

    def trades(self) -> pd.DataFrame:
        """Return every trade: when, line_id, seller, buyer, kt, price_cny_t, value_mcny."""
        rows = [
            (e.when, e.data["line_id"], e.data["seller"], e.data["buyer"], e.data["t"] / 1000,
             e.data["price_cny_t"],
             e.data["t"] * e.data["price_cny_t"] / 1e6)
            for e in self.events if e.action == "trade"
        ]  # fmt: skip
        columns = ["when", "line_id", "seller", "buyer", "kt", "price_cny_t", "value_mcny"]
        return pd.DataFrame(rows, columns=columns)

    def _order(self, when: date) -> Iterable[Fault]:
        if self.events and when.isoformat() < self.events[-1].when:
            yield _no("when", when, f"a day not before the last entry, {self.events[-1].when}")


def _no(name: str, found: object, expected: str, mend: str = "Correct it and record again.") -> Fault:
    return Fault("ledger", None, name, str(found), expected, mend)


def _role(role: str, expected: str) -> Iterable[Fault]:
    if role != expected:
        yield _no("role", role, expected, "Let the office in charge record it (clause P42).")


def _register_reasons(ledger: Ledger, data: Mapping[str, Any], action: str, role: str) -> Iterable[Fault]:
    yield from _role(role, "市州")
    if data["line_id"] in ledger.lines:
        yield _no(
            "line_id", data["line_id"], "a line not yet registered", "A closed line gives its tonnes once."
        )


def _draft_reasons(ledger: Ledger, data: Mapping[str, Any], action: str, role: str) -> Iterable[Fault]:
    yield from _role(role, "市州")
    if data["plan_id"] in ledger.plans:
        yield _no("plan_id", data["plan_id"], "a plan id not used before")
    for line, t in sorted(data["credits"].items()):
        yield from _credit_reasons(ledger, data, line, t)
    need, given = _need(ledger, data), sum(data["credits"].values())
    if given < need:
        yield _no(
            "credits", f"{given} t", f"at least {need} t", "Add closed tonnes or build less (clause P22)."
        )


def _credit_reasons(ledger: Ledger, data: Mapping[str, Any], line: str, t: int) -> Iterable[Fault]:
    known = ledger.lines.get(line)
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
    first = versions.listed_from(ledger.options)
    if known["listed_year"] < first:
        yield _no("credits", f"{line} listed {known['listed_year']}", f"listed in {first} or later")
    free = ledger.free_t(line, data["prefecture_zh"])
    if t > free:
        yield _no(
            "credits",
            f"{line}: {t} t",
            f"at most the {free} t still free there",
            "Each tonne pays once (P42).",
        )


def _need(ledger: Ledger, data: Mapping[str, Any]) -> int:
    area = versions.area_class(data["prefecture_zh"], ledger.options)
    # Rounded first: 1.1 * 1000 is 1100.0000000000002 and must not ask for one tonne more.
    return math.ceil(round(data["new_t"] * versions.ratio(data["industry"], area, ledger.options), 6))


def _trade_reasons(ledger: Ledger, data: Mapping[str, Any], action: str, role: str) -> Iterable[Fault]:
    yield from _role(role, "市州")
    free = ledger.free_t(data["line_id"], data["seller"])
    if data["t"] > free:
        yield _no("t", data["t"], f"at most the {free} t {data['seller']} has free")


def _step_reasons(ledger: Ledger, data: Mapping[str, Any], action: str, role: str) -> Iterable[Fault]:
    before, _, office = STEPS[action]
    yield from _role(role, office)
    plan = ledger.plans.get(data["plan_id"])
    if plan is None or plan.state != before:
        yield _no(
            "plan_id", f"{data['plan_id']} ({plan.state if plan else 'unknown'})", f"a plan that is {before}"
        )
    if action == "close" and data["closed_on"] > data["start_up"]:
        yield _no("closed_on", data["closed_on"], f"not after the start-up on {data['start_up']}",
                  "Old lines close before the new one starts.")  # fmt: skip


_REASONS = {"register": _register_reasons, "draft": _draft_reasons, "trade": _trade_reasons}


def _register(ledger: Ledger, event: Event) -> Ledger:
    data = event.data
    lot = Lot(data["line_id"], data["industry"], data["prefecture_zh"], data["prefecture_zh"], data["t"])
    return replace(ledger, lots=(*ledger.lots, lot), lines={**ledger.lines, data["line_id"]: dict(data)})


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


def _draft(ledger: Ledger, event: Event) -> Ledger:
    data, lots = event.data, ledger.lots
    for line, t in sorted(data["credits"].items()):
        lots = _take(lots, line, data["prefecture_zh"], t, plan_id=data["plan_id"])
    plan = Replacement(
        data["plan_id"], data["prefecture_zh"], data["industry"], data["site_id"], data["new_t"],
        _need(ledger, data), "draft", event.who, (("draft", event.when, event.who),),
    )  # fmt: skip
    return replace(ledger, lots=lots, plans={**ledger.plans, plan.plan_id: plan})


def _trade(ledger: Ledger, event: Event) -> Ledger:
    data = event.data
    return replace(
        ledger, lots=_take(ledger.lots, data["line_id"], data["seller"], data["t"], owner=data["buyer"])
    )


def _step(ledger: Ledger, event: Event) -> Ledger:
    plan = ledger.plans[event.data["plan_id"]]
    state = STEPS[event.action][1]
    history = (*plan.history, (state, event.when, event.who))
    lots = ledger.lots
    if state in ("withdrawn", "closed"):
        change: dict[str, Any] = {"plan_id": ""} if state == "withdrawn" else {"spent": True}
        lots = tuple(replace(x, **change) if x.plan_id == plan.plan_id else x for x in lots)
    plans = {**ledger.plans, plan.plan_id: replace(plan, state=state, history=history)}
    return replace(ledger, lots=lots, plans=plans)


_APPLY = {"register": _register, "draft": _draft, "trade": _trade}
