"""What the two clients share: the way in and out, and the stream of messages.

Owns the life of a client. Must not know what visitors or operators say.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Self, TypeVar

import anyio

from livehelp.client.broken import Broken
from livehelp.client.connection import Connection
from livehelp.client.errors import CannotConnect, LiveHelpError
from livehelp.client.link import Link
from livehelp.client.states import Incoming
from livehelp.wire.commands import Command
from livehelp.wire.replies import Reply, ServerHello

R = TypeVar("R", bound=Reply)


class Client:
    """Base of both clients: an async iterator over what comes.

    ``async for message in client`` gives events, signals and the link's state, in order; each
    event of a session once. The iteration ends when the link has ended or the client is closed.
    Replies do not wait for the reader, but a program that leaves 10,000 messages unread loses its
    link (``inbox`` says why).
    """

    def __init__(self, link: Link) -> None:
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
            return await self._link.inbox.take()
        except anyio.EndOfStream:
            raise StopAsyncIteration from None

    async def _request(self, command: Command, expected: type[R]) -> R:
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
    raised: BaseException | None = None
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(link.run, connection)
        try:
            yield
        except anyio.get_cancelled_exc_class():
            raise  # belongs to the scope that was cancelled, which is outside
        except BaseException as error:  # kept, so that the task group does not wrap it
            raised = error
        finally:
            link.close()
            tasks.cancel_scope.cancel()
    if raised is not None:
        try:
            raise raised
        finally:
            del raised  # it holds this frame, and this frame must not hold it


async def _first_connection(link: Link) -> Connection:
    try:
        return await link.open()
    except Broken as broken:
        raise CannotConnect(str(link.address), broken.why, broken.advice) from broken
