"""Opening the sockets that the settings name.

Owns the meaning of a listen address: ``host:port``, ``[v6]:port`` or ``unix:/path``.
"""

from collections.abc import Sequence
from errno import EADDRINUSE
from pathlib import Path
from typing import Final

from server.stream import SocketListener, open_tcp, open_unix

DEFAULT_PORT: Final = 5483


class CannotListenError(Exception):
    """An address cannot be listened on; the message says which, why, and what to do."""


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
            raise CannotListenError(
                f"Cannot listen on {address}: {_reason(why)} Choose another with --listen."
            ) from why
    return listeners


def _reason(why: OSError | ValueError) -> str:
    """Return what the system says, in a sentence and without the number of its error."""
    words = (why.strerror if isinstance(why, OSError) else None) or str(why)
    hint = " Is another server running there?" if getattr(why, "errno", 0) == EADDRINUSE else ""
    return f"{words.rstrip('.')}.{hint}"
