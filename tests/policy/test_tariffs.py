"""Power prices by month, voltage and contract; surcharges at their strict edge; unlawful discounts found."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from tests.policy import worlds
from workbench.errors import LabelError
from workbench.layers.model import Layers
from workbench.policy import PolicyOptions, tariffs
from workbench.policy.tariffs import Load

TABLE = Path(__file__).parents[2] / "geodata/assumptions/policy.csv"
A = pd.read_csv(TABLE, index_col="id")["value"].to_dict()
DAY = date(2014, 6, 1)


def test_seasons_cover_the_year():
    names = [tariffs.season(month) for month in range(1, 13)]
    assert (names.count("wet"), names.count("dry"), names.count("normal")) == (5, 5, 2)
    with pytest.raises(LabelError, match="13"):
        tariffs.season(13)


def test_price_by_voltage_season_and_hour():
    flat = {"peak_share": 0.0, "valley_share": 0.0}
    high = Load("cement", 90, 10, **flat)
    assert tariffs.floated_cny_kwh(high, 5, A) == pytest.approx(0.605)
    assert tariffs.floated_cny_kwh(high, 7, A) == pytest.approx(0.605 * 0.9)
    assert tariffs.floated_cny_kwh(high, 1, A) == pytest.approx(0.605 * 1.2)
    night = Load("cement", 90, 10, peak_share=0.0, valley_share=1.0)
    assert tariffs.floated_cny_kwh(night, 5, A) == pytest.approx(0.605 * 0.5)
    prices = [tariffs.floated_cny_kwh(Load("cement", 90, v), 5, A) for v in tariffs.VOLTAGES]
    assert prices == sorted(prices, reverse=True)
    with pytest.raises(LabelError, match="330"):
        tariffs.catalogue_cny_kwh(330, A)


@pytest.mark.parametrize(("kwh", "extra"), [(13_700, 0.0), (13_700.1, 0.0565)])
def test_ten_percent_falls_above_the_threshold_and_not_on_it(kwh, extra):
    assert tariffs.surcharge_cny_kwh(Load("aluminium", kwh), DAY, A) == pytest.approx(extra)


def test_below_norm_pays_only_after_2015_and_stacking_is_a_switch():
    load = Load("aluminium", 13_900, below_norm=True)
    clean = Load("aluminium", 13_000, below_norm=True)
    assert tariffs.surcharge_cny_kwh(clean, date(2015, 12, 31), A) == 0
    assert tariffs.surcharge_cny_kwh(clean, date(2016, 1, 1), A) == pytest.approx(0.0565)
    assert tariffs.surcharge_cny_kwh(load, date(2016, 1, 1), A) == pytest.approx(0.0565)
    stacked = PolicyOptions(surcharges_add_up=True)
    assert tariffs.surcharge_cny_kwh(load, date(2016, 1, 1), A, stacked) == pytest.approx(0.113)


@pytest.mark.parametrize(("kwh", "extra"), [(13_700, 0), (13_701, 0.02), (13_800, 0.02), (13_801, 0.08)])
def test_national_tiers_are_a_version_of_their_own(kwh, extra):
    assert tariffs.surcharge_cny_kwh(Load("aluminium", kwh), DAY, A, national_tiers=True) == extra


def test_laggards_of_steel_and_cement_pay_by_their_class():
    assert tariffs.surcharge_cny_kwh(Load("steel", 450), DAY, A) == 0
    assert tariffs.surcharge_cny_kwh(Load("cement", 90, catalogue_class="restrict"), DAY, A) == 0.10
    assert tariffs.surcharge_cny_kwh(Load("steel", 450, catalogue_class="eliminate"), DAY, A) == 0.30


@pytest.mark.parametrize(
    ("kwh", "industry", "expected"),
    [
        (13_701, "aluminium", "barred"),
        (13_700, "aluminium", "allowed"),
        (13_350, "aluminium", "allowed"),
        (13_349, "aluminium", "preferred"),
        (90, "cement", "barred"),
    ],
)
def test_who_may_buy_power_directly(kwh, industry, expected):
    assert tariffs.may_buy_direct(Load(industry, kwh), A) == expected


def test_a_year_of_months_weighs_by_production():
    costs = tariffs.power_cost(Load("aluminium", 13_500, 220), A)
    assert costs.index.tolist() == list(range(1, 13))
    wet = tariffs.power_cost(Load("aluminium", 13_500, 220), A, production_t={7: 10.0})
    assert wet["production_t"].to_dict() == {month: 10.0 if month == 7 else 0.0 for month in range(1, 13)}
    assert wet.loc[7, "cost_cny_t"] < costs["cost_cny_t"].mean()
    direct = tariffs.power_cost(Load("aluminium", 13_500, supply="direct"), A)
    assert direct["cost_cny_t"].max() == direct["cost_cny_t"].min()
    assert direct["cost_cny_t"].to_numpy() == pytest.approx(0.45 * 13_500)
    retained = Load("aluminium", 13_500, supply="retained", contract_cny_kwh=0.33)
    assert tariffs.power_cost(retained, A)["cost_cny_t"].to_numpy() == pytest.approx(0.33 * 13_500)


def test_a_price_below_the_catalogue_needs_a_contract():
    lawful = tariffs.floated_cny_kwh(Load("aluminium", 13_500, 110), 5, A)
    row = {"month": 5, "voltage_kv": 110, "kwh_t": 13_500}
    paid = pd.DataFrame(
        [{**row, "line": "A", "price_cny_kwh": lawful}, {**row, "line": "B", "price_cny_kwh": lawful - 0.05}]
    )
    found = tariffs.unlawful_discounts(paid, A, on=DAY)
    assert found["line"].tolist() == ["B"]
    assert found["gap_cny_kwh"].tolist() == [pytest.approx(0.05)]


@pytest.mark.parametrize(
    ("kwh", "last", "excused"),
    [(13_500, "2015-12-31", True), (13_500, "2014-01-31", False), (13_701, "2015-12-31", False)],
)
def test_a_contract_excuses_a_discount_only_of_who_may_have_one_and_while_it_runs(kwh, last, excused):
    row = {"line": "B", "month": 5, "voltage_kv": 110, "kwh_t": kwh, "price_cny_kwh": 0.1}
    signed = {"line": "B", "from": date(2014, 1, 1), "to": date.fromisoformat(last), "ac_kwh_t": kwh}
    found = tariffs.unlawful_discounts(pd.DataFrame([row]), A, pd.DataFrame([signed]), on=DAY)
    assert found.empty is excused


def test_a_price_nobody_told_is_not_passed_in_silence():
    row = {"line": "B", "month": 5, "voltage_kv": 110, "kwh_t": 13_500, "price_cny_kwh": None}
    found = tariffs.unlawful_discounts(pd.DataFrame([row]), A, on=DAY)
    assert found["gap_cny_kwh"].isna().tolist() == [True]


def test_every_assumption_has_a_range_a_reason_and_a_source():
    frame = pd.read_csv(TABLE, index_col="id")
    assert frame.index.is_unique
    assert (frame["low"].le(frame["value"]) & frame["value"].le(frame["high"])).all()
    assert frame[["reason", "source", "unit"]].notna().all(axis=None)
    assert set(frame["kind"]) == {"sourced", "assumed"}


@pytest.mark.parametrize(
    ("kwh", "paid", "contract", "state"),
    [
        (13_701, 0.0, False, "missed"),
        (13_701, 1.1, False, "paid"),
        (13_701, 1.2, False, "double"),
        (13_701, None, False, "unknown"),
        (13_300, 0.2, True, "direct"),
        (13_900, 0.2, True, "barred"),
        (13_300, 1.0, False, "paid"),
    ],
)
def test_the_surcharge_list_tells_missed_double_unknown_and_contracts_without_right(
    kwh, paid, contract, state
):
    """`paid`: as a multiple of the catalogue price where it is near one, else in CNY/kWh."""
    base = tariffs.floated_cny_kwh(Load("aluminium", kwh, 110), 5, A)
    extra = tariffs.catalogue_cny_kwh(110, A) * 0.1
    price = {0.0: base, 1.0: base, 1.1: base + extra, 1.2: base + 2 * extra}.get(paid, paid)
    row = {"line": "铝厂", "month": 5, "voltage_kv": 110, "kwh_t": kwh, "price_cny_kwh": price}
    lines = worlds.lines({"id": "L", "name_zh": "铝厂", "industry": "aluminium"})
    signed = {"line": "铝厂", "from": date(2014, 1, 1), "to": date(2018, 1, 1), "ac_kwh_t": kwh}
    frames = {"power_contracts": pd.DataFrame([signed])} if contract else {}
    layers = worlds.layers(lines=lines, power_prices=pd.DataFrame([row]), **frames)
    layers = Layers(layers.frames, A)
    assert tariffs.surcharge_list(layers, DAY)["state"].tolist() == [state]
