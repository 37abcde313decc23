"""Rebuilds what is derived in geodata/ from its tables and pinned packages: `python -m geodata.build`."""
