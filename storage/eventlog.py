"""The event table as a log: rows appended in bulk, and read back as records.

Owns the one hot statement of the program. Must not know headers or tokens.

Why the statement looks as it does, measured with a busy thread beside the writer: each call into
SQLite gives Python's lock away, and getting it back takes up to a switch interval (5 ms). 100 rows
took 290 ms row by row, 23-29 ms with BEGIN, a few INSERTs and COMMIT, and 7 ms in one INSERT that
is its own transaction. Hence one statement for up to MAX_ROWS rows. Its sizes are powers of two,
so that few of them fill the drivers' caches of prepared statements; the places that are left over
hold NULLs, and the statement drops them. Rows out of one JSON array (``json_each``) need one size
only and cost twice the processor time (12 us a row against 6).
"""

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from string import Template
from typing import Any, Final, TypeAlias, cast

from sqlalchemy import Connection, Dialect, select
from sqlalchemy.types import TypeEngine

from storage.records import EventRecord
from storage.tables import EVENT

# 512 rows are 5,120 parameters: SQLite allows 32,766 and PostgreSQL 65,535.
MAX_ROWS: Final = 512
COLUMNS: Final = tuple(column for column in EVENT.c if column.name != "id")

# One event as the driver takes it, in the order of COLUMNS.
DriverRow: TypeAlias = tuple[object, ...]
_INSERT: Final = Template(
    "WITH fresh ($names) AS (VALUES $values) INSERT INTO event ($names) "
    "SELECT $names FROM fresh WHERE session_id IS NOT NULL"
)
# The statements of each dialect by their number of rows, made when first used.
_statements: dict[tuple[str, int], str] = {}
_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=dict).encode


def driver_rows(
    dialect: Dialect, session_id: int, events: Iterable[EventRecord]
) -> list[DriverRow]:
    """Return the rows of ``events``; raises ValueError for a moment without a time zone."""
    moment = _MOMENTS[dialect.name]
    return [
        (
            session_id,
            event.seq,
            moment(event.at),
            event.kind,
            event.actor,
            event.name,
            event.text,
            _json(event.data) if event.data else None,
            event.run,
            event.ref,
        )
        for event in events
    ]


def append(connection: Connection, rows: Sequence[DriverRow]) -> None:
    """Insert ``rows``: one statement for up to MAX_ROWS of them.

    Raises:
        IntegrityError: a ``(session_id, seq)`` is taken, or there is no such session.
    """
    for start in range(0, len(rows), MAX_ROWS):
        chunk = rows[start : start + MAX_ROWS]
        size = 1 << (len(chunk) - 1).bit_length()
        parameters: list[object] = []
        for row in chunk:
            parameters += row
        parameters += [None] * ((size - len(chunk)) * len(COLUMNS))
        connection.exec_driver_sql(_insert(connection.dialect, size), tuple(parameters))


def read(
    connection: Connection, session_id: int, after: int = 0, limit: int | None = None
) -> list[EventRecord]:
    """Return the session's events with a ``seq`` over ``after``, in order."""
    query = (
        select(*COLUMNS[1:])
        .where(EVENT.c.session_id == session_id, EVENT.c.seq > after)
        .order_by(EVENT.c.seq)
        .limit(limit)
    )
    rows = cast("Sequence[tuple[Any, ...]]", connection.execute(query).all())
    return [
        EventRecord(seq, at, kind, actor, name, text, data or {}, run, ref)
        for seq, at, kind, actor, name, text, data, run, ref in rows
    ]


def _insert(dialect: Dialect, size: int) -> str:
    statement = _statements.get((dialect.name, size))
    if statement is None:
        names = ", ".join(column.name for column in COLUMNS)
        marks = f"({', '.join(_mark(dialect, column.type) for column in COLUMNS)})"
        statement = _statements[dialect.name, size] = _INSERT.substitute(
            names=names, values=", ".join([marks] * size)
        )
    return statement


def _mark(dialect: Dialect, type_: TypeEngine[Any]) -> str:
    """Return one parameter's place; PostgreSQL must be told the type of what is in VALUES."""
    return "?" if dialect.name == "sqlite" else f"%s::{type_.compile(dialect)}"


def _aware(at: datetime) -> datetime:
    if at.utcoffset() is None:
        raise ValueError(f"The moment {at} of an event has no time zone.")
    return at


def _sqlite_moment(at: datetime) -> str:
    """Return ``at`` as SQLAlchemy stores it in SQLite: in UTC, readable, without the zone."""
    if at.tzinfo is not UTC:
        at = _aware(at).astimezone(UTC)
    return at.isoformat(" ", "microseconds")[:26]


_MOMENTS: dict[str, Callable[[datetime], object]] = {
    "sqlite": _sqlite_moment,
    "postgresql": _aware,
}
