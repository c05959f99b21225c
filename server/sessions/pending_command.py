"""A decided command on its way to the disk.

Owns what the journal is told of it. What follows from the outcome is ``sessions``' matter.
"""

from collections.abc import Sequence
from typing import Protocol

from livehelp.wire.commands import SessionCommand
from livehelp.wire.events import AnyEvent
from server.delivery.peer import Peer
from server.persistence.event_mapping import to_record
from server.rules.actors import Actor
from server.rules.system_commands import SystemCommand
from server.sessions.room import Parked, Room
from storage.records import Append


class Outcomes(Protocol):
    """Who wants to know what became of it."""

    def stored(self, entry: "PendingCommand") -> None:
        """It is on disk."""
        ...

    def conflicted(self, entry: "PendingCommand") -> None:
        """Nothing of it is stored, and it must be decided again."""
        ...

    def failed(self, entry: "PendingCommand") -> None:
        """Nothing of it is stored, for the database refused."""
        ...

    def lost(self, entry: "PendingCommand") -> None:
        """It may be stored, or not."""
        ...


class PendingCommand:
    """A decided command on its way to the disk.

    Args:
        outcomes: Who is told what became of it.
        room: Where it was given; its state has the events already.
        command, actor: What, and by whom.
        peer: Who is answered; None for the system's orders.
        ref: What the answer repeats.
        events: What the command comes to.
    """

    __slots__ = (
        "_outcomes",
        "actor",
        "after",
        "command",
        "events",
        "peer",
        "ref",
        "request_id",
        "room",
    )

    def __init__(
        self,
        outcomes: Outcomes,
        room: Room,
        command: SessionCommand | SystemCommand,
        actor: Actor,
        peer: Peer | None,
        ref: int | None,
        events: Sequence[AnyEvent],
    ) -> None:
        self._outcomes = outcomes
        self.room = room
        self.command = command
        self.actor = actor
        self.peer = peer
        self.ref = ref
        self.request_id = (peer.run, ref) if peer is not None and ref is not None else None
        self.events = events
        self.after = room.tentative

    @property
    def undecided(self) -> Parked:
        """The command, as it was given."""
        return Parked(self.command, self.actor, self.peer, self.ref)

    @property
    def write(self) -> Append | None:
        """What is stored: the events, each with the command's run and ref.

        None when an entry of the room was not stored: this one builds on it, and comes back.
        """
        if self.room.stale:
            return None
        run, ref = self.request_id or (None, None)
        return Append(self.room.id, tuple([to_record(event, run, ref) for event in self.events]))

    def answer_to(self, peer: Peer) -> None:
        """The same command came again, on another connection."""
        self.peer = peer

    def stored(self, session_id: int) -> None:
        """On disk: tell everybody, and answer the sender."""
        del session_id  # known already
        self._outcomes.stored(self)

    def conflicted(self) -> None:
        """Another server was quicker."""
        self._outcomes.conflicted(self)

    def failed(self) -> None:
        """The database refused."""
        self._outcomes.failed(self)

    def lost(self) -> None:
        """The database may have it, or not."""
        self._outcomes.lost(self)
