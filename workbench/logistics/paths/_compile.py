"""How the kernels of the path engine are compiled: by numba, once per installation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba import njit
from numba.core.caching import FunctionCache


class _Mended(FunctionCache):
    """numba's cache on disk; where a file of it is spoilt it is made anew, instead of stopping the work."""

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        try:
            return super().load_overload(sig, target_context)
        except Exception:  # a cut or altered pickle can raise anything
            self.flush()
            return None


def kernel(function: Callable[..., Any]) -> Any:
    """Compile a function when it is first called and keep the result on disk.

    numba looks for a place itself: NUMBA_CACHE_DIR, beside the sources, the user's cache folder (on Windows
    below %LOCALAPPDATA%). Where none may be written it gives up; then each process compiles for itself,
    rather than sharing compiled code through a folder that others may write.
    """
    made = njit(function)
    try:
        made._cache = _Mended(function)  # type: ignore[attr-defined]
    except RuntimeError:
        return made
    return made
