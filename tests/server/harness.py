"""A small client for tests that read like a script: one connection, no cleverness.

Owns one socket and ``livehelp.wire.ClientConnection``; it never reconnects, resends or forgets.
``livehelp.client`` is not used here: it has its own suite, and would hide what the server does.
"""

from collections import deque
from types import TracebackType
from typing import Any, Final, Self, TypeVar

import trio

from livehelp.wire.commands import (
    ClientHello,
    Command,
    End,
    Login,
    Note,
    Ping,
    Resume,
    Say,
    Start,
    Take,
    Transfer,
)
from livehelp.wire.connection import PROTOCOL, ClientConnection
from livehelp.wire.events import Event, Line
from livehelp.wire.replies import Ack, Error, LoggedIn, Pong, Resumed, ServerHello, Started
from livehelp.wire.signals import Position, Roster, ServerMessage

M = TypeVar("M")
# A secret that a client could have made up: 43 characters of URL-safe base64.
KEY: Final = "k" * 43


class Gone(Exception):
    """The server closed the connection before what was waited for came."""


class Refusal(Exception):
    """The server answered with an error while something else was waited for."""


class Client:
    """One connection to a server.

    Attributes:
        heard: Every message that came, in order, waited for or not.
        session, key, token: What the last ``started`` said.
        ticket: What ``logged_in`` said.
    """

    def __init__(self, stream: trio.SocketStream) -> None:
        self.stream = stream
        self.heard: list[ServerMessage] = []
        self.session = ""
        self.key = ""
        self.token: str | None = None
        self.ticket = ""
        self._wire = ClientConnection()
        self._unread: deque[ServerMessage] = deque()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stream.aclose()

    # What it hears

    async def read(self) -> ServerMessage:
        """Return the next message; raises Gone at the end of the connection."""
        while not self._unread:
            try:
                data = await self.stream.receive_some()
            except trio.BrokenResourceError:
                data = b""
            if not data:
                raise Gone(self.heard)
            found = self._wire.receive(data)
            self.heard += found
            self._unread += found
        return self._unread.popleft()

    async def until(self, kind: type[M], **fields: Any) -> M:
        """Read up to the next message of this type with these fields, and return it.

        Raises Refusal when an error comes that was not waited for: no test hangs on it.
        """
        # A ping is a barrier: what came before its answer is looked at afterwards.
        passes_errors = kind.__name__ in {"Error", "Pong"}
        while True:
            message = await self.read()
            if isinstance(message, kind) and all(
                getattr(message, name) == value for name, value in fields.items()
            ):
                return message
            if isinstance(message, Error) and not passes_errors:
                raise Refusal(message)

    async def barrier(self) -> list[ServerMessage]:
        """Return everything that the server had sent before it answered a ping."""
        await self.send(Ping())
        return await self.before(Pong)

    async def news(self) -> list[ServerMessage]:
        """Return the same without the signals of the round, which come when they come."""
        return [m for m in await self.barrier() if not isinstance(m, Roster | Position)]

    async def before(self, kind: type[M], **fields: Any) -> list[ServerMessage]:
        """Return what came before the next message of this type with these fields."""
        # What is unread was heard last.
        first = len(self.heard) - len(self._unread)
        await self.until(kind, **fields)
        return self.heard[first : len(self.heard) - len(self._unread) - 1]

    async def rest(self) -> list[ServerMessage]:
        """Read until the server closes; return what came."""
        first = len(self.heard) - len(self._unread)
        try:
            while True:
                await self.read()
        except Gone:
            return self.heard[first:]

    @property
    def lines(self) -> list[str]:
        """The texts of all lines that came, in order."""
        return [message.text for message in self.heard if isinstance(message, Line)]

    @property
    def events(self) -> list[Event]:
        """All events that came, in order."""
        return [message for message in self.heard if isinstance(message, Event)]

    # What it says

    async def raw(self, data: bytes) -> None:
        """Send bytes that our own codec might never make."""
        await self.stream.send_all(data)

    async def send(self, *commands: Command) -> None:
        """Send commands in one piece, and wait for nothing."""
        await self.raw(b"".join(map(self._wire.send, commands)))

    async def hello(self, **fields: Any) -> ServerHello:
        """Say hello and return the server's."""
        usual: dict[str, Any] = {"role": "visitor", "client": "script", "version": "1"}
        await self.send(ClientHello(protocol=PROTOCOL, **(usual | fields)))
        return await self.until(ServerHello)

    async def login(self, name: str, password: str, ref: int | None = None) -> LoggedIn:
        """Sign in as an operator."""
        await self.send(Login(name=name, password=password, ref=ref))
        return await self._signed_in()

    async def login_again(self, ticket: str) -> LoggedIn:
        """Sign in with a ticket."""
        await self.send(Login(ticket=ticket))
        return await self._signed_in()

    async def start(
        self, name: str = "Ann", topic: str = "Taxes", key: str | None = None, **fields: Any
    ) -> Started:
        """Open a session."""
        await self.send(Start(name=name, topic=topic, key=key, **fields))
        started = await self.until(Started)
        self.session, self.key, self.token = started.session, started.key, started.token
        return started

    async def say(self, text: str, ref: int | None = None, session: str | None = None) -> Ack:
        """Say a line and wait for its ack."""
        await self.send(Say(text=text, ref=ref, session=session))
        return await self.until(Ack, ref=ref)

    async def take(self, session: str | None = None, ref: int | None = None) -> Resumed:
        """Take a visitor and wait for the log."""
        await self.send(Take(session=session, ref=ref))
        return await self.until(Resumed)

    async def transfer(self, session: str, to: str | None = None) -> Ack:
        """Hand a session over."""
        await self.send(Transfer(session=session, to=to))
        return await self.until(Ack)

    async def note(self, text: str, session: str | None = None) -> Ack:
        """Write a note."""
        await self.send(Note(text=text, session=session))
        return await self.until(Ack)

    async def end(self, session: str | None = None) -> Ack:
        """End the session."""
        await self.send(End(session=session))
        return await self.until(Ack)

    async def resume(
        self, session: str, after: int = 0, key: str | None = None, ref: int | None = None
    ) -> Resumed:
        """Come back to a session and wait until all that was missed is there."""
        await self.send(Resume(session=session, after=after, key=key, ref=ref))
        return await self.until(Resumed, session=session)

    async def refused(self, *commands: Command) -> Error:
        """Send commands and return the error that comes."""
        await self.send(*commands)
        return await self.until(Error)

    async def _signed_in(self) -> LoggedIn:
        answer = await self.until(LoggedIn)
        self.ticket = answer.ticket
        return answer


def seqs(messages: list[ServerMessage], session: str) -> list[int]:
    """Return the numbers of a session's events among ``messages``, in order."""
    return [m.seq for m in messages if isinstance(m, Event) and m.session == session]
