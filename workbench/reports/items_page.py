"""The page of judged items, made from the table: what is asked, by which figure, read from what."""

from __future__ import annotations

import pandas as pd

from workbench.policy.items import item_table
from workbench.policy.register_files import registers

_HEAD = """# Judged items

Made from `geodata/policy/items.csv` by `workbench policy items --page`; a test holds it to the table. Limits
are in house units; "found" is a limit the rule works out, such as the year before.

| clause | 事项 item | asked | by | reads | file that cures an unknown |
|---|---|---|---|---|---|
"""


def items_page() -> str:
    """Return the page as Markdown, one row per judged item in the order of the clauses."""
    files = registers()["zh"]
    rows = [
        f"| {clause} | {row['zh']} {row['en']} | {_asked(row)} | {row['by']} | {row['reads']} "
        f"| {files.get(row['cure'], '—')} |"
        for (clause, _), row in item_table().iterrows()
    ]
    return _HEAD + "\n".join(rows) + "\n"


def _asked(row: pd.Series) -> str:
    limit = "found" if row["limit"] != row["limit"] else f"{row['limit']:g}"
    return f"{row['sign']} {limit} {row['unit']}".replace("|", "/")
