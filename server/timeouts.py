"""What happens because nothing happened: time-outs, the idle, operators who stay away.

Owns the regular round through connections and sessions. One task for all of them: a timer task
each would cost more memory than the connections themselves.
"""

from itertools import count as count_up
from typing import TYPE_CHECKING, Final

import structlog
import trio

from livehelp.words import count
from server.delivery.peer import Peer
from server.rules.actors import System
from server.rules.system_commands import CloseAbandoned, OperatorTimedOut
from server.sessions.room import Room

if TYPE_CHECKING:
    from server.context import Context
    from server.gateway.connection import Connection

log = structlog.stdlib.get_logger()
# How often the round is made, in seconds. Places in the queue and the roster are told this often
# at most.
ROUND: Final = 1.0
# A client that promised a heartbeat may miss one and be late with the next.
MISSED: Final = 2.5
# How often the disk is told which operators did something, in rounds: a write each time, and what a
# killed server forgets of the half hour in which an operator may do nothing.
USES: Final = 60


async def run_timeouts(service: "Context") -> None:
    """Make the round for ever."""
    for number in count_up(1):
        await trio.sleep(ROUND)
        now = trio.current_time()
        for connection in list(service.connections):
            _look_at(service, connection, now)
        service.sessions.retry_reload()
        _close_abandoned(service, now)
        _requeue_orphaned_sessions(service, now)
        service.operators_online.tell_changes(service.sessions.rooms)
        if number % USES == 0:
            # One round more: nothing falls between two times.
            service.spawn(service.store_uses, (USES + 1) * ROUND)


def _look_at(service: "Context", connection: "Connection", now: float) -> None:
    """Drop a connection that says nothing for too long."""
    peer, settings = connection.peer, service.settings
    silence = now - peer.heard_at
    # While the database holds us up we do not read: what waits in our kernel has come. Only for
    # idle_timeout it counts for nothing: somebody may never read, and write on.
    if peer.hello is None:
        if now - peer.since > settings.hello_timeout and not connection.is_unread():
            peer.close("hello", f"No hello came within {settings.hello_timeout:g} seconds.")
    elif _missed_heartbeat(peer, silence) and not connection.is_unread():
        peer.close("silent", "The heartbeat that was promised did not come.", retry=1)
    elif (
        connection.wire.pending
        and silence > settings.half_line_timeout
        and not connection.is_unread()
    ):
        peer.close("half_line", "A line was begun and never ended.")
    elif peer.ticket is not None and now - peer.active_at > settings.operator_idle_timeout:
        while_idle = _span(settings.operator_idle_timeout)
        words = f"You were signed out after {while_idle} without a key pressed."
        _sign_out(service, peer, "idle", words)
    elif peer.ticket is not None and now > peer.signed_in_until:
        words = "Your sign-in has lasted as long as one may. Sign in again with your password."
        _sign_out(service, peer, "expired", words)
    elif silence > settings.idle_timeout:
        peer.close("idle", f"Nothing came for {_span(settings.idle_timeout)}.")


def _missed_heartbeat(peer: Peer, silence: float) -> bool:
    """Return whether a promised heartbeat is overdue."""
    promised = peer.hello.heartbeat if peer.hello else None
    return promised is not None and silence > MISSED * promised


def _sign_out(service: "Context", peer: Peer, reason: str, words: str) -> None:
    """Begin to end the sign-in of an operator who did nothing, or who is there, for too long."""
    # Taken from the peer, so that the next round begins no second one.
    ticket, peer.ticket = peer.ticket, None
    if ticket is not None:
        service.spawn(_end_ticket, service, peer, ticket, reason, words)


async def _end_ticket(
    service: "Context", peer: Peer, ticket: bytes, reason: str, words: str
) -> None:
    """Close the terminal whatever the disk says: nobody may be sitting at it."""
    try:
        await service.accounts.sign_out(ticket)
    finally:
        peer.close(reason, words)


def _close_abandoned(service: "Context", now: float) -> None:
    """Close the visits whose visitors did not come back."""
    for room in list(service.sessions.rooms.values()):
        away = room.visitor is None and now - room.visitor_lost_at
        if away > service.settings.visit_grace and room.phase != "closed":
            service.sessions.carry_out(room, CloseAbandoned(), System())


def _requeue_orphaned_sessions(service: "Context", now: float) -> None:
    """Put the visitors of operators who stay away back into the queue, at the front.

    An operator is forgotten only when none of their sessions is left on the disk: an order that
    could not be stored is given again.
    """
    grace, left_at = service.settings.operator_grace, service.operators_online.left_at
    gone: dict[str, list[Room]] = {n: [] for n, left in left_at.items() if now - left > grace}
    if not gone:
        return
    for room in service.sessions.rooms.values():
        if room.committed.phase == "active":
            for name in room.committed.operators:
                if name in gone:
                    gone[name].append(room)
    for name, rooms in gone.items():
        if not rooms:
            del left_at[name]
            continue
        log.warning("operator.gone", operator=name, sessions=len(rooms))
        for room in rooms:
            service.sessions.carry_out(room, OperatorTimedOut(name), System())


def _span(seconds: float) -> str:
    """Return a time as people say it."""
    if seconds % 60 == 0:
        return count(int(seconds) // 60, "minute", "minutes")
    return f"{seconds:g} seconds"
