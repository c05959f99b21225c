"""One group commit: sessions opened and events appended, in one transaction.

Owns the two ways through a batch: all together, which is nearly always right, and item by item
when something in it was taken. Must not know what the events mean; ``projection`` does.
"""

from collections.abc import Sequence
from operator import itemgetter
from typing import Final, TypeAlias

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from storage import eventlog, tokens
from storage.engine import Database, insert_or_ignore
from storage.errors import RuleBroken
from storage.projection import HEADER_KINDS, change
from storage.records import Append, EventRecord, NewSession
from storage.tables import EVENT, INTERVIEW_ANSWER, SESSION, SESSION_OPERATOR

Item: TypeAlias = NewSession | Append

# Rows go in by session and seq: two servers that take locks in one order never deadlock.
PLACE: Final = itemgetter(0, 1)
# Stands for the number of a session that is being opened; real ones count from 1.
NOT_YET: Final = 0


def write(database: Database, batch: Sequence[Item]) -> list[int | None]:
    """Store the batch; see ``Archive.write``."""
    try:
        rows = _plain_rows(database, batch)
        if rows is not None:
            with database.line_writer() as connection:
                eventlog.append(connection, rows)
            return [item.session_id for item in batch if isinstance(item, Append)]
        with database.write() as connection:
            return _write_together(connection, batch)
    except RuleBroken:
        # Something was taken, and nothing was stored. Rare: two servers, one session.
        with database.write() as connection:
            return _write_singly(connection, batch)


def _plain_rows(database: Database, batch: Sequence[Item]) -> list[eventlog.DriverRow] | None:
    """Return the rows of a batch that one statement can store, or None if it needs more.

    The hot path: nothing but lines and other events that change no header.
    """
    dialect = database.engine.dialect
    rows: list[eventlog.DriverRow] = []
    for item in batch:
        if not isinstance(item, Append):
            return None
        for event in item.events:
            if event.kind in HEADER_KINDS:
                return None
        rows += eventlog.driver_rows(dialect, item.session_id, item.events)
    if len(rows) > eventlog.MAX_ROWS:
        return None
    rows.sort(key=PLACE)
    return rows


def _write_together(connection: Connection, batch: Sequence[Item]) -> list[int | None]:
    results: list[int | None] = []
    rows: list[eventlog.DriverRow] = []
    for item in batch:
        if isinstance(item, NewSession):
            session_id, events = _open(connection, item), (item.event,)
        else:
            session_id, events = item.session_id, item.events
        results.append(session_id)
        if session_id is not None:
            rows += eventlog.driver_rows(connection.dialect, session_id, events)
    rows.sort(key=PLACE)
    eventlog.append(connection, rows)
    for item in batch:
        if isinstance(item, Append):
            _project(connection, item.session_id, item.events)
    return results


def _write_singly(connection: Connection, batch: Sequence[Item]) -> list[int | None]:
    """Store the batch item by item, each whole or not at all, still in one transaction.

    After a refused Append the later ones for the same session are refused too: they were decided
    upon events that are not there.
    """
    results: list[int | None] = [None] * len(batch)
    refused: set[int] = set()
    for place in sorted(range(len(batch)), key=lambda place: _session_of(batch[place])):
        session = _session_of(batch[place])
        if session in refused:
            continue
        results[place] = _write_one(connection, batch[place])
        if results[place] is None and session != NOT_YET:
            refused.add(session)
    return results


def _session_of(item: Item) -> int:
    return item.session_id if isinstance(item, Append) else NOT_YET


def _write_one(connection: Connection, item: Item) -> int | None:
    if isinstance(item, NewSession):
        session_id = _open(connection, item)
        if session_id is not None:
            rows = eventlog.driver_rows(connection.dialect, session_id, (item.event,))
            eventlog.append(connection, rows)
        return session_id
    try:
        with connection.begin_nested():
            rows = eventlog.driver_rows(connection.dialect, item.session_id, item.events)
            eventlog.append(connection, rows)
    except IntegrityError:
        if _is_taken(connection, item):
            return None
        raise
    _project(connection, item.session_id, item.events)
    return item.session_id


def _is_taken(connection: Connection, item: Append) -> bool:
    """Tell a lost race (a seq is taken, the session is gone) from an event that is wrong."""
    known = select(SESSION.c.id).where(SESSION.c.id == item.session_id)
    if connection.execute(known).first() is None:
        return True
    taken = select(EVENT.c.id).where(
        EVENT.c.session_id == item.session_id, EVENT.c.seq.in_([e.seq for e in item.events])
    )
    return connection.execute(taken).first() is not None


def _open(connection: Connection, opening: NewSession) -> int | None:
    """Insert the header and the token; None if the reference or the key is taken."""
    event = opening.event
    if event.kind != "opened" or event.seq != 1:
        raise ValueError(f"A log begins with opened, 1; not with {event.kind}, {event.seq}.")
    chain_id = tokens.usable_chain(connection, opening.chain_id)
    values = {
        **change(event).columns,
        "reference": opening.reference,
        "key_hash": opening.key_hash,
        "chain_id": chain_id,
    }
    statement = insert_or_ignore(connection, SESSION).returning(SESSION.c.id)
    session_id: int | None = connection.execute(statement, values).scalar()
    if session_id is not None and opening.token_hash is not None:
        tokens.insert_token(connection, session_id, chain_id, opening.token_hash, event.at)
    return session_id


def _project(connection: Connection, session_id: int, events: Sequence[EventRecord]) -> None:
    for event in events:
        if event.kind not in HEADER_KINDS:
            continue
        what = change(event)
        if what.columns:
            connection.execute(
                update(SESSION).where(SESSION.c.id == session_id).values(what.columns)
            )
        if what.joined is not None:
            connection.execute(
                insert_or_ignore(connection, SESSION_OPERATOR).values(
                    session_id=session_id, operator=what.joined, joined_seq=event.seq
                )
            )
        if what.interview is not None:
            _replace_interview(connection, session_id, what.interview)


def _replace_interview(
    connection: Connection, session_id: int, interview: Sequence[tuple[str, str]]
) -> None:
    answers = INTERVIEW_ANSWER
    connection.execute(delete(answers).where(answers.c.session_id == session_id))
    if interview:
        connection.execute(
            insert(answers),
            [
                {"session_id": session_id, "position": place, "question": asked, "answer": said}
                for place, (asked, said) in enumerate(interview, start=1)
            ],
        )
