"""Standard input and output as lines, without a thread and without blocking the link.

Owns the two file descriptors. Must not know what the lines say. Neither descriptor is made
non-blocking: they are shared with the shell and the other programs of a pipe. Before a read or a
write the kernel is asked whether it would wait. Files and ``/dev/null`` are always ready, and epoll
says so by refusing them.
"""

import fcntl
import os
import stat
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Final, Self

import anyio
from anyio.lowlevel import checkpoint

from livehelp.background import background

# As much as one read may bring, and a pipe usually holds.
_CHUNK: Final = 65_536
# POSIX: a pipe that is ready for writing takes this much at once.
_PIPE_BUF: Final = 4_096
# Lines that are read ahead to see the end of the input coming: 16 MB of the longest.
_MAX_AHEAD: Final = 1_000


class TooLong:
    """Stands in the place of a line that was longer than the limit; it has been passed over."""


class Lines:
    """The lines of a file descriptor, without their line feed or CR LF; blank ones too.

    Iterating ends at the end of the input. A terminal can be read on after Ctrl-D: iterate again.

    Args:
        descriptor: Where to read.
        limit: The longest line, in bytes; a longer one comes as ``TooLong``.
    """

    def __init__(self, descriptor: int, limit: int) -> None:
        self._descriptor = descriptor
        self._limit = limit
        self._ready: deque[bytes | TooLong] = deque()
        self._held = b""
        self._skipping = False
        self._ended = False

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes | TooLong:
        while not (self._ready or self._ended):
            await self._read()
        if self._ready:
            return self._ready.popleft()
        self._ended = False
        raise StopAsyncIteration

    @asynccontextmanager
    async def read_ahead(self, at_end: Callable[[], None]) -> AsyncGenerator[None]:
        """Read on while the block waits for something else; ``at_end`` is called at the end.

        No line is lost: what was read comes when these are iterated.
        """
        async with background() as tasks:
            tasks.start_soon(self._find_end, at_end)
            yield

    async def _find_end(self, at_end: Callable[[], None]) -> None:
        with suppress(OSError):  # whoever reads next meets it
            while not self._ended and len(self._ready) < _MAX_AHEAD:
                await self._read()
        if self._ended:
            at_end()

    async def _read(self) -> None:
        await _wait(anyio.wait_readable, self._descriptor)
        data = os.read(self._descriptor, _CHUNK)
        if data:
            self._feed(data)
        elif self._held or self._skipping:
            self._feed(b"\n")  # the last line of a file may lack its line feed
        else:
            self._ended = True

    def _feed(self, data: bytes) -> None:
        *lines, self._held = (self._held + data).split(b"\n")
        for line in lines:
            too_long = self._skipping or len(line) > self._limit
            self._ready.append(TooLong() if too_long else line.removesuffix(b"\r"))
            self._skipping = False
        if len(self._held) > self._limit:
            self._held, self._skipping = b"", True


class Output:
    """Writes whole lines to a file descriptor, at once: nothing waits in a buffer of ours.

    Args:
        descriptor: Where to write.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._one_at_a_time = anyio.Lock()

    async def write(self, data: bytes) -> None:
        """Write all of ``data``, waiting for a slow reader.

        Raises:
            BrokenPipeError: nobody reads any more.
            OSError: it cannot be written.
        """
        async with self._one_at_a_time:
            while data:
                await _wait(anyio.wait_writable, self._descriptor)
                try:
                    data = data[os.write(self._descriptor, data[:_PIPE_BUF]) :]
                except OSError as why:
                    raise OSError(why.errno, why.strerror, "standard output") from why

    async def reader_gone(self) -> None:
        """Wait until nobody reads any more; for ever, where that can only be learnt by writing.

        The writing end of a pipe has nothing to read. It becomes "readable" by its error: the
        reading end was closed. One that is open for both ways is readable by what we write.
        """
        mode = fcntl.fcntl(self._descriptor, fcntl.F_GETFL) & os.O_ACCMODE
        if not stat.S_ISFIFO(os.fstat(self._descriptor).st_mode) or mode != os.O_WRONLY:
            await anyio.sleep_forever()
        await anyio.wait_readable(self._descriptor)


async def _wait(ready: Callable[[int], Awaitable[None]], descriptor: int) -> None:
    try:
        await ready(descriptor)
    except PermissionError:
        await checkpoint()
