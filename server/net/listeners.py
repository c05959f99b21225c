"""Opening the sockets that the settings name.

Owns the meaning of a listen address: ``host:port``, ``[v6]:port`` or ``unix:/path``.
"""

from collections.abc import Sequence
from pathlib import Path

from livehelp.port import DEFAULT_PORT, cannot_listen
from server.net.stream import SocketListener, open_tcp, open_unix


class CannotListenError(Exception):
    """An address cannot be listened on; the message says which and why."""


def parse_listen(address: str) -> Path | tuple[str, int]:
    """Return the path of a Unix socket, or host and port.

    Raises:
        ValueError: that is neither.
    """
    if address.startswith("unix:"):
        return Path(address.removeprefix("unix:"))
    host, colon, port = address.rpartition(":")
    if not colon or "]" in port:
        host, port = address, str(DEFAULT_PORT)
    if not port.isdecimal() or int(port) > 65_535:
        raise ValueError(f"{address!r} is no address to listen on; write host:port or unix:/path.")
    return host.removeprefix("[").removesuffix("]"), int(port)


async def open_listeners(addresses: Sequence[str]) -> list[SocketListener]:
    """Open all of ``addresses``.

    Raises:
        CannotListenError: one of them cannot be opened; none stays open.
    """
    listeners: list[SocketListener] = []
    for address in addresses:
        try:
            match parse_listen(address):
                case Path() as path:
                    listeners.append(open_unix(path))
                case host, port:
                    listeners += await open_tcp(host, port)
        except (OSError, ValueError) as why:
            for listener in listeners:
                await listener.aclose()
            raise CannotListenError(cannot_listen(address, why)) from why
    return listeners
