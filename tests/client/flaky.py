"""A link that breaks: a relay between a client and a real server, cut at drawn moments.

Owns the two streams of each connection. A cut falls on a byte, so that it may leave half a line, a
stored line without its ack, or half of a resumed log. The draw has a fixed seed.
"""

import random
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

import anyio
from anyio.abc import ByteStream, SocketAttribute, SocketStream

# A hello is some 200 bytes one way and 500 the other, and a line with its ack 200: from a cut
# within the hello to one after half a dozen lines.
FEWEST, MOST = 100, 2_000


class FlakyLink:
    """The relay.

    Args:
        target: Where the server listens, ``host:port``.
        cuts: How many connections are cut; later ones hold.
        seed: Of the draw.

    Attributes:
        address: Where clients connect.
        connections: How many there have been.
    """

    def __init__(self, target: str, cuts: int, seed: int) -> None:
        host, _, port = target.rpartition(":")
        self.address = ""
        self.connections = 0
        self._target = host, int(port)
        self._cuts = cuts
        self._draw = random.Random(seed)  # noqa: S311 - not a secret

    async def relay(self, client: SocketStream) -> None:
        """Serve one connection: bytes both ways, until they are enough."""
        self.connections += 1
        holds = self.connections > self._cuts
        left = 1 << 40 if holds else self._draw.randint(FEWEST, MOST)

        def allowed(wanted: int) -> int:
            nonlocal left
            allowed = min(wanted, left)
            left -= allowed
            return allowed

        async with client:
            try:
                server = await anyio.connect_tcp(*self._target)
            except OSError:
                return
            async with server, anyio.create_task_group() as tasks:
                for source, sink in ((client, server), (server, client)):
                    tasks.start_soon(pump, source, sink, allowed, tasks.cancel_scope.cancel)


async def pump(
    source: ByteStream,
    sink: ByteStream,
    allowed: Callable[[int], int],
    cut: Callable[[], object],
) -> None:
    """Pass bytes on until one side ends or no more are allowed."""
    try:
        while True:
            data = await source.receive()
            count = allowed(len(data))
            await sink.send(data[:count])
            if count < len(data):
                break
    except (anyio.EndOfStream, anyio.BrokenResourceError, anyio.ClosedResourceError):
        pass
    cut()


@asynccontextmanager
async def flaky_link(target: str, *, cuts: int, seed: int) -> AsyncGenerator[FlakyLink]:
    """A relay that listens, closed at the end of the block."""
    link = FlakyLink(target, cuts, seed)
    async with (
        await anyio.create_tcp_listener(local_host="127.0.0.1") as listener,
        anyio.create_task_group() as tasks,
    ):
        link.address = f"127.0.0.1:{listener.extra(SocketAttribute.local_port)}"  # noqa: S610
        tasks.start_soon(listener.serve, link.relay)
        yield link
        tasks.cancel_scope.cancel()
