"""`workbench locate`: which sites to open, from the baseline's freight or from a planner's own tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer

import workbench as wb
from workbench.cli.console import err, number, out, table
from workbench.cli.own import layers_of
from workbench.errors import DataError, Fault
from workbench.labels import both
from workbench.layers.imports.figures import read_list, read_matrix
from workbench.siting import Location
from workbench.words import words

_NAMES = words("cli.locate")
# model -> (zh, en, what it needs besides costs)
MODELS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "p_median": (*_NAMES["p_median"], ("p",)),
    "p_center": (*_NAMES["p_center"], ("p",)),
    "facility_location": (*_NAMES["facility_location"], ()),
    "set_cover": (*_NAMES["set_cover"], ("radius",)),
    "max_coverage": (*_NAMES["max_coverage"], ("p", "radius")),
    "backup_coverage": (*_NAMES["backup_coverage"], ("p", "radius")),
    "p_dispersion": (*_NAMES["p_dispersion"], ("p",)),
}
_DEMAND = {"demand": "demand", "amount": "demand", "kt": "demand", "需求": "demand", "需求量": "demand"}
_SITES = {
    "opening_cost": "opening_cost", "建设费": "opening_cost", "capacity": "capacity", "能力": "capacity",
    "least_load": "least_load", "最低负荷": "least_load", "role": "role", "类别": "role",
}  # fmt: skip
_ROLES = {"": "", "required": "required", "必选": "required", "forbidden": "forbidden", "禁选": "forbidden",
          "candidate": "", "候选": ""}  # fmt: skip

_TAKES = {
    "p_median": ("capacity", "least_load"),
    "facility_location": ("capacity", "least_load", "opening_cost"),
    "max_coverage": ("capacity",),
}


@dataclass(frozen=True)
class Inputs:
    """What a model is asked with; `names` tells sites and demands in words."""

    cost: pd.DataFrame
    demand: pd.Series | None
    sites: pd.DataFrame
    names: dict[str, str]


def locate(
    model: Annotated[str, typer.Option(help=f"One of {', '.join(MODELS)}.")] = "p_median",
    p: Annotated[int | None, typer.Option("-p", "--p", help="How many sites to open.")] = None,
    radius: Annotated[float | None, typer.Option(help="Largest cost that counts as near (coverage).")] = None,
    costs: Annotated[
        Path | None,
        typer.Option(help="Own costs, CSV or XLSX: demands in the first column, sites in the heading."),
    ] = None,
    demand: Annotated[
        Path | None, typer.Option(help="Own demand: id, demand. Without it every row counts 1.")
    ] = None,
    sites: Annotated[
        Path | None,
        typer.Option(
            help="Own sites: id and any of opening_cost, capacity, least_load, role (required, forbidden)."
        ),
    ] = None,
    single_source: Annotated[
        bool, typer.Option(help="Each demand from one site only (with capacities).")
    ] = False,
    industry: Annotated[str, typer.Option(help="Without --costs: freight of this industry.")] = "cement",
    candidates: Annotated[
        float | None,
        typer.Option(help="Without --costs: a grid of allowed points so many km apart, not the parks."),
    ] = None,
    scenario: Annotated[Path | None, typer.Option(help="Scenario file; the baseline without it.")] = None,
    data: Annotated[Path | None, typer.Option(help="Folder of your own layers.")] = None,
    time_limit: Annotated[float, typer.Option(help="Seconds; the best plan so far is given then.")] = 60.0,
    out_file: Annotated[Path | None, typer.Option("--out", help="Workbook (.xlsx) to write.")] = None,
) -> None:
    """Choose sites with a proven bound: the baseline's freight, or your own costs, demands and sites."""
    _check(model, p, radius)
    given = (
        _own(costs, demand, sites)
        if costs
        else _baseline(industry, candidates, scenario, data, demand, sites)
    )
    ask = _model(model, p, radius, given, single_source, time_limit)
    with err.status(f"{MODELS[model][0]} {MODELS[model][1]} …"):
        found = ask()
    _tell(found, model, given)
    if out_file is not None:
        from workbench.reports.workbook import write_workbook

        path = write_workbook(_sheets(found, given), out_file, notes=_notes(found, model))
        out.print(f"已写出 Written: {path}", soft_wrap=True)


def _check(model: str, p: int | None, radius: float | None) -> None:
    faults = []
    if model not in MODELS:
        faults.append(
            Fault("locate", None, "model", model, f"one of {', '.join(MODELS)}", "Give one of them.")
        )
    for name, value in (("p", p), ("radius", radius)):
        if name in MODELS.get(model, ("", "", ()))[2] and value is None:
            faults.append(Fault("locate", None, name, "nothing", "a number", f"Add --{name}."))
    if faults:
        raise DataError(faults, "the question is not complete")


def _own(costs: Path, demand: Path | None, sites: Path | None) -> Inputs:
    """Read a planner's three tables; every fault of all of them at once."""
    cost, faults = read_matrix(costs)
    wanted, more = _amounts(demand, cost, costs.name) if demand else (None, [])
    terms, also = _terms(sites, cost, costs.name) if sites else (pd.DataFrame(index=cost.columns), [])
    if faults or more or also:
        raise DataError([*faults, *more, *also], "the tables cannot be used")
    return Inputs(cost, wanted, terms, {})


def _amounts(path: Path, cost: pd.DataFrame, where: str) -> tuple[pd.Series | None, list[Fault]]:
    frame, faults = read_list(path, _DEMAND, numbers=("demand",), needed=("demand",))
    faults += _unmatched(path.name, frame, cost.index, where, every=True)
    infinite = frame[frame["demand"].eq(float("inf"))] if "demand" in frame else frame.head(0)
    faults += [
        Fault(path.name, int(row), "demand", "inf", "a number", "Correct the cell.")
        for row in infinite["row"]
    ]
    return (frame["demand"] if not faults else None), faults


def _terms(path: Path, cost: pd.DataFrame, where: str) -> tuple[pd.DataFrame, list[Fault]]:
    frame, faults = read_list(path, _SITES, numbers=("opening_cost", "capacity", "least_load"))
    faults += _unmatched(path.name, frame, cost.columns, where, every=False)
    for site, role in frame["role"].items() if "role" in frame and frame.index.is_unique else ():
        if str(role).casefold() not in _ROLES:
            row = int(frame.at[site, "row"])
            need = "required, forbidden or blank (必选, 禁选)"
            faults.append(Fault(path.name, row, "role", str(role), need, "Correct the cell."))
    return frame, faults


def _unmatched(file: str, frame: pd.DataFrame, labels: pd.Index, where: str, *, every: bool) -> list[Fault]:
    strange = frame[~frame.index.isin(labels)]
    mend = "Use the same ids in both files."
    faults = [
        Fault(file, int(row), "id", str(label), f"an id of {where}", mend)
        for label, row in strange["row"].items()
    ]
    missing = [str(label) for label in labels if label not in frame.index] if every else []
    if missing:
        found = f"no row for {', '.join(missing[:10])}" + (
            f" and {len(missing) - 10} more" if len(missing) > 10 else ""
        )
        faults.append(Fault(file, None, "id", found, f"a row for every demand of {where}", "Add the rows."))
    return faults


def _baseline(
    industry: str, spacing_km: float | None, scenario: Path | None, data: Path | None, demand: Path | None,
    sites: Path | None,
) -> Inputs:  # fmt: skip
    """Ask the network for the freight from every site that may take the industry to every market."""
    chosen = (wb.scenarios.load(scenario) if scenario else wb.Scenario.baseline()).with_(
        industries=(industry,)
    )
    layers = layers_of(data)
    wb.scenarios.check(chosen, layers, file=scenario.name if scenario else "scenario")
    study = wb.Study.prepare(chosen, layers)
    answer = study.where(industry)
    if spacing_km is None:
        places = answer.sites[answer.sites["verdict"].isin(["free", "restricted"])].sort_index()
    else:
        places = wb.siting.candidates(answer, spacing_km)
    wanted = wb.region.demand.demand(study.layers, (industry,)).set_index("market")["kt"]
    markets = study.layers.markets.loc[wanted.index.sort_values()]
    cost = study.freight(places, markets, industry).cost_cny_t.T
    faults, amounts, terms = list[Fault](), wanted, pd.DataFrame(index=cost.columns)
    if demand:
        own, more = _amounts(demand, cost, "the baseline's markets")
        amounts, faults = own if own is not None else wanted, faults + more
    if sites:
        terms, more = _terms(sites, cost, "the sites that may take the industry")
        faults += more
    if faults:
        raise DataError(faults, "the tables cannot be used")
    return Inputs(cost, amounts, terms, dict(places["name_zh"]) | dict(markets["name_zh"]))


def _model(
    model: str, p: int | None, radius: float | None, given: Inputs, single: bool, time_limit_s: float
) -> Callable[[], Location]:
    """Return the call that answers, with the terms that model takes; a term it cannot keep is a fault."""
    terms, words = given.sites, {}
    if "role" in terms:
        role = terms["role"].map(lambda text: _ROLES[str(text).casefold()])
        words = {name: terms.index[role == name].tolist() for name in ("required", "forbidden")}
    options: dict[str, Any] = {**words, "time_limit_s": time_limit_s}
    takes = _TAKES.get(model, ())
    there = f"columns {', '.join(takes)} and role" if takes else "a column role only"
    columns = [c for c in ("opening_cost", "capacity", "least_load") if c in terms and terms[c].notna().any()]
    faults = [
        Fault("sites", None, column, f"given for {model}", there, "Drop it, or ask another model.")
        for column in columns
        if column not in takes
    ]
    if model == "facility_location" and "opening_cost" not in columns:
        faults.append(
            Fault("sites", None, "opening_cost", "nothing", "a cost for every site", "Give --sites.")
        )
    if model == "p_dispersion" and set(given.cost.index) != set(given.cost.columns):
        faults.append(
            Fault("costs", None, "", "demands", "distances between the sites", "Give them as --costs.")
        )
    if faults:
        raise DataError(faults, "the model cannot take these tables")
    blanks = {"capacity": float("inf"), "least_load": 0.0}
    for column in columns:
        values = terms[column].reindex(given.cost.columns)
        options[column] = values.fillna(blanks[column]) if column in blanks else values
    if model in ("p_median", "facility_location"):
        options["single_source"] = single
    if model != "p_dispersion":
        options["demand"] = given.demand
    if p is not None and model != "set_cover":
        options["p"] = p
    if radius is not None and "radius" in MODELS[model][2]:
        options["radius"] = radius
    ask = getattr(wb.siting, model)
    return lambda: ask(given.cost, **options)


def _tell(found: Location, model: str, given: Inputs) -> None:
    load = found.load
    cost = found.flows.groupby("site")["cost"].sum() if len(found.flows) else load * 0
    rows = (
        (str(site), given.names.get(site, ""), number(load[site]), number(cost.get(site, 0.0)))
        for site in found.sites
    )
    out.print(f"{MODELS[model][0]} {MODELS[model][1]}", style="bold")
    out.print(table(("地点 Site", "名称 Name", "承担量 Load", "费用 Cost"), rows, numbers=(2, 3)))
    for name, value in _notes(found, model).items():
        out.print(f"{name}: {value}")


def _notes(found: Location, model: str) -> dict[str, str]:
    notes = {
        "模型 Model": f"{model} {MODELS[model][0]} {MODELS[model][1]}",
        "目标值 Objective": f"{found.objective:,.6g}",
        "已证明的界 Proven bound": f"{found.bound:,.6g}",
        "差距 Gap": f"{found.gap:.4%} ({both(found.status)})",
        "平均费用 Mean cost": number(found.mean_cost),
        "最大费用 Largest cost": number(found.worst_cost),
        "覆盖比例 Share covered": f"{found.share_covered:.1%}",
    }
    if found.backup is not None:
        notes["后备比例 Share with a second site"] = f"{found.backup:.1%}"
    return notes


def _sheets(found: Location, given: Inputs) -> dict[str, pd.DataFrame]:
    names = [given.names.get(site, "") for site in found.sites]
    sites = pd.DataFrame({"site": found.sites, "name": names, "load": found.load.to_numpy()})
    return {"选址 Sites": sites, "流向 Flows": found.flows.reset_index(drop=True)}
