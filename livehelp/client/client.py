"""What the two clients share: the way in and out, and the stream of messages.

Owns the life of a client. Must not know what visitors or operators say.
"""

import re
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final, Self, TypeVar

import anyio

from livehelp.background import background
from livehelp.client.broken import Broken
from livehelp.client.connection import Connection
from livehelp.client.errors import CannotConnect, LiveHelpError
from livehelp.client.expectation import Expectation
from livehelp.client.link import Link
from livehelp.client.seen import Seen
from livehelp.client.states import Incoming
from livehelp.wire.commands import Command
from livehelp.wire.events import Line
from livehelp.wire.replies import Reply, ServerHello

R = TypeVar("R", bound=Reply)
M = TypeVar("M", bound=Incoming)
# A line crosses an office in milliseconds; what takes this many seconds will not come.
PATIENCE: Final = 5.0


class Client:
    """Base of both clients: an async iterator over what comes.

    ``async for message in client`` gives events, signals and the link's state, in order; each
    event of a session once. The iteration ends when the link has ended or the client is closed.
    Replies do not wait for the reader, but a program that leaves 10,000 messages unread loses its
    link (``inbox`` says why).

    A script expects instead: ``expect`` reads on until the message comes, and fails with all that
    was seen when it does not. Both read the same stream; what an expectation has taken from it,
    the iteration does not give.

    Attributes:
        seen: What came so far, and what was asked.
    """

    def __init__(self, link: Link) -> None:
        self.seen = Seen()
        self._link = link
        self._reading = anyio.Lock(fast_acquire=True)  # free, it costs no turn of the loop

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
            async with self._reading:
                return await self._take()
        except anyio.EndOfStream:
            raise StopAsyncIteration from None

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
        """
        __tracebackhide__ = True
        given = fields if session is None else {"session": session, **fields}
        expectation = Expectation(kind, given, where)
        why = f"did not come within {within:g} s"
        looked_at = 0
        with anyio.move_on_after(within):
            while True:
                found = self.seen.find(kind, expectation.fits, looked_at)
                if found is not None:
                    return found
                looked_at = self.seen.count
                try:
                    await self._read_past(looked_at)
                except anyio.EndOfStream:
                    why = "the link has ended"
                    break
        raise expectation.failure(self.seen, why)

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
        """
        __tracebackhide__ = True
        wanted = {"text": text if match is None else re.compile(match), "name": name}
        fields: dict[str, Any] = {key: value for key, value in wanted.items() if value is not None}
        return await self.expect(Line, session=session, within=within, **fields)

    async def _take(self) -> Incoming:
        when, message = await self._link.inbox.take()
        self.seen.came(message, when)
        return message

    async def _read_past(self, number: int) -> None:
        """Take one message, unless somebody else who reads has taken one meanwhile."""
        async with self._reading:
            if self.seen.count == number:
                await self._take()

    async def _request(self, command: Command, expected: type[R]) -> R:
        self.seen.said(command)
        reply = await self._link.request(command)
        if not isinstance(reply, expected):
            raise LiveHelpError(
                f"The server answered with {type(reply).__name__} where {expected.__name__} is due."
            )
        return reply


@asynccontextmanager
async def running(link: Link, *, wait: bool) -> AsyncGenerator[None]:
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


async def _first_connection(link: Link) -> Connection:
    try:
        return await link.open()
    except Broken as broken:
        raise CannotConnect(str(link.address), broken.why, broken.advice) from broken
