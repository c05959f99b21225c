"""Opening a session: a fresh reference, a key, a token for the next visit.

Owns the first transaction of a session. The same ``start`` sent twice (same key) opens one.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

import trio

from livehelp.wire.commands import Start
from livehelp.wire.events import Opened
from livehelp.wire.replies import ErrorCode
from server.auth.secrets import hash_secret, new_secret
from server.persistence.db_threads import DatabaseThreads
from server.persistence.event_mapping import to_record
from server.persistence.journal import Journal
from server.rules.actors import ClientDetails
from server.rules.decide import open_session
from server.rules.reference import REFERENCE_BITS, make_reference
from server.rules.refused import Refused
from storage.archive import Archive
from storage.errors import OutcomeUnknown
from storage.records import NewSession

# One fresh reference in 100,000 is taken when a million are; five in a row is a broken generator.
TRIES: Final = 5
NOT_OPENED: Final = "Your visit could not be stored just now. Please try again in a moment."


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """A session that is on disk."""

    session_id: int
    event: Opened
    key: str
    token: str | None

    @property
    def reference(self) -> str:
        """The session's name."""
        return self.event.session


@dataclass(frozen=True, slots=True)
class AlreadyOpen:
    """A session that the same ``start`` had opened before."""

    reference: str
    key: str
    token: str | None


class SessionStarter:
    """Opens sessions.

    Args:
        archive: The database.
        journal: Its one writer.
        reader: Its reading threads.
        clock: Returns the time (UTC, aware).
    """

    def __init__(
        self,
        archive: Archive,
        journal: Journal,
        reader: DatabaseThreads,
        clock: Callable[[], datetime],
    ) -> None:
        self._archive = archive
        self._journal = journal
        self._reader = reader
        self._clock = clock

    async def open(
        self,
        start: Start,
        caller: ClientDetails,
        *,
        chain: int | None,
        previous: str | None,
        stored: Callable[[OpenedSession], None],
    ) -> AlreadyOpen | None:
        """Open a session and call ``stored`` at the moment it is on disk.

        Args:
            start: What the visitor entered.
            caller: What the connection knows of the visitor.
            chain: The token chain that this visit goes on with.
            previous: The reference of the visit before.
            stored: Called before anything later can be committed, so that the visitor hears of
                the session before anybody can say something in it.

        Returns:
            The session that this very ``start`` had opened before, if it had; then ``stored`` was
            not called.

        Raises:
            Refused: the text is empty (``EMPTY_TEXT``) or the disk refused (``NOT_STORED``).
            OutcomeUnknown: the same start again will tell.
        """
        if start.key is not None and (again := await self._opened_before(start, start.key)):
            return again
        key = start.key or new_secret()
        for _ in range(TRIES):
            reference = make_reference(secrets.randbits(REFERENCE_BITS))
            event = open_session(reference, start, caller, previous, self._clock())
            token = new_secret() if start.remember else None
            opening = NewSession(
                event=to_record(event),
                reference=reference,
                key_hash=hash_secret(key),
                chain_id=chain,
                token_hash=None if token is None else hash_secret(token),
            )
            entry = OpeningEntry(
                opening, event, partial(OpenedSession, key=key, token=token), stored
            )
            self._journal.submit(entry)
            await entry.settled.wait()
            if entry.outcome == "stored":
                return None
            if entry.outcome == "lost":
                raise OutcomeUnknown("The database's link broke while a session was opened.")
            if entry.outcome == "failed":
                break
            if start.key is not None and (again := await self._opened_before(start, start.key)):
                return again  # two connections sent the same start at once
        raise Refused(ErrorCode.NOT_STORED, NOT_OPENED)

    async def _opened_before(self, start: Start, key: str) -> AlreadyOpen | None:
        record = await self._reader(self._archive.session_by_key, hash_secret(key))
        if record is None:
            return None
        token = None
        if start.remember:
            # The first token was perhaps never received; only its hash is left of it.
            token = new_secret()
            await self._journal.run_sync(
                partial(self._archive.mint_token, record.id, hash_secret(token), self._clock())
            )
        return AlreadyOpen(record.reference, key, token)


class OpeningEntry:
    """A new session on its way to the disk."""

    def __init__(
        self,
        opening: NewSession,
        event: Opened,
        made: Callable[..., OpenedSession],
        then: Callable[[OpenedSession], None],
    ) -> None:
        self.write = opening
        self.outcome: str | None = None
        self.settled = trio.Event()
        self._event = event
        self._made = made
        self._then = then

    def stored(self, session_id: int) -> None:
        """On disk, in this row."""
        self.outcome = "stored"
        self._then(self._made(session_id, self._event))
        self.settled.set()

    def conflicted(self) -> None:
        """The reference or the key is taken."""
        self.outcome = "conflicted"
        self.settled.set()

    def failed(self) -> None:
        """The database refused."""
        self.outcome = "failed"
        self.settled.set()

    def lost(self) -> None:
        """It may be on disk."""
        self.outcome = "lost"
        self.settled.set()
