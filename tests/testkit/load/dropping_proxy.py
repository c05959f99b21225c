"""A relay that steals one line from whoever it is told to: what no server may do."""

import contextlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final

import anyio
from anyio.abc import SocketAttribute, SocketStream
from anyio.streams.buffered import BufferedByteReceiveStream

DROPPED: Final = b'{"type":"line"'
LONGEST: Final = 131_072


class DroppingProxy:
    """The relay.

    Attributes:
        dropped: How many lines it took; it stops at one.
    """

    def __init__(self, to: str) -> None:
        self._host, _, port = to.rpartition(":")
        self._port = int(port)
        self.dropped = 0
        self.address = ""

    async def relay(self, client: SocketStream) -> None:
        async with (
            client,
            await anyio.connect_tcp(self._host, self._port) as server,
            anyio.create_task_group() as ways,
        ):
            ways.start_soon(self._down, server, client)
            with contextlib.suppress(anyio.BrokenResourceError):
                async for data in client:
                    await server.send(data)
            ways.cancel_scope.cancel()

    async def _down(self, server: SocketStream, client: SocketStream) -> None:
        lines = BufferedByteReceiveStream(server)
        while True:
            try:
                line = await lines.receive_until(b"\n", LONGEST)
            except (anyio.IncompleteRead, anyio.BrokenResourceError):
                return
            if line.startswith(DROPPED) and not self.dropped:
                self.dropped += 1
            else:
                with contextlib.suppress(anyio.BrokenResourceError):
                    await client.send(line + b"\n")


@asynccontextmanager
async def dropping_proxy(to: str) -> AsyncGenerator[DroppingProxy]:
    """A relay to a server, for the block."""
    relay = DroppingProxy(to)
    async with (
        await anyio.create_tcp_listener(local_host="127.0.0.1") as listener,
        anyio.create_task_group() as tasks,
    ):
        port = listener.extra(SocketAttribute.local_port)  # noqa: S610 - not Django's
        relay.address = f"127.0.0.1:{port}"
        tasks.start_soon(listener.serve, relay.relay)
        yield relay
        tasks.cancel_scope.cancel()
