"""Plan the digestion, transfer, consolidation and elimination of Sichuan's surplus capacity.

Everything a notebook needs is one attribute away (`import workbench as wb`); rooms load when first used,
so importing the package stays cheap.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

# Public name -> module that defines it. A room appears under its own name.
_PUBLIC = {
    "Layers": "workbench.layers.model",
    "Assumptions": "workbench.layers.model",
    "load": "workbench.layers.read",
    "explain_data": "workbench.layers.provenance",
    "check_file": "workbench.layers.imports.user_files",
    "read_layer": "workbench.layers.imports.user_files",
    "import_layer": "workbench.layers.imports.merge",
    "Network": "workbench.logistics.freight.network",
    "PathEngine": "workbench.logistics.paths.engine",
    "Scenario": "workbench.scenarios.scenario",
    "Study": "workbench.study",
    "plan": "workbench.study",
    "surplus_band": "workbench.study",
    "zone_surplus": "workbench.study",
    "export": "workbench.study",
    "backtest": "workbench.backtests.run",
}
_ROOMS = (
    "errors",
    "layers",
    "policy",
    "region",
    "logistics",
    "siting",
    "solver",
    "scenarios",
    "relocation",
    "indicators",
    "maps",
    "reports",
    "robust",
    "backtests",
)

__all__ = sorted([*_PUBLIC, *_ROOMS, "__version__"])


def __getattr__(name: str) -> Any:
    if name in _PUBLIC:
        value = getattr(import_module(_PUBLIC[name]), name)
    elif name in _ROOMS:
        value = import_module(f"workbench.{name}")
    else:
        raise AttributeError(f"module 'workbench' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
