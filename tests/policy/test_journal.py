"""The journal on disk: tampering shows, a crash in the middle of a write loses nothing confirmed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.laws import law
from tests.policy.test_ledger import CITY, LINE, PLAN, PROVINCE
from workbench.errors import DataError
from workbench.policy.journal import Journal
from workbench.policy.ledger_book import Event


def journal(path):
    book = Journal.open(path).record("register", **CITY, **LINE).record("draft", **CITY, **PLAN)
    return book.record("confirm", **PROVINCE, plan_id="R1")


def test_what_is_written_is_read_back(tmp_path):
    path = tmp_path / "deep" / "ledger.jsonl"
    book = journal(path)
    again = Journal.open(path)
    assert again.ledger == book.ledger
    assert "泸州市" in path.read_text(encoding="utf-8")
    assert list(path.parent.iterdir()) == [path]


def test_a_crash_at_any_byte_keeps_every_confirmed_entry(tmp_path):
    path = tmp_path / "ledger.jsonl"
    journal(path)
    whole = path.read_bytes()
    ends = [i + 1 for i, byte in enumerate(whole) if byte == 10]
    for cut in range(0, len(whole), 7):
        path.write_bytes(whole[:cut])
        kept = Journal.open(path)
        assert len(kept.ledger.events) == sum(end - 1 <= cut for end in ends), (
            "an entry without its newline is whole"
        )
    path.write_bytes(whole[: ends[1] + 30])
    after = Journal.open(path).record("confirm", **PROVINCE, plan_id="R1")
    assert Journal.open(path).ledger == after.ledger
    assert path.read_bytes() == whole


@pytest.mark.parametrize("field", ["when", "who", "data", "previous", "hash"])
def test_any_altered_field_breaks_the_chain(tmp_path, field):
    path = tmp_path / "ledger.jsonl"
    journal(path)
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    rows[1][field] = {**rows[1]["data"], "new_t": 1} if field == "data" else "2014-07-02"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    with pytest.raises(DataError, match="row 2"):
        Journal.open(path)


def test_removed_reordered_or_mangled_entries_are_found(tmp_path):
    path = tmp_path / "ledger.jsonl"
    head = journal(path).ledger.head
    lines = path.read_bytes().splitlines(keepends=True)
    for broken in ([lines[0], lines[2]], [lines[1], lines[0]], [lines[0], b"{\n", lines[2]]):
        path.write_bytes(b"".join(broken))
        with pytest.raises(DataError):
            Journal.open(path)
    path.write_bytes(b"".join(lines[:2]))
    assert len(Journal.open(path).ledger.events) == 2  # a shorter chain is whole in itself ...
    with pytest.raises(DataError, match="removed"):
        Journal.open(path, head=head)  # ... but not against the hash on the notice


def test_two_writers_do_not_overwrite_each_other(tmp_path):
    path = tmp_path / "ledger.jsonl"
    one, two = journal(path), Journal.open(path)
    one.record("announce", **PROVINCE, plan_id="R1")
    with pytest.raises(DataError, match="newer entries"):
        two.record("announce", **PROVINCE, plan_id="R1")


WRITER = """
import sys, time
from pathlib import Path
from workbench.policy.journal import _alone
path = Path(sys.argv[1])
with path.open("r+b") as file, _alone(file, path.name):
    print("held", flush=True)
    time.sleep(60)
"""


def test_the_lock_of_a_killed_writer_dies_with_it(tmp_path):
    path = tmp_path / "ledger.jsonl"
    book = journal(path)
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE)
    try:
        assert writer.stdout.readline() == b"held\n"
        with pytest.raises(DataError, match="another writer"):
            book.record("announce", **PROVINCE, plan_id="R1")
    finally:
        writer.kill()
        writer.communicate()
    assert book.record("announce", **PROVINCE, plan_id="R1").ledger == Journal.open(path).ledger


def test_an_editor_that_takes_the_last_newline_takes_no_entry(tmp_path):
    path = tmp_path / "ledger.jsonl"
    book = journal(path)
    whole = path.read_bytes()
    path.write_bytes(whole.removesuffix(b"\n"))
    again = Journal.open(path)
    assert again.ledger == book.ledger
    after = again.record("announce", **PROVINCE, plan_id="R1")
    assert path.read_bytes().startswith(whole)
    assert Journal.open(path).ledger == after.ledger


@pytest.mark.parametrize(
    "change",
    [{"data": []}, {"data": None}, {"when": "2014-07-01T00:00:00"}, {"when": 1}, {"hash": 1}, {"more": 1},
     {"action": ["draft"]}, {"data": {"plan_id": "R1", "price_cny_t": float("nan")}}],
)  # fmt: skip
def test_an_entry_that_is_none_is_told_with_its_row_even_when_its_hash_fits(tmp_path, change):
    path = tmp_path / "ledger.jsonl"
    journal(path)
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    row = {**rows[1], "previous": rows[0]["hash"], **change}
    if "hash" not in change:
        row["hash"] = Event.digest(*(row[k] for k in ("action", "when", "who", "role", "data", "previous")))
    path.write_text("".join(json.dumps(r) + "\n" for r in (rows[0], row)), encoding="utf-8")
    with pytest.raises(DataError):
        Journal.open(path)


entries = st.dictionaries(
    st.sampled_from(["line_id", "industry", "prefecture_zh", "t", "listed_year", "overdue", "price_cny_t"]),
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates() | st.just("cement"),
)


@law(300)
@given(entries, st.none() | st.dates() | st.datetimes() | st.text(), st.none() | st.text())
def test_what_is_taken_is_read_again_and_the_rest_is_refused_with_words(change, when, who):
    data = {**CITY, **LINE, **change}
    data |= {} if when is None else {"when": when}
    data |= {} if who is None else {"who": who}
    with TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.jsonl"
        try:
            book = Journal.open(path).record("register", **data)
        except DataError:
            assert Journal.open(path).ledger.events == ()
        else:
            assert Journal.open(path).ledger == book.ledger
