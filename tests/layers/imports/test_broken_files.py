"""Every broken file gets a clear report, and neither it nor its folder is touched."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.layers.imports.broken_files import BROKEN, Broken
from tests.layers.imports.builders import many_row_book, many_rows
from tests.layers.imports.traps import deep_collection, endless_outline
from workbench.layers.faults import translated
from workbench.layers.imports.container import Limits
from workbench.layers.imports.report import FaultReport
from workbench.layers.imports.user_files import ImportOptions, check_file

SENTENCE = re.compile(r"^[a-z]+ [a-z]+ [a-z]+|^(?:a|an|no|more) [a-z]+")  # ours, not what a file holds


def check(case: Broken, source: Path | str, layers: object) -> FaultReport:
    options = dict(case.options)
    limits = Limits(**options.pop("limits", {}))
    return check_file(
        source,
        case.kind,
        crs=case.crs,
        mapping=case.mapping,
        baseline=layers,  # type: ignore[arg-type]
        options=ImportOptions(limits=limits, **options),
    )


def state(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() if path.is_file() else b"" for path in sorted(folder.rglob("*"))}


@pytest.mark.parametrize("name", sorted(BROKEN))
def test_a_broken_file_is_told_clearly_and_left_alone(name: str, tmp_path: Path, layers: object) -> None:
    case = BROKEN[name]
    source: Path | str = case.build(tmp_path)
    source = "postgresql://user:secret@host" if name == "broken database address" else source
    before = state(tmp_path)
    report = check(case, source, layers)
    assert state(tmp_path) == before
    told = [fault for fault in report.faults if case.says in f"{fault.found} {fault.expected} {fault.mend}"]
    assert told, "\n".join(map(str, report.faults)) or "nothing told"
    assert {fault.severity for fault in told} == {case.severity}
    assert all(fault.mend and fault.expected for fault in report.faults)
    texts = [(f.mend, "mend") for f in report.faults] + [(f.expected, "expected") for f in report.faults]
    texts += [(f.found, "found") for f in report.faults if SENTENCE.search(f.found)]
    texts += [(repair.what, "repair") for repair in report.repairs]
    assert [text for text, part in texts if translated(text, part) is None] == []
    assert (report.frame is None) == bool(report.errors)
    assert "secret" not in str(report)


def test_there_are_at_least_sixty_kinds_of_damage() -> None:
    assert len(BROKEN) >= 60


HEAVY = {
    "rows of csv": [many_rows(100_000)],  # half of them bad
    "rows of xlsx": [many_row_book(100_000)],
    "vertices of geojson": [endless_outline(1_900_000)],
    "bombs": [
        deep_collection(1_000_000),
        *(BROKEN[name].build for name in ("zip bomb", "xlsx zip bomb", "lying zip", "xlsx entity bomb")),
    ],
}
_MEASURE = """
import sys
from pathlib import Path
from workbench.layers.imports.user_files import check_file
name, *paths = sys.argv[1:]
for path in paths:
    report = check_file(path, "plants", crs="WGS-84")
    assert not report.ok
    assert len(report.faults) < 500
    if "rows" in name:
        assert report.rows == 100_000
        assert any("the same in" in fault.found for fault in report.errors)
# the peak of this program; getrusage would count the memory of the one that started it
told = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
print(int(told["VmHWM"].split()[0]) // 1000)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="peak memory is read from /proc")
@pytest.mark.parametrize("name", sorted(HEAVY))
def test_the_heavy_ones_stay_under_a_gigabyte_and_are_told_in_short(name: str, tmp_path: Path) -> None:
    folders = [tmp_path / str(number) for number in range(len(HEAVY[name]))]
    for folder in folders:
        folder.mkdir()
    paths = [str(build(folder)) for build, folder in zip(HEAVY[name], folders, strict=True)]
    words = [sys.executable, "-c", _MEASURE, name, *paths]
    run = subprocess.run(words, capture_output=True, text=True, timeout=300, check=False)
    assert run.returncode == 0, run.stderr
    assert int(run.stdout) < 1000
