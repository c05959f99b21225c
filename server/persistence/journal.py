"""Group commit: whatever came in while the last transaction was written is the next one.

Owns the queue of what is to be stored, its bound, and the one writer. Must not know what an
entry means: it is told only whether it was stored.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, Protocol, TypeVar

import structlog
import trio

from storage.errors import OutcomeUnknown, RuleBroken
from storage.records import Append, NewSession

# Entries that may wait for the disk. At 10,000 lines/s a disk that stalls for 0.4 s fills it; then
# readers wait, their peers' kernels buffer, and nothing is dropped.
MAX_PENDING: Final = 4_096
# The writer stops at once after a failed write; a disk that is full stays full for a while, and
# trying as fast as lines come in would only burn the processor.
RETRY_PAUSE: Final = 0.1

T = TypeVar("T")
log = structlog.stdlib.get_logger()


class Entry(Protocol):
    """Something to be stored, and who wants to know."""

    @property
    def write(self) -> NewSession | Append | None:
        """What is stored; None when it must not be stored any more."""
        ...

    def stored(self, session_id: int) -> None:
        """It is on disk now."""
        ...

    def conflicted(self) -> None:
        """Another server had been quicker, or it was withdrawn; nothing of it was stored."""
        ...

    def failed(self) -> None:
        """The database could not be written; nothing of it was stored."""
        ...

    def lost(self) -> None:
        """The link to the database broke: it may be stored, or not."""
        ...


class Journal:
    """The one writer of the database.

    Args:
        write: ``Archive.write``: stores a batch in one transaction, durably, in a thread.
    """

    def __init__(
        self, write: Callable[[Sequence[NewSession | Append]], Sequence[int | None]]
    ) -> None:
        self._write = write
        self._pending: list[Entry] = []
        self._kick = trio.Event()
        self._room = trio.Event()
        self._idle = trio.Event()
        self._idle.set()
        # Capacity 1: SQLite has one writer, and two threads that read and then write lose updates.
        self._writer = trio.CapacityLimiter(1)

    def submit(self, entry: Entry) -> None:
        """Take ``entry`` into the next transaction. Never waits; see ``room``."""
        self._pending.append(entry)
        self._idle = trio.Event() if self._idle.is_set() else self._idle
        self._kick.set()

    @property
    def full(self) -> bool:
        """True when readers should wait before they submit more."""
        return len(self._pending) >= MAX_PENDING

    async def wait_for_space(self) -> None:
        """Wait until the queue is no longer full."""
        while self.full:
            await self._room.wait()

    async def run_sync(self, work: Callable[[], T]) -> T:
        """Run another write (tokens, tickets, audit) in the writer's turn; never abandoned."""
        return await trio.to_thread.run_sync(work, limiter=self._writer)

    async def flushed(self) -> None:
        """Wait until everything submitted so far has been stored or refused."""
        await self._idle.wait()

    async def run(self) -> None:
        """Write batches for ever. Shield this: a write is never abandoned."""
        while True:
            await self._kick.wait()
            self._kick = trio.Event()
            batch, self._pending = self._pending, []
            self._room.set()
            self._room = trio.Event()
            await self._store(batch)
            if not self._pending:
                self._idle.set()

    async def _store(self, batch: list[Entry]) -> None:
        writes: list[NewSession | Append] = []
        entries: list[Entry] = []
        for entry in batch:
            write = entry.write
            if write is None:
                entry.conflicted()
            else:
                writes.append(write)
                entries.append(entry)
        try:
            outcomes = await self.run_sync(partial(self._write, writes))
        except RuleBroken:
            if len(entries) == 1:
                log.exception("database.rule_broken")
                entries[0].failed()
                return
            # One of them can never be stored; the others must not pay for it.
            for entry in entries:
                await self._store([entry])
            return
        except Exception as why:
            # Whatever the database's reason: the people are told, the log has the traceback, the
            # server goes on.
            log.exception("database.write_failed", entries=len(writes))
            unknown = isinstance(why, OutcomeUnknown)
            for entry in entries:
                (entry.lost if unknown else entry.failed)()
            await trio.sleep(RETRY_PAUSE)
            return
        for entry, outcome in zip(entries, outcomes, strict=True):
            if outcome is None:
                entry.conflicted()
            else:
                entry.stored(outcome)
