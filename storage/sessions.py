"""Reading sessions: headers, lists, whole transcripts.

Must not know how they were written.
"""

from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, select

from storage import eventlog
from storage.records import SessionRecord, TranscriptRecord
from storage.tables import INTERVIEW_ANSWER, SESSION, SESSION_OPERATOR


def by_reference(connection: Connection, reference: str) -> SessionRecord | None:
    """Return the session that people know by ``reference``."""
    return _one(connection, SESSION.c.reference == reference)


def by_id(connection: Connection, session_id: int) -> SessionRecord | None:
    """Return the session of that number."""
    return _one(connection, SESSION.c.id == session_id)


def by_key(connection: Connection, key_hash: bytes) -> SessionRecord | None:
    """Return the session that the key with that hash resumes."""
    return _one(connection, SESSION.c.key_hash == key_hash)


def latest_of_chain(connection: Connection, chain_id: int) -> SessionRecord | None:
    """Return the last of the visits that one token after another ties."""
    query = (
        select(SESSION).where(SESSION.c.chain_id == chain_id).order_by(SESSION.c.id.desc()).limit(1)
    )
    return next(iter(_records(connection, query)), None)


def newest(connection: Connection, *, limit: int | None, open_only: bool) -> list[SessionRecord]:
    """Return sessions, newest first."""
    query = select(SESSION).order_by(SESSION.c.id.desc()).limit(limit)
    if open_only:
        query = query.where(SESSION.c.ended_at.is_(None))
    return _records(connection, query)


def transcript(connection: Connection, reference: str) -> TranscriptRecord | None:
    """Return all that is kept of one session."""
    session = by_reference(connection, reference)
    if session is None:
        return None
    answers = INTERVIEW_ANSWER
    asked = (
        select(answers.c.question, answers.c.answer)
        .where(answers.c.session_id == session.id)
        .order_by(answers.c.position)
    )
    return TranscriptRecord(
        session,
        tuple(eventlog.read(connection, session.id)),
        tuple((row.question, row.answer) for row in connection.execute(asked)),
    )


def _one(connection: Connection, which: ColumnElement[bool]) -> SessionRecord | None:
    return next(iter(_records(connection, select(SESSION).where(which))), None)


def _records(connection: Connection, query: Select[Any]) -> list[SessionRecord]:
    rows = connection.execute(query).all()
    operators = _operators(connection, query) if rows else {}
    return [_record(row, operators.get(row.id, ())) for row in rows]


def _operators(connection: Connection, query: Select[Any]) -> dict[int, tuple[str, ...]]:
    """Return who helped in each of the sessions, in the order of their first joining."""
    helped = SESSION_OPERATOR
    # The query again, and not a list of ids: there may be more open sessions than parameters.
    found = connection.execute(
        select(helped.c.session_id, helped.c.operator)
        .where(helped.c.session_id.in_(query.with_only_columns(SESSION.c.id)))
        .order_by(helped.c.session_id, helped.c.joined_seq)
    )
    return {
        session_id: tuple(row.operator for row in rows)
        for session_id, rows in groupby(found, key=lambda row: row.session_id)
    }


def _record(row: Row[Any], operators: tuple[str, ...]) -> SessionRecord:
    return SessionRecord(
        id=row.id,
        reference=row.reference,
        visitor_name=row.visitor_name,
        topic=row.topic,
        client=row.client,
        version=row.version,
        ip=row.ip,
        host=row.host,
        place=row.place,
        started_at=row.started_at,
        ended_at=row.ended_at,
        ended_by=row.ended_by,
        email=row.email,
        previous=row.previous,
        operators=operators,
        chain_id=row.chain_id,
    )
