"""One connection from its first byte to its last: reading, answering, cleaning up.

Owns the two ways of a command: at once, in the poller's turn, when nothing has to be waited for
(nearly always: ``say``), else in the connection's own task, in order, while its socket is not read.
Owns the boundary: nothing that a peer sends ends more than its own connection. Who may ask for
what is in ``rights``, which session is meant in ``addressing``; the rules of a session are the
desk's.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, TypeAlias, cast

import structlog
import trio

from livehelp.wire.codec import encode
from livehelp.wire.commands import (
    ClientHello,
    Command,
    Login,
    Logout,
    Ping,
    Recall,
    Resume,
    SessionCommand,
    Start,
    Transfer,
    Typing,
)
from livehelp.wire.connection import ServerConnection
from livehelp.wire.errors import RemoteProtocolError
from livehelp.wire.replies import Error, ErrorCode, Pong
from livehelp.wire.signals import TypingSignal
from server.delivery.peer import Peer
from server.gateway import operator_handlers, visitor_handlers
from server.gateway.authorization import AUTOMATIC, IN_SESSION, refuse_wrong_side
from server.gateway.session_lookup import require_receiver, room_meant, room_named
from server.net.send_queue import SendQueue
from server.net.stream import SocketStream
from server.rules.refused import Refused
from server.sessions.room import Room
from storage.errors import OutcomeUnknown, StorageError

if TYPE_CHECKING:
    from server.context import Context

log = structlog.stdlib.get_logger()
Item: TypeAlias = Command | RemoteProtocolError
_PONG: Final = encode(Pong())
NOT_NOW: Final = "The database did not answer, so nothing was done. Please try again in a moment."


class Connection:
    """Serves one client.

    Args:
        service: The parts of the server.
        stream: The client's bytes.
    """

    __slots__ = ("_backlog", "_fault", "_service", "_stream", "_woken", "peer", "wire")

    def __init__(self, service: "Context", stream: SocketStream) -> None:
        self._service = service
        self._stream = stream
        self._woken = trio.Event()
        self._backlog: Sequence[Item] = ()
        self._fault: Exception | None = None
        self.wire = ServerConnection()
        self.peer = Peer(
            stream.peer,
            SendQueue(stream, service.spawn, self._overflowed),
            trio.CancelScope(),
        )

    def is_unread(self) -> bool:
        """Return whether the peer has said something that we have not read yet."""
        return self._stream.has_unread()

    async def serve(self) -> None:
        """Serve until the peer leaves, is dropped, or the server stops. Never raises."""
        # The boundary: a defect of ours costs this connection, not the server. It
        # holds for the cleaning up too, and the stream is closed whatever happens.
        try:
            try:
                await self._serve()
            finally:
                self._leave()
                with trio.CancelScope(shield=True):
                    await self._service.farewell(self.peer)
        except Exception:
            log.exception("connection.failed", ip=self.peer.ip)
        finally:
            self._stream.close()

    async def _serve(self) -> None:
        try:
            with self.peer.scope:
                await self._attend()
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            log.debug("connection.broken", ip=self.peer.ip)
        except Exception:
            log.exception("connection.failed", ip=self.peer.ip)
            self.peer.tell(
                Error(code=ErrorCode.NOT_STORED, message="The server made a mistake. Try again.")
            )

    async def _attend(self) -> None:
        """Sleep while the poller does the work; wake for what has to be waited for."""
        poller, sock = self._service.poller, self._stream.sock
        try:
            while True:
                poller.watch(sock, self._ready)
                await self._woken.wait()
                if self._fault is not None:
                    raise self._fault
                self._woken = trio.Event()
                # Not kept: there may be a password in it.
                backlog, self._backlog = self._backlog, ()
                for item in backlog:
                    if self._at_once(item):
                        continue
                    if isinstance(item, RemoteProtocolError):
                        self.peer.refuse(item.code, item.message, item.ref)
                        return
                    await self._carry_out(item)
        finally:
            poller.forget(sock)

    def _ready(self) -> None:
        """Read what has come, and do what can be done at once; the poller calls this."""
        try:
            data = self._stream.try_receive()
            if data is None:
                return
            if not data:
                self._end(trio.ClosedResourceError("the peer has left"))
                return
            self.peer.heard_at = trio.current_time()
            items = self.wire.receive(data)
            for done, item in enumerate(items):
                if not self._at_once(item):
                    self._backlog = items[done:]
                    self._wake()
                    return
        except Exception as fault:
            # Whatever it is, it is this connection's: its own task deals with it.
            self._end(fault)

    def _end(self, fault: Exception) -> None:
        self._fault = fault
        self._wake()

    def _wake(self) -> None:
        self._service.poller.forget(self._stream.sock)
        self._woken.set()

    def _at_once(self, item: Item) -> bool:
        """Do what ``item`` asks if nothing has to be waited for; return whether it is done."""
        peer = self.peer
        if isinstance(item, RemoteProtocolError):
            if not item.fatal:
                peer.refuse(item.code, item.message, item.ref)
            return not item.fatal
        kind = type(item)
        if kind is Ping:
            peer.send_queue.push(_PONG)
            return True
        if kind not in AUTOMATIC:
            peer.active_at = peer.heard_at
        try:
            refuse_wrong_side(peer, item)
            if kind in IN_SESSION:
                return self._in_session(cast("SessionCommand", item))
        except Refused as refusal:
            peer.refuse(refusal.code, refusal.message, getattr(item, "ref", None))
            return True
        if kind is Typing:
            self._typing(cast("Typing", item))
            return True
        return False

    async def _carry_out(self, command: Command) -> None:
        """Do what has to be waited for: the database, a password's hash, a slow reader."""
        peer = self.peer
        ref: int | None = getattr(command, "ref", None)
        try:
            if type(command) in IN_SESSION:
                session = cast("SessionCommand", command)
                assert session.session is not None, "a room that is named by nothing is in memory"
                room = await self._service.sessions.room(session.session)
                refuse_wrong_side(peer, command)  # signed out, or replaced, while it was read
                self._carry_out_in(room, session)
            else:
                await self._carry_out_slowly(command, ref)
        except Refused as refusal:
            peer.refuse(refusal.code, refusal.message, ref)
        except OutcomeUnknown:
            log.exception("database.outcome_unknown", ip=peer.ip, command=type(command).__name__)
            peer.abort()
        except StorageError:
            log.exception("database.failed", ip=peer.ip, command=type(command).__name__)
            peer.refuse(ErrorCode.NOT_STORED, NOT_NOW, ref)
            if type(command) is ClientHello:
                peer.abort()  # a connection without our hello is none: it is tried again

    def _in_session(self, command: SessionCommand) -> bool:
        """Carry a command out if its room is in memory; return whether it was.

        Raises:
            Refused: it cannot be told which session is meant, or it is not this peer's.
        """
        room = room_meant(self._service, self.peer, command)
        if room is None:
            return False
        self._carry_out_in(room, command)
        return True

    def _carry_out_in(self, room: Room, command: SessionCommand) -> None:
        sessions, peer = self._service.sessions, self.peer
        try:
            if type(command) is Transfer:
                require_receiver(self._service, peer, room, command)
            sessions.carry_out(room, command, peer.actor, peer, command.ref)
        finally:
            if room.phase == "closed":  # read for this only, perhaps
                sessions.release(room)

    async def _carry_out_slowly(self, command: Command, ref: int | None) -> None:
        service, peer = self._service, self.peer
        match command:
            case ClientHello():
                peer.hello = command
                earlier = await visitor_handlers.present_token(service, peer, command)
                peer.tell(service.hello(earlier))
            case Start():
                await visitor_handlers.start(service, peer, command)
            case Resume():
                come_back = visitor_handlers.resume if peer.is_visitor else operator_handlers.resume
                await come_back(service, peer, command)
            case Login():
                await operator_handlers.login(service, peer, command)
            case Logout():
                await operator_handlers.logout(service, peer, ref)
            case Recall():
                room = room_named(self._service, self.peer, command.session)
                if room is None:  # it is over, and nobody is there any more
                    assert command.session is not None, "what is named by nothing is in memory"
                    room = await service.sessions.room(command.session)
                await operator_handlers.recall(service, peer, room, command)
            case _:
                raise AssertionError(command)  # the tables above leave nothing else

    def _typing(self, command: Typing) -> None:
        """Pass on that somebody types; like every signal it is never refused."""
        try:
            room = room_named(self._service, self.peer, command.session)
        except Refused:
            return
        if room is None or self.peer not in room.subscribers:
            return
        signal = TypingSignal(
            session=room.reference,
            by="visitor" if self.peer.is_visitor else "operator",
            name=self.peer.operator or room.committed.name,
            on=command.on,
        )
        room.signal(signal, sender=self.peer)

    def _overflowed(self) -> None:
        """The peer reads too slowly: it alone is dropped, and may resume."""
        log.warning("connection.too_slow", ip=self.peer.ip)
        self.peer.scope.cancel()

    def _leave(self) -> None:
        service, peer = self._service, self.peer
        service.connections.discard(self)
        if peer.is_visitor:
            visitor_handlers.leave(service, peer)
        else:
            operator_handlers.leave(service, peer)
