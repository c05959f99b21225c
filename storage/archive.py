"""The archive: every call that the rest of the program may make.

Owns which call is which kind of transaction. Must not know SQL.

Threads: the calls under "Reading" may come from several threads at once; those that write come
from one thread at a time. Other programs (a second server, the command line) may have the same
database open.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from storage import audit, batch, eventlog, operators, revisions, sessions, tokens
from storage.engine import Database
from storage.errors import OperatorExists, RuleBroken
from storage.records import (
    Append,
    AuditRecord,
    EventRecord,
    NewSession,
    OperatorRecord,
    SessionRecord,
    TicketRecord,
    TokenState,
    TranscriptRecord,
)


class Archive:
    """An open archive. Made by ``open``; every call may raise ``ArchiveUnavailable``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @classmethod
    def open(cls, url: str, *, create: bool = True, upgrade: bool = False) -> "Archive":
        """Open the archive at ``url`` (``sqlite:///path`` or ``postgresql://host/name``).

        Args:
            url: Where it is. An SQLite file is made readable to its owner only.
            create: Make the tables, and the SQLite file, if there are none.
            upgrade: Bring older tables to this program's revision.

        Raises:
            DatabaseUnsupported: no such kind of database.
            DatabaseMissing: nothing is there, and ``create`` is False.
            DatabaseForeign: the tables there are not Live Help's.
            DatabaseOlder: they are of an older revision, and ``upgrade`` is False.
            DatabaseNewer: they are of a revision that this program does not know.
            ArchiveUnavailable: the database cannot be reached, or is no database.
        """
        database = Database(url, create=create)
        try:
            revisions.prepare(database, create=create, upgrade=upgrade)
        except BaseException:
            database.close()
            raise
        return cls(database)

    def close(self) -> None:
        """Close every connection."""
        self._database.close()

    # Sessions

    def write(self, items: Sequence[NewSession | Append]) -> list[int | None]:
        """Store a batch in one transaction; when this returns, it is on the disk.

        Up to 512 events that change no header (lines, notes) are one statement, the fast path.

        Returns:
            For each item the number of its session, or None if it was refused and nothing of it
            stored: an Opening whose reference or key is taken; an Append that has a seq which is
            taken (another server was first), whose session is not there, or that comes after a
            refused one for the same session.

        Raises:
            RuleBroken: an event is of a shape that the tables refuse; nothing is stored.
            ValueError: an event has no time zone, or an Opening does not begin a log.
        """
        return batch.write(self._database, items)

    # Reading sessions

    def sessions(self, limit: int | None = 50, *, open_only: bool = False) -> list[SessionRecord]:
        """Return sessions, newest first."""
        with self._database.snapshot() as connection:
            return sessions.newest(connection, limit=limit, open_only=open_only)

    def open_sessions(self) -> list[SessionRecord]:
        """Return every session that has not ended, newest first."""
        return self.sessions(None, open_only=True)

    def session(self, reference: str) -> SessionRecord | None:
        """Return the header of one session."""
        with self._database.snapshot() as connection:
            return sessions.by_reference(connection, reference)

    def session_by_key(self, key_hash: bytes) -> SessionRecord | None:
        """Return the session that the key with this SHA-256 resumes."""
        with self._database.snapshot() as connection:
            return sessions.by_key(connection, key_hash)

    def events(
        self, session_id: int, after: int = 0, limit: int | None = None
    ) -> list[EventRecord]:
        """Return a session's events with a ``seq`` over ``after``, in order."""
        with self._database.single() as connection:
            return eventlog.read(connection, session_id, after, limit)

    def transcript(self, reference: str) -> TranscriptRecord | None:
        """Return all that is kept of one session, as it stood at one moment."""
        with self._database.snapshot() as connection:
            return sessions.transcript(connection, reference)

    # Tokens

    def knows_token(self, token_hash: bytes) -> bool:
        """Return whether a token was ever minted (reads): ask this before using one.

        So whoever makes tokens up costs the disk and the one writer nothing.
        """
        with self._database.single() as connection:
            return tokens.is_known(connection, token_hash)

    def present_token(self, token_hash: bytes, at: datetime) -> TokenState:
        """Use a token (writes).

        A live one is marked as used, and every older one of its chain dies. A dead one revokes
        its chain, which the audit log tells once as ``token_reused``.
        """
        with self._database.write() as connection:
            return tokens.present(connection, token_hash, at)

    def mint_token(self, session_id: int, token_hash: bytes, at: datetime) -> None:
        """Give a session that is open already another token, for the answer with one was lost.

        Raises:
            NoSuchSession: there is no session of that number.
        """
        with self._database.write() as connection:
            tokens.mint(connection, session_id, token_hash, at)

    # Operators

    def add_operator(self, name: str, password_hash: str, at: datetime) -> None:
        """Make an account; raises OperatorExists, whatever the capitals of the name."""
        try:
            with self._database.write() as connection:
                operators.add(connection, name, password_hash, at)
        except RuleBroken:
            raise OperatorExists(f"There is an operator named {name} already.") from None

    def operator(self, name: str) -> OperatorRecord | None:
        """Return an account, disabled or not; the name's capitals do not matter."""
        with self._database.single() as connection:
            return operators.one(connection, name)

    def operators(self) -> list[OperatorRecord]:
        """Return all accounts by name, disabled ones too."""
        with self._database.single() as connection:
            return operators.everyone(connection)

    def set_password(self, name: str, password_hash: str, at: datetime) -> None:
        """Change a password and end the operator's tickets; raises NoSuchOperator."""
        with self._database.write() as connection:
            operators.set_password(connection, name, password_hash, at)

    def disable_operator(self, name: str, at: datetime) -> None:
        """Close an account and end its tickets; raises NoSuchOperator."""
        with self._database.write() as connection:
            operators.disable(connection, name, at)

    # Tickets

    def open_ticket(
        self, ticket_hash: bytes, operator: str, at: datetime, expires_at: datetime
    ) -> None:
        """Write down a sign-in; raises NoSuchOperator for who is unknown or disabled."""
        with self._database.write() as connection:
            operators.open_ticket(connection, ticket_hash, operator, at, expires_at)

    def ticket(self, ticket_hash: bytes, at: datetime) -> TicketRecord | None:
        """Return a sign-in; None if it ended, expired, or its operator is disabled."""
        with self._database.single() as connection:
            return operators.ticket(connection, ticket_hash, at)

    def touch_tickets(self, uses: Mapping[bytes, datetime]) -> None:
        """Note when sign-ins, given by their hashes, were last used.

        Each call is a write to the disk, however many there are: call it seldom.
        """
        with self._database.write() as connection:
            operators.touch_tickets(connection, uses)

    def end_ticket(self, ticket_hash: bytes, at: datetime) -> None:
        """End a sign-in."""
        with self._database.write() as connection:
            operators.end_ticket(connection, ticket_hash, at)

    # Audit

    def audit(
        self, at: datetime, actor: str, action: str, subject: str, detail: Mapping[str, object]
    ) -> None:
        """Add an entry to the audit log; ``detail`` holds JSON values, and never a secret."""
        with self._database.write() as connection:
            audit.add(connection, at, actor=actor, action=action, subject=subject, detail=detail)

    def audit_entries(self, limit: int = 100) -> list[AuditRecord]:
        """Return the last entries of the audit log, newest first."""
        with self._database.single() as connection:
            return audit.entries(connection, limit)
