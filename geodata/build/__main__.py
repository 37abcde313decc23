"""Rebuilds the derived layers and refreshes or checks the hashes of the catalogue."""

from __future__ import annotations

import argparse
import re
import shutil
import sys
import tempfile
import time
from pathlib import Path

from geodata.build import boundaries, ecology, links, networks
from geodata.build.write import GEODATA
from workbench.errors import DataError
from workbench.layers.catalog import catalogue, check_hashes, sha256

STEPS = {"boundaries": boundaries, "networks": networks, "links": links, "ecology": ecology}


def main(arguments: list[str] | None = None) -> int:
    """Run the steps asked for (all by default), then write the hashes; `--check` changes nothing."""
    parser = argparse.ArgumentParser(prog="python -m geodata.build", description=__doc__)
    parser.add_argument("steps", nargs="*", help=f"any of {', '.join(STEPS)}; all when none is named")
    parser.add_argument("--hashes", action="store_true", help="only refresh the hashes of the catalogue")
    parser.add_argument("--check", action="store_true", help="rebuild aside and compare, byte for byte")
    options = parser.parse_args(arguments)
    if unknown := set(options.steps) - set(STEPS):
        parser.error(f"unknown step {', '.join(sorted(unknown))}")
    if options.check:
        return _check(options.steps or list(STEPS))
    if not options.hashes:
        _run(options.steps or list(STEPS))
    _refresh()
    return 0


def _run(steps: list[str]) -> None:
    for name in STEPS:
        if name in steps:
            start = time.perf_counter()
            STEPS[name].build()
            print(f"{name}: {time.perf_counter() - start:.1f} s")


def _refresh() -> None:
    path = GEODATA / "catalog.toml"
    text = path.read_text(encoding="utf-8")
    for name, entry in catalogue().items():
        section = re.compile(rf'(?ms)^(\[{re.escape(name)}\]\n.*?^sha256 = ")[0-9a-f]*(")')
        text = section.sub(rf"\g<1>{sha256(entry.path)}\g<2>", text, count=1)
    path.write_text(text, encoding="utf-8", newline="\n")


def _check(steps: list[str]) -> int:
    """Rebuild over a copy kept aside, compare, and put the copy back."""
    derived = [GEODATA / folder for folder in ("layers", "osm")]
    with tempfile.TemporaryDirectory() as kept:
        for folder in derived:
            shutil.copytree(folder, Path(kept) / folder.name)
        try:
            _run(steps)
            changed = [
                path.relative_to(GEODATA).as_posix()
                for folder in derived
                for path in sorted(folder.iterdir())
                if path.is_file() and path.read_bytes() != (Path(kept) / folder.name / path.name).read_bytes()
            ]
        finally:
            for folder in derived:
                for path in (Path(kept) / folder.name).iterdir():
                    shutil.copy2(path, folder / path.name)
    try:
        check_hashes()
    except DataError as error:
        print(error)
        return 1
    print(
        f"rebuilt differently: {', '.join(changed)}"
        if changed
        else "every derived file is rebuilt byte for byte"
    )
    return 1 if changed else 0


if __name__ == "__main__":
    sys.exit(main())
