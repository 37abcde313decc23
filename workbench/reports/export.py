"""Hand a plan over: map, workbook, GeoPackage, scenario and run record in one folder, all or nothing."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from workbench import labels, scenarios
from workbench.errors import Fault, WorkbenchError, DataError
from workbench.reports.geopackage import point_frame, write_geopackage
from workbench.reports.run_record import run_record, write_json
from workbench.reports.workbook import write_workbook

FILES = ("map.html", "map.png", "map.pdf", "plan.xlsx", "plan.gpkg", "scenario.toml", "run.json")
