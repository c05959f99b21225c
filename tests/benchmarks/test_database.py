"""Accounts made for a run can sign in, and the rows of a run are counted as they are."""

import hashlib
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from benchmarks.database import Stored, add_operators, count_stored, url_of
from storage.archive import Archive
from storage.records import Append, EventRecord, NewSession

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def line(seq: int, text: str) -> EventRecord:
    return EventRecord(seq=seq, at=NOW, kind="line", actor="visitor", name="v", text=text)


def opening(reference: str) -> NewSession:
    opened = {"name": "v", "topic": "t", "client": "c", "version": "1", "ip": "127.0.0.1"}
    return NewSession(
        event=EventRecord(seq=1, at=NOW, kind="opened", actor="visitor", data=opened),
        reference=reference,
        key_hash=hashlib.sha256(reference.encode()).digest(),
    )


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A session of three lines, one of them said twice, and a session of none."""
    path = tmp_path / "livehelp.db"
    with closing(Archive.open(url_of(path))) as archive:
        session, _ = archive.write([opening("AAAA-AAAA"), opening("BBBB-BBBB")])
        assert session is not None
        said = line(2, "one"), line(3, "two"), line(4, "two")
        archive.write([Append(session_id=session, events=said)])
    return path


def test_an_operator_signs_in_with_the_ticket_that_was_made(tmp_path: Path) -> None:
    path = tmp_path / "livehelp.db"

    tickets = add_operators(path, 2)

    with closing(Archive.open(url_of(path))) as archive:
        found = [
            archive.ticket(hashlib.sha256(ticket.encode()).digest(), datetime.now(UTC))
            for ticket in tickets
        ]
    assert [record.operator for record in found if record is not None] == ["o0", "o1"]


def test_rows_are_counted_and_texts_that_are_there_twice(database: Path) -> None:
    assert count_stored(database) == Stored(sessions=2, lines=3, different=2, broken_logs=0)


def test_a_log_with_a_gap_is_broken(database: Path) -> None:
    with closing(sqlite3.connect(database)) as shell, shell:
        shell.execute("DELETE FROM event WHERE seq = 3")

    assert count_stored(database) == Stored(sessions=2, lines=2, different=2, broken_logs=1)
