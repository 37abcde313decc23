"""The command line: `workbench run`, `data`, `scenario` and `policy`."""

from workbench.cli.main import main

__all__ = ["main"]
