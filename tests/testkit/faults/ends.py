"""Both ends of a failing link: a far listener, and peers that tell how a connection ended.

Owns real sockets. What a test needs to know is read from them, and never waited for by the clock.
"""

import os
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import anyio
from anyio.abc import ByteStream, Listener, SocketAttribute, SocketStream

from livehelp.client import Address
from livehelp.testkit.faults import Fault, FlakyLink, Profile, TurnedAway, flaky_link


class Peer:
    """One end of a connection."""

    def __init__(self, stream: ByteStream) -> None:
        self._stream = stream

    async def send(self, data: bytes) -> None:
        await self._stream.send(data)

    async def send_until_nobody_hears(self) -> None:
        """Send until the other end is gone."""
        with suppress(anyio.BrokenResourceError):
            while True:
                await self.send(b"?")

    async def finish(self) -> None:
        """Say that nothing more comes, and go on listening."""
        await self._stream.send_eof()

    async def close(self) -> None:
        await self._stream.aclose()

    async def read(self, count: int) -> bytes:
        """Return exactly so many bytes."""
        data = b""
        while len(data) < count:
            data += await self._stream.receive(count - len(data))
        return data

    async def rest(self) -> tuple[int, str]:
        """Return how many bytes still come, and how the connection ends: by FIN or RST."""
        count = 0
        try:
            while True:
                count += len(await self._stream.receive())
        except anyio.EndOfStream:
            return count, "FIN"
        except anyio.BrokenResourceError:
            return count, "RST"

    @property
    def hears_nothing(self) -> bool:
        """Whether no byte waits to be read, no FIN and no RST."""
        raw = self._stream.extra(SocketAttribute.raw_socket)  # noqa: S610 - not Django's
        with socket.socket(fileno=os.dup(raw.fileno())) as copy:
            try:
                copy.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
            except BlockingIOError:
                return True
            except ConnectionError:
                return False
            return False


class Far:
    """The server's end: a listener, and the connections that came.

    Attributes:
        address: Where it listens.
    """

    def __init__(self, address: str, listener: Listener[SocketStream]) -> None:
        self.address = address
        self._listener = listener
        self._came, self._coming = anyio.create_memory_object_stream[Peer](16)

    async def accept(self) -> Peer:
        """Return the next connection."""
        return await self._coming.receive()

    async def serve(self) -> None:
        with self._came, self._coming:
            await self._listener.serve(self._take)

    async def _take(self, stream: SocketStream) -> None:
        async with stream:
            await self._came.send(Peer(stream))
            await anyio.sleep_forever()


@asynccontextmanager
async def far_end(path: Path | None = None) -> AsyncGenerator[Far]:
    """A listener, on TCP or on a socket file, for the block."""
    if path is not None:
        listener = await anyio.create_unix_listener(path)
        address = f"unix:{path}"
    else:
        listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
        address = f"127.0.0.1:{listener.extra(SocketAttribute.local_port)}"  # noqa: S610
    async with listener, anyio.create_task_group() as tasks:
        far = Far(address, listener)
        tasks.start_soon(far.serve)
        yield far
        tasks.cancel_scope.cancel()


class Line:
    """A failing link with its far end.

    Attributes:
        link: The link.
        far: Where it leads.
        told: What it told.
    """

    def __init__(self, link: FlakyLink, far: Far, told: list[Fault | TurnedAway]) -> None:
        self.link = link
        self.far = far
        self.told = told
        self._streams: list[ByteStream] = []

    async def call(self, link: FlakyLink | None = None) -> Peer:
        """Return the client's end of a new connection, through another link if one is given."""
        address = Address.parse((link or self.link).address)
        self._streams.append(await anyio.connect_tcp(address.host, address.port))
        return Peer(self._streams[-1])

    async def close(self) -> None:
        for stream in self._streams:
            await anyio.aclose_forcefully(stream)

    async def connect(self) -> tuple[Peer, Peer]:
        """Return both ends of a new connection."""
        client = await self.call()
        return client, await self.far.accept()

    @property
    def faults(self) -> list[Fault]:
        return [told for told in self.told if isinstance(told, Fault)]


@asynccontextmanager
async def line(profile: str = "good", *, seed: int = 0) -> AsyncGenerator[Line]:
    """A failing link, for the block."""
    told: list[Fault | TurnedAway] = []
    async with (
        far_end() as far,
        flaky_link(
            far.address, profile=Profile.parse(profile), seed=seed, tell=told.append
        ) as link,
    ):
        line = Line(link, far, told)
        try:
            yield line
        finally:
            await line.close()
