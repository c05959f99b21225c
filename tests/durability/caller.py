"""A connection for tests that go step by step: blocking, raw, and without a will of its own.

Owns one socket and the wire's side of it. It never reconnects and sends nothing twice.
"""

import socket
from collections.abc import Callable
from typing import Any, Final, TypeVar, get_args

from livehelp.wire.commands import ClientHello, Command, Login, Ping
from livehelp.wire.connection import PROTOCOL, ClientConnection
from livehelp.wire.events import Event
from livehelp.wire.replies import Ack, Error, LoggedIn, Pong, Reply, ServerHello
from livehelp.wire.signals import Roster, ServerMessage

M = TypeVar("M")
# What does not come at once on this machine does not come; a busy one gets a hundred times that.
PATIENCE: Final = 10.0
_CHUNK: Final = 65_536
_REPLIES: Final[tuple[type[Reply], ...]] = get_args(Reply)


class Caller:
    """A connection that has said hello.

    Args:
        address: The server's host and port.
        hello: Fields of the hello.

    Attributes:
        heard: Every message that came after the server's hello, in order.
        server: The server's hello.
    """

    def __init__(self, address: tuple[str, int], **hello: Any) -> None:
        self.heard: list[ServerMessage] = []
        self._wire = ClientConnection()
        self._socket = socket.create_connection(address, PATIENCE)
        self._looked_at = 0
        self.post(ClientHello(protocol=PROTOCOL, **hello))
        self.server = self.until(ServerHello)

    def post(self, command: Command) -> None:
        """Send a command, and wait for nothing."""
        self._socket.sendall(self._wire.send(command))

    def ask(self, command: Command) -> Reply:
        """Send a command and return its reply, which may be an error."""
        self.post(command)
        ref: int | None = getattr(command, "ref", None)
        return self.until(_REPLIES, lambda reply: getattr(reply, "ref", None) == ref)

    def until(
        self, kind: type[M] | tuple[type[M], ...], true: Callable[[M], bool] = lambda _: True
    ) -> M:
        """Return the next message of a kind for which that is true; what is before it is passed."""
        while True:
            while self._looked_at < len(self.heard):
                message = self.heard[self._looked_at]
                self._looked_at += 1
                if isinstance(message, kind) and true(message):
                    return message
            data = self._socket.recv(_CHUNK)
            if not data:
                raise AssertionError(f"The server closed the connection; it said {self.heard}")
            self.heard += self._wire.receive(data)

    def barrier(self) -> None:
        """Hear everything that the server has sent so far."""
        self.post(Ping())
        self.until(Pong)

    def events(self, session: str) -> list[Event]:
        """Return the events of a session that came, in order."""
        return [m for m in self.heard if isinstance(m, Event) and m.session == session]

    def sign_in(self, **how: Any) -> LoggedIn:
        """Sign in, and hear the whole floor."""
        reply = self.ask(Login(**how))
        assert isinstance(reply, LoggedIn), reply
        self.until(Roster)
        return reply

    def close(self) -> None:
        """Lose the link."""
        self._socket.close()


def code_of(reply: Reply) -> str:
    """Return "ack" or the error's code."""
    if isinstance(reply, Error):
        return str(reply.code)
    assert isinstance(reply, Ack), reply
    return "ack"
