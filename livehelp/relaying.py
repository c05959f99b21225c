"""What a relay stands on: listening for a block, and the way to the server behind it.

Owns the listener, the address that it got, and how many connections it takes. Must not know what is
done with one.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final

import anyio
from anyio.abc import SocketAttribute, SocketStream

from livehelp.background import background
from livehelp.client.address import Address
from livehelp.port import cannot_listen

# A process gets 1,024 files by default, and a connection needs two: the client's and the server's.
MAX_CONNECTIONS: Final = 400
# A server that does not answer in this time is not there: as long as a client's own patience.
DIAL_SECONDS: Final = 10.0
# What a socket raises when the connection has ended in another way than by FIN.
BROKEN: Final = (anyio.BrokenResourceError, anyio.ClosedResourceError, OSError)


class CannotListen(OSError):
    """An address cannot be listened on; the message says which and why."""


@asynccontextmanager
async def listening(
    listen: str,
    serve: Callable[[SocketStream], Awaitable[None]],
    turn_away: Callable[[], object] = lambda: None,
) -> AsyncGenerator[str]:
    """Serve every connection to ``listen`` while the block lasts; gives where that is.

    Args:
        listen: As ``Address.parse_listen`` reads it; port 0 is any that is free.
        serve: Serves one connection. At the end of the block it is cancelled.
        turn_away: Is called when one is closed at once, for ``MAX_CONNECTIONS`` are being served.

    Raises:
        ValueError: ``listen`` is no address; with words.
        CannotListen: nobody can listen there.
    """
    served = 0

    async def serve_if_there_is_room(client: SocketStream) -> None:
        nonlocal served
        async with client:
            if served >= MAX_CONNECTIONS:
                turn_away()
                return
            served += 1
            try:
                await serve(client)
            finally:
                served -= 1

    here = Address.parse_listen(listen)
    try:
        listener = await anyio.create_tcp_listener(local_host=here.host, local_port=here.port)
    except OSError as why:
        raise CannotListen(cannot_listen(listen, why)) from why
    async with listener, background() as tasks:
        port = listener.extra(SocketAttribute.local_port)  # noqa: S610 - not Django's
        tasks.start_soon(listener.serve, serve_if_there_is_room)
        yield str(Address(here.host, port))


async def dial(to: Address) -> SocketStream | None:
    """Return a connection to the server; None if nobody answers there."""
    with anyio.move_on_after(DIAL_SECONDS):
        try:
            if to.path is not None:
                return await anyio.connect_unix(to.path)
            return await anyio.connect_tcp(to.host, to.port)
        except (OSError, UnicodeError):
            return None
    return None
