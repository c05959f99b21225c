"""A session's log as the database has it, and what follows from it.

Owns reading the whole of a log. It is done in a reading thread, with all that is computed from it:
a log of 100,000 lines takes seconds, in which everybody else goes on.
"""

from dataclasses import dataclass
from typing import Self

from livehelp.wire.events import AnyEvent
from server.persistence.event_mapping import to_event
from server.rules.session import Session, replay
from server.sessions.idempotency import IdempotencyWindow
from storage.archive import Archive


@dataclass(frozen=True, slots=True)
class StoredLog:
    """What is on the disk of one session.

    Attributes:
        events: All of them, in order.
        session: The rules' state after them.
        receipts: The commands that they came from.
    """

    events: list[AnyEvent]
    session: Session
    receipts: IdempotencyWindow

    @classmethod
    def read(cls, archive: Archive, reference: str, session_id: int) -> Self:
        """Read it; raises ``StorageError``."""
        records = archive.events(session_id)
        events = [to_event(reference, record) for record in records]
        return cls(events, replay(events), IdempotencyWindow.of(records))
