"""Running the server: from an open database to the last goodbye.

Owns the nursery tree (server, listeners, connections), the order of starting and stopping, and the
signals. Must not know what the parts do.
"""

import gc
import resource
import signal
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import structlog
import trio

from server.context import Context
from server.net.listeners import open_listeners
from server.net.stream import SocketListener
from server.settings import Settings
from server.timeouts import run_timeouts
from storage.archive import Archive
from storage.lock import locked

log = structlog.stdlib.get_logger()
# Objects made and not freed before the collector looks: more than the largest batch in flight.
GC_THRESHOLD: Final = 50_000
# Descriptors that are no client's: SQLite's eight connections with two files each, listeners,
# selectors, the log, four look-ups of host names; and as many again.
SPARE_DESCRIPTORS: Final = 64


@dataclass(frozen=True, slots=True)
class Running:
    """A server that accepts connections.

    Attributes:
        addresses: Where, with the real ports.
        operators: How many accounts can sign in; with none nobody will ever answer.
    """

    addresses: tuple[str, ...]
    operators: int
    _stop: trio.Event

    @property
    def stopping(self) -> bool:
        """True once told to stop."""
        return self._stop.is_set()

    def stop(self) -> None:
        """Begin to stop: peers are told, everything taken in is stored, then it ends."""
        self._stop.set()


async def serve(
    settings: Settings, *, task_status: trio.TaskStatus[Running] = trio.TASK_STATUS_IGNORED
) -> None:
    """Serve until stopped; ``task_status`` gets a ``Running`` once connections are accepted.

    Raises:
        CannotListenError: an address of the settings cannot be listened on.
        storage.errors.StorageError: the database cannot be opened, or is too old or too new.
    """
    settings = _within_descriptors(settings)
    archive = await trio.to_thread.run_sync(
        partial(Archive.open, settings.database, upgrade=settings.upgrade)
    )
    try:
        async with _service(settings, archive) as service:
            await _accept(service, task_status)
    finally:
        with trio.CancelScope(shield=True):
            await trio.to_thread.run_sync(archive.close)


async def serve_until_signal(
    settings: Settings, *, task_status: trio.TaskStatus[Running] = trio.TASK_STATUS_IGNORED
) -> None:
    """Serve until SIGTERM or SIGINT; a second one ends at once.

    Raises:
        storage.errors.ArchiveInUse: another server works on this SQLite file.
    """
    with (
        locked(settings.database),
        trio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals,
    ):
        async with trio.open_nursery() as nursery:
            running: Running = await nursery.start(_serve_and_cancel, settings, nursery)
            task_status.started(running)
            async for number in signals:
                log.info("server.signal", signal=signal.Signals(number).name)
                if running.stopping:
                    nursery.cancel_scope.cancel()
                running.stop()


async def _serve_and_cancel(
    settings: Settings, nursery: trio.Nursery, *, task_status: trio.TaskStatus[Running]
) -> None:
    await serve(settings, task_status=task_status)
    nursery.cancel_scope.cancel()  # nothing is left to be stopped by a signal


@asynccontextmanager
async def _service(settings: Settings, archive: Archive) -> AsyncGenerator[Context]:
    """Run the parts that outlive every connection: the journal and the sweeper."""
    async with trio.open_nursery() as lasting:
        service = Context(settings, archive, lasting)
        lasting.start_soon(service.journal.run)
        restored = await service.sessions.load_open()
        if restored:
            log.info("server.restored", sessions=restored)
        lasting.start_soon(service.poller.run)
        lasting.start_soon(run_timeouts, service)
        yield service
        lasting.cancel_scope.cancel()


async def _accept(service: Context, task_status: trio.TaskStatus[Running]) -> None:
    """Accept connections until told to stop, then let them end in peace."""
    listeners = await open_listeners(service.settings.listen)
    stop = trio.Event()
    async with trio.open_nursery() as connections:
        accepting = trio.CancelScope()
        connections.start_soon(_listen, service, listeners, connections, accepting)
        operators = [
            account
            for account in await service.reader(service.archive.operators)
            if account.disabled_at is None
        ]
        addresses = tuple(listener.address for listener in listeners)
        log.info("server.ready", addresses=addresses, operators=len(operators))
        _spare_the_collector()
        task_status.started(Running(addresses, len(operators), stop))
        await stop.wait()
        accepting.cancel()
        log.info("server.stopping", connections=len(service.connections))
        await service.stop()
        # From the goodbyes on: how long the disk took before is not taken from the peers' time.
        connections.cancel_scope.deadline = trio.current_time() + service.settings.shutdown_grace
    log.info("server.stopped")


async def _listen(
    service: Context,
    listeners: list[SocketListener],
    connections: trio.Nursery,
    accepting: trio.CancelScope,
) -> None:
    try:
        with accepting:
            await trio.serve_listeners(service.serve, listeners, handler_nursery=connections)
    finally:
        with trio.CancelScope(shield=True):
            for listener in listeners:
                await listener.aclose()


def _within_descriptors(settings: Settings) -> Settings:
    """Return the settings with no more connections than the system has descriptors for.

    Whoever is one too many is told so. Without a descriptor for them nobody could even say that,
    and the database could not open its files either.
    """
    descriptors = _raise_descriptor_limit()
    most = max(descriptors - SPARE_DESCRIPTORS, 2)
    if descriptors == resource.RLIM_INFINITY or most >= settings.max_connections:
        return settings
    log.info("server.few_descriptors", descriptors=descriptors, max_connections=most)
    return replace(settings, max_connections=most)


def _raise_descriptor_limit() -> int:
    """Allow as many descriptors as the system lets us; the default of 1,024 is for programs."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def _spare_the_collector() -> None:
    """Let the garbage collector look at what is new, seldom, and never at what was there first.

    A line makes some ten objects that are gone after its commit, none of them in a cycle. With
    the default of 700 objects a batch of 300 lines ran the collector over them four times, and
    now and then over the 200,000 objects of the imported modules: 13 % of the processor time of a
    busy server, and most of its slowest lines.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(GC_THRESHOLD, 20, 50)
