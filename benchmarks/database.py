"""The database of one run: operators' accounts before the server starts, a count of rows after.

Accounts are made through the storage's own door. The rows are counted without it, in plain SQL,
so that a mistake of ours in writing them is not repeated in reading them. Must not know how the
lines came there.
"""

import hashlib
import secrets
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from storage.archive import Archive

# No password has this for its hash, as in /etc/shadow: the accounts sign in by ticket alone.
# A password would cost 25 to 50 ms of argon2 each, and that is not what is measured.
_LOCKED: Final = "!"
_TICKET_LIFE: Final = timedelta(hours=1)

_LINES: Final = """
    SELECT count(*), count(DISTINCT text) FROM event WHERE kind = 'line'
"""
# A log's numbers are 1, 2, 3, ...: the last is the count, and none comes twice.
_BROKEN_LOGS: Final = """
    SELECT count(*) FROM (
        SELECT session_id FROM event GROUP BY session_id
        HAVING max(seq) <> count(*) OR count(DISTINCT seq) <> count(*)
    )
"""
_SESSIONS: Final = "SELECT count(*) FROM session"


@dataclass(frozen=True, slots=True)
class Stored:
    """What the database holds after a run.

    ``different`` counts the lines with different texts: fewer than ``lines`` means that one was
    stored twice. ``broken_logs`` counts the sessions whose numbers have gaps.
    """

    sessions: int
    lines: int
    different: int
    broken_logs: int


def url_of(path: Path) -> str:
    """Return the URL of the SQLite file at ``path``."""
    return f"sqlite:///{path.resolve()}"


def add_operators(path: Path, count: int) -> list[str]:
    """Make the database at ``path`` with ``count`` operators; return a ticket for each.

    Every pair has an operator of its own: an operator's connections are all sent the lines of
    all the operator's sessions.
    """
    now = datetime.now(UTC)
    tickets: list[str] = []
    with closing(Archive.open(url_of(path))) as archive:
        for number in range(count):
            ticket = secrets.token_urlsafe(32)
            archive.add_operator(_name(number), _LOCKED, now)
            archive.open_ticket(
                hashlib.sha256(ticket.encode()).digest(), _name(number), now, now + _TICKET_LIFE
            )
            tickets.append(ticket)
    return tickets


def count_stored(path: Path) -> Stored:
    """Count what is in the database at ``path``; the server must have ended."""
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
        lines, different = database.execute(_LINES).fetchone()
        (broken,) = database.execute(_BROKEN_LOGS).fetchone()
        (sessions,) = database.execute(_SESSIONS).fetchone()
    return Stored(sessions=sessions, lines=lines, different=different, broken_logs=broken)


def _name(number: int) -> str:
    # Short: while N operators sign in, each is told the names of all others N times.
    return f"o{number}"
