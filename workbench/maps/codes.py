"""Words for the codes that tables hold, as a reader of a map's card sees them, by column."""

from __future__ import annotations

from workbench.words import sections

CODES = sections("codes")
CODES["eco_function_level"] = CODES["level"]
