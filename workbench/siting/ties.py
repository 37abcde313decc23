"""Ties told from differences: values that only rounding parts are one value, in any unit and any order."""

from __future__ import annotations

import numpy as np


def first_least(values: np.ndarray, size: float) -> int:
    """Return the first position whose value is the least, or is parted from it by rounding alone.

    `size`: of the numbers that the values were added up from.
    """
    return int((values <= values.min() + 1e-10 * size).argmax())


def cheaper(one: float, two: float) -> bool:
    """Tell whether one total is below another by more than rounding."""
    return one < two - 1e-9 * abs(two)


def steady(values: np.ndarray) -> np.ndarray:
    """Round to 40 binary digits (one part in 10^12), so that a change of unit leaves the very same numbers.

    A solver breaks ties by the last bit; there is none left for a unit to change.
    """
    part, power = np.frexp(values)
    return np.ldexp(np.round(np.ldexp(part, 40)), power - 40)
