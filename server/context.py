"""The parts of the server, put together.

Owns the wiring: which part gets which. Each part is in a file of its own; ``app`` runs them.
"""

import math
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import structlog
import trio

import livehelp
from livehelp.wire.connection import PROTOCOL
from livehelp.wire.replies import Earlier, ServerHello
from livehelp.wire.signals import Bye
from server.auth.sign_in import Accounts
from server.delivery.hub import Hub
from server.delivery.operators_online import OperatorsOnline
from server.delivery.peer import Peer
from server.gateway.connection import Connection
from server.gateway.operator_handlers import note_use
from server.net.poller import Poller
from server.net.stream import SocketStream
from server.persistence.db_threads import DatabaseThreads
from server.persistence.journal import Journal
from server.reverse_dns import Resolver
from server.sessions.opening import SessionStarter
from server.sessions.pipeline import Sessions
from server.settings import Settings
from storage.archive import Archive
from storage.errors import StorageError
from storage.records import EventRecord

log = structlog.stdlib.get_logger()
# A peer that was dropped gets this long to take its goodbye, in seconds.
FAREWELL: Final = 1.0


def utc_now() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)


class Context:
    """Everything that serves.

    Args:
        settings: What the deployment decided.
        archive: The database, open.
        nursery: Where background tasks run; they end with it.
        clock: The wall clock, for times that are stored.
    """

    def __init__(
        self,
        settings: Settings,
        archive: Archive,
        nursery: trio.Nursery,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self.settings = settings
        self.archive = archive
        self.clock = clock
        self.connections: set[Connection] = set()
        self.stopping = False
        self.reader = DatabaseThreads()
        self.journal = Journal(archive.write)
        self.poller = Poller(self.journal)
        self.operators_online = OperatorsOnline()
        self.resolver = Resolver()
        self.hub = Hub(self.operators_online, self._read_events)
        self.sessions = Sessions(
            archive, self.journal, self.reader, self.hub, self.operators_online, self.spawn, clock
        )
        self.session_starter = SessionStarter(archive, self.journal, self.reader, clock)
        self.accounts = Accounts(
            archive,
            self.journal,
            self.reader,
            clock,
            lifetime=timedelta(hours=settings.ticket_hours),
            patience=timedelta(seconds=settings.operator_idle_timeout),
        )
        self._nursery = nursery
        self._version = livehelp.__version__  # looked up once: it is read from a file

    async def serve(self, stream: SocketStream) -> None:
        """Serve one client; the handler of every listener. Never raises."""
        connection = Connection(self, stream)
        if len(self.connections) >= self.settings.max_connections:
            log.warning("connection.refused", ip=stream.peer, connections=len(self.connections))
            connection.peer.tell(
                Bye(reason="full", message="All lines are busy. Try again soon.", retry=30)
            )
            await stream.aclose()
            return
        self.connections.add(connection)
        await connection.serve()

    def hello(self, earlier: Earlier | None) -> ServerHello:
        """Return the server's first message."""
        return ServerHello(
            protocol=PROTOCOL,
            server="livehelp",
            version=self._version,
            at=self.clock(),
            notice=self.settings.notice,
            topics=self.settings.topics,
            questions=self.settings.questions,
            operators=len(self.operators_online.roster),
            earlier=earlier,
        )

    def spawn(self, work: Callable[..., Awaitable[object]], *args: Any) -> None:
        """Start a background task; a defect in it is logged and ends nothing else."""
        self._nursery.start_soon(_guarded, work, *args)

    async def farewell(self, peer: Peer) -> None:
        """Give a peer that is leaving a moment to take what it was sent last."""
        with trio.move_on_after(self.settings.shutdown_grace if self.stopping else FAREWELL):
            await peer.send_queue.drained()

    async def store_uses(self, within: float = math.inf) -> None:
        """Store when operators did something last, if that was in the last ``within`` seconds."""
        since = trio.current_time() - within
        for peer in self.operators_online.peers():
            if peer.active_at >= since:
                note_use(self, peer)
        await self.accounts.store_uses()

    async def stop(self) -> None:
        """Finish what was begun, then say goodbye to everybody.

        Readers stop first; what they had taken in is stored and acked; then they are told.
        """
        self.stopping = True
        self.poller.stop()
        await self.journal.flushed()
        await _guarded(self.store_uses)
        for connection in list(self.connections):
            connection.peer.close(
                "shutdown",
                "The server is stopping. You will be connected again when it is back.",
                retry=1,
            )

    async def _read_events(self, session_id: int, after: int, limit: int) -> list[EventRecord]:
        return await self.reader(self.archive.events, session_id, after, limit)


async def _guarded(work: Callable[..., Awaitable[object]], *args: Any) -> None:
    try:
        await work(*args)
    except (trio.BrokenResourceError, trio.ClosedResourceError):
        log.debug("background.peer_gone", work=work.__qualname__)
    except StorageError:
        log.exception("database.failed", work=work.__qualname__)
    except Exception:
        log.exception("background.failed", work=work.__qualname__)
