"""How preparing a path engine tells how far it is: to whoever asks, else to the log."""

from __future__ import annotations

import logging
from collections.abc import Callable

Progress = Callable[[str, float], None]  # stage, share done

FIRST_USE = "首次使用，编译路径引擎，约二十秒 First use: compiling the path engine, about twenty seconds"

_log = logging.getLogger(__name__)


def to_log(stage: str, share: float) -> None:
    """Log a stage; only whoever waits for the first compilation is told without having asked."""
    if stage == FIRST_USE and not share:
        _log.warning(stage)
    else:
        _log.info("%s %.0f %%", stage, 100 * share)
