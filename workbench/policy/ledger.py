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
from workbench.policy import registry, versions
from workbench.policy.entries import form_faults
from workbench.policy.ground import Ground
from workbench.policy.ground import no as _no
from workbench.policy.options import PolicyOptions
from workbench.units import CNY_PER_MCNY, T_PER_KT

GENESIS = "0" * 64
LISTED = ("announced", "closed", "dismantled", "started")  # on the elimination list (clause P42)
ENDED = ("withdrawn",)
# action -> (state the plan must be in, state it goes to, role that may do it): clause P42
STEPS = {
    "confirm": ("draft", "confirmed", "经信"),
    "announce": ("confirmed", "announced", "经信"),
    "close": ("announced", "closed", "市州"),
    "dismantle": ("closed", "dismantled", "经信"),
    "start": ("dismantled", "started", "市州"),
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
    dates: Mapping[str, str] = field(default_factory=dict)
    history: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True)
class Ledger:
    """Credits and plans after some events. `record` returns a new ledger; none is changed in place."""

    events: tuple[Event, ...] = ()
    lots: tuple[Lot, ...] = ()
    plans: Mapping[str, Replacement] = field(default_factory=dict)
    lines: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    agreed: Mapping[tuple[str, str], float] = field(default_factory=dict)
    options: PolicyOptions = field(default_factory=PolicyOptions)
    ground: Ground | None = None

    @property
    def head(self) -> str:
        """Hash of the last event: printed on a notice, it proves later that nothing before it was changed."""
        return self.events[-1].hash if self.events else GENESIS

    def record(self, action: str, *, when: date, who: str, role: str, **data: Any) -> Ledger:
        """Return the ledger after one more event.

        register (role 市州): line_id, industry, prefecture_zh, t, listed_year, overdue.
        draft (市州): plan_id, prefecture_zh, industry, site_id, new_t, credits {line_id: t}.
        agree (市州): from_zh, to_zh, alpha_pct (share of benefits the origin keeps), signed_from, signed_to.
        trade (市州): line_id, seller, buyer, t, price_cny_t. confirm, announce, reject (经信) and
        withdraw (市州): plan_id. close (市州): plan_id, closed_on, start_up. dismantle (经信): plan_id,
        accepted_on, accepted_by. start (市州): plan_id, started_on. Days are ISO days.
        With `ground` every entry is held against the lines, sites and places that exist. Raises DataError
        with every reason at once when the rules forbid it.
        """
        found = form_faults(action, when, who, role, data)
        if not found:
            found = [*self._order(when), *self._term(when)]
            found += list(_REASONS.get(action, _step_reasons)(self, data, action, role))
            found += list(self._hand(action, who, data))
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
    def replay(
        cls, events: Iterable[Event], options: PolicyOptions | None = None, ground: Ground | None = None
    ) -> Ledger:
        """Rebuild a ledger from its events; raises DataError naming the first entry that was altered."""
        ledger = cls(options=options or PolicyOptions(), ground=ground)
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
        rows = [
            (x.line_id, x.industry, x.home, x.owner, x.t / T_PER_KT, x.plan_id, state[x]) for x in self.lots
        ]
        return pd.DataFrame(rows, columns=columns)

    def plan_table(self) -> pd.DataFrame:
        """Return every replacement plan: index plan_id; place, tonnes, state and who set it when."""
        rows = [
            (p.plan_id, p.prefecture_zh, p.industry, p.site_id, p.new_t / T_PER_KT, p.need_t / T_PER_KT,
             p.state, p.history[-1][1], p.history[-1][2])
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
        listed = {p.plan_id for p in self.plans.values() if p.state in LISTED}
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
            (e.when, e.data["line_id"], e.data["seller"], e.data["buyer"], e.data["t"] / T_PER_KT,
             e.data["price_cny_t"],
             e.data["t"] * e.data["price_cny_t"] / CNY_PER_MCNY)
            for e in self.events if e.action == "trade"
        ]  # fmt: skip
        columns = ["when", "line_id", "seller", "buyer", "kt", "price_cny_t", "value_mcny"]
        return pd.DataFrame(rows, columns=columns)

    def late(self, on: date) -> pd.DataFrame:
        """Return the steps that are late on a day: index plan_id; prefecture_zh, step, due, days, waits_for.

        A closed plan's lines are dismantled, and accepted, before the start-up it named, or within the years
        the rule version sets, whichever is sooner; a dismantled one starts by then or names a new plan.
        """
        years = versions.version(self.options.rule_version).get("dismantled_within_years")
        rows = []
        for plan in self.plans.values():
            if plan.state not in ("closed", "dismantled"):
                continue
            due = plan.dates["start_up"]
            if plan.state == "closed" and years:
                shut = plan.dates["closed_on"]
                due = min(due, f"{int(shut[:4]) + years}{shut[4:]}")
            step = "dismantle" if plan.state == "closed" else "start"
            days = (on - date.fromisoformat(due)).days
            if days > 0:
                rows.append((plan.plan_id, plan.prefecture_zh, step, due, days, STEPS[step][2]))
        columns = ["plan_id", "prefecture_zh", "step", "due", "days", "waits_for"]
        return pd.DataFrame(rows, columns=columns).set_index("plan_id").sort_values("days", ascending=False)

    def benefit_splits(self) -> pd.DataFrame:
        """Return the agreements as rows of the register `benefit_splits`: from_zh, to_zh, alpha_pct."""
        rows = [(a, b, share) for (a, b), share in self.agreed.items()]
        return pd.DataFrame(rows, columns=["from_zh", "to_zh", "alpha_pct"])

    def _hand(self, action: str, who: str, data: Mapping[str, Any]) -> Iterable[Fault]:
        plan = self.plans.get(data.get("plan_id", ""))
        if plan and action in ("confirm", "announce", "dismantle") and who == plan.drafted_by:
            yield _no("who", who, "another hand than the one that drafted it", "Let the office record it.")

    def _term(self, when: date) -> Iterable[Fault]:
        first, last = registry.term(self.options)
        if not first <= when <= last:
            yield _no("when", when, f"a day of the term, {first} to {last} (clause P63)")

    def _order(self, when: date) -> Iterable[Fault]:
        if self.events and when.isoformat() < self.events[-1].when:
            yield _no("when", when, f"a day not before the last entry, {self.events[-1].when}")


def _role(role: str, expected: str) -> Iterable[Fault]:
    if role != expected:
        yield _no("role", role, expected, "Let the office in charge record it (clause P42).")


def _register_reasons(ledger: Ledger, data: Mapping[str, Any], action: str, role: str) -> Iterable[Fault]:
    yield from _role(role, "市州")
    if data["line_id"] in ledger.lines:
        yield _no(
            "line_id", data["line_id"], "a line not yet registered", "A closed line gives its tonnes once."
        )
    if ledger.ground:
        yield from ledger.ground.register(data)


def _agree_reasons(ledger: Ledger, data: Mapping[str, Any], action: str, role: str) -> Iterable[Fault]:
    yield from _role(role, "市州")
    if ledger.ground:
        yield from ledger.ground.deal(("from_zh", data["from_zh"]), ("to_zh", data["to_zh"]))


def _draft_reasons(ledger: Ledger, data: Mapping[str, Any], action: str, role: str) -> Iterable[Fault]:
    yield from _role(role, "市州")
    if data["plan_id"] in ledger.plans:
        yield _no("plan_id", data["plan_id"], "a plan id not used before")
    for line, t in sorted(data["credits"].items()):
        yield from _credit_reasons(ledger, data, line, t)
    if ledger.ground:
        there = [p for p in ledger.plans.values() if p.prefecture_zh == data["prefecture_zh"]]
        mine = [p for p in there if p.industry == data["industry"] and p.state not in ENDED]
        yield from ledger.ground.draft(data, sum(p.new_t for p in mine))
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
    free = sum(ledger.free_t(line, owner) for owner in _owners(ledger, line, data["prefecture_zh"]))
    if t > free:
        yield _no(
            "credits",
            f"{line}: {t} t",
            f"at most the {free} t still free there",
            "Each tonne pays once (P42).",
        )


def _owners(ledger: Ledger, line: str, place: str) -> list[str]:
    """Return whose free tonnes of a line a plan may use: its own first, then of who agreed to share."""
    owners = dict.fromkeys(lot.owner for lot in ledger.lots if lot.line_id == line and not lot.plan_id)
    return [place, *(owner for owner in owners if owner != place and (owner, place) in ledger.agreed)]


def _need(ledger: Ledger, data: Mapping[str, Any]) -> int:
    area = versions.area_class(data["prefecture_zh"], ledger.options)
    # Rounded first: 1.1 * 1000 is 1100.0000000000002 and must not ask for one tonne more.
    return math.ceil(round(data["new_t"] * versions.ratio(data["industry"], area, ledger.options), 6))


def _trade_reasons(ledger: Ledger, data: Mapping[str, Any], action: str, role: str) -> Iterable[Fault]:
    yield from _role(role, "市州")
    if ledger.ground:
        yield from ledger.ground.deal(("seller", data["seller"]), ("buyer", data["buyer"]))
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
        return
    yield from _date_reasons(ledger, data, plan, action)


def _date_reasons(ledger: Ledger, data: Mapping[str, Any], plan: Replacement, action: str) -> Iterable[Fault]:
    first, last = (day.isoformat() for day in registry.term(ledger.options))
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
        for owner in _owners(ledger, line, data["prefecture_zh"]):
            part = min(t, ledger.free_t(line, owner))
            lots = _take(lots, line, owner, part, plan_id=data["plan_id"])
            t -= part
    plan = Replacement(
        data["plan_id"], data["prefecture_zh"], data["industry"], data["site_id"], data["new_t"],
        _need(ledger, data), "draft", event.who, {}, (("draft", event.when, event.who),),
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
    dates = {**plan.dates, **{name: day for name, day in event.data.items() if name in _DATES}}
    if state in ("withdrawn", "closed"):
        change: dict[str, Any] = {"plan_id": ""} if state == "withdrawn" else {"spent": True}
        lots = tuple(replace(x, **change) if x.plan_id == plan.plan_id else x for x in lots)
    plans = {**ledger.plans, plan.plan_id: replace(plan, state=state, history=history, dates=dates)}
    return replace(ledger, lots=lots, plans=plans)


def _agree(ledger: Ledger, event: Event) -> Ledger:
    pair = (event.data["from_zh"], event.data["to_zh"])
    return replace(ledger, agreed={**ledger.agreed, pair: float(event.data["alpha_pct"])})


_DATES = ("closed_on", "start_up", "accepted_on", "started_on")
_APPLY = {"register": _register, "draft": _draft, "trade": _trade, "agree": _agree}
