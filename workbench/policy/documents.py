"""The policy's own files as read: TOML documents and tables of text, each opened once."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

import pandas as pd


@lru_cache(maxsize=8)
def document(name: str) -> Mapping[str, Any]:
    """Return one of the policy's TOML files (geodata/policy/<name>.toml) as read; treat it as read-only."""
    return tomllib.loads((files("geodata") / "policy" / f"{name}.toml").read_text(encoding="utf-8"))


@lru_cache(maxsize=32)
def read_only(name: str) -> pd.DataFrame:
    """Return one of the policy's own tables (geodata/policy/<name>.csv) as text, not to be changed."""
    with (files("geodata") / "policy" / f"{name}.csv").open(encoding="utf-8") as file:
        return pd.read_csv(file, dtype=str, keep_default_na=False)


def table(name: str) -> pd.DataFrame:
    """Return one of the policy's own tables as text columns."""
    return read_only(name).copy()
