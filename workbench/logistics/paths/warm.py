"""Has all that can be compiled compiled: now, or in another process while nobody waits."""

from __future__ import annotations

from workbench.logistics.paths._progress import Progress, to_log


def warm_up(progress: Progress = to_log) -> None:
    """Compile all there is to compile now, or read it from disk.

    About thirty seconds once per installation, one second in every later process. Nobody need wait for it:
    without compiled code scipy answers on networks below `engine.PATIENT` nodes.
    """
    from workbench.logistics.paths.cch import compile_kernels
    from workbench.logistics.paths.metered import compile_search

    compile_search()
    compile_kernels(progress)


def compile_aside() -> None:
    """Have another process compile what is not compiled yet, for a server whose pages come later."""
    from workbench.logistics.paths._compile import settled

    settled("_metered", "_dissection", "_kernels", "_queries")
