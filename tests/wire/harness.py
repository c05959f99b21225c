"""Two ends of a connection joined in memory, and what comes out of them in a form to compare.

Owns the harness of the wire's tests. There is no socket: bytes are handed over, whole or cut.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from livehelp.wire.base import Message
from livehelp.wire.codec import encode
from livehelp.wire.commands import ClientHello, Command
from livehelp.wire.connection import PROTOCOL, ClientConnection, ServerConnection
from livehelp.wire.errors import RemoteProtocolError
from livehelp.wire.replies import ErrorCode, ServerHello
from livehelp.wire.signals import ServerMessage

VISITOR_HELLO = ClientHello(protocol=PROTOCOL, role="visitor")
HELLO_LINE = encode(VISITOR_HELLO)


@dataclass(frozen=True)
class Fault:
    """A protocol error as a value: what its reply would say, and whether it is the last."""

    code: ErrorCode
    message: str
    ref: int | None
    fatal: bool

    @classmethod
    def of(cls, error: RemoteProtocolError) -> "Fault":
        return cls(error.code, error.message, error.ref, error.fatal)


Received = Command | Fault


def read(server: ServerConnection, *chunks: bytes) -> list[Received]:
    """Hand ``chunks`` to the server's end one after another; return all that came out."""
    return [
        Fault.of(item) if isinstance(item, RemoteProtocolError) else item
        for chunk in chunks
        for item in server.receive(chunk)
    ]


def faults(items: Iterable[Received]) -> list[Fault]:
    """Return only the errors."""
    return [item for item in items if isinstance(item, Fault)]


def greeted_server() -> ServerConnection:
    """Return a server's end to which a visitor has said hello."""
    server = ServerConnection()
    assert read(server, HELLO_LINE) == [VISITOR_HELLO]
    return server


def fault_of(line: bytes) -> Fault:
    """Return the one error that ``line`` is answered with after hello."""
    items = read(greeted_server(), line + b"\n")
    assert len(items) == 1
    assert isinstance(items[0], Fault), items
    return items[0]


def cut(data: bytes, places: Sequence[int]) -> list[bytes]:
    """Return ``data`` cut at ``places`` (any order, doubles allowed: empty reads)."""
    ends = [*sorted(place % (len(data) + 1) for place in places), len(data)]
    starts = [0, *ends[:-1]]
    return [data[start:end] for start, end in zip(starts, ends, strict=True)]


@dataclass
class Pair:
    """A client and a server, joined; what one sends the other gets at once."""

    client: ClientConnection = field(default_factory=ClientConnection)
    server: ServerConnection = field(default_factory=ServerConnection)

    def client_sends(self, *commands: Command) -> list[Received]:
        """Return what the server's end makes of ``commands``."""
        return read(self.server, b"".join(self.client.send(each) for each in commands))

    def server_sends(self, *messages: Message) -> list[ServerMessage]:
        """Return what the client's end makes of ``messages``."""
        return self.client.receive(b"".join(encode(each) for each in messages))

    def greet(self, hello: ServerHello) -> None:
        """Say hello both ways."""
        assert self.client_sends(VISITOR_HELLO) == [VISITOR_HELLO]
        assert self.server_sends(hello) == [hello]
