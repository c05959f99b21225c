"""How a visitor's and an operator's programs begin, and how each says something.

Owns what differs between the two sides of the desk. Must not know when anything happens.
"""

from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from livehelp.client import OperatorClient, Timing, TokenFile, VisitorClient
from livehelp.client.address import Address
from livehelp.client.caller import Caller
from livehelp.client.client import running
from livehelp.client.link import Link
from livehelp.client.operator_role import OperatorRole
from livehelp.wire.events import Noted
from livehelp.wire.replies import Ack, LoggedIn
from tests.promise.record import Said


class VisitorManners:
    """A visitor's: start a visit; the next program goes on with it, by the token.

    Args:
        address: Of the failing link.
        timing: Of the clients.
        tokens: Where the token is kept, if it is.
    """

    def __init__(self, address: str, timing: Timing, tokens: TokenFile | None) -> None:
        self._address = address
        self._timing = timing
        self._tokens = tokens

    def connected(self) -> AbstractAsyncContextManager[VisitorClient]:
        """Return a client that keeps trying until it is connected."""
        return VisitorClient.connect(
            self._address, tokens=self._tokens, timing=self._timing, wait=True
        )

    async def enter(self, client: VisitorClient, session: str) -> str:
        """Start, or go on with ``session`` if there is one; return the session."""
        if session:
            return (await client.resume_earlier()).session
        return (await client.start(name="Ann", topic="Taxes")).session

    async def utter(self, client: VisitorClient, session: str, said: Said) -> Ack:
        """Say a line."""
        assert client.session == session, "a visitor is in one session"
        return await client.say(said.text)


class OperatorManners:
    """An operator's: sign in.

    Args:
        address: Of the failing link.
        timing: Of the clients.
        signed_in: What an earlier sign-in of this operator brought.
        password: To sign in anew with, where the plan wants that.
    """

    def __init__(
        self, address: str, timing: Timing, signed_in: LoggedIn, password: str | None
    ) -> None:
        self._address = address
        self._timing = timing
        self._signed_in = signed_in
        self._password = password

    def connected(self) -> AbstractAsyncContextManager[OperatorClient]:
        """Return a client that keeps trying until it is connected."""
        if self._password is not None:
            return OperatorClient.connect(self._address, timing=self._timing, wait=True)
        return signed_in_before(self._address, self._timing, self._signed_in)

    async def enter(self, client: OperatorClient, session: str) -> str:
        """Sign in, where the client has not done so by itself; return ``session``."""
        if self._password is not None:
            await client.login(self._signed_in.name, self._password)
        return session

    async def utter(self, client: OperatorClient, session: str, said: Said) -> Ack:
        """Say a line, or write a note."""
        speak = client.note if said.kind is Noted else client.say
        return await speak(session, said.text)


@asynccontextmanager
async def signed_in_before(
    address: str, timing: Timing, signed_in: LoggedIn
) -> AsyncGenerator[OperatorClient]:
    """A client that begins as if it had lost its link: its first connection shows the ticket.

    It spares the server the hash of a password, which takes as long as a whole run.
    """
    role = OperatorRole(Caller("operator", "livehelp", None, None), timing)
    role.link = link = Link(Address.parse(address), role, timing, reconnect=True)
    role.heard(signed_in)
    async with running(link, wait=True):
        yield OperatorClient(link, role)
