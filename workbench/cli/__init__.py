"""The command line: `workbench run`, `where`, `data`, `scenario` and `policy`."""

import sys

from workbench.cli.stop import INTERRUPTED, STOPPED

try:  # loading takes a second or two, and a planner may think better of it
    from workbench.cli.main import main
except KeyboardInterrupt:
    sys.stderr.buffer.write(f"{STOPPED}\n".encode())
    raise SystemExit(INTERRUPTED) from None

__all__ = ["main"]
