"""What one peer has still to be sent.

Owns the direct path (try the socket at once) and the bounded buffer behind it. Must not know
what the bytes mean. One slow reader slows nobody: its outbox fills, and it alone is dropped.
"""

from collections import deque
from collections.abc import Awaitable, Callable
from typing import Final, Protocol

import trio

# A peer that reads nothing may make us hold this much: some 1,500 lines, minutes of a busy
# conversation. A client that is dropped here resumes and loses nothing.
MAX_QUEUED: Final = 256 * 1024
# Replays wait above this, so that live lines still fit beside them.
REPLAY_MARK: Final = MAX_QUEUED // 4


class DirectStream(Protocol):
    """What an outbox needs of a stream."""

    def try_send(self, data: bytes) -> int:
        """Send what fits now."""
        ...

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        """Send everything, waiting as needed."""
        ...


class SendQueue:
    """Pushes bytes to one peer without ever waiting.

    Args:
        stream: Where the bytes go.
        spawn: Starts the writer task, only while something does not fit.
        overflowed: Called once when more than MAX_OUTBOX bytes wait.
    """

    __slots__ = (
        "_deaf",
        "_drained",
        "_overflowed",
        "_queue",
        "_size",
        "_spawn",
        "_stream",
        "broken",
    )

    def __init__(
        self,
        stream: DirectStream,
        spawn: Callable[[Callable[[], Awaitable[object]]], None],
        overflowed: Callable[[], None],
    ) -> None:
        self._stream = stream
        self._spawn = spawn
        self._overflowed = overflowed
        # Made when first needed: most peers never have anything waiting.
        self._queue: deque[bytes] | None = None
        self._drained: trio.Event | None = None
        self._size = 0
        self.broken = False
        self._deaf = False

    def push(self, data: bytes) -> None:
        """Send ``data`` now if the kernel takes it, else keep it for the writer."""
        if self._size:
            self._keep(data)
            return
        if self._deaf:
            return
        try:
            sent = self._stream.try_send(data)
        except trio.BrokenResourceError:
            # The reader of this connection finds out by itself and cleans up.
            self.broken = self._deaf = True
            return
        if sent < len(data):
            self._keep(data[sent:])

    def push_signal(self, data: bytes) -> bool:
        """Send a signal, or drop it when anything waits: it would be out of date on arrival.

        Returns:
            False if it was dropped.
        """
        if self._size:
            return False
        self.push(data)
        return True

    def finish(self) -> None:
        """Take nothing more: what was pushed last is the last word."""
        self._deaf = True

    async def send(self, data: bytes) -> None:
        """Push ``data``, then wait until the outbox has drained below REPLAY_MARK."""
        self.push(data)
        while self._size > REPLAY_MARK and not self.broken:
            await self._progress()

    async def drained(self) -> None:
        """Wait until nothing waits here any more."""
        while self._size and not self.broken:
            await self._progress()

    async def _progress(self) -> None:
        """Wait until the writer has sent something, or failed; several tasks may."""
        if self._drained is None:
            self._drained = trio.Event()
        await self._drained.wait()

    def _keep(self, data: bytes) -> None:
        if self._deaf:
            return
        if self._size + len(data) > MAX_QUEUED:
            self._fail()
            self._overflowed()
            return
        if self._queue is None:
            self._queue = deque()
        idle = not self._size
        self._queue.append(data)
        self._size += len(data)
        if idle:
            self._spawn(self._write)

    async def _write(self) -> None:
        queue = self._queue
        try:
            while queue and not self.broken:
                data = queue[0]
                await self._stream.send_all(data)
                queue.popleft()
                self._size -= len(data)
                self._wake()
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            self._fail()

    def _fail(self) -> None:
        self.broken = self._deaf = True
        self._size = 0
        self._queue = None
        self._wake()

    def _wake(self) -> None:
        if self._drained is not None:
            self._drained.set()
            self._drained = None
