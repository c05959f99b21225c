"""What the two clients share: the way in and out, and the stream of messages.

Owns the life of a client. Must not know what visitors or operators say.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final, Self, TypeVar

import anyio

from livehelp.background import background
from livehelp.client.connection import Connection
from livehelp.client.connection_lost import ConnectionLost
from livehelp.client.errors import CannotConnect, LiveHelpError
from livehelp.client.expectation import Expectation, line_fields
from livehelp.client.message_log import MessageLog
from livehelp.client.pending_commands import Pending
from livehelp.client.reconnecting import ReconnectingConnection
from livehelp.client.states import Incoming
from livehelp.wire.commands import Command
from livehelp.wire.events import Line
from livehelp.wire.replies import Reply, ServerHello

R = TypeVar("R", bound=Reply)
M = TypeVar("M", bound=Incoming)
# A line crosses an office in milliseconds; what takes this many seconds will not come.
PATIENCE: Final = 5.0
# What must not come would mostly have come by then; each of these costs a test this long.
LISTENING: Final = 0.5


class Client(ABC):
    """Base of both clients: an async iterator over what comes.

    ``async for message in client`` gives events, signals and the link's state, in order; each
    event of a session once. The iteration ends when the link has ended or the client is closed.
    Replies do not wait for the reader, but a program that leaves 10,000 messages unread loses its
    link (``inbox`` says why).

    A script expects instead: ``expect`` reads on until the message comes, and fails with all that
    was seen when it does not. Both read the same stream; what an expectation has taken from it,
    the iteration does not give.

    Attributes:
        seen: All that came so far, whether anybody has looked at it or not, and what was asked.
    """

    def __init__(self, link: ReconnectingConnection) -> None:
        self.seen = MessageLog(lambda: link.inbox.untaken)
        self._link = link

    @property
    def server(self) -> ServerHello | None:
        """What the server said of itself last; None only before the first ``LinkUp``."""
        return self._link.server

    @property
    def connected(self) -> bool:
        """True while commands go straight out, false while they wait for the link."""
        return self._link.up

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Incoming:
        try:
            when, message = await self._link.inbox.take()
        except anyio.EndOfStream:
            raise StopAsyncIteration from None
        self.seen.came(message, when)
        return message

    async def expect(
        self,
        kind: type[M],
        *,
        session: str | None = None,
        where: Callable[[M], bool] | None = None,
        within: float = PATIENCE,
        **fields: Any,
    ) -> M:
        """Return the next message of a kind, waiting for it.

        The events of a session are gone through in their order: what came before the one that was
        found is not found any more. Each other session, each kind of signal, and the link's state
        are gone through by themselves.

        Args:
            kind: An event, a signal or a state of the link, such as ``Joined``.
            session: Only of this session.
            where: Only one for which this is true.
            within: How long to wait, in seconds.
            fields: Only with these values; a compiled pattern is searched for.

        Raises:
            ExpectationFailed: it did not come in time, or the link has ended.
            CannotExpect: no such kind ever comes, or it has no such field.
        """
        __tracebackhide__ = True
        expectation = Expectation(kind, _fields(session, fields), where)
        return await expectation.met(self.seen, self._take_now, self._link.inbox.more, within)

    async def never(
        self,
        kind: type[M],
        *,
        within: float = LISTENING,
        session: str | None = None,
        where: Callable[[M], bool] | None = None,
        **fields: Any,
    ) -> None:
        """Hold that a message has not come since the last expectation, and does not come now.

        Nothing is gone past: what has come may still be expected.

        Args:
            kind: As of ``expect``, and so are the others.
            within: How long to listen, in seconds.
            session: Only of this session.
            where: Only one for which this is true.
            fields: Only with these values; a compiled pattern is searched for.

        Raises:
            ExpectationFailed: it came.
            CannotExpect: as of ``expect``.
        """
        __tracebackhide__ = True
        expectation = Expectation(kind, _fields(session, fields), where)
        await expectation.not_met(self.seen, self._take_now, self._link.inbox.more, within)

    async def expect_line(
        self,
        text: str | None = None,
        *,
        match: str | re.Pattern[str] | None = None,
        name: str | None = None,
        session: str | None = None,
        within: float = PATIENCE,
    ) -> Line:
        """Return the next line that somebody else said, as ``expect`` does.

        Args:
            text: The whole line.
            match: A regular expression that is found in it.
            name: Who says it.
            session: In which session.
            within: How long to wait, in seconds.

        Raises:
            ExpectationFailed: it did not come in time, or the link has ended.
            CannotExpect: the pattern is none, or both it and a text are given.
        """
        __tracebackhide__ = True
        given = _fields(session, line_fields(text, match, name))
        expectation = Expectation(Line, given, None, apart_from=self._is_own)
        return await expectation.met(self.seen, self._take_now, self._link.inbox.more, within)

    @abstractmethod
    def _is_own(self, line: Line) -> bool:
        """Return whether the person of this client said it, perhaps in an earlier run."""

    def _take_now(self) -> bool:
        """Take the next message if there is one, and say so."""
        taken = self._link.inbox.take_now()
        if taken is not None:
            self.seen.came(taken[1], taken[0])
        return taken is not None

    async def _request(self, command: Command, expected: type[R]) -> R:
        return await self._ask(Pending(command), expected)

    async def _ask(self, pending: Pending, expected: type[R]) -> R:
        self.seen.said(pending)
        reply = await self._link.request(pending)
        if not isinstance(reply, expected):
            raise LiveHelpError(
                f"The server answered with {type(reply).__name__} where {expected.__name__} is due."
            )
        return reply


def _fields(session: str | None, fields: dict[str, Any]) -> dict[str, Any]:
    return fields if session is None else {"session": session, **fields}


@asynccontextmanager
async def running(link: ReconnectingConnection, *, wait: bool) -> AsyncGenerator[None]:
    """Keep ``link`` up around a block. What the block raises comes out as it is, in no group.

    Args:
        link: The link to run.
        wait: Begin the block at once and keep trying, instead of failing with the first try.

    Raises:
        CannotConnect: the first try failed.
    """
    connection = None if wait else await _first_connection(link)
    async with background() as tasks:
        tasks.start_soon(link.run, connection)
        try:
            yield
        finally:
            link.close()


async def _first_connection(link: ReconnectingConnection) -> Connection:
    try:
        return await link.open()
    except ConnectionLost as broken:  # its words are all of it that a person can use
        raise CannotConnect(str(link.address), broken.why, broken.advice) from None
