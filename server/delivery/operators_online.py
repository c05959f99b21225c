"""What all operators see: who waits, who is being helped, and who of them is there.

Owns the queue and the roster (pure values of the desk) with the connections behind them. Must
not know sessions' contents.
"""

from collections.abc import Iterator

import trio

from livehelp.wire.codec import encode
from livehelp.wire.signals import Position
from livehelp.wire.signals import Roster as RosterSignal
from server.delivery.peer import VISITOR, Peer
from server.rules.actors import Operator
from server.rules.queue import Queue
from server.rules.roster import Roster
from server.rules.session import Session
from server.sessions.room import Room


class OperatorsOnline:
    """The operators' side of the server.

    Attributes:
        queue: Who waits, oldest first.
        roster: Which operators are signed in.
        left_at: When an operator's last connection was lost (trio's clock), by name.
    """

    def __init__(self) -> None:
        self.queue = Queue()
        self.roster = Roster()
        self.left_at: dict[str, float] = {}
        self._peers: dict[str, list[Peer]] = {}
        self._queue_changed = False
        self._roster_changed = False

    def enter(self, peer: Peer, name: str) -> None:
        """An operator has signed in on this connection."""
        peer.operator = name
        peer.actor = Operator(name)
        self._peers.setdefault(name, []).append(peer)
        self.roster = self.roster.sign_in(name)
        self.left_at.pop(name, None)
        self._queue_changed = self._roster_changed = True

    def leave(self, peer: Peer) -> None:
        """The connection of an operator has ended."""
        name = peer.operator
        if name is None:
            return
        peer.operator = None
        peer.actor = VISITOR
        mine = self._peers[name]
        mine.remove(peer)
        if not mine:
            del self._peers[name]
            self.left_at[name] = trio.current_time()
        self.roster = self.roster.sign_out(name)
        self._queue_changed = self._roster_changed = True

    def of(self, name: str) -> list[Peer]:
        """Return the connections on which ``name`` is signed in."""
        return list(self._peers.get(name, ()))

    def peers(self) -> Iterator[Peer]:
        """Yield every signed-in connection."""
        for mine in self._peers.values():
            yield from mine

    def observe(self, session: Session) -> None:
        """Put the session into the queue or take it out, as its phase says."""
        queue = self.queue.observe(session)
        self._queue_changed |= queue is not self.queue
        self.queue = queue

    def push(self, data: bytes, *, besides: list[Peer]) -> None:
        """Send ``data`` to every signed-in operator who is not among ``besides``."""
        for peer in self.peers():
            if peer not in besides:
                peer.send_queue.push(data)

    def tell_visitor_presence(self, room: Room) -> None:
        """Tell the operators whom it concerns whether the visitor is connected.

        While the visitor waits these are all: whoever takes the visit should know.
        """
        signal = room.visitor_presence()
        room.signal(signal, sender=room.visitor)
        if room.committed.phase == "waiting":
            data = encode(signal)
            for peer in self.peers():
                peer.send_queue.push_signal(data)

    def tell_roster(self, peer: Peer) -> None:
        """Tell one operator who is signed in, at once."""
        peer.told_roster = self.roster.names
        peer.tell(RosterSignal(operators=peer.told_roster))

    def tell_changes(self, rooms: dict[str, Room]) -> None:
        """Tell operators the roster and waiting visitors their places, where they have changed.

        Called about once a second: a hundred people who come or go at once cost each of the
        others one message, not a hundred.
        """
        if self._roster_changed:
            self._roster_changed = False
            names = self.roster.names
            data = encode(RosterSignal(operators=names))
            for peer in self.peers():
                if peer.told_roster == names:
                    continue
                if peer.send_queue.push_signal(data):
                    peer.told_roster = names
                else:
                    self._roster_changed = True  # told in a later round
        if self._queue_changed:
            self._queue_changed = False
            for position, reference in enumerate(self.queue.references, start=1):
                if room := rooms.get(reference):
                    self._tell_position(room, position)

    def tell_position(self, room: Room) -> None:
        """Tell one waiting visitor the place, at once."""
        position = self.queue.position(room.reference)
        if position is not None:
            self._tell_position(room, position)

    def _tell_position(self, room: Room, position: int) -> None:
        told = (position, len(self.queue), len(self.roster.names))
        if room.visitor is None or room.told_position == told:
            return
        signal = Position(
            session=room.reference, position=position, waiting=told[1], operators=told[2]
        )
        if room.visitor.send_queue.push_signal(encode(signal)):
            room.told_position = told
        else:
            self._queue_changed = True  # told in a later round
