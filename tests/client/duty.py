"""The beginnings that the tests of an operator share."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from livehelp.client import LinkUp, OperatorClient
from livehelp.wire.base import Message
from livehelp.wire.commands import Login, Take
from livehelp.wire.replies import Ack
from livehelp.wire.signals import Roster
from tests.client.peer import AT_ONCE, Desk, ServerEnd, meanwhile, take
from tests.client.words import SESSION, TICKET, joined, logged_in, resumed

ROSTER = Roster(operators=("Dana", "Eve"))


@asynccontextmanager
async def on_duty(desk: Desk, *visits: Message) -> AsyncGenerator[tuple[OperatorClient, ServerEnd]]:
    """An operator who has signed in, is in no session, and has read the floor."""
    async with OperatorClient.connect(desk.address, timing=AT_ONCE) as operator:
        end = await desk.accept()
        async with meanwhile(operator.login, "Dana", "secret"):
            login = await end.expect(Login)
            await end.send(logged_in(login.ref, len(visits)), *visits, ROSTER)
        assert await take(operator, 2 + len(visits)) == [LinkUp(resumed=False), *visits, ROSTER]
        yield operator, end


async def take_visitor(operator: OperatorClient, end: ServerEnd, *log: Message) -> None:
    """Take the visitor, whose log ends with the joining."""
    async with meanwhile(operator.take):
        command = await end.expect(Take)
        last = len(log)
        await end.send(joined(last), Ack(ref=command.ref, session=SESSION, seq=last))
    await end.send(*log, resumed(last))


async def sign_in_again(desk: Desk, *visits: Message) -> ServerEnd:
    """Let the operator come back with the ticket; the floor is told."""
    end = await desk.accept()
    login = await end.expect(Login)
    assert (login.ticket, login.name, login.ref) == (TICKET, None, None)
    await end.send(logged_in(None, len(visits)), *visits, ROSTER)
    return end
