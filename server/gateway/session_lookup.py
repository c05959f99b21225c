"""Which session a command means, and to whom one may be handed.

Owns what a peer may leave unsaid: a visitor has one session, an operator in one session means that
one, and ``take`` alone means who has waited longest. Must not carry anything out.
"""

from typing import TYPE_CHECKING

from livehelp.wire.commands import SessionCommand, Take, Transfer
from livehelp.wire.replies import ErrorCode
from server.delivery.peer import Peer
from server.gateway import operator_handlers
from server.rules.refused import Refused
from server.sessions.room import Room

if TYPE_CHECKING:
    from server.context import Context


def room_meant(service: "Context", peer: Peer, command: SessionCommand) -> Room | None:
    """Return the room that ``command`` is for; None when it has to be read first.

    Raises:
        Refused: it is not this peer's, nobody waits, or it cannot be told which is meant.
    """
    if type(command) is not Take or command.session is not None:
        return room_named(service, peer, command.session)
    if command.ref is not None:
        # Sent again after a lost link, it must not take the next visitor as well.
        taken = service.sessions.holding(peer.run, command.ref)
        if taken is not None:
            return taken
    reference = service.operators_online.queue.next()
    if reference is None:
        raise Refused(ErrorCode.NOBODY_WAITS, "Nobody is waiting.")
    return service.sessions.rooms[reference]


def room_named(service: "Context", peer: Peer, reference: str | None) -> Room | None:
    """Return the room that ``reference`` names, or the only one that ``peer`` is in.

    None when it is not in memory.

    Raises:
        Refused: it is not this visitor's, or it cannot be told which is meant.
    """
    if peer.is_visitor:
        if peer.room is None:
            raise Refused(ErrorCode.NO_SESSION, "Start a visit first.")
        if reference not in {None, peer.room.reference}:
            raise Refused(ErrorCode.NOT_YOURS, f"Session {reference} is not yours.")
        return peer.room
    if reference is not None:
        return service.sessions.rooms.get(reference)
    # Looks into every room, 1 ms for 10,000: only a hand at ``nc`` leaves the session out.
    rooms = operator_handlers.rooms_of(service, peer.operator or "")
    if len(rooms) == 1:
        return rooms[0]
    if not rooms:
        raise Refused(ErrorCode.NO_SESSION, "You are in no session. Take a visitor first.")
    names = ", ".join(room.reference for room in rooms)
    raise Refused(ErrorCode.WHICH_SESSION, f"Name the session; you are in {names}.")


def require_receiver(service: "Context", peer: Peer, room: Room, command: Transfer) -> None:
    """Let a transfer pass to somebody who is signed in, or back to the queue.

    One that was carried out and is sent again is only answered again, wherever they are now.

    Raises:
        Refused: nobody of that name is signed in.
    """
    known = command.ref is not None and room.requests.get((peer.run, command.ref))
    if command.to is not None and not known:
        service.operators_online.roster.require(command.to)
