"""The record of a run: what was computed, with which versions, from which data, how long it took."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from workbench.relocation.plan import Plan

_PACKAGES = ("numpy", "pandas", "geopandas", "shapely", "scipy", "networkx", "highspy", "folium")


def run_record(plan: Plan, *, timings: Mapping[str, float]) -> dict[str, Any]:
    """Return everything needed to repeat a run, as plain values ready for JSON.

    `plan`: a `relocation.Plan`; `timings`: seconds per stage as measured by the caller (analysis rooms have
    no clock).
    """
    import workbench

    return {
        "workbench": workbench.__version__,
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in _PACKAGES},
        "scenario": plan.scenario.model_dump(mode="json"),
        "seed": plan.scenario.seed,
        "data_sha256": dict(sorted(plan.layers.hashes.items())),
        "solver": {
            "status": plan.status,
            "objective_mcny": plan.objective_mcny,
            "bound_mcny": plan.bound_mcny,
            "gap": plan.gap,
            "seconds": plan.seconds,
        },
        "timings_s": {name: round(seconds, 3) for name, seconds in timings.items()},
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def write_json(record: Mapping[str, Any], path: Path) -> Path:
    """Write the record as readable UTF-8 JSON and return the path."""
    path.write_text(json.dumps(record, ensure_ascii=False, indent=2) + "\n", encoding="utf-8", newline="\n")
    return path
