"""Telling what has happened: committed events go to whoever may see them.

Owns who gets which event. Each event is encoded once, and the same bytes go to everybody.
Nothing is told before it is on disk: the journal calls this after the commit.
"""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Final, TypeAlias

from livehelp.wire.codec import encode
from livehelp.wire.events import FLOOR_EVENTS, STAFF_EVENTS, AnyEvent, Line
from livehelp.wire.replies import Resumed
from server.delivery.operators_online import OperatorsOnline
from server.delivery.peer import Peer
from server.persistence.event_mapping import to_event
from server.sessions.room import Room
from storage.errors import StorageError
from storage.records import EventRecord

# Rows read at once for a replay: some 200 KiB of the longest lines in memory for each.
PAGE: Final = 100
# A replay is sent in pieces of about this many bytes, waiting for the reader after each. With
# REPLAY_MARK and the longest event (MAX_SERVER_LINE) before it, it fits in an outbox.
PIECE: Final = 32 * 1024

ReadEvents: TypeAlias = Callable[[int, int, int], Awaitable[list[EventRecord]]]


class Hub:
    """Delivers events.

    Args:
        floor: The signed-in operators.
        read: Reads a session's events: ``(session_id, after, limit)``, in a thread.
    """

    def __init__(self, floor: OperatorsOnline, read: ReadEvents) -> None:
        self._floor = floor
        self._read = read

    def publish(self, room: Room, events: Sequence[AnyEvent], sender: Peer | None) -> None:
        """Send committed events to the members of ``room`` and to the floor.

        The sender of a line is not sent it again: its ack says the same.
        """
        for event in events:
            data = encode(event)
            kind = type(event)
            for member in room.subscribers:
                if (kind is Line and member is sender) or (
                    kind in STAFF_EVENTS and member.is_visitor
                ):
                    continue
                member.send_queue.push(data)
            if kind in FLOOR_EVENTS:
                self._floor.push(data, besides=room.subscribers)

    def announce(self, events: Sequence[AnyEvent]) -> None:
        """Tell the floor of a session that nobody here has heard of."""
        for event in events:
            if type(event) in FLOOR_EVENTS:
                self._floor.push(encode(event), besides=[])

    async def catch_up(self, room: Room, peer: Peer, after: int, ref: int | None = None) -> bool:
        """Send ``peer`` the log from ``after`` on, then make it a live member.

        One log at a time: what comes by itself with a ``joined``, and what the client has asked
        for before it knew, come whole, one after the other.

        Returns:
            False when ``peer`` may not read the log, or not any more: it has left, was replaced,
            or handed the session on while the log was read.

        Raises:
            StorageError: the log cannot be read. The link of ``peer``, which does not get the
                session's events now, is given up, so that it asks again.
        """
        async with peer.log_turn:
            return await self._send_log(room, peer, after, ref)

    async def _send_log(self, room: Room, peer: Peer, after: int, ref: int | None) -> bool:
        """As ``catch_up``.

        Pages are read until nothing committed is missing; from there to the admission is no
        checkpoint, so that no event falls between and none comes twice. What a page reads ahead
        of its telling is left out: it comes live.
        """
        room.unsubscribe(peer)
        sent = after
        while sent < room.committed_seq:
            try:
                records = await self._read(room.id, sent, PAGE)
            except StorageError:
                peer.abort()
                raise
            told = [record for record in records if record.seq <= room.committed_seq]
            if not told:
                break
            if peer.send_queue.broken or not room.may_read(peer):
                return False
            for piece in encode_log(room.reference, told, peer):
                await peer.send_queue.send(piece)
            sent = told[-1].seq
        if not room.may_read(peer):
            return False
        peer.tell(
            Resumed(
                session=room.reference, seq=room.committed_seq, phase=room.committed.phase, ref=ref
            )
        )
        if room.may_subscribe(peer):
            room.subscribe(peer)
            self._tell_who_is_lost(room, peer)
        return True

    def _tell_who_is_lost(self, room: Room, peer: Peer) -> None:
        """Tell a new member what the others were told before.

        Not as a signal: it would be dropped behind a long log, and is told once.
        """
        if room.committed.phase == "closed":
            return
        if peer.is_visitor:
            for name in room.committed.operators:
                if not self._floor.of(name):
                    peer.tell(room.operator_presence(name, online=False))
        elif room.visitor is None:
            peer.tell(room.visitor_presence())


def encode_log(reference: str, records: Sequence[EventRecord], peer: Peer) -> Iterator[bytes]:
    """Yield those events that ``peer`` may see, as lines, in pieces of about PIECE bytes."""
    piece = bytearray()
    for record in records:
        event = to_event(reference, record)
        if peer.is_visitor and isinstance(event, STAFF_EVENTS):
            continue
        piece += encode(event)
        if len(piece) >= PIECE:
            yield bytes(piece)
            piece.clear()
    if piece:
        yield bytes(piece)
