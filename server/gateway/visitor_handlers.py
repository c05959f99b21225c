"""What visitors' connections ask for: starting a visit, and coming back to it.

Owns the visitor's side of the door. What is said inside a session is ``sessions``' matter.
"""

from functools import partial
from typing import TYPE_CHECKING, Final

import structlog
import trio

from livehelp.wire.commands import ClientHello, Resume, Start
from livehelp.wire.replies import Earlier, ErrorCode, Started
from livehelp.wire.text import clean_name
from server.auth.secrets import hash_secret
from server.delivery.peer import Peer
from server.rules.actors import ClientDetails, System
from server.rules.refused import Refused
from server.rules.session import replay
from server.rules.system_commands import HostResolved
from server.sessions.opening import AlreadyOpen, OpenedSession
from server.sessions.room import Room
from storage.errors import StorageError

if TYPE_CHECKING:
    from server.context import Context

log = structlog.stdlib.get_logger()
REPLACED: Final = "Your visit goes on in another window."


async def present_token(service: "Context", peer: Peer, hello: ClientHello) -> Earlier | None:
    """Look up the token of a hello; return the visit before, if there is one.

    A token that is not known, or that died, is no error: the visitor is simply not recognized
    (the policy: cookies are not required). A dead one that is used again revokes its chain.
    """
    if hello.token is None or not peer.is_visitor:
        return None
    archive, digest = service.archive, hash_secret(hello.token)
    # Lines wait for the writer; a token that somebody made up must not stand before them.
    if not await service.reader(archive.knows_token, digest):
        return None
    state = await service.journal.run_sync(partial(archive.present_token, digest, service.clock()))
    if state.status == "dead":
        log.warning("token.reused", ip=peer.ip)
    if state.status != "live" or state.session is None:
        return None
    peer.chain = state.chain_id
    peer.earlier = state.session.reference
    return Earlier(
        session=state.session.reference,
        name=state.session.visitor_name,
        topic=state.session.topic,
        at=state.session.started_at,
        open=state.session.ended_at is None,
    )


async def start(service: "Context", peer: Peer, command: Start) -> None:
    """Open a session for this visitor.

    Raises:
        Refused: there is one already, the queue is full, a text is empty, or the disk refused.
    """
    room = peer.room
    if (
        room is not None
        and room.phase != "closed"
        and await _session_of(service, command.key) != room.reference
    ):
        raise Refused(
            ErrorCode.ALREADY_STARTED,
            f"Your visit {room.reference} is open. End it before you start another.",
        )
    is_full = len(service.operators_online.queue) >= service.settings.max_waiting
    if is_full and await _session_of(service, command.key) is None:
        raise Refused(
            ErrorCode.FULL, "Too many visitors are waiting. Please try again in a few minutes."
        )
    hello = peer.hello
    assert hello is not None, "the wire lets no start through before the hello"
    caller = ClientDetails(
        client=clean_name(hello.client) or "unknown",
        version=clean_name(hello.version) or "unknown",
        ip=peer.ip,
        host=service.resolver.known(peer.ip),
        place=clean_name(hello.place or "") or None,
    )

    again = await service.session_starter.open(
        command,
        caller,
        chain=peer.chain,
        previous=peer.earlier,
        stored=partial(_enter, service, peer, command.ref),
    )
    if again is not None:
        room = await service.sessions.room(again.reference)
        peer.tell(_started(again, room.committed_seq, command.ref))
        await _come_back(service, peer, room)


async def resume(service: "Context", peer: Peer, command: Resume) -> None:
    """Come back to a session after a lost link, or in a later run of the client.

    Raises:
        Refused: there is no such session, or neither key nor token is this session's.
    """
    await _prove(service, peer, command)
    room = await service.sessions.room(command.session)
    await _come_back(service, peer, room, command.after, command.ref)


def leave(service: "Context", peer: Peer) -> None:
    """The visitor's connection has ended; the visit stays open until the grace is over."""
    if peer.room is not None:
        _detach(service, peer, peer.room)


def _enter(service: "Context", peer: Peer, ref: int | None, opened: OpenedSession) -> None:
    """Put the visitor into the session that has just been stored; nothing waits here."""
    log.info("session.opened", session=opened.reference, ip=peer.ip)
    room = service.sessions.rooms.get(opened.reference)
    is_new = room is None  # else the same start, on another connection, has found it on the disk
    if room is None:
        room = Room(opened.session_id, replay([opened.event]))
        service.sessions.add(room)
    if not peer.scope.cancel_called:  # dropped while it was being stored: they may come back
        peer.tell(_started(opened, room.committed_seq, ref))
        if peer.chain is not None:
            peer.earlier = opened.reference
        if _attach(service, peer, room):
            if is_new:
                room.subscribe(peer)
            else:
                service.spawn(service.hub.catch_up, room, peer, 0)
    if is_new:
        service.hub.publish(room, [opened.event], None)
        if room.visitor is None:
            service.operators_online.tell_visitor_presence(room)
    service.operators_online.tell_position(room)
    if opened.event.host is None and service.settings.resolve_hosts:
        service.spawn(_find_host, service, opened.reference, peer.ip)


def _started(opened: OpenedSession | AlreadyOpen, seq: int, ref: int | None) -> Started:
    return Started(session=opened.reference, seq=seq, key=opened.key, token=opened.token, ref=ref)


async def _come_back(
    service: "Context", peer: Peer, room: Room, after: int = 0, ref: int | None = None
) -> None:
    """Seat a visitor who was here before, and send what they missed."""
    if not _attach(service, peer, room):
        return
    try:
        await service.sessions.refresh(room)
    except StorageError:
        peer.abort()  # seated without the log it would hear nothing
        raise
    await service.hub.catch_up(room, peer, after, ref)
    service.operators_online.tell_visitor_presence(room)
    service.operators_online.tell_position(room)


async def _find_host(service: "Context", reference: str, ip: str) -> None:
    host = await service.resolver.find(ip)
    if host is not None:
        room = await service.sessions.room(reference)
        service.sessions.carry_out(room, HostResolved(host), System())
        service.sessions.release(room)


async def _prove(service: "Context", peer: Peer, command: Resume) -> None:
    """Make sure that the session is this visitor's, by its key or by the token of the hello."""
    if command.key is not None:
        if await _session_of(service, command.key) == command.session:
            return
    elif peer.earlier is not None and peer.earlier == command.session:
        return
    raise Refused(
        ErrorCode.NOT_YOURS,
        f"Neither key nor token says that {command.session} is yours. Start a new visit.",
    )


async def _session_of(service: "Context", key: str | None) -> str | None:
    """Return the session that ``key`` opened, if any."""
    if key is None:
        return None
    record = await service.reader(service.archive.session_by_key, hash_secret(key))
    return None if record is None else record.reference


def _attach(service: "Context", peer: Peer, room: Room) -> bool:
    """Make ``peer`` the visitor's one connection; an older one is told and closed.

    Returns:
        False when ``peer`` is the older one: what it had sent before its link was lost came late,
        when the same run of the client had come back already. Then ``peer`` is closed.
    """
    if peer.room is not None and peer.room is not room:
        _detach(service, peer, peer.room)
    before = room.visitor
    if before is not None and before.run == peer.run and before.since > peer.since:
        peer.close("replaced", REPLACED)
        return False
    room.visitor = peer
    room.told_position = None
    peer.room = room
    if before is not None and before is not peer:
        room.unsubscribe(before)
        before.room = None
        before.close("replaced", REPLACED)
    return True


def _detach(service: "Context", peer: Peer, room: Room) -> None:
    """Take ``peer`` out of its session, which stays open until the grace is over."""
    room.unsubscribe(peer)
    if room.visitor is peer:
        room.visitor = None
        room.visitor_lost_at = trio.current_time()
        if room.phase != "closed":
            service.operators_online.tell_visitor_presence(room)
    service.sessions.release(room)
