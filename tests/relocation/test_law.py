"""One law: a plan passes its own verdicts and the independent checker, whatever is chosen."""

from __future__ import annotations

import time
from pathlib import Path
from typing import get_args

import numpy as np
import pandas as pd
import pytest

from tests.laws import FULL, scaled
from tests.relocation import checker, world
from workbench.errors import InfeasibleError
from workbench.policy import check
from workbench.policy.options import PolicyOptions
from workbench.policy.screening import obsolete_share, screen
from workbench.policy.stances import stances
from workbench.relocation import Assessor, optimise
from workbench.relocation.problem import prepare
from workbench.scenarios import Scenario
from workbench.solver import Session

HEADROOM = pd.Series({("甲市", "nox"): 0.0, ("乙市", "nox"): 2000.0, ("丙市", "nox"): 500.0})


def values_of(field: str) -> list[dict]:
    """Every value of a reading: both of a switch, each of a choice, the ends of a number."""
    kind = PolicyOptions.model_fields[field].annotation
    if field == "rule_version":
        return [{field: version} for version in checker.VERSIONS]
    if field == "clauses":
        told = [{c: stance} for c in stances().index for stance in ("binding", "told")]
        return [
            {field: each}
            for each in [*told, *({c: "priced"} for c, row in stances().iterrows() if row["price"])]
        ]
    if field == "years":
        return [{field: (2014, 2015)}, {field: (2014, 2015, 2016, 2017, 2018)}, {field: (2017, 2018)}]
    if field == "year":
        return [{field: year} for year in range(2014, 2019)]
    if field == "replacement_ratio":
        return [{field: ratio} for ratio in (1.0, 1.3, 3.0)]
    choices = (False, True) if kind is bool else get_args(kind)
    return [{field: value} for value in choices]


POLICIES = [
    *(value for field in PolicyOptions.model_fields for value in values_of(field)),
    {"chengdu_is_sensitive": True, "rule_version": "miit-2021"},
]


def test_every_reading_of_the_policy_has_values_that_are_tried() -> None:
    assert [field for field in PolicyOptions.model_fields if len(values_of(field)) < 2] == []


def planned(base, changes, **extra):
    scenario = Scenario.baseline().with_(solver={"gap_mcny": 0.0}).with_(**changes)
    layers = base.with_assumptions(dict(scenario.assumptions))
    return optimise(prepare(scenario, layers, world.straight, headroom_t=HEADROOM, **extra))


def broken(plan) -> list[str]:
    """Verdicts that fail though their clause binds."""
    frame = stances(plan.scenario.policy.clauses)
    binds = set(frame.index[frame["stance"] == "binding"])
    rows = check(plan)
    fails = rows[(rows["verdict"] == "fail") & rows["clause"].isin(binds)]
    if nothing_old_stands(plan):  # the text may ask more than there is: told, and no plan can do it
        fails = fails[~fails["item"].str.endswith(".eliminate")]
    return [f"{row.clause} {row.item} {row.amount} {row.sign} {row.limit}" for row in fails.itertuples()]


def nothing_old_stands(plan) -> bool:
    """Say whether only obsolete tonnes count and all that are known have closed."""
    options, kept = plan.scenario.policy, plan.decisions[plan.decisions["decision"] == "keep"]
    old, _ = obsolete_share(screen(plan.layers, options=options))
    left = plan.unlocated["obsolete_kt"].sum() + sum(old.get(line, 0.0) for line in kept.index)
    return not options.credited_tonnes_count_as_eliminated and left < checker.TOLERANCE_KT


@pytest.mark.parametrize("policy", POLICIES if FULL else POLICIES[::6], ids=str)
def test_a_plan_of_any_reading_keeps_the_law_it_is_told_to_keep(policy) -> None:
    plan = planned(world.with_old_works(), {"policy": policy}, obsolete=["B1"])
    assert broken(plan) == []
    checker.assert_sound(plan)
    assert plan.objective_mcny <= plan.reference_mcny + 1e-6


def test_random_worlds_keep_the_law_or_name_the_clauses_that_clash() -> None:
    tried, infeasible, unnamed = scaled(200), 0, []
    for seed in range(tried):
        base, changes, extra = a_world(np.random.default_rng(seed))
        try:
            plan = planned(base, changes, **extra)
        except InfeasibleError as error:
            infeasible += 1
            unnamed += [seed] * (not error.rules)
            continue
        assert broken(plan) == [], f"seed {seed}"
        assert checker.violations(plan) == [], f"seed {seed}"
    assert infeasible <= tried / 5
    assert unnamed == []


def a_world(rng: np.random.Generator):
    values = {
        "cement.normal_utilisation": rng.uniform(0.8, 1.0),
        "cement.site_park_kt": rng.uniform(8000, 25_000),
        "cement.prefecture_new_kt": rng.uniform(8000, 30_000),
    }
    base = world.enlarged(10.0, old_share=rng.uniform(0.7, 1.0), **values)
    lines = base.lines
    lines = lines.assign(capacity_kt=lines["capacity_kt"] * rng.uniform(0.5, 1.0, len(lines)))
    clauses = {c: str(rng.choice(["binding", "priced", "told"])) for c in ("P46", "P48", "P24", "P1")}
    changes = {
        "zone": {
            "definition": str(rng.choice(["eight", "five"])),
            "reduction_share": rng.uniform(0, 1),
            "leave_more_kt": float(rng.choice([0.0, 5000.0])),
            "moves_from": str(rng.choice(["zone", "anywhere"])),
        },
        "policy": {
            "rule_version": str(rng.choice(list(checker.VERSIONS))),
            "year": int(rng.integers(2014, 2019)),
            "credited_tonnes_count_as_eliminated": bool(rng.integers(2)),
            "capacity_basis": str(rng.choice(["cement", "clinker"])),
            "clauses": clauses,
        },
        "demand": {"scale": rng.uniform(0.6, 1.1)},
    }
    barred = [line for line in ("A1", "A2", "B1") if rng.random() < 0.2]
    return base.with_(lines=lines), changes, {"obsolete": barred, "overdue": barred[:1]}


def one_site(**values: float):
    base = world.layers(old_share=0.0, **{"relocation.least_rebuilt_share": 1.0} | values)
    return base.with_(sites=base.sites[base.sites.index == "S2"])


@pytest.mark.parametrize(("more_kt", "stance"), [(0.0, "told"), (1000.0, "binding"), (1e6, "told")])
def test_trying_every_fate_finds_nothing_better(more_kt, stance) -> None:
    clauses = {"P7": "told", "P8": "told", "P48": stance}
    changes = {"zone": {"leave_more_kt": more_kt}, "policy": {"clauses": clauses}, "units": {"upgrades": []}}
    scenario = Scenario.baseline().with_(solver={"gap_mcny": 0.0}).with_(**changes)
    room = pd.Series({("丙市", "nox"): 1500.0})
    problem = prepare(scenario, one_site(), world.straight, headroom_t=room)
    best, hand = optimise(problem), Assessor(problem)
    lawful = {}
    for a1 in ("keep", "close", "S2"):
        for a2 in ("keep", "close", "S2"):
            for b1 in ("keep", "close"):
                plan = hand.assess({"A1": a1, "A2": a2, "B1": b1})
                whole = (
                    plan.credits["kt"].sum()
                    == plan.decisions.query("decision == 'move'")["capacity_kt"].sum()
                )
                if whole and checker.violations(plan) == []:
                    lawful[a1, a2, b1] = plan.objective_mcny
    assert best.objective_mcny == pytest.approx(min(lawful.values()), abs=1e-4)


def test_rows_in_another_order_give_the_same_plan() -> None:
    base = world.enlarged(10.0)
    turned = base.with_(**{name: base[name].iloc[::-1] for name in ("lines", "sites", "markets", "residual")})
    one, two = (planned(layers, {}) for layers in (base, turned))
    pd.testing.assert_frame_equal(one.decisions, two.decisions)
    pd.testing.assert_frame_equal(one.builds, two.builds)
    pd.testing.assert_frame_equal(one.credits, two.credits)


def test_nothing_leaves_where_nothing_is_asked() -> None:
    for zone in ({"reduction_share": 0.0}, {"definition": "five"}, {"asked_kt": 0.0}):
        plan = planned(world.enlarged(10.0), {"zone": zone})
        assert (plan.decisions["decision"] == "keep").all()
        assert plan.builds.empty


def test_what_leaves_is_what_is_asked_and_one_unit() -> None:
    plan = planned(world.enlarged(1.0), {"zone": {"asked_kt": 700.0}, "policy": {"clauses": world.SMALL}})
    gone = plan.decisions.query("decision != 'keep'")
    assert list(gone.index) == ["A1"]
    limit = plan.limits.set_index("row").loc["zone"]
    # 1000 kt is the smallest unit of the zone: small works and it together leave no more than 1700
    assert limit[["low", "high"]].tolist() == [700.0, 1700.0]
    more = planned(
        world.enlarged(1.0),
        {"zone": {"asked_kt": 700.0, "leave_more_kt": 1e6}, "policy": {"clauses": world.SMALL}},
    )
    assert more.objective_mcny <= plan.objective_mcny


def test_of_identical_lines_the_earlier_stays() -> None:
    base = world.layers()
    lines = base.lines.copy()
    lines["capacity_kt"] = 1500.0
    scenario = {"zone": {"asked_kt": 1500.0}, "policy": {"clauses": world.SMALL}}
    plan = planned(base.with_(lines=lines), scenario)
    assert plan.decisions.loc[["A1", "A2"], "decision"].tolist()[0] == "keep"
    assert plan.decisions.at["A2", "decision"] != "keep"


def test_a_clause_that_is_priced_costs_what_lies_beyond_it() -> None:
    changes = {"zone": {"leave_more_kt": 1e6}, "policy": {"clauses": world.SMALL | {"P48": "priced"}}}
    as_dirty = dict.fromkeys((f"cement.new_{p}_share" for p in ("so2", "nox", "pm")), 1.0)
    cheap, dear = (
        planned(world.layers(**as_dirty | {"relocation.breach_pollutant_cny_t": price}), changes)
        for price in (10, 1e6)
    )
    beyond = [plan.limits.query("row == 'headroom'")["over"].sum() for plan in (cheap, dear)]
    assert beyond[0] > beyond[1] == 0
    assert cheap.limits["price_mcny"].sum() == pytest.approx(beyond[0] * 10 / 1e6)


def test_small_works_close_where_the_task_asks_and_their_markets_are_served_by_others() -> None:
    plan = planned(world.enlarged(10.0), {"zone": {"asked_kt": 0.0}})
    checker.assert_sound(plan)
    assert plan.unlocated["retired_kt"].sum() == pytest.approx(3000.0)
    assert (plan.unlocated["retired_kt"] <= 0.35 * 6000 + 1e-6).all()
    short = planned(world.enlarged(10.0), {"zone": {"asked_kt": 0.0}, "solver": {"time_limit_s": 0.01}})
    assert short.objective_mcny <= short.reference_mcny + 1e-6, "whatever the time, never worse"


def test_credits_of_a_line_go_home_first_and_pinned_ones_where_they_are_pinned() -> None:
    clauses = {"policy": {"clauses": world.SMALL}}
    pins = {"A1": "S1", "A2": "S2"}
    plan = planned(world.layers(), clauses | {"pins": pins, "zone": {"leave_more_kt": 1e6}})
    pairs = plan.credits.set_index("line_id")["build_id"]
    assert pairs.to_dict() == {"A1": "S1:cement", "A2": "S2:cement"}
    checker.assert_sound(plan)


def test_the_documented_table_of_stances_is_the_one_in_force() -> None:
    text = (Path(__file__).parents[2] / "docs" / "method" / "relocation.md").read_text("utf-8")
    written = {
        tuple(cell.strip() for cell in line.strip("|").split("|"))
        for line in text.splitlines()
        if line.startswith("| P")
    }
    table = stances()
    assert written == {(c, row["row"], row["default"], row["why_en"]) for c, row in table.iterrows()}


@pytest.mark.parametrize("year", range(2014, 2019))
def test_reference_and_search_share_one_clock_and_every_year_is_answered(year, monkeypatch) -> None:
    asked, solve = [], Session.solve

    def slow(self, **options):
        if "time_limit_s" in options:
            asked.append(options["time_limit_s"])
            time.sleep(0.05)
        return solve(self, **options)

    monkeypatch.setattr(Session, "solve", slow)
    changes = {"policy": {"year": year}, "solver": {"gap_mcny": 0.0, "time_limit_s": 30.0}}
    scenario = Scenario.baseline().with_(**changes)
    base = world.with_old_works()
    assert broken(optimise(prepare(scenario, base, world.straight))) == []
    assert asked[1] <= 30.0 - 0.05
