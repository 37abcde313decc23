"""Write a model the way it stands on paper, to compare formulations with golden files."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from workbench.solver import Model


def text(model: Model, rows: Iterable[str] | None = None) -> str:
    """Write a model, or some blocks of its rows, one row per line."""
    a = model.arrays()
    names = np.array(
        [f"{b.name}[{_label(x)}]" for b in model.variable_blocks.values() for x in b.labels], dtype=object
    )
    lines = []
    if rows is None:
        costs = zip(a["cost"], names, strict=True)
        lines += ["minimise", *(f"  {c:+.6g} {n}" for c, n in costs if c), "rows"]
    for block in model.row_blocks.values() if rows is None else (model.row_blocks[name] for name in rows):
        for offset, label in enumerate(block.labels):
            row = block.first + offset
            span = slice(a["start"][row], a["start"][row + 1])
            entries = zip(a["value"][span], names[a["index"][span]], strict=True)
            terms = " ".join(f"{v:+.6g} {n}" for v, n in entries)
            bounded = _bounded(a["row_lower"][row], terms, a["row_upper"][row])
            lines.append(f"  {block.name}[{_label(label)}]: {bounded}")
    if rows is None:
        kinds = np.where(a["integer"] == 1, " whole", "")
        lines += ["bounds", *(f"  {_bounded(lo, n, hi)}{k}" for lo, n, hi, k in
                              zip(a["lower"], names, a["upper"], kinds, strict=True))]  # fmt: skip
    return "\n".join(lines) + "\n"


def _label(label: Any) -> str:
    return ",".join(map(str, label)) if isinstance(label, tuple) else str(label)


def _bounded(low: float, middle: str, high: float) -> str:
    if low == high:
        return f"{middle} = {low:.6g}"
    left = "" if low == -np.inf else f"{low:.6g} <= "
    right = "" if high == np.inf else f" <= {high:.6g}"
    return f"{left}{middle}{right}"
