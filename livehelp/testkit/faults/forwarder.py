"""Forwards the bytes of one direction: late, slowly, in pieces, and up to the next fault."""

import math
from collections.abc import Awaitable, Callable
from typing import Final

import anyio
from anyio.abc import ByteStream

from livehelp.testkit.faults.fault import Fault
from livehelp.testkit.faults.fault_schedule import FaultSchedule

# What is on its way is bounded: 128 pieces of 4 KiB fill half a second at 1 MB/s. A reader that
# finds no room waits, and TCP makes its peer wait.
READ_BYTES: Final = 4_096
MAX_ON_THE_WAY: Final = 128


class Forwarder:
    """Passes bytes on.

    Args:
        source: Where they come from.
        sink: Where they go.
        schedule: When what goes wrong, until ``use``.
        wait_open: Waits while nothing may pass.
        inject: Does what a fault does; does not come back from one that ends the connection.

    Attributes:
        passed: How many bytes have passed.
    """

    def __init__(
        self,
        source: ByteStream,
        sink: ByteStream,
        schedule: FaultSchedule,
        wait_open: Callable[[], Awaitable[None]],
        inject: Callable[[Fault], Awaitable[None]],
    ) -> None:
        self.passed = 0
        self._schedule = schedule
        self._exchanged = anyio.Event()
        self._source, self._sink = source, sink
        self._wait_open, self._inject = wait_open, inject
        # Pieces with the time at which each is due, by which draws; an empty piece is the end.
        self._entry, self._exit = anyio.create_memory_object_stream[
            tuple[FaultSchedule, float, bytes]
        ](MAX_ON_THE_WAY)
        self._held = b""
        self._torn = self._over = False
        self._free_at = -math.inf

    def use(self, schedule: FaultSchedule) -> None:
        """Let other things go wrong from now on; nothing waits any more for what was before."""
        self._schedule = schedule
        self._free_at = -math.inf
        self._exchanged.set()
        self._exchanged = anyio.Event()

    async def read(self) -> None:
        """Take in what comes, until the end."""
        data = b"more"
        while data:
            try:
                data = await self._source.receive(READ_BYTES)
            except anyio.EndOfStream:
                data = b""
            schedule = self._schedule
            await self._entry.send((schedule, anyio.current_time() + schedule.delay(), data))

    async def write(self) -> None:
        """Pass it on when it is due, until the end, which is passed on as well."""
        await self._inject_due_faults()
        while True:
            schedule, due, self._held = await self._exit.receive()
            if schedule is self._schedule:
                await self._wait_until(due)
            if not self._held:
                await self._wait_open()
                self._over = True
                return await self._sink.send_eof()
            await self._pass_on()

    def rest(self) -> bytes:
        """Return what was on its way when this was ended.

        Nothing if a write was torn apart, or if all had passed and the end was passed on too.
        """
        if self._torn or self._over:
            return b""
        pieces = [self._held]
        while True:
            try:
                pieces.append(self._exit.receive_nowait()[2])
            except (anyio.WouldBlock, anyio.EndOfStream):
                return b"".join(pieces)

    def close(self) -> None:
        """Forget what is on its way."""
        self._entry.close()
        self._exit.close()

    async def _pass_on(self) -> None:
        await self._inject_due_faults()
        while self._held:
            await self._wait_until(self._free_at)
            await self._wait_open()
            piece = self._held[: self._schedule.remaining_bytes(self.passed)]
            # Counted before: its reader may act on it, and on this link, before the write is over.
            self.passed += len(piece)
            self._torn = True  # cancelled in the middle, nobody knows how much of it has gone
            await self._sink.send(piece)
            self._torn = False
            self._held = self._held[len(piece) :]
            if rate := self._schedule.profile.rate:
                self._free_at = max(self._free_at, anyio.current_time()) + len(piece) / rate
            await self._inject_due_faults()

    async def _wait_until(self, moment: float) -> None:
        """Wait, but not on when the draws are exchanged."""
        if moment > anyio.current_time():
            with anyio.CancelScope(deadline=moment):
                await self._exchanged.wait()

    async def _inject_due_faults(self) -> None:
        while (fault := self._schedule.due(self.passed)) is not None:
            await self._inject(fault)
