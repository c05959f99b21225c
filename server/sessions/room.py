"""One session as this server holds it in memory: a cache of its log, and who listens.

Owns the cached state, what is known of its commands, and the list of live members. Must not decide
anything: the rules are in ``desk``. The database is the truth; a room may be thrown away and
read again at any time.
"""

from dataclasses import dataclass
from typing import Final

import trio

from livehelp.wire.base import Message
from livehelp.wire.codec import encode
from livehelp.wire.commands import SessionCommand
from livehelp.wire.replies import ErrorCode, Phase
from livehelp.wire.signals import Presence, Visit
from server.delivery.peer import Peer
from server.rules.actors import Actor
from server.rules.session import Session
from server.rules.system_commands import SystemCommand
from server.sessions.idempotency import IdempotencyWindow

NOT_STORED: Final = "It could not be stored just now, so nobody has seen it. Please try again."


@dataclass(frozen=True, slots=True)
class Parked:
    """A command that waits until the room has been read again."""

    command: SessionCommand | SystemCommand
    actor: Actor
    peer: Peer | None
    ref: int | None

    def refuse(self) -> None:
        """Tell whoever sent it that it is not stored; an order of the system is given again."""
        if self.peer is not None:
            self.peer.refuse(ErrorCode.NOT_STORED, NOT_STORED, self.ref)


class Room:
    """A session in memory.

    Attributes:
        id: The session's row in the database.
        session: The rules' state, all submitted events included, committed or not.
        known: The state without them: only this may be told.
        members: The peers that get its events live.
        visitor: The visitor's connection, if there is one.
        visitor_lost_at: When that connection was lost (trio's clock), while there is none.
        in_flight: How many commands are on their way to the disk.
        receipts: What is known of the commands that came before, so that none is carried out twice.
        stale: True while the cache must be read again; nothing is decided then.
        reloading: True while it is being read.
        parked: The commands that came while the room was stale, in order.
        returned: Those decided on what turned out not to be the log; they go before the parked.
        told_position: The place in the queue that the visitor was told last.
    """

    __slots__ = (
        "committed",
        "id",
        "in_flight",
        "parked",
        "reloading",
        "requests",
        "returned",
        "stale",
        "subscribers",
        "tentative",
        "told_position",
        "visitor",
        "visitor_lost_at",
    )

    def __init__(self, session_id: int, session: Session) -> None:
        self.id = session_id
        self.tentative = session
        self.committed = session
        self.subscribers: list[Peer] = []
        self.requests = IdempotencyWindow()
        self.visitor: Peer | None = None
        self.visitor_lost_at = trio.current_time()
        self.stale = False
        self.reloading = False
        self.parked: list[Parked] = []
        self.returned: list[Parked] = []
        self.in_flight = 0
        self.told_position: tuple[int, int, int] | None = None

    @property
    def reference(self) -> str:
        """The session's name."""
        return self.tentative.reference

    @property
    def committed_seq(self) -> int:
        """The ``seq`` of the last event that is on disk."""
        return self.committed.seq

    @property
    def phase(self) -> Phase:
        """Where the session stands."""
        return self.tentative.phase

    def restore(self, session: Session, receipts: IdempotencyWindow) -> None:
        """Take over what the database says: the state, and which commands it holds.

        Nothing of the room may be on its way to the disk.
        """
        self.tentative = session
        self.committed = session
        self.stale = False
        self.requests = receipts

    def take_parked(self) -> list[Parked]:
        """Return the waiting commands in the order they came, and forget them."""
        waiting = self.returned + self.parked
        self.returned, self.parked = [], []
        return waiting

    def may_read(self, peer: Peer) -> bool:
        """Return whether the log may be shown to ``peer``, as things stand now."""
        if peer.is_visitor:
            return self.visitor is peer
        return peer.operator in self.committed.operators

    def may_subscribe(self, peer: Peer) -> bool:
        """Return whether ``peer`` is to have the session's events live, as things stand now."""
        # An operator has nothing to wait for in a session that is over; its visitor may answer
        # the exit interview.
        return self.may_read(peer) and (peer.is_visitor or self.committed.phase != "closed")

    def subscribe(self, peer: Peer) -> None:
        """Let ``peer`` have the session's events live."""
        if peer not in self.subscribers:
            self.subscribers.append(peer)
            peer.rooms = (*peer.rooms, self)

    def unsubscribe(self, peer: Peer) -> None:
        """Stop sending to ``peer``."""
        if peer in self.subscribers:
            self.subscribers.remove(peer)
            peer.rooms = tuple(room for room in peer.rooms if room is not self)

    def signal(self, message: Message, *, sender: Peer | None) -> None:
        """Send a signal to the members but ``sender``; dropped for whoever is behind."""
        data = encode(message)
        for member in self.subscribers:
            if member is not sender:
                member.send_queue.push_signal(data)

    def operator_presence(self, name: str, *, online: bool) -> Presence:
        """Return that the link of an operator is lost, or is back."""
        return Presence(session=self.reference, by="operator", name=name, online=online)

    def visitor_presence(self) -> Presence:
        """Return whether the visitor is connected."""
        return Presence(
            session=self.reference,
            by="visitor",
            name=self.committed.name,
            online=self.visitor is not None,
        )

    def visit(self) -> Visit:
        """Return the snapshot that operators' lists show."""
        session = self.committed
        return Visit(
            session=session.reference,
            seq=session.seq,
            phase=session.phase,
            at=session.opened_at,
            name=session.name,
            topic=session.topic,
            client=session.client,
            version=session.version,
            ip=session.ip,
            host=session.host,
            place=session.place,
            previous=session.previous,
            operators=session.operators,
            online=self.visitor is not None,
        )
