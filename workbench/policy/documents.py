"""The policy's own files as read: TOML documents and tables of text, each opened once."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.errors import DataError, Fault
from workbench.files import given

if TYPE_CHECKING:
    import pandas as pd  # options are read before a page has it


@lru_cache(maxsize=8)
def document(name: str) -> Mapping[str, Any]:
    """Return one of the policy's TOML files (geodata/policy/<name>.toml) as read; treat it as read-only."""
    return tomllib.loads((files("geodata") / "policy" / f"{name}.toml").read_text(encoding="utf-8"))


@lru_cache(maxsize=32)
def read_only(name: str) -> pd.DataFrame:
    """Return one of the policy's own tables (geodata/policy/<name>.csv) as text, not to be changed."""
    import pandas as pd

    with (files("geodata") / "policy" / f"{name}.csv").open(encoding="utf-8") as file:
        return pd.read_csv(file, dtype=str, keep_default_na=False)


def table(name: str) -> pd.DataFrame:
    """Return one of the policy's own tables as text columns."""
    return read_only(name).copy()


def read_toml(path: str | Path) -> Mapping[str, Any]:
    """Return a planner's own TOML file as read; raises DataError naming the file and the line at fault."""
    file = given(path)
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        fault = Fault(file.name, None, "", str(error), "a text file in UTF-8", "Check the path and the file.")
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        line = re.search(r"\(at line (\d+)", str(error))
        row = int(line[1]) if line else None
        fault = Fault(file.name, row, "", str(error), "TOML: name = value, one a line", "Correct the line.")
    raise DataError([fault], f"{file.name} cannot be read")
