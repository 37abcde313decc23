"""Which figures can be reckoned with: products and squares of others are no longer numbers, or nothing."""

from __future__ import annotations

import numpy as np

LEAST, MOST = 1e-100, 1e100
EXPECTED = f"0, or figures from {LEAST:g} to {MOST:g}"


def beyond(values: np.ndarray) -> np.ndarray:
    """Tell which values are finite but too large or too small for a product of two to be a number."""
    size = np.abs(values)
    return np.isfinite(values) & (size > 0) & ((size < LEAST) | (size > MOST))
