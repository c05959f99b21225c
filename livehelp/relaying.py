"""Listening for a block: what a relay stands on.

Owns the listener and the address that it got. Must not know what is done with a connection.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

import anyio
from anyio.abc import SocketAttribute, SocketStream

from livehelp.background import background
from livehelp.client.address import Address


@asynccontextmanager
async def listening(
    listen: str, serve: Callable[[SocketStream], Awaitable[None]]
) -> AsyncGenerator[str]:
    """Serve every connection to ``listen`` while the block lasts; gives where that is.

    Args:
        listen: As ``Address.parse_listen`` reads it; port 0 is any that is free.
        serve: Serves one connection. At the end of the block it is cancelled.

    Raises:
        ValueError: ``listen`` is no address; with words.
        OSError: nobody can listen there.
    """
    here = Address.parse_listen(listen)
    async with (
        await anyio.create_tcp_listener(local_host=here.host, local_port=here.port) as listener,
        background() as tasks,
    ):
        port = listener.extra(SocketAttribute.local_port)  # noqa: S610 - not Django's
        tasks.start_soon(listener.serve, serve)
        yield str(Address(here.host, port))
