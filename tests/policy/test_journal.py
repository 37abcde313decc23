"""The journal on disk: tampering shows, a crash in the middle of a write loses nothing confirmed."""

from __future__ import annotations

import json

import pytest

from tests.policy.test_ledger import CITY, LINE, PLAN, PROVINCE
from workbench.errors import DataError
from workbench.policy.journal import Journal


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
        assert len(kept.ledger.events) == sum(end <= cut for end in ends)
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
    path.with_name("ledger.jsonl.lock").touch()
    with pytest.raises(DataError, match=r"delete ledger\.jsonl\.lock"):
        Journal.open(path).record(
            "close", **CITY, plan_id="R1", closed_on="2014-07-01", start_up="2015-01-01"
        )
