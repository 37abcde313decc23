"""Hydropower by prefecture and month: what the water could give, who has claimed it, what is left or spilled.

For prefecture k and month m (GWh), with E the plants' yearly energy and f the month's share of their kind:

    potential[k,m] = y sum_i E[i] f[i,m]          y: factor of the water year (normal = 1)
    surplus[k,m]   = max(potential - export - demand, 0)
    abandoned[k,m] = max(surplus - L[k] h[m], 0)  L: power the lines can carry away, h: hours
    potential + import = export + demand + sent + abandoned

No source gives L. One share of the peak surplus is fitted so that a normal year abandons the published
provincial total, with the one prefecture whose own total is published fitted by itself.
"""

from __future__ import annotations

from calendar import monthrange
from typing import Literal

import numpy as np
import pandas as pd

from workbench.errors import LabelError
from workbench.layers.model import Assumptions, Layers
from workbench.remember import keeper
from workbench.units import H_PER_DAY, MWH_PER_GWH

Hydrology = Literal["wet", "normal", "dry"]
MONTHS = tuple(range(1, 13))
SEASONS = {m: "wet" if 6 <= m <= 10 else "normal" if m in (5, 11) else "dry" for m in MONTHS}
HOURS = pd.Series({m: monthrange(2014, m)[1] * H_PER_DAY for m in MONTHS})
UNLOCATED = "未定位"
# Plants on the provincial border: the part of their output that is Sichuan's is an assumption.
_BORDER = {"溪洛渡": "xiluodu", "向家坝": "xiangjiaba", "观音岩": "guanyinyan"}
_PUBLISHED_ABANDONED = {"雅安市": "hydropower.abandoned_yaan_gwh"}
_RETAINED = ("甘孜藏族自治州", "阿坝藏族羌族自治州", "凉山彝族自治州")
_SEASONAL = "multi|year|annual|season|年调节|季调节"
_LESS = "不完全季|incomplete season"  # weeks of storage: counted with the daily ones


def supply(layers: Layers) -> pd.DataFrame:
    """Return what each listed plant adds in 2014, and the unlisted rest as one row of its own.

    Index plant id, then ``unlocated``; columns `prefecture_zh`, `market` (local|export), `installed_mw` and
    `energy_gwh` of Sichuan's part (energy: design energy in proportion to the units on line, or full-load
    hours where no design figure is known), `regulated` (1 with seasonal storage or better, 0 with less; see
    `_storage` for the plants of unknown class). The rest is the published provincial capacity and energy
    (generated plus abandoned) less the listed ones, never negative.
    """
    a, plants = layers.assumptions, layers.hydropower.sort_index()
    share = pd.Series(1.0, index=plants.index)
    for name, key in _BORDER.items():
        share[plants["name_zh"].str.contains(name)] = a[f"hydropower.share_{key}"]
    running = plants["mw_2014"].fillna(0.0)
    built = plants["mw_full"].where(plants["mw_full"] > 0, running)
    design = plants["annual_gwh"] * (running / built.where(built > 0, 1.0)).clip(upper=1.0)
    energy = design.fillna(running * a["hydropower.full_load_h"] / MWH_PER_GWH) * share
    frame = pd.DataFrame(
        {
            "prefecture_zh": plants["prefecture_zh"],
            "market": np.where(plants["market"].eq("export"), "export", "local"),
            "installed_mw": running * share,
            "energy_gwh": energy,
            "regulated": _storage(plants, running * share, a),
        }
    )
    published = a["hydropower.generation_gwh"] + a["hydropower.abandoned_gwh"]
    rest_mw = max(a["hydropower.installed_mw"] - frame["installed_mw"].sum(), 0.0)
    rest_gwh = max(published - frame["energy_gwh"].sum(), 0.0)
    rest = [[UNLOCATED, "local", rest_mw, rest_gwh, 0.0]]
    return pd.concat([frame, pd.DataFrame(rest, index=["unlocated"], columns=frame.columns)])


def _storage(plants: pd.DataFrame, mw: pd.Series, a: Assumptions) -> pd.Series:
    """Tell how far each plant moves water between seasons: 1, 0, or one share for all of unknown class.

    That share x makes the province come out at its published one: sum of known + x * sum of unknown =
    `hydropower.regulated_share` * `hydropower.installed_mw`, with x kept within 0..1.
    """
    kind = plants.get("regulation", pd.Series("", index=plants.index)).fillna("").astype(str)
    seasonal = kind.str.contains(_SEASONAL, case=False) & ~kind.str.contains(_LESS, case=False)
    known, unknown = float(mw[seasonal].sum()), float(mw[kind.eq("")].sum())
    rest = a["hydropower.regulated_share"] * a["hydropower.installed_mw"] - known
    share = min(max(rest / unknown, 0.0), 1.0) if unknown > 0 else 0.0
    return seasonal.astype(float).where(kind.ne(""), share)


def profiles(layers: Layers, plants: pd.DataFrame) -> pd.DataFrame:
    """Return the month's share of the year for `province`, `regulated` and `river` (run-of-river) plants.

    Index month. The provincial profile is what was generated plus what was spilled in the wet months;
    regulated plants move water to the dry season; run-of-river plants take what is left, so that both
    together give the provincial profile. Each column sums to 1.
    """
    a = layers.assumptions
    made = _monthly(layers, "profile") * a["hydropower.generation_gwh"]
    wet = pd.Series({m: float(SEASONS[m] == "wet") for m in MONTHS})
    spilled = made * wet / (made * wet).sum() * a["hydropower.abandoned_gwh"]
    province = (made + spilled) / (made + spilled).sum()
    wet_share, dry = float((province * wet).sum()), pd.Series({m: float(SEASONS[m] == "dry") for m in MONTHS})
    stored = min(a["hydropower.regulated_wet_share"], wet_share)
    dry_share = float((province * dry).sum())
    tilt = wet * stored / wet_share + dry * (dry_share + wet_share - stored) / dry_share + (1 - wet - dry)
    regulated = province * tilt
    part = float(np.average(plants["regulated"], weights=plants["energy_gwh"]))
    river = ((province - part * regulated) / (1 - part)).clip(lower=0)
    return pd.DataFrame({"province": province, "regulated": regulated, "river": river / river.sum()})


def _monthly(layers: Layers, what: str) -> pd.Series:
    values = pd.Series({m: layers.assumptions[f"hydropower.{what}_{m:02d}"] for m in MONTHS})
    return values / values.sum()


def demand(layers: Layers) -> pd.DataFrame:
    """Return local power demand in GWh, prefecture x month: the provincial total spread by GDP and month."""
    frame = layers.prefectures.groupby("prefecture_zh")["gdp_2013_cny_100m"].sum().sort_index()
    if frame.isna().any() or not frame.sum() > 0:
        raise LabelError("prefectures without GDP cannot share the power demand", missing=frame.index)
    total = layers.assumptions["hydropower.consumption_gwh"]
    shares = frame / frame.sum()
    return pd.DataFrame(np.outer(shares, _monthly(layers, "demand")) * total, shares.index, list(MONTHS))


def _limits(layers: Layers, excess: pd.DataFrame) -> pd.Series:
    """Fit the power the lines carry away (MW), so that a normal year abandons the published energy."""
    a = layers.assumptions
    peak = (excess / HOURS).max(axis=1)
    own = {name: a[row] for name, row in _PUBLISHED_ABANDONED.items() if peak.get(name, 0.0) > 0}
    rest = excess.index.difference(list(own))
    left = max(a["hydropower.abandoned_gwh"] - sum(own.values()), 0.0)
    groups = [([name], target) for name, target in own.items()] + [(list(rest), left)]
    share = pd.Series(1.0, index=excess.index)
    for names, target in groups:
        share[names] = _share(excess.loc[names], peak[names], target)
    return peak * share * MWH_PER_GWH


def _share(excess: pd.DataFrame, peak: pd.Series, target: float) -> float:
    """Solve sum(max(excess - x peak h, 0)) = target for x in 0..1, by bisection; the sum falls with x."""

    def spilled(x: float) -> float:
        return float(np.maximum(excess.to_numpy() - np.outer(peak, HOURS) * x, 0.0).sum())

    if spilled(0.0) <= target:
        return 0.0
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if spilled(middle) > target else (low, middle)
    return high


def surplus(layers: Layers, hydrology: Hydrology = "normal") -> pd.DataFrame:
    """Balance every prefecture and month of a wet, normal or dry year.

    One row per (prefecture, month), the unlisted plants as prefecture ``未定位``; all energies in GWh:
    `potential_gwh`, `export_gwh` (tied to the long-distance lines), `demand_gwh`, `import_gwh` (thermal power
    and other prefectures), `surplus_gwh` (left after local demand) = `sent_gwh` (to the provincial grid, as
    the lines allow) + `abandoned_gwh` (spilled: what a new load can have without taking it from anyone);
    `installed_mw`, `line_limit_mw`, `season`, `price_cny_kwh` and `price_basis` of a new large load.
    Province = sum over the rows. Raises LabelError for plants in prefectures that do not exist. What was
    balanced last is remembered: a map of three kinds of year and a plan ask for the same.
    """
    balanced = keeper(layers)("water balance", hydrology, lambda: _balance(layers, hydrology))
    return pd.DataFrame(balanced).copy()


def _balance(layers: Layers, hydrology: Hydrology) -> pd.DataFrame:
    a, plants = layers.assumptions, supply(layers)
    need = demand(layers).T
    strange = set(plants["prefecture_zh"]) - set(need.columns) - {UNLOCATED}
    if strange:
        raise LabelError("hydropower plants lie in prefectures that do not exist", unexpected=strange)
    need[UNLOCATED] = 0.0
    need = need.T
    shape = profiles(layers, plants)
    local, export = (
        _potential(plants[plants["market"].eq(m)], shape, need.index) for m in ("local", "export")
    )
    limit = _limits(layers, (local - need).clip(lower=0))
    year = 1.0 if hydrology == "normal" else a[f"hydropower.{hydrology}_year_factor"]
    local, export = local * year, export * year
    spare = (local - need).clip(lower=0)
    sent = spare.clip(upper=pd.DataFrame(np.outer(limit, HOURS) / MWH_PER_GWH, spare.index, spare.columns))
    parts: dict[str, pd.DataFrame] = {
        "potential_gwh": local + export, "export_gwh": export, "demand_gwh": need,
        "import_gwh": (need - local).clip(lower=0), "surplus_gwh": spare, "sent_gwh": sent,
        "abandoned_gwh": spare - sent,
    }  # fmt: skip
    long = {name: part.to_numpy().ravel() for name, part in parts.items()}
    index = pd.MultiIndex.from_product([need.index, MONTHS], names=["prefecture_zh", "month"])
    frame = pd.DataFrame(long, index=index).reset_index()
    frame["season"] = frame["month"].map(SEASONS)
    frame["installed_mw"] = frame["prefecture_zh"].map(plants.groupby("prefecture_zh")["installed_mw"].sum())
    frame["line_limit_mw"] = frame["prefecture_zh"].map(limit)
    frame["installed_mw"] = frame["installed_mw"].fillna(0.0)
    return _priced(layers, frame)


def _potential(plants: pd.DataFrame, shape: pd.DataFrame, prefectures: pd.Index) -> pd.DataFrame:
    stored = plants["energy_gwh"] * plants["regulated"]
    by_place = pd.DataFrame({"regulated": stored, "river": plants["energy_gwh"] - stored})
    by_place = by_place.groupby(plants["prefecture_zh"]).sum().reindex(prefectures, fill_value=0.0)
    return by_place @ shape[["regulated", "river"]].T


def _priced(layers: Layers, frame: pd.DataFrame) -> pd.DataFrame:
    """Add what a new large load pays: for spilled water, retained power, direct sale or from the grid."""
    a = layers.assumptions
    lasting = frame.groupby("prefecture_zh")["surplus_gwh"].transform("min") > 0
    season = frame["season"].map({s: 1 + a[f"hydropower.float_{s}_share"] for s in ("wet", "normal", "dry")})
    basis = np.select(
        [
            (frame["abandoned_gwh"] > 0) & frame["season"].eq("wet"),
            (frame["surplus_gwh"] > 0) & frame["prefecture_zh"].isin(_RETAINED),
            lasting,
        ],
        ["surplus", "retained", "direct"],
        "grid",
    )
    price = pd.Series(basis, index=frame.index).map(
        {name: a[f"hydropower.price_{name}_cny_kwh"] for name in ("surplus", "retained", "direct", "grid")}
    )
    return frame.assign(price_cny_kwh=price.where(basis != "grid", price * season), price_basis=basis)


def flat_load(layers: Layers, hydrology: Hydrology = "dry", *, kwh_t: float | None = None) -> pd.DataFrame:
    """Return the flat load each prefecture can carry through the dry season from its own surplus.

    Index `prefecture_zh` (without the unlocated row). `guaranteed_mw`: the least mean surplus power of the
    dry months; `spare_wet_mw`: the least spilled power of the wet months; `aluminium_kt`: the yearly metal
    `guaranteed_mw` makes at `kwh_t` (default the assumption ``aluminium.power_kwh_t``); `price_cny_kwh`:
    mean price over the year of a flat load. That surplus is sent elsewhere today: whoever takes it must be
    replaced there. `uncontested_mw` and `uncontested_kt` are what is left of it once the other prefectures'
    needs of the month are met, thermal power covering the same share of them all year.
    """
    kwh_t = layers.assumptions["aluminium.power_kwh_t"] if kwh_t is None else kwh_t
    frame = surplus(layers, hydrology)
    frame = frame[frame["prefecture_zh"] != UNLOCATED]
    power = frame.assign(hours=frame["month"].map(HOURS))
    power["surplus_mw"] = power["surplus_gwh"] / power["hours"] * MWH_PER_GWH
    power["spare_mw"] = power["abandoned_gwh"] / power["hours"] * MWH_PER_GWH
    power["paid"] = power["price_cny_kwh"] * power["hours"]
    by = power.groupby("prefecture_zh")
    out = pd.DataFrame(
        {
            "guaranteed_mw": power[power["season"] == "dry"].groupby("prefecture_zh")["surplus_mw"].min(),
            "spare_wet_mw": power[power["season"] == "wet"].groupby("prefecture_zh")["spare_mw"].min(),
            "price_cny_kwh": by["paid"].sum() / by["hours"].sum(),
        }
    )
    power["surplus_mw"] *= _uncontested(layers, hydrology, power["month"])
    out["uncontested_mw"] = power[power["season"] == "dry"].groupby("prefecture_zh")["surplus_mw"].min()
    out.insert(2, "aluminium_kt", out["guaranteed_mw"] * HOURS.sum() / kwh_t)
    return out.assign(uncontested_kt=out["uncontested_mw"] * HOURS.sum() / kwh_t)


def _uncontested(layers: Layers, hydrology: Hydrology, month: pd.Series) -> pd.Series:
    """Share of each month's surplus, the unlisted plants' included, that no other prefecture needs."""
    whole = surplus(layers, hydrology).groupby("month")[["surplus_gwh", "import_gwh"]].sum()
    need, spare = whole["import_gwh"], whole["surplus_gwh"]
    hydro = max(1 - layers.assumptions["hydropower.thermal_gwh"] / max(need.sum(), 1e-9), 0.0)
    free = (1 - need * hydro / spare.where(spare > 0)).clip(lower=0).fillna(0.0)
    return month.map(free)


def reconcile(layers: Layers) -> pd.DataFrame:
    """Hold the normal year against the published provincial figures of 2014, gap by gap.

    Index item; columns `model`, `published`, `gap` (model - published), `unit`, `source` (assumption row).
    """
    a, frame = layers.assumptions, surplus(layers)
    total = frame.sum(numeric_only=True)
    plants = supply(layers)
    rows = {
        "installed": (plants["installed_mw"].sum(), "hydropower.installed_mw", "MW"),
        "generated": (total["potential_gwh"] - total["abandoned_gwh"], "hydropower.generation_gwh", "GWh"),
        "abandoned": (total["abandoned_gwh"], "hydropower.abandoned_gwh", "GWh"),
        "consumption": (total["demand_gwh"], "hydropower.consumption_gwh", "GWh"),
        # over the long-distance lines, and what the grid has left after the province's own deficits
        "exported": (
            total["export_gwh"] + total["sent_gwh"] + a["hydropower.thermal_gwh"] - total["import_gwh"],
            "hydropower.export_gwh",
            "GWh",
        ),
    }
    out = pd.DataFrame(
        [(model, a[row], model - a[row], unit, row) for model, row, unit in rows.values()],
        index=pd.Index(rows, name="item"),
        columns=["model", "published", "gap", "unit", "source"],
    )
    return out
