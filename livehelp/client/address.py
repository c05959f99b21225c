"""Where a server is: a host and a port, or a Unix socket.

Owns the written form of an address. Must not look anything up.
"""

from typing import Final, Self

from msgspec import Struct

from livehelp.port import DEFAULT_PORT

_UNIX: Final = "unix:"
_EXAMPLES: Final = "Write host, host:port, [::1]:port or unix:/path."


class Address(Struct, frozen=True):
    """A server's address: ``path`` for a Unix socket, else ``host`` and ``port``.

    ``str(address)`` is its written form, which ``parse`` reads back to an equal address.
    """

    host: str = ""
    port: int = DEFAULT_PORT
    path: str | None = None

    @classmethod
    def parse(cls, text: "str | Address") -> Self:
        """Return the address written as ``text``; an address is returned as it is.

        Raises:
            ValueError: it is none of ``host``, ``host:port``, ``[v6]``, ``[v6]:port``, ``v6`` and
                ``unix:/path``; the words say what is wrong.
        """
        if isinstance(text, Address):
            return cls(text.host, text.port, text.path)
        text = text.strip()
        if text.startswith(_UNIX):
            return cls(path=_path(text))
        host, port = _split(text)
        if not host or "/" in text or any(c.isspace() or c in "[]@" for c in host):
            raise ValueError(f"{text!r} is no address of a server. {_EXAMPLES}")
        return cls(host, DEFAULT_PORT if port is None else _port(port, text))

    @classmethod
    def parse_listen(cls, text: str) -> Self:
        """Return where a relay listens: a host and a port, of which 0 is any that is free.

        Raises:
            ValueError: as ``parse``, or it is a Unix socket.
        """
        host, colon, port = text.strip().rpartition(":")
        if colon and port == "0":
            return cls(cls.parse(host).host, 0)
        address = cls.parse(text)
        if address.path is not None:
            raise ValueError(f"{text!r}: write host:port to listen on, such as 127.0.0.1:5484.")
        return address

    @property
    def is_here(self) -> bool:
        """True if only this machine is meant: a Unix socket, a loopback address, ``localhost``."""
        from ipaddress import ip_address  # noqa: PLC0415 - the first screen does without it

        try:
            return self.path is not None or ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    def __str__(self) -> str:
        if self.path is not None:
            return _UNIX + self.path
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def _path(text: str) -> str:
    path = text.removeprefix(_UNIX)
    if not path:
        raise ValueError(f"{text!r} names no socket file. {_EXAMPLES}")
    return path


def _split(text: str) -> tuple[str, str | None]:
    """Part host and port; the port is None when none was written."""
    if text.startswith("["):
        host, bracket, rest = text[1:].partition("]")
        if not bracket or (rest and not rest.startswith(":")):
            raise ValueError(f"{text!r}: the bracket of an IPv6 address is not closed. {_EXAMPLES}")
        return host, rest[1:] if rest else None
    if text.count(":") > 1:
        return _v6(text), None  # its last group cannot be told from a port
    host, colon, port = text.partition(":")
    return host, port if colon else None


def _v6(text: str) -> str:
    from ipaddress import IPv6Address  # noqa: PLC0415 - the first screen does without it

    try:
        IPv6Address(text)
    except ValueError:
        raise ValueError(f"{text!r} is no address of a server. {_EXAMPLES}") from None
    return text


def _port(port: str, text: str) -> int:
    if not (port.isascii() and port.isdigit() and 1 <= int(port) <= 65_535):
        raise ValueError(f"{text!r}: a port is a number from 1 to 65535, not {port!r}.")
    return int(port)
