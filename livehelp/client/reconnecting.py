"""The link: one conversation with a server over as many connections as it takes.

Owns when to connect, when to try again, and which commands to send again. Must not know
sessions, visitors or operators: its ``Role`` does.

A connection's life: hello both ways, then the role takes up again what was there before, then
the commands without an answer are sent again, with the same ``ref`` and in order; from there on
commands go out as they come.
"""

import math
import secrets
from collections.abc import Callable, Iterable
from typing import Final, Never, Protocol

import anyio

from livehelp.client.address import Address
from livehelp.client.connection import Connection
from livehelp.client.connection_lost import ConnectionLost
from livehelp.client.errors import LinkDown, Refused
from livehelp.client.inbox import Inbox
from livehelp.client.pending_commands import Pending, PendingCommands
from livehelp.client.states import Incoming, LinkEnded, LinkLost, LinkUp
from livehelp.client.timing import Timing
from livehelp.wire.commands import ClientHello, Command, Typing
from livehelp.wire.replies import Error, ErrorCode, Reply, ServerHello
from livehelp.wire.signals import ServerMessage

# Refusals that pass: the server is busy or its database is, and the same command may succeed later.
PASSING: Final = frozenset({ErrorCode.SLOW_DOWN, ErrorCode.FULL, ErrorCode.NOT_STORED})
_chance: Final = secrets.SystemRandom().random


class RoleHandler(Protocol):
    """What differs between a visitor's and an operator's link. Only ``recover`` may wait."""

    def hello(self) -> ClientHello:
        """Return the hello for the next connection."""
        ...

    async def recover(self) -> bool:
        """Take up again what was there before; return whether there was anything.

        Raises:
            Broken: that cannot be done.
        """
        ...

    def heard(self, message: ServerMessage) -> Iterable[Incoming]:
        """Note a message that answers no command; return what the person gets for it."""
        ...

    def answered(self, pending: Pending, reply: Reply) -> Iterable[Incoming]:
        """Note the reply to a command, before its caller does; return as ``heard``."""
        ...

    def ended(self) -> None:
        """There will be no link any more."""
        ...


class ReconnectingConnection:
    """The reconnecting link.

    Args:
        address: Where the server is.
        role: What to say, and what to make of what is heard.
        timing: How long to wait for what.
        reconnect: False: the first loss is the end.

    Attributes:
        address: The same.
        inbox: Messages for the person, in order.
        server: The server's last hello; None before the first.
        up: True while commands go straight out.
    """

    def __init__(
        self, address: Address, role: RoleHandler, timing: Timing, *, reconnect: bool
    ) -> None:
        self.address = address
        self.inbox = Inbox()
        self.server: ServerHello | None = None
        self.up = False
        self.outstanding = PendingCommands()
        self._role = role
        self._timing = timing
        self._reconnect = reconnect
        self._connection: Connection | None = None
        self._question: _Question | None = None
        self._ended: str | None = None

    async def open(self) -> Connection:
        """Return a new connection, hellos exchanged; raises ``Broken``."""
        connection = await Connection.open(self.address, self._role.hello(), self._timing)
        self.server = connection.hello
        return connection

    async def run(self, connection: Connection | None = None) -> None:
        """Keep the link up until it ends; ``connection`` is the first one, if there is one."""
        attempt = 0
        while True:
            began = math.inf
            try:
                connection = connection or await self.open()
                began = anyio.current_time()
                await self._hold(connection)
            except ConnectionLost as broken:
                if broken.final or not self._reconnect:
                    self.end(f"{_sentence(broken.why)} {broken.advice}".rstrip())
                    return
                if anyio.current_time() - began >= self._timing.stable:
                    attempt = 0
                wait = broken.retry_in + self._timing.retry_delay(attempt, _chance())
                self.inbox.put(LinkLost(why=broken.why, retry_in=wait))
            connection = None
            attempt += 1
            await anyio.sleep(wait)

    def end(self, why: str) -> None:
        """There will be no link any more: tell everybody who waits, and the person."""
        self._finish(why, LinkEnded(why=why))

    def check(self) -> None:
        """Raise ``LinkDown`` if the link has ended."""
        if self._ended is not None:
            raise LinkDown(self._ended)

    def close(self) -> None:
        """The person is done with the link."""
        self._finish("The client was closed.", None)

    async def request(self, pending: Pending) -> Reply:
        """Send a command and return its reply, through as many connections as it takes.

        Waits while there are too many without a reply. Cancelled before it left, the command is
        never sent; cancelled later, it is carried out all the same.

        Raises:
            Refused: the server answered with an error.
            LinkDown: the link ended first.
        """
        self.check()
        await self.outstanding.add(pending)
        if self._ended is not None:
            self.outstanding.remove(pending)
            self.check()
        if self.up:
            self._send(pending)
        try:
            return await pending.wait()
        finally:
            if not pending.sends:
                self.outstanding.remove(pending)

    def post(self, command: Command) -> None:
        """Send ``command`` if there is a connection, and forget it."""
        if self._connection is not None:
            self._connection.post(command)

    def signal(self, typing: Typing) -> None:
        """Send ``typing`` if that is possible at once: late, it would be untrue."""
        self.check()
        if self.up and self._connection is not None:
            self._connection.post_if_idle(typing)

    async def ask(self, command: Command, answers: Callable[[ServerMessage], bool]) -> Reply:
        """Send ``command`` without a ``ref`` and return its reply. Only for ``Role.recover``.

        Args:
            command: What to ask while nothing else is being asked.
            answers: Tells the reply from other messages; an error without ``ref`` always is one.

        Raises:
            Refused: the server answered with an error that will not pass.
            Broken: no answer, or an error that passes: another connection may do better.
        """
        self._question = question = _Question(answers)
        self.post(command)
        await self.within_answer_time(question.answered)
        reply = question.reply
        if isinstance(reply, Error) and reply.code in PASSING:
            raise ConnectionLost(reply.message.removesuffix("."))
        if isinstance(reply, Error):
            raise Refused(reply.code, reply.message)
        if reply is None:
            raise ConnectionLost("the server gave no answer")
        return reply

    async def within_answer_time(self, event: anyio.Event) -> None:
        """Wait for ``event``; raises ``Broken`` when that takes too long."""
        with anyio.move_on_after(self._timing.answer):
            await event.wait()
            return
        raise ConnectionLost(f"the server gave no answer within {self._timing.answer:g} seconds")

    async def _hold(self, connection: Connection) -> Never:
        self._connection = connection
        try:
            await connection.run(self._receive, self._settle)
        finally:
            self.up = False
            self._connection = None
            self._question = None

    async def _settle(self) -> None:
        """Take up what was there before, then send again what has no answer."""
        resumed = await self._role.recover()
        for pending in self.outstanding:
            self._send(pending)
        self.up = True
        self.inbox.put(LinkUp(resumed=resumed))

    def _send(self, pending: Pending) -> None:
        pending.sends += 1
        self.post(pending.command)

    def _receive(self, message: ServerMessage) -> None:
        """Take one message; everything it leads to is done before the next one is looked at."""
        ref = getattr(message, "ref", None)
        pending = None if ref is None else self.outstanding.get(ref)
        if pending is not None and isinstance(message, Reply):
            self.outstanding.remove(pending)
            news = self._role.answered(pending, message)
            pending.answer(message)  # before what may end the link: nobody else will answer it
            self._tell(news)
        elif ref is None:
            self._tell(self._role.heard(message))
            if self._question is not None and isinstance(message, Reply):
                self._question.try_answer(message)

    def _tell(self, messages: Iterable[Incoming]) -> None:
        for message in messages:
            self.inbox.put(message)

    def _finish(self, why: str, last: LinkEnded | None) -> None:
        if self._ended is None:
            self._ended = why
            self.outstanding.fail_all(why)
            self.inbox.close(last)
            self._role.ended()


class _Question:
    """What ``ask`` waits for."""

    def __init__(self, answers: Callable[[ServerMessage], bool]) -> None:
        self._answers = answers
        self.answered = anyio.Event()
        self.reply: Reply | None = None

    def try_answer(self, message: Reply) -> None:
        """Take ``message`` if it is the reply."""
        if isinstance(message, Error) or self._answers(message):
            self.reply = message
            self.answered.set()


def _sentence(clause: str) -> str:
    return clause[:1].upper() + clause[1:] + "."
