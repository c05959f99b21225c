"""The two databases: how they are opened, and what a transaction is in each.

Owns the connection settings that durability stands on, and the three ways to use a connection:
``write`` (a transaction), ``snapshot`` (several reads that see one state) and ``single`` (one
statement that is its own transaction). Must not know what is stored.
"""

import os
import sqlite3
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DataError,
    DBAPIError,
    IntegrityError,
    SQLAlchemyError,
)

from storage.errors import (
    ArchiveUnavailable,
    DatabaseMissing,
    DatabaseUnsupported,
    OutcomeUnknown,
    RuleBroken,
)

if TYPE_CHECKING:
    from sqlalchemy import Table
    from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
    from sqlalchemy.pool import ConnectionPoolEntry

# RETURNING came with 3.35 (2021).
MIN_SQLITE: Final = (3, 35, 0)
# How long a statement waits for another program's write lock, in seconds. The command line writes
# for milliseconds; five seconds is a disk in trouble, and then an error is better than silence.
LOCK_TIMEOUT: Final = 5
# Where SQLite does not wait by itself: the other program is done in a millisecond or two.
LOCK_PAUSE: Final = 0.005
# How a link to PostgreSQL that went dead is noticed, in libpq's words: a connection attempt of 5 s,
# and no more than a minute of silence. The system's own patience is hours, and the writer's
# thread, which is never abandoned, would wait as long.
LINK: Final = {
    "connect_timeout": LOCK_TIMEOUT,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}
# One writer, a few reader threads, and the command of an administrator who looks on.
POOL_SIZE: Final = 8
# The connection option that says what begins a transaction in SQLite; None for a single statement.
BEGIN: Final = "livehelp_begin"


class Database:
    """An open engine, SQLite's or PostgreSQL's.

    Args:
        url: ``sqlite:///path`` or ``postgresql://user:password@host/name``.
        create: Make an SQLite file that is not there.

    Raises:
        DatabaseUnsupported: another kind of URL, or an SQLite that is too old or in memory.
        DatabaseMissing: there is no such file, and ``create`` is False.
    """

    def __init__(self, url: str, *, create: bool) -> None:
        self.url = parse_url(url)
        self.engine = (
            _sqlite_engine(self.url, create=create)
            if self.url.drivername == "sqlite"
            else _postgresql_engine(self.url)
        )
        options = (
            ({BEGIN: "BEGIN IMMEDIATE"}, {BEGIN: "BEGIN"}, {BEGIN: None})
            if self.is_sqlite
            else (
                {"isolation_level": "READ COMMITTED"},
                {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True},
                {"isolation_level": "AUTOCOMMIT"},
            )
        )
        self._writing, self._reading, self._alone = (
            self.engine.execution_options(**o) for o in options
        )

        self._kept: Connection | None = None

    @property
    def is_sqlite(self) -> bool:
        """True for SQLite, False for PostgreSQL."""
        return self.engine.dialect.name == "sqlite"

    # All of them raise RuleBroken for a value that a table refuses, and ArchiveUnavailable for
    # whatever else the database does not do; those that write OutcomeUnknown when the link breaks.

    @contextmanager
    def write(self) -> Generator[Connection]:
        """A transaction that writes: committed at the end, undone by an exception.

        In SQLite it holds the write lock from its first moment (BEGIN IMMEDIATE), so that what it
        reads is still so when it writes.
        """
        with _translated(writing=True), self._writing.begin() as connection:
            yield connection

    @contextmanager
    def snapshot(self) -> Generator[Connection]:
        """A transaction that reads one state of the database, however many statements it has."""
        with _translated(), self._reading.begin() as connection:
            yield connection

    @contextmanager
    def single(self) -> Generator[Connection]:
        """A connection for one statement, which is a transaction of its own.

        It costs one call into SQLite instead of three, or one round trip to PostgreSQL.
        """
        with _translated(), self._alone.connect() as connection:
            yield connection

    @contextmanager
    def line_writer(self) -> Generator[Connection]:
        """As ``single``, for the writer's hot statement; for one thread at a time.

        SQLite's connection is kept, for taking one out of the pool and giving it back costs 100 us
        a batch. PostgreSQL's is not: there the round trip costs more, and the pool finds out that a
        connection is dead before a line is lost to it.
        """
        if not self.is_sqlite:
            with _translated(writing=True), self._alone.connect() as connection:
                yield connection
            return
        with _translated(writing=True):
            if self._kept is None:
                self._kept = self._alone.connect()
            # Ends what SQLAlchemy takes for a transaction; SQLite has ended it with the statement.
            with self._kept.begin():
                yield self._kept

    def close(self) -> None:
        """Close every connection; the last one empties SQLite's write-ahead log."""
        if self._kept is not None:
            self._kept.close()
        self.engine.dispose()


def insert_or_ignore(connection: Connection, table: "Table") -> "sqlite.Insert | postgresql.Insert":
    """Return an INSERT that stores nothing where a unique value is taken."""
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    return dialect.insert(table).on_conflict_do_nothing()


def parse_url(url: str) -> URL:
    """Return ``url`` with its driver named; raises DatabaseUnsupported."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise DatabaseUnsupported(
            "That is no database URL. Use sqlite:///path/to/file.db or postgresql://host/name."
        ) from None
    if parsed.drivername in {"sqlite", "sqlite+pysqlite"}:
        if not parsed.database or parsed.database == ":memory:" or "mode" in parsed.query:
            # Every thread would get a memory of its own, and nothing would outlive the program.
            raise DatabaseUnsupported("An SQLite URL must name a file: sqlite:///path/to/file.db.")
        return parsed.set(drivername="sqlite")
    if parsed.drivername in {"postgresql", "postgres", "postgresql+psycopg"}:
        return parsed.set(drivername="postgresql+psycopg")
    raise DatabaseUnsupported(
        f"Live Help works with SQLite and PostgreSQL, not with {parsed.drivername!r}."
    )


def _sqlite_engine(url: URL, *, create: bool) -> Engine:
    if sqlite3.sqlite_version_info < MIN_SQLITE:
        raise DatabaseUnsupported(
            f"This Python has SQLite {sqlite3.sqlite_version}; Live Help needs "
            f"{'.'.join(map(str, MIN_SQLITE))} or later. Use a newer Python, or PostgreSQL."
        )
    _make_file(Path(url.database or ""), create=create)
    engine = create_engine(
        url,
        connect_args={"timeout": LOCK_TIMEOUT, "check_same_thread": False},
        pool_size=POOL_SIZE,
        max_overflow=0,
        hide_parameters=True,
    )
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _make_file(path: Path, *, create: bool) -> None:
    """Make an empty file that only its owner may read, before SQLite makes one for everybody."""
    if path.exists():
        return
    if not create:
        raise DatabaseMissing(
            f"There is no database at {path}. Is it in another place? "
            "`livehelp operators add` and `livehelp serve` make a new one."
        )
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
    except OSError as why:
        raise ArchiveUnavailable(f"The database {path} cannot be made: {why.strerror}.") from why


def _set_up_sqlite(connection: "DBAPIConnection", _entry: "ConnectionPoolEntry") -> None:
    # The driver begins no transaction of its own; _begin_sqlite does, at the right moment.
    connection.isolation_level = None
    cursor = connection.cursor()
    try:
        _write_ahead(cursor)
        # The commit returns when the disk has it: an acked line survives a power cut.
        cursor.execute("PRAGMA synchronous = FULL")
        # macOS keeps an fsync in the drive's cache unless asked; no other system looks at this.
        cursor.execute("PRAGMA fullfsync = ON")
        cursor.execute("PRAGMA foreign_keys = ON")
    finally:
        cursor.close()


def _write_ahead(cursor: "DBAPICursor") -> None:
    """Let readers go on while the writer writes.

    A new file is changed to it once. Of two programs that do so at the same moment SQLite lets one
    wait, and fails the other at once, for both hold what the other waits for: it tries again.
    """
    give_up = time.monotonic() + LOCK_TIMEOUT
    while True:
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as why:
            if why.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > give_up:
                raise
            time.sleep(LOCK_PAUSE)
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    if begin := connection.get_execution_options().get(BEGIN, "BEGIN"):
        connection.exec_driver_sql(begin)


def _postgresql_engine(url: URL) -> Engine:
    engine = create_engine(
        url,
        # What the URL says itself goes first.
        connect_args={name: value for name, value in LINK.items() if name not in url.query},
        pool_size=POOL_SIZE,
        max_overflow=0,
        hide_parameters=True,
        # A connection that died with a restarted server is replaced instead of failing a visit.
        pool_pre_ping=True,
    )
    event.listen(engine, "connect", _set_up_postgresql)
    return engine


def _set_up_postgresql(connection: "DBAPIConnection", _entry: "ConnectionPoolEntry") -> None:
    cursor = connection.cursor()
    try:
        cursor.execute(f"SET lock_timeout = '{LOCK_TIMEOUT}s'")
        # Off in the server's or the role's settings would let an acked line be lost; every other
        # value (on, remote_apply, ...) is the administrator's choice.
        cursor.execute(
            "SELECT set_config('synchronous_commit', 'on', false) "
            "WHERE current_setting('synchronous_commit') = 'off'"
        )
    finally:
        cursor.close()
    # Otherwise the settings would be undone with the transaction that they are made in.
    connection.commit()


@contextmanager
def _translated(*, writing: bool = False) -> Generator[None]:
    """Let no driver's exception out, nor the values in it: logs hold nothing visitors typed."""
    try:
        yield
    except (IntegrityError, DataError) as why:
        raise RuleBroken(f"A row breaks a rule of the tables: {_first_line(why)}") from None
    except SQLAlchemyError as why:
        link_broke = isinstance(why, DBAPIError) and why.connection_invalidated
        failure = OutcomeUnknown if writing and link_broke else ArchiveUnavailable
        raise failure(f"The database failed: {_first_line(why)}") from None


def _first_line(error: SQLAlchemyError) -> str:
    """Return what went wrong without PostgreSQL's DETAIL, which quotes the row."""
    words = str(error.orig if isinstance(error, DBAPIError) else error).strip()
    return words.partition("\n")[0]
