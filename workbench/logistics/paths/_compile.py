"""How the kernels of the path engine are compiled: by numba, once per installation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba import njit


def kernel(function: Callable[..., Any]) -> Any:
    """Compile a function when it is first called and keep the result on disk.

    numba looks for a place itself: NUMBA_CACHE_DIR, beside the sources, the user's cache folder (on Windows
    below %LOCALAPPDATA%). Where none may be written it gives up; then each process compiles for itself,
    rather than sharing compiled code through a folder that others may write.
    """
    try:
        return njit(cache=True)(function)
    except RuntimeError:
        return njit(function)
