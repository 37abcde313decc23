"""Hand a plan over: map, workbook, GeoPackage, scenario and run record in one folder, all or nothing."""

from __future__ import annotations

FILES = ("map.html", "map.png", "map.pdf", "plan.xlsx", "plan.gpkg", "scenario.toml", "run.json")
