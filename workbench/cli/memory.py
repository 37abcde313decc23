"""Too little memory, called so: before the work where the system grants too little, else once it shows."""

from __future__ import annotations

import errno
import re
import sys

from workbench.errors import DataError, Fault
from workbench.units import BYTES_PER_MB

TOLD = "内存不足 not enough memory: close other programs, or bring fewer rows"
# What libraries, their threads and the largest matrices of a plan take of the address space, measured with
# ulimit -v; with less some thread of theirs aborts the process, which nobody could tell.
NEEDED_MB = 3000
# what the libraries below say for it, each in its own class of error
_SAID = re.compile(
    r"bad_alloc|allocate memory|unable to allocate|start new thread|out of memory", re.IGNORECASE
)


def is_memory(error: BaseException) -> bool:
    """Tell whether an error means that memory ran out."""
    out = isinstance(error, MemoryError) or getattr(error, "errno", None) == errno.ENOMEM
    return out or _SAID.search(str(error)) is not None


def room() -> None:
    """Refuse to plan where the system grants this process too little memory. Raises DataError."""
    if sys.platform == "win32":
        return
    import resource

    granted, _ = resource.getrlimit(resource.RLIMIT_AS)
    if granted != resource.RLIM_INFINITY and granted < NEEDED_MB * BYTES_PER_MB:
        found = f"{granted / BYTES_PER_MB:,.0f} MB 内存上限 of address space granted"
        expected, mend = f"{NEEDED_MB:,} MB", "Raise the limit: ulimit -v unlimited."
        raise DataError([Fault("memory", None, "", found, expected, mend)], "内存不足 not enough memory")
