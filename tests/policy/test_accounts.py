"""Four batches that balance, benefits that sum to the whole, prefectures that answer, coal that counts."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.laws import law
from tests.policy import worlds
from tests.policy.worlds import CHENGDU, LUZHOU
from workbench import policy
from workbench.errors import LabelError
from workbench.policy import accounts, coal, screening


@law(300)
@given(
    st.lists(
        st.tuples(st.integers(1, 5000), st.sampled_from(["keep", "close", "move"]), st.booleans()), min_size=1
    ),
    st.floats(0, 1),
    st.floats(0, 1),
)
def test_every_tonne_is_in_one_batch_and_start_balances_end(lines, rebuilt, digested):
    rows = [(f"L{i}", float(kt), decision) for i, (kt, decision, _) in enumerate(lines)]
    closed = sum(kt for _, kt, d in rows if d != "keep")
    merged = frozenset(f"L{i}" for i, (_, _, m) in enumerate(lines) if m)
    free = sum(kt for id, kt, d in rows if d == "keep" and id not in merged)
    plan = worlds.plan(rows, [("S", closed * rebuilt, LUZHOU)] if closed else [])
    book = accounts.batches(plan, merged=merged, digested_kt={"cement": free * digested}).loc["cement"]
    assert book["start"] == pytest.approx(book[list(accounts.BATCHES)].sum())
    assert book["end"] == pytest.approx(book["start"] - book["eliminated"])
    kept_and_built = sum(kt for _, kt, d in rows if d == "keep") + closed * rebuilt
    assert book["end"] == pytest.approx(kept_and_built)
    assert (book >= -1e-9).all()


def test_growth_and_overbooked_digestion_are_refused():
    with pytest.raises(LabelError, match="rebuilt"):
        accounts.batches(worlds.plan([("L", 10.0, "close")], [("S", 11.0, LUZHOU)]))
    with pytest.raises(LabelError, match="digested"):
        accounts.batches(worlds.plan([("L", 10.0, "keep")]), digested_kt={"cement": 11.0})


@law(200)
@given(st.floats(0, 1))
def test_sharing_benefits_moves_money_and_makes_none(alpha):
    plan = worlds.plan([("L", 1000.0, "move", "S")], [("S", 800.0, LUZHOU)], [("L", "S:cement", 1000.0)])
    card = accounts.share_benefits(plan.credits, plan.decisions, plan.builds, tax_cny_t={"cement": 20.0},
                                  output_cny_t={"cement": 300.0}, alpha=alpha)  # fmt: skip
    assert (
        card["tax_mcny"].sum() == pytest.approx(card["tax_without_sharing_mcny"].sum()) == pytest.approx(-4.0)
    )
    assert card.loc[CHENGDU, "tax_mcny"] == pytest.approx(-20.0 + 16.0 * alpha)
    assert card.loc[LUZHOU, "output_mcny"] == pytest.approx(240.0 * (1 - alpha))


def test_alpha_is_a_share():
    plan = worlds.plan([("L", 1.0, "keep")])
    with pytest.raises(LabelError, match="alpha"):
        accounts.share_benefits(
            plan.credits, plan.decisions, plan.builds, tax_cny_t={}, output_cny_t={}, alpha=1.1
        )


def test_each_prefecture_answers_for_its_tonnes():
    layers = worlds.layers(
        lines=worlds.lines({"id": "A", "process": "shaft"}, {"id": "B", "process": None}, {"id": "C"}),
        equipment=worlds.equipment(("X", "none", 1)),
    )
    rows = [("A", 1000.0, "keep"), ("B", 1000.0, "keep"), ("C", 500.0, "move", "S")]
    plan = worlds.plan(rows, [("S", 400.0, LUZHOU)], layers=layers)
    card = accounts.scorecard(plan, screening.screen(layers))
    assert card.loc[CHENGDU].tolist() == [2500, 0, 500, 0, 2000, 1000, 1]
    assert card.loc[LUZHOU].tolist() == [0, 0, 0, 400, 400, 0, 0]
    assert accounts.scorecard(plan)["obsolete_kept_kt"].isna().all()


def test_those_who_fall_short_are_named_worst_first():
    due = pd.Series({"甲市": 100.0, "乙市": 50.0, "丙市": 30.0})
    frame = accounts.under_performers(pd.Series({"甲市": 90.0, "乙市": 50.0}), due)
    assert frame["short_kt"].to_dict() == {"丙市": 30.0, "甲市": 10.0}


MINE = {
    "capacity_kt": 115.0,
    "mechanised": True,
    "action": "keep",
    "year": None,
    "firm_zh": "甲",
    "name_zh": "某矿",
}


def mines(*rows):
    return pd.DataFrame([{**MINE, **row} for row in rows])


def test_the_coal_register_is_counted_against_both_horizons():
    rows = [{"action": "close", "year": 2013, "capacity_kt": 80.0}] * 400
    rows += [{"action": "close", "year": 2014, "capacity_kt": 80.0}] * 100
    rows += [{"capacity_kt": 55.0}, {"capacity_kt": 45.0, "mechanised": False}]
    found = judged(mines(*rows))
    assert found["P14", "mines_closed_2013_2014"] == found["P68", "mines_closed_2013_2014"] == "pass"
    assert found["P14", "eliminate"] == found["P76", "mines_closed_2014"] == "pass"
    assert found["P14", "mean_mine"] == "fail"
    assert found["P14", "mechanisation_share"] == "pass"  # 55 % exactly
    fewer = judged(mines(*rows[1:]))
    assert fewer["P14", "mines_closed_2013_2014"] == fewer["P14", "eliminate"] == "fail"


def judged(rows=None, prefectures=None):
    """The verdicts on coal of a register, or of the closures known by prefecture."""
    frames = {} if rows is None else {"coal_mines": rows}
    if prefectures is not None:
        frames["coal_prefectures"] = prefectures
    plan = worlds.plan([("L", 1.0, "keep")], layers=worlds.world({"id": "L"}, **frames))
    found = policy.check(plan).set_index(["clause", "item"])["verdict"]
    return found[found.index.get_level_values("clause").isin(["P14", "P36", "P68", "P76"])].to_dict()


@pytest.mark.parametrize(("second", "expected"), [(400.0, "pass"), (99.0, "fail"), (None, "unknown")])
def test_closures_by_prefecture_count_and_what_one_does_not_tell_may_be_any_number(second, expected):
    """The row of the whole province holds the target, which proves nothing."""
    rows = [("四川省合计", 400.0, 100.0), ("达州市", 400.0, 1.0), ("乐山市", 0.0, second)]
    table = pd.DataFrame(rows, columns=["prefecture_zh", "closures_2013", "closures_2014"])
    found = judged(prefectures=table)
    assert found["P14", "mines_closed_2013_2014"] == ("pass" if second == 99.0 else expected)
    assert found["P76", "mines_closed_2014"] == ("pass" if second == 99.0 else expected)


@pytest.mark.parametrize(("firms", "expected"), [(400, "pass"), (401, "fail")])
def test_coal_firms_at_the_edge(firms, expected):
    rows = mines(*({"firm_zh": str(i)} for i in range(firms)))
    assert judged(rows)["P68", "firms"] == expected


def test_without_a_register_coal_is_unknown_and_upgrades_are_counted():
    assert set(judged().values()) == {"unknown"}
    account = coal.coal_account(mines({"action": "merge"}, {"action": "upgrade", "mechanised": None}))
    assert account[["merged", "upgraded", "left"]].tolist() == [1, 1, 2]
    assert pd.isna(account["mechanised_share"])


def test_a_plan_gives_one_draft_per_build_that_the_ledger_accepts():
    from datetime import date

    from workbench.policy import Ledger

    plan = worlds.plan(
        [("L", 1000.4, "move", "S"), ("M", 300.0, "close")],
        [("S", 1300.3999, LUZHOU)],
        [("L", "S:cement", 1000.4), ("M", "S:cement", 300.0)],
    )
    (draft,) = accounts.replacement_drafts(plan)
    assert (draft["new_t"], draft["credits"]) == (1_300_399, {"L": 1_000_400, "M": 300_000})
    book = Ledger()
    for line, t in draft["credits"].items():
        book = book.record(
            "register",
            when=date(2014, 3, 1),
            who="甲",
            role="市州",
            line_id=line,
            industry="cement",
            prefecture_zh=LUZHOU,
            t=t,
            listed_year=2014,
            overdue=False,
        )
    assert book.record("draft", when=date(2014, 3, 1), who="甲", role="市州", **draft).plans
