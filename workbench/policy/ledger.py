"""The replacement ledger: closed tonnes become credits, each is pledged once, plans go from draft to closed.

A ledger is the fold of its events and nothing else: `ledger_book` is what it holds, `ledger_rules` why it
refuses, `ledger_steps` what an entry changes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from workbench.errors import DataError, Fault
from workbench.policy import versions
from workbench.policy.ground import Ground
from workbench.policy.ledger_book import LISTED, STEPS, Book, Event
from workbench.policy.ledger_rules import reasons
from workbench.policy.ledger_steps import applied
from workbench.policy.options import PolicyOptions
from workbench.units import CNY_PER_MCNY, T_PER_KT


@dataclass(frozen=True)
class Ledger(Book):
    """A book that is judged entry by entry. `record` returns a new ledger; none is changed in place."""

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
        found = reasons(self, action, when, who, role, data)
        if found:
            raise DataError(found, f"the ledger refuses {action!r}")
        day, data = (
            when.isoformat(),
            json.loads(json.dumps(data)),
        )  # ours alone, whatever the caller does next
        event_hash = Event.digest(action, day, who, role, data, self.head)
        event = Event(action, day, who, role, data, self.head, event_hash)
        return applied(self, event)

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
                due = min(due, _years_later(shut, years))
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


def _years_later(day: str, years: int) -> str:
    """Return the same day some years on; of 29 February the last of the month."""
    year, rest = int(day[:4]) + years, day[4:]
    return f"{year}{'-02-28' if rest == '-02-29' and year % 4 else rest}"
