"""How a visitor's and an operator's programs begin, and how each says something."""

from collections.abc import AsyncGenerator, MutableMapping
from contextlib import asynccontextmanager
from functools import partial

from livehelp.client import OperatorClient, Timing, TokenFile, VisitorClient
from livehelp.client.address import Address
from livehelp.client.client import running
from livehelp.client.client_info import ClientInfo
from livehelp.client.operator_role import OperatorRole
from livehelp.client.visitor_role import VisitorRole
from livehelp.wire.events import Noted
from livehelp.wire.replies import Ack, LoggedIn
from tests.durability.plan import Who
from tests.durability.record import Said, Sent
from tests.durability.spy import spied
from tests.durability.timeouts import persist


class VisitorBehaviour:
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

    @asynccontextmanager
    async def connected(self, sent: Sent) -> AsyncGenerator[VisitorClient]:
        """A client that keeps trying until it is connected."""
        caller = ClientInfo("visitor", "livehelp", None, None)
        role = VisitorRole(caller, Address.parse(self._address), self._timing, self._tokens)
        link, role = spied(self._address, role, self._timing, sent)
        async with running(link, wait=True):
            yield VisitorClient(link, role, remember=self._tokens is not None)

    async def enter(self, client: VisitorClient, session: str) -> str:
        """Start, or go on with ``session`` if there is one; return the session."""
        if session:
            return (await persist(client.resume_earlier)).session
        return (await client.start(name="Ann", topic="Taxes")).session

    async def utter(self, client: VisitorClient, session: str, said: Said) -> Ack:
        """Say a line."""
        assert client.session == session, "a visitor is in one session"
        return await client.say(said.text)


class OperatorBehaviour:
    """An operator's: sign in.

    Args:
        who: Their name.
        address: Of the failing link.
        timing: Of the clients.
        password: Theirs.
        signed_in: What their last sign-in brought, by name. Who is not in it shows the password,
            and is then.
    """

    def __init__(
        self,
        who: Who,
        address: str,
        timing: Timing,
        password: str,
        signed_in: MutableMapping[Who, LoggedIn],
    ) -> None:
        self._who: Who = who
        self._address = address
        self._timing = timing
        self._password = password
        self._signed_in = signed_in

    @asynccontextmanager
    async def connected(self, sent: Sent) -> AsyncGenerator[OperatorClient]:
        """A client that keeps trying until it is connected.

        With a ticket it begins as if it had lost its link. That spares the server the hash of a
        password, which takes as long as a whole run.
        """
        role = OperatorRole(ClientInfo("operator", "livehelp", None, None), self._timing)
        link, role = spied(self._address, role, self._timing, sent)
        if self._who in self._signed_in:
            role.heard(self._signed_in[self._who])
        async with running(link, wait=True):
            yield OperatorClient(link, role)

    async def enter(self, client: OperatorClient, session: str) -> str:
        """Sign in, where the client has not done so by itself; return ``session``."""
        if self._who not in self._signed_in:
            login = partial(client.login, self._who, self._password)
            self._signed_in[self._who] = await persist(login)
        return session

    async def utter(self, client: OperatorClient, session: str, said: Said) -> Ack:
        """Say a line, or write a note."""
        speak = client.note if said.kind is Noted else client.say
        return await speak(session, said.text)

    async def sign_out(self, client: OperatorClient) -> None:
        """Sign out; the ticket is worth nothing from then on."""
        await persist(client.logout)
        self._signed_in.pop(self._who, None)
