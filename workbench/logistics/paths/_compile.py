"""How the kernels of the path engine are compiled: by numba, once per installation, in another process."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from functools import cache
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from types import ModuleType
from typing import Any

from numba import njit
from numba.core.caching import FunctionCache

_ROOM = __name__.rpartition(".")[0]
_ASIDE = (
    "import sys; sys.path[:] = sys.argv[1:];"
    "from workbench.logistics.paths.warm import warm_up; warm_up(lambda stage, share: None)"
)
_PLAIN = "plain"  # the name under which `plain` loads a module, whose functions `kernel` leaves alone
_MADE: dict[str, list[Any]] = {}  # kernels by the module they stand in
_READY: set[str] = set()
_RUNNING: list[subprocess.Popen[bytes]] = []


class _Mended(FunctionCache):
    """numba's cache on disk; where a file of it is spoilt it is made anew, instead of stopping the work."""

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        try:
            return super().load_overload(sig, target_context)
        except Exception:  # numba unpickles what it finds: a cut or altered file can raise any error there is
            self.flush()
            return None

    def kept(self) -> bool:
        """Tell whether compiled code of this very source is on disk."""
        try:
            return bool(self._cache_file._load_index())
        except Exception:  # as above: a spoilt index is none
            return False


def kernel(function: Callable[..., Any]) -> Any:
    """Compile a function when it is first called and keep the result on disk.

    numba looks for a place itself: NUMBA_CACHE_DIR, beside the sources, the user's cache folder (on Windows
    below %LOCALAPPDATA%). Where none may be written it gives up; then each process compiles for itself,
    rather than sharing compiled code through a folder that others may write.
    """
    if function.__module__ == _PLAIN:
        return function
    made = njit(function)
    _MADE.setdefault(function.__module__, []).append(made)
    try:
        made._cache = _Mended(function)  # type: ignore[attr-defined]
    except RuntimeError:
        return made
    return made


def ready(*modules: str) -> bool:
    """Tell whether all kernels of some modules of this room are compiled, in this process or on disk."""
    for module in modules:
        import_module(f"{_ROOM}.{module}")
    for module in {*modules} - _READY:
        if not all(made.signatures or _kept(made) for made in _MADE[f"{_ROOM}.{module}"]):
            return False
        _READY.add(module)
    return True


def settled(*modules: str) -> bool:
    """Tell whether to call the compiled kernels of some modules; if not, a process of its own compiles them.

    True as well where compiling apart is of no use, since nothing may be kept on disk.
    """
    return ready(*modules) or not _compiled_aside(*modules)


def _kept(made: Any) -> bool:
    return isinstance(made._cache, _Mended) and made._cache.kept()


def _compiled_aside(*modules: str) -> bool:
    """Have a process compile everything into the cache, once; tell whether there is one that could.

    It outlives this one if it must: what it makes serves every later process.
    """
    made = [each for module in modules for each in _MADE[f"{_ROOM}.{module}"]]
    if not sys.executable or not all(isinstance(each._cache, _Mended) for each in made):
        return False
    if not _RUNNING:
        _RUNNING.append(
            subprocess.Popen(
                [sys.executable, "-c", _ASIDE, *sys.path],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        )
    return True


@cache
def plain(module: str) -> ModuleType:
    """Return a module of kernels as Python runs it: the same search, some twenty times slower, at once."""
    source = import_module(f"{_ROOM}.{module}").__file__
    spec = spec_from_file_location(_PLAIN, str(source))
    assert spec is not None
    assert spec.loader is not None
    found = module_from_spec(spec)
    spec.loader.exec_module(found)
    return found
