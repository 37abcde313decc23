"""The command line: `workbench run`, `where`, `data`, `scenario` and `policy`."""

from workbench.cli.main import main

__all__ = ["main"]
