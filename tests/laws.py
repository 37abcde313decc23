"""Laws held on random worlds: `make test` tries a tenth of the examples, `make laws` all of them."""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import settings

FULL = os.environ.get("LAWS") == "full"


def law(examples: int, **options: Any):
    """Mark a `@given` test as a law held on `examples` worlds by `make laws`, else on a tenth."""

    def mark(test):
        return pytest.mark.law(settings(max_examples=scaled(examples), deadline=None, **options)(test))

    return mark


def scaled(examples: int) -> int:
    """Say how many of `examples` seeds a law that draws its worlds itself tries in this run."""
    return examples if FULL else max(5, examples // 10)
