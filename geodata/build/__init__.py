"""Rebuilds what is derived in geodata/ from its tables and from pinned packages; `python -m geodata.build`."""
