"""One session as this server holds it in memory: a cache of its log, and who listens.

Owns the cached state, the receipts of commands, and the list of live members. Must not decide
anything: the rules are in ``desk``. The database is the truth; a room may be thrown away and
read again at any time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import trio

from livehelp.wire.base import Message
from livehelp.wire.codec import encode
from livehelp.wire.commands import SessionCommand
from livehelp.wire.replies import Phase
from livehelp.wire.signals import Presence, Visit
from server.desk.actors import Actor
from server.desk.orders import Order
from server.desk.session import Session
from server.peer import Peer
from storage.records import EventRecord

# A client sends at most 64 commands ahead of their answers, so only those can be sent again; twice
# as many are kept of each run, whatever the others say meanwhile.
MAX_REFS: Final = 128
# Runs that are remembered of one session: its visitor, some operators, and their programs started
# again, which makes a new run each time.
MAX_RUNS: Final = 32

Receipt = tuple[str, int]


class InFlight(Protocol):
    """A command that is on its way to the disk."""

    def answer_to(self, peer: Peer) -> None:
        """Send the reply to this connection: the one that asked first may be gone."""
        ...


class Receipts:
    """What became of the last commands: ``(run, ref)`` to the entry in flight, or its ``seq``."""

    __slots__ = ("_runs",)

    def __init__(self) -> None:
        self._runs: dict[str, dict[int, InFlight | int]] = {}

    def get(self, receipt: Receipt) -> InFlight | int | None:
        """Return what is known of the command, None when it is new."""
        run, ref = receipt
        refs = self._runs.get(run)
        return None if refs is None else refs.get(ref)

    def is_behind(self, receipt: Receipt) -> bool:
        """Return whether a later command of the run was taken, and this one, which is new, was not.

        It was refused when it came first, for a run counts up and a connection keeps the order.
        """
        run, ref = receipt
        refs = self._runs.get(run)
        return bool(refs) and ref < next(reversed(refs))

    def put(self, receipt: Receipt, what: InFlight | int) -> None:
        """Remember a command; the oldest of its run is forgotten when there are too many."""
        run, ref = receipt
        refs = self._runs.pop(run, None)
        if refs is None:
            refs = {}
        self._runs[run] = refs  # last, as the one used last
        if len(self._runs) > MAX_RUNS:
            del self._runs[next(iter(self._runs))]
        refs[ref] = what
        if len(refs) > MAX_REFS:
            del refs[next(iter(refs))]

    def settle(self, receipt: Receipt, seq: int) -> None:
        """The command in flight is on disk."""
        run, ref = receipt
        refs = self._runs.get(run)
        if refs is not None:
            refs[ref] = seq

    def drop(self, receipt: Receipt) -> None:
        """Forget a command that was not stored."""
        run, ref = receipt
        refs = self._runs.get(run, {})
        refs.pop(ref, None)
        if not refs:
            self._runs.pop(run, None)


@dataclass(frozen=True, slots=True)
class Parked:
    """A command that waits until the room has been read again."""

    command: SessionCommand | Order
    actor: Actor
    peer: Peer | None
    ref: int | None


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
        stale: True while the cache must be read again. Commands that come meanwhile are
        parked: behind those that were
        returned: decided on what turned out not to be the log.
        told_position: The place in the queue that the visitor was told last.
    """

    __slots__ = (
        "id",
        "in_flight",
        "known",
        "members",
        "parked",
        "receipts",
        "reloading",
        "returned",
        "session",
        "stale",
        "told_position",
        "visitor",
        "visitor_lost_at",
    )

    def __init__(self, session_id: int, session: Session) -> None:
        self.id = session_id
        self.session = session
        self.known = session
        self.members: list[Peer] = []
        self.receipts = Receipts()
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
        return self.session.reference

    @property
    def committed(self) -> int:
        """The ``seq`` of the last event that is on disk."""
        return self.known.seq

    @property
    def phase(self) -> Phase:
        """Where the session stands."""
        return self.session.phase

    def restore(self, session: Session, records: Sequence[EventRecord]) -> None:
        """Take over what the database says: the state, and which commands it holds."""
        self.session = session
        self.known = session
        self.stale = False
        for record in records:
            if record.run is not None and record.ref is not None:
                self.receipts.put((record.run, record.ref), record.seq)

    def take_parked(self) -> list[Parked]:
        """Return the waiting commands in the order they came, and forget them."""
        waiting = self.returned + self.parked
        self.returned, self.parked = [], []
        return waiting

    def may_read(self, peer: Peer) -> bool:
        """Return whether the log may be shown to ``peer``, as things stand now."""
        if peer.is_visitor:
            return self.visitor is peer
        return peer.operator in self.known.operators

    def welcomes(self, peer: Peer) -> bool:
        """Return whether ``peer`` is to have the session's events live, as things stand now."""
        # An operator has nothing to wait for in a session that is over; its visitor may answer
        # the exit interview.
        return self.may_read(peer) and (peer.is_visitor or self.known.phase != "closed")

    def admit(self, peer: Peer) -> None:
        """Let ``peer`` have the session's events live."""
        if peer not in self.members:
            self.members.append(peer)
            peer.rooms = (*peer.rooms, self)

    def dismiss(self, peer: Peer) -> None:
        """Stop sending to ``peer``."""
        if peer in self.members:
            self.members.remove(peer)
            peer.rooms = tuple(room for room in peer.rooms if room is not self)

    def signal(self, message: Message, *, sender: Peer | None, staff_only: bool = False) -> None:
        """Send a signal to the members but ``sender``; dropped for whoever is behind."""
        data = encode(message)
        for member in self.members:
            if member is not sender and not (staff_only and member.is_visitor):
                member.outbox.push_signal(data)

    def signal_presence(self, peer: Peer, *, online: bool) -> None:
        """Tell the others that the link of ``peer`` was lost, or is back."""
        by = "visitor" if peer.is_visitor else "operator"
        name = self.known.name if peer.is_visitor else peer.operator
        signal = Presence(session=self.reference, by=by, name=name or "", online=online)
        self.signal(signal, sender=peer)

    def tell_if_visitor_is_lost(self, peer: Peer) -> None:
        """Tell ``peer``, who has just become a member, what members were told before."""
        if self.visitor is None and self.known.phase != "closed":
            name = self.known.name
            peer.outbox.push_signal(
                encode(Presence(session=self.reference, by="visitor", name=name, online=False))
            )

    def visit(self) -> Visit:
        """Return the snapshot that operators' lists show."""
        session = self.known
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
