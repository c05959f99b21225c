"""What operators' connections ask for: signing in and out, and the visit before.

Owns the operator's side of the door. What is done inside a session is ``sessions``' matter.
"""

from typing import TYPE_CHECKING, Final

import structlog
import trio

from livehelp.wire.codec import encode
from livehelp.wire.commands import Login, Recall, Resume
from livehelp.wire.replies import Ack, ErrorCode, LoggedIn
from server.auth.secrets import hash_secret
from server.delivery.hub import PAGE, encode_log
from server.delivery.peer import Peer
from server.rules.actors import System
from server.rules.refused import Refused
from server.rules.system_commands import OperatorLoggedOut
from server.sessions.room import Room

if TYPE_CHECKING:
    from server.context import Context

log = structlog.stdlib.get_logger()
REPLACED: Final = "You are signed in on a newer connection of this program."


async def login(service: "Context", peer: Peer, command: Login) -> None:
    """Sign an operator in, and show them the floor.

    Raises:
        Refused: signed in already, or the name and password or the ticket do not fit.
    """
    if peer.operator is not None:
        raise Refused(
            ErrorCode.OUT_OF_TURN, f"You are signed in as {peer.operator}. Sign out first."
        )
    if command.ticket is not None:
        _note_use_elsewhere(service, hash_secret(command.ticket))
        signed_in = await service.accounts.by_ticket(command.ticket)
    elif command.name is not None and command.password is not None:
        signed_in = await service.accounts.by_password(command.name, command.password, peer.ip)
    else:
        raise Refused(ErrorCode.BAD_FIELD, "A login needs name and password, or a ticket.")
    peer.ticket = hash_secret(signed_in.ticket)
    now, clock = trio.current_time(), service.clock()
    peer.active_at = now - max(0.0, (clock - signed_in.active_at).total_seconds())
    peer.signed_in_until = now + (signed_in.expires - clock).total_seconds()
    if not _replace_older(service, peer, signed_in.name):
        return
    log.info("operator.signed_in", operator=signed_in.name, ip=peer.ip)
    rooms = [room for room in service.sessions.rooms.values() if room.committed.phase != "closed"]
    peer.tell(
        LoggedIn(
            name=signed_in.name,
            ticket=signed_in.ticket,
            expires=signed_in.expires,
            visits=len(rooms),
            ref=command.ref,
        )
    )
    service.operators_online.enter(peer, signed_in.name)
    for first in range(0, len(rooms), PAGE):
        # Each visit is shown as it is when it is sent: what happens meanwhile comes as an event,
        # and an event that was quicker than the visit is older than it.
        page = b"".join(encode(room.visit()) for room in rooms[first : first + PAGE])
        await peer.send_queue.send(page)
    service.operators_online.tell_roster(peer)
    for room in rooms:
        if signed_in.name in room.committed.operators:
            room.signal(room.operator_presence(signed_in.name, online=True), sender=peer)


def note_use(service: "Context", peer: Peer) -> None:
    """Let the accounts know when the operator did something last."""
    if peer.ticket is not None:
        service.accounts.note_use(peer.ticket, peer.active_at)


def _note_use_elsewhere(service: "Context", ticket: bytes) -> None:
    """Ask the connection that was made with the same ticket, and whose link is lost: it knows."""
    for other in service.operators_online.peers():
        if other.ticket == ticket:
            note_use(service, other)


def _replace_older(service: "Context", peer: Peer, name: str) -> bool:
    """Let go of the connections of the same run that were made before ``peer``.

    A client makes a new one when the last is lost. What comes late on an older one would be carried
    out after the client was told, on the new one, that it was not.

    Returns:
        False when ``peer`` is the older one itself: its login came late. Then it is closed.
    """
    for other in service.operators_online.of(name):
        if other.run != peer.run:
            continue  # another terminal of the same operator
        if other.since > peer.since:
            peer.close("replaced", REPLACED)
            return False
        _leave(service, other)
        other.close("replaced", REPLACED)
    return True


async def logout(service: "Context", peer: Peer, ref: int | None) -> None:
    """Sign out: the ticket dies, and the visitors go back to the queue."""
    name, ticket = peer.operator, peer.ticket
    assert name is not None, "the connection lets only operators through"
    if ticket is not None:
        await service.accounts.sign_out(ticket)
        peer.ticket = None
    _leave(service, peer)
    if not service.operators_online.of(name):
        for room in rooms_of(service, name):
            service.sessions.carry_out(room, OperatorLoggedOut(name), System())
    log.info("operator.signed_out", operator=name)
    peer.tell(Ack(ref=ref))


async def resume(service: "Context", peer: Peer, command: Resume) -> None:
    """Send what the operator missed of a session they are in.

    Raises:
        Refused: there is no such session, or they are not in it.
    """
    room = await service.sessions.room(command.session)
    try:
        await service.sessions.refresh(room)
        told = room.may_read(peer) and await service.hub.catch_up(
            room, peer, command.after, command.ref
        )
    finally:
        service.sessions.release(room)  # one that is over was only read
    if not told:
        raise Refused(ErrorCode.NOT_YOURS, f"You are not in session {command.session}.")


async def recall(service: "Context", peer: Peer, room: Room, command: Recall) -> None:
    """Send the visit before, so that nobody repeats themselves (the policy's purpose).

    Raises:
        Refused: they are not in the session, or no token ties it to an earlier one.
    """
    service.sessions.release(room)  # one that is over was only read
    name = peer.operator
    if name is None or name not in room.tentative.operators:
        raise Refused(ErrorCode.NOT_YOURS, f"You are not in session {room.reference}.")
    reference = room.tentative.previous
    record = reference and await service.reader(service.archive.session, reference)
    if not record:
        raise Refused(ErrorCode.NO_EARLIER, "No earlier visit is tied to this one.")
    await service.accounts.audit_read(name, record.reference)
    after = 0
    while events := await service.reader(service.archive.events, record.id, after, PAGE):
        for piece in encode_log(record.reference, events, peer):
            await peer.send_queue.send(piece)
        after = events[-1].seq
    peer.tell(Ack(ref=command.ref, session=record.reference, seq=after))


def leave(service: "Context", peer: Peer) -> None:
    """The operator's connection has ended."""
    name = peer.operator
    if name is None:
        return
    note_use(service, peer)
    if service.operators_online.of(name) == [peer]:
        for room in rooms_of(service, name):
            room.signal(room.operator_presence(name, online=False), sender=peer)
    _leave(service, peer)


def _leave(service: "Context", peer: Peer) -> None:
    for room in peer.rooms:
        room.unsubscribe(peer)
    service.operators_online.leave(peer)


def rooms_of(service: "Context", name: str) -> list[Room]:
    """Return the open sessions that ``name`` is in, whether a connection has resumed them or not.

    What is on its way to the disk counts: a command behind a ``take`` means its session, too.
    """
    return [
        room
        for room in service.sessions.rooms.values()
        if room.phase == "active" and name in room.tentative.operators
    ]
