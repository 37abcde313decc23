"""How preparing a path engine tells how far it is: to whoever asks, else to the log."""

from __future__ import annotations

import logging
from collections.abc import Callable

Progress = Callable[[str, float], None]  # stage, share done

FIRST_USE = "首次使用，编译路径引擎，约二十秒 First use: compiling the path engine, about twenty seconds"

ASIDE = (
    "首次使用，路径引擎在另一进程编译，其间由 scipy 作答 "
    "First use: the path engine is compiled in a process of its own, scipy answers meanwhile"
)

_log = logging.getLogger(__name__)


def to_log(stage: str, share: float) -> None:
    """Log a stage; only the first compilation is told to who has not asked."""
    if stage in (FIRST_USE, ASIDE) and not share:
        _log.warning(stage)
    else:
        _log.info("%s %s", stage, f"{share:.0%}")
