"""The beginnings that the tests of a visitor share."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from livehelp.client import LinkUp, Timing, TokenFile, VisitorClient
from livehelp.wire.commands import Say, Start
from livehelp.wire.replies import Ack, Started
from tests.client.peer import AT_ONCE, Desk, ServerEnd, meanwhile
from tests.client.words import SESSION, opened, started


@asynccontextmanager
async def visiting(
    desk: Desk,
    tokens: TokenFile | None = None,
    *,
    timing: Timing = AT_ONCE,
    reconnect: bool = True,
) -> AsyncGenerator[tuple[VisitorClient, ServerEnd]]:
    """A visitor who has connected, and the server's end."""
    async with VisitorClient.connect(
        desk.address, tokens=tokens, timing=timing, reconnect=reconnect
    ) as visitor:
        end = await desk.accept()
        assert await anext(visitor) == LinkUp(resumed=False)
        yield visitor, end


async def begin(visitor: VisitorClient, end: ServerEnd) -> Start:
    """Start a session; the opening has been read from the stream."""
    async with meanwhile(enter, visitor):
        command = await end.expect(Start)
        await end.send(started(command.ref, key=command.key), opened())
    assert await anext(visitor) == opened()
    return command


async def begun(visitor: VisitorClient, end: ServerEnd) -> None:
    """Start a session; nothing has been read from the stream."""
    async with meanwhile(enter, visitor):
        command = await end.expect(Start)
        await end.send(started(command.ref, key=command.key), opened())


async def enter(visitor: VisitorClient) -> Started:
    """Start a session as Ann."""
    return await visitor.start(name="Ann", topic="Taxes")


def acked(say: Say, seq: int) -> Ack:
    """The answer to a line that was stored."""
    return Ack(ref=say.ref, session=SESSION, seq=seq)
