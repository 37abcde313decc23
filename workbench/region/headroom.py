"""Environmental headroom: what prefectures emit, what the 2015 caps leave, which moves the balance allows.

For pollutant p and prefecture k of a control group g (the 14 Chengyu cities, or the other seven prefectures):

    base[k]     = I[k] + (B[g] - sum I) G[k] / sum G     B: published base of 2010, I: located industry, G:
    GDP cap[k]      = C[g] base[k] / sum base                C: published cap of 2015 (a city's own where
    published) now[k]      = base[k] + s (cap[k] - base[k])         s: share of the five-year way gone by
    the end of 2013 headroom[k] = cap[k] - now[k]

A prefecture that must still cut has none to give (sensitive); one below its cap has (spare). What no source
caps stays unknown: never a zero, never a yes.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.errors import LabelError
from workbench.layers.model import Assumptions, Layers
from workbench.units import MWH_PER_GWH

POLLUTANTS = ("so2", "nox", "pm")
INDUSTRIES = ("steel", "cement", "flat_glass", "aluminium")
_NAMES = {"SO2": "so2", "NOx": "nox"}


def production(layers: Layers) -> pd.DataFrame:
    """Spread each industry's 2013 output over located and unlocated capacity (kt a year).

    Index prefecture x industry; columns `located_kt`, `unlocated_kt`. Every plant runs at the same
    utilisation.
    """
    lines = layers.lines[layers.lines["in_baseline"].eq(True)]
    located = lines.groupby(["prefecture_zh", "industry"])["capacity_kt"].sum()
    rest = layers.residual.groupby(["prefecture_zh", "industry"])["capacity_kt"].sum()
    frame = pd.DataFrame({"located_kt": located, "unlocated_kt": rest}).fillna(0.0)
    frame = frame[frame.index.get_level_values("industry").isin(INDUSTRIES)].sort_index()
    whole = frame.sum(axis=1).groupby("industry").sum()
    used = {i: layers.assumptions[f"{i}.output_2013_kt"] / whole[i] for i in whole.index if whole[i] > 0}
    return frame.mul(frame.index.get_level_values("industry").map(used).to_numpy(float), axis=0)


def inventory(layers: Layers) -> pd.DataFrame:
    """Estimate the yearly emissions of the four industries by prefecture, in t.

    One row per (prefecture, industry): production, and for each pollutant the located and the unlocated part
    (`so2_located_t`, `so2_unlocated_t`, ...). Factors: assumptions ``headroom.<industry>_<pollutant>_kg_t``.
    """
    made = production(layers)
    industry = made.index.get_level_values("industry")
    for pollutant in POLLUTANTS:
        factors = {i: layers.assumptions[f"headroom.{i}_{pollutant}_kg_t"] for i in set(industry)}
        factor = industry.map(factors).to_numpy(float)
        for part in ("located", "unlocated"):
            made[f"{pollutant}_{part}_t"] = made[f"{part}_kt"] * factor
    return made


def emissions_t(layers: Layers, made_kt: pd.Series) -> pd.DataFrame:
    """Return what some production emits: t a year by prefecture, columns `so2`, `nox`, `pm`.

    `made_kt`: thousand tonnes by (prefecture, industry), entries on the same place add up.
    """
    prefecture, industry = (made_kt.index.get_level_values(k) for k in (0, 1))
    out = pd.DataFrame(index=made_kt.index)
    for pollutant in POLLUTANTS:
        kg_t = {i: layers.assumptions[f"headroom.{i}_{pollutant}_kg_t"] for i in set(industry)}
        out[pollutant] = made_kt * industry.map(kg_t).to_numpy(float)
    return out.groupby(prefecture).sum().rename_axis("prefecture_zh")


def balances(layers: Layers) -> pd.DataFrame:
    """Return the remaining balance of every prefecture and pollutant under the 2015 caps.

    One row per (prefecture, pollutant): `group` (``chengyu`` or ``other``), `industry_t` (the four
    industries, unlocated included), `base_t` (2010), `cap_t` (2015), `now_t` (end of 2013), `headroom_t`,
    `state` (``spare``, ``sensitive``, ``unknown``), `basis` (``published`` cap, ``shared`` from the group,
    ``none``).
    """
    a = layers.assumptions
    gdp = layers.prefectures.groupby("prefecture_zh")["gdp_2013_cny_100m"].sum().sort_index()
    inside = layers.air_zones["region"].str.contains("成渝")
    chengyu = set(layers.air_zones.loc[inside, "prefecture_zh"]) & set(gdp.index)
    group = pd.Series(np.where(gdp.index.isin(list(chengyu)), "chengyu", "other"), index=gdp.index)
    emitted, published = inventory(layers), _published(layers)
    records = []
    for pollutant in POLLUTANTS:
        columns = [f"{pollutant}_located_t", f"{pollutant}_unlocated_t"]
        industry = emitted[columns].sum(axis=1).groupby("prefecture_zh").sum()
        industry = industry.reindex(gdp.index, fill_value=0.0)
        for name in ("chengyu", "other"):
            members = group.index[group == name]
            own = {k: published[k, pollutant] for k in members if (k, pollutant) in published}
            rest = members.difference(list(own))
            # what some publish for themselves is theirs; the others share what the group has left
            base, cap = _group(a, pollutant, name) - np.array(list(own.values())).reshape(-1, 2).sum(axis=0)
            records.append(_shared(pollutant, name, industry[rest], gdp[rest], base, cap))
            for k, (own_base, own_cap) in own.items():
                alone = _shared(pollutant, name, industry[[k]], gdp[[k]], own_base, own_cap)
                records.append(alone.assign(basis="published"))
    frame = pd.concat(records, ignore_index=True)
    gone = a["headroom.progress_2013_share"]
    frame["now_t"] = frame["base_t"] + gone * (frame["cap_t"] - frame["base_t"])
    frame["headroom_t"] = frame["cap_t"] - frame["now_t"]
    frame["state"] = _state(frame["headroom_t"])
    columns = ["prefecture_zh", "pollutant", "group", "industry_t", "base_t", "cap_t", "now_t", "headroom_t"]
    return frame[[*columns, "state", "basis"]].sort_values(columns[:2], ignore_index=True)


def _group(a: Assumptions, pollutant: str, name: str) -> np.ndarray:
    """Base of 2010 and cap of 2015 (t): the cities' own figures, or the province less the cities."""

    def row(key: str) -> float:
        name = f"headroom.{key}"
        return a[name] if name in a else np.nan  # noqa: SIM401 (not a mapping)

    cap = row(f"chengyu_{pollutant}_cap_t")
    base = cap / (1 - row(f"chengyu_{pollutant}_cut_share"))
    if name == "chengyu":
        return np.array([base, cap])
    return np.array([row(f"province_{pollutant}_base_t") - base, row(f"province_{pollutant}_cap_t") - cap])


def _shared(
    pollutant: str, name: str, industry: pd.Series, gdp: pd.Series, base: float, cap: float
) -> pd.DataFrame:
    """Share a group's base and cap: industry first (shrunk if it exceeds the base), the rest by GDP."""
    own = industry * min(1.0, base / industry.sum()) if industry.sum() > 0 and np.isfinite(base) else industry
    share = (own + (base - own.sum()) * gdp / gdp.sum()) if np.isfinite(base) else gdp * np.nan
    return pd.DataFrame(
        {
            "prefecture_zh": industry.index,
            "pollutant": pollutant,
            "group": name,
            "industry_t": industry.to_numpy(),
            "base_t": share.to_numpy(),
            "cap_t": (share * cap / base).to_numpy(),
            "basis": "shared" if np.isfinite(base) else "none",
        }
    )


def _published(layers: Layers) -> dict[tuple[str, str], tuple[float, float]]:
    """Find prefectures with a published 2015 cap and a base: {(prefecture, pollutant): (base, cap)} in t."""
    rows = layers.emissions_city
    rows = rows[rows["sector"].eq("total") & rows["prefecture_zh"].isin(layers.prefectures["prefecture_zh"])]
    value = pd.to_numeric(rows["value"], errors="coerce")
    found = {}
    for (prefecture, pollutant), part in rows.groupby(["prefecture_zh", "pollutant"]):
        year, number = part["year"].astype(str), value[part.index]
        cap = number[part["quantity"].eq("cap") & year.eq("2015")]
        early = number[part["quantity"].isin(["base stock", "control figure"]) & year.isin(["2010", "2012"])]
        if len(cap) and len(early) and pollutant in _NAMES:
            found[str(prefecture), _NAMES[pollutant]] = (float(early.iloc[0]), float(cap.iloc[0]))
    return found


def reconcile(layers: Layers) -> pd.DataFrame:
    """Hold the inventory of located plants against the published totals of the province, gap by gap (t).

    Index pollutant; `located_t`, `unlocated_t`, `published_t` (all sectors, on the way to 2015), `other_t`
    (what other sectors must have emitted), `industry_share`, and `basis` of the published figure: ``caps``
    (base and cap, on the way), ``assumed`` (soot and dust: recalled, see its range).
    """
    emitted = inventory(layers)
    now = balances(layers).groupby("pollutant")["now_t"].sum(min_count=len(layers.prefectures))
    out = pd.DataFrame(
        {part: {p: emitted[f"{p}_{part}"].sum() for p in POLLUTANTS} for part in ("located_t", "unlocated_t")}
    ).rename_axis("pollutant")
    known = now.reindex(out.index)
    out["published_t"] = known.fillna(pd.Series({"pm": layers.assumptions["headroom.province_pm_total_t"]}))
    out["basis"] = np.where(known.notna(), "caps", "assumed")
    out["other_t"] = out["published_t"] - out["located_t"] - out["unlocated_t"]
    return out.assign(industry_share=(out["located_t"] + out["unlocated_t"]) / out["published_t"])


def _state(left: pd.Series) -> np.ndarray:
    return np.select([left.isna(), left > 0], ["unknown", "spare"], "sensitive")


def resource_use(layers: Layers) -> pd.DataFrame:
    """Return what the four industries take a year: prefecture x `coal_kt`, `power_gwh`, `water_1000m3`,
    `energy_ktce` (coal, coke at its coal, and power by its own heat).
    """
    a, table = layers.assumptions, production(layers)
    made: pd.Series = table["located_kt"] + table["unlocated_kt"]
    industry = made.index.get_level_values("industry")

    def total(factor: dict[str, float]) -> pd.Series:
        return (made * industry.map(factor).to_numpy(float)).groupby("prefecture_zh").sum()

    coal, power, coke = (
        total({i: _process(a, i, name) for i in INDUSTRIES})
        for name in ("raw_coal_t_t", "power_kwh_t", "raw_coke_t_t")
    )
    power = power / MWH_PER_GWH
    heat = coal * a["budget.coal_tce_t"] + power * a["budget.power_tce_mwh"] + coke * a["budget.coke_tce_t"]
    water = total({i: a[f"headroom.{i}_water_m3_t"] for i in INDUSTRIES})
    return pd.DataFrame({"coal_kt": coal, "power_gwh": power, "water_1000m3": water, "energy_ktce": heat})


def province_budgets(layers: Layers) -> pd.DataFrame:
    """Hold what the four industries take against the province's budget for industry in 2015.

    Index resource; `used`, `cap` (province's figure times industry's share), `cap_low`, `cap_high` (both at
    their ends), `headroom` (for every other industry too), `used_share`, `basis` (``sourced`` only where a
    cap was published, see the assumption rows ``budget.*``), `source`.
    """
    frame, rows = layers.assumptions.frame, {}
    for resource, used in resource_use(layers).sum().items():
        whole = frame.loc[f"budget.province_{resource}"]
        share = frame.loc[f"budget.industry_{str(resource).rsplit('_', 1)[0]}_share"]
        ends = [
            float(whole[end] if pd.notna(whole[end]) else whole["value"]) * float(share[end])
            for end in ("low", "high")
        ]
        cap = float(whole["value"]) * float(share["value"])
        rows[resource] = (used, cap, *ends, cap - used, used / cap, whole["kind"], whole["source"])
    columns = ["used", "cap", "cap_low", "cap_high", "headroom", "used_share", "basis", "source"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("resource")


def budgets(layers: Layers, caps: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return what the four industries use of coal, power, water and energy, against prefecture budgets.

    `caps`: columns `prefecture_zh`, `resource` (as in `resource_use`), `cap`; without it the table
    ``resource_caps`` of the layers, which the baseline leaves empty: no prefecture budgets of the 2015 period
    were found. Where none is given the headroom is NaN and the state ``unknown``. One row per (prefecture,
    resource): `used`, `cap`, `headroom`, `state`. Raises LabelError for missing columns, unknown prefectures
    and resources.
    """
    used = resource_use(layers)
    frame = used.reset_index().melt("prefecture_zh", var_name="resource", value_name="used")
    if caps is None and "resource_caps" in layers:
        caps = layers["resource_caps"]
    if caps is None or not len(caps):
        frame["cap"] = np.nan
    else:
        absent = {"prefecture_zh", "resource", "cap"} - set(caps.columns)
        if absent:
            raise LabelError("caps need the columns prefecture_zh, resource, cap", missing=absent)
        strange = set(caps["prefecture_zh"]) - set(layers.prefectures["prefecture_zh"])
        strange |= set(caps["resource"]) - set(used.columns)
        if strange:
            raise LabelError("caps name prefectures or resources nobody knows", unexpected=strange)
        frame = frame.merge(caps[["prefecture_zh", "resource", "cap"]], how="outer", validate="one_to_one")
        frame["used"] = frame["used"].fillna(0.0)
    frame["headroom"] = frame["cap"] - frame["used"]
    frame["state"] = _state(frame["headroom"])
    return frame.sort_values(["prefecture_zh", "resource"], ignore_index=True)


def _process(a: Assumptions, industry: str, name: str) -> float:
    """Read a process factor; where it is given per process, the blast-furnace route stands for steel."""
    for key in (f"{industry}.{name}", f"{industry}.bf_bof.{name}"):
        if key in a:
            return float(a[key])
    return 0.0


def move_allowed(balance: pd.DataFrame, origin: str, destination: str) -> tuple[bool | None, list[str]]:
    """Say whether capacity may move between prefectures: towards spare balances, never the reverse.

    Returns True, False or None (unknown) and the pollutants that decide. Moves within a prefecture are
    neutral. Raises LabelError for unknown prefectures.
    """
    states = balance.pivot(index="prefecture_zh", columns="pollutant", values="state")
    unknown = {origin, destination} - set(states.index)
    if unknown:
        raise LabelError("no balance for these prefectures", unexpected=unknown)
    if origin == destination:
        return True, []
    there, here = dict(states.T[destination]), dict(states.T[origin])
    against = [p for p in there if there[p] == "sensitive" and here[p] != "sensitive"]
    if against:
        return False, against
    open_questions = [p for p in there if there[p] == "unknown"]
    if "spare" in there.values():
        return True, open_questions
    if len(open_questions) == len(there):
        return None, open_questions
    return False, [p for p in there if there[p] == "sensitive"]
