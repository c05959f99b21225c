"""Opening the socket, and words for why that failed.

Owns the way from an address to a byte stream. Must not know what is said on it.
"""

import socket
from typing import Final, cast

import anyio
from anyio.abc import ByteStream

from livehelp.client.address import Address
from livehelp.client.connection_lost import ConnectionLost

_CHECK: Final = "Check the address, and that the server is running."
_NETWORK: Final = "Check the network; a firewall may be in the way."


async def dial(address: Address) -> ByteStream:
    """Return a connected stream.

    Raises:
        Broken: there is no way there just now; with words for the person.
    """
    try:
        if address.path is not None:
            return await anyio.connect_unix(address.path)
        return await anyio.connect_tcp(address.host, address.port)
    except (OSError, UnicodeError) as error:
        raise _explained(_cause(error)) from error


def _cause(error: BaseException) -> BaseException:
    """Dig out what the first of several tries (IPv6, IPv4) said."""
    if isinstance(error, BaseExceptionGroup):
        group = cast("BaseExceptionGroup[BaseException]", error)
        return _cause(group.exceptions[0])
    return error if error.__cause__ is None else _cause(error.__cause__)


def _explained(error: BaseException) -> ConnectionLost:
    for kind, why, advice in (
        (ConnectionRefusedError, "nobody answers there", _CHECK),
        (FileNotFoundError, "there is no such socket file", _CHECK),
        (PermissionError, "this user may not open it", "Ask whoever runs the server."),
        (socket.gaierror, "no computer of that name is known", "Check the spelling."),
        (UnicodeError, "that is no name of a computer", "Check the spelling."),
        (TimeoutError, "no answer came in time", _NETWORK),
    ):
        if isinstance(error, kind):
            return ConnectionLost(why, advice)
    said = error.strerror if isinstance(error, OSError) else None
    return ConnectionLost(said or str(error) or type(error).__name__, _NETWORK)
