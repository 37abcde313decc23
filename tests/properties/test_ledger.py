"""Random ledger operations never create, lose or reuse a tonne."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from tests.laws import law
from workbench.errors import DataError
from workbench.policy.entries import FORMS
from workbench.policy.journal import Journal
from workbench.policy.ledger import Ledger

LINES, PLANS, CITIES = ("L1", "L2", "L3"), ("R1", "R2", "R3"), ("泸州市", "宜宾市")
DAY = date(2014, 7, 1)
SHUT = ("closed", "dismantled", "started")


def operation(action, line, plan, city, other, t, pay):
    data = {
        "register": {"line_id": line, "industry": "cement", "prefecture_zh": city, "t": t,
                     "listed_year": 2014,
                     "overdue": t % 7 == 0},
        "draft": {"plan_id": plan, "prefecture_zh": city, "industry": "cement", "site_id": "S", "new_t": t,
                  "credits": pay},
        "trade": {"line_id": line, "seller": city, "buyer": other, "t": t, "price_cny_t": 1.0},
        "agree": {"from_zh": city, "to_zh": other, "alpha_pct": 50, "signed_from": "a", "signed_to": "b"},
        "close": {"plan_id": plan, "closed_on": f"2014-07-0{1 + t % 3}", "start_up": "2014-07-02"},
        "dismantle": {"plan_id": plan, "accepted_on": f"2014-07-0{1 + t % 3}", "accepted_by": "丙"},
        "start": {"plan_id": plan, "started_on": f"2014-07-0{1 + t % 3}"},
    }.get(action, {"plan_id": plan})  # fmt: skip
    role = "经信" if action in ("confirm", "announce", "reject", "dismantle") else "市州"
    return action, role, data


tonnes = st.integers(-5, 60)
operations = st.builds(
    operation,
    st.sampled_from(sorted(FORMS)), st.sampled_from(LINES), st.sampled_from(PLANS), st.sampled_from(CITIES),
    st.sampled_from(CITIES), tonnes, st.dictionaries(st.sampled_from(LINES), tonnes, min_size=1, max_size=3),
)  # fmt: skip


@law(1500)
@given(st.lists(operations, max_size=25))
def test_tonnes_are_conserved_used_once_and_replayed_exactly(steps):
    ledger = Ledger()
    for action, role, data in steps:
        before = ledger
        try:
            ledger = ledger.record(action, when=DAY, who="乙" if role == "经信" else "甲", role=role, **data)
        except DataError:
            assert ledger is before
            continue
        registered = {id: row["t"] for id, row in ledger.lines.items()}
        held = dict.fromkeys(registered, 0)
        for lot in ledger.lots:
            assert lot.t > 0
            held[lot.line_id] += lot.t
        assert held == registered  # nothing created, nothing lost
        spent = {x.plan_id for x in ledger.lots if x.spent}
        assert spent <= {p.plan_id for p in ledger.plans.values() if p.state in SHUT}
        for plan in ledger.plans.values():
            pledged = sum(x.t for x in ledger.lots if x.plan_id == plan.plan_id)
            assert pledged >= plan.need_t if plan.state != "withdrawn" else pledged == 0
        for plan in ledger.plans.values():
            days = [
                plan.dates[name] for name in ("closed_on", "accepted_on", "started_on") if name in plan.dates
            ]
            assert days == sorted(days)  # nothing before its credit is closed
        live = sum(p.need_t for p in ledger.plans.values() if p.state != "withdrawn")
        assert live <= sum(registered.values())
    assert Ledger.replay(ledger.events) == ledger


@law(500)
@given(st.lists(operations, min_size=3, max_size=15), st.floats(0, 1))
def test_a_ledger_cut_at_any_byte_keeps_every_entry_that_was_whole(steps, where):
    with TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.jsonl"
        book = Journal.open(path)
        for action, role, data in steps:
            with suppress(DataError):
                book = book.record(action, when=DAY, who="乙" if role == "经信" else "甲", role=role, **data)
        if not path.exists():
            return
        raw = path.read_bytes()
        cut = round(where * len(raw))
        path.write_bytes(raw[:cut])
        kept = Journal.open(path).ledger.events
        whole = raw[:cut].count(b"\n")
        assert len(kept) in (whole, whole + 1)  # the last may be whole but for its newline
        assert kept == book.ledger.events[: len(kept)]
