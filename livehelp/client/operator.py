"""An operator's work at the help desk.

Owns nothing but the words: each method is one command and waits for its answer. The link under
it, the floor, and what is known of the sessions are in ``link``, ``floor`` and ``operator_role``.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Self

from anyio.lowlevel import checkpoint

from livehelp.client.address import Address
from livehelp.client.client import Client, running
from livehelp.client.client_info import ClientInfo
from livehelp.client.errors import Refused
from livehelp.client.operator_role import OperatorRole
from livehelp.client.overview import Overview
from livehelp.client.pending_commands import Pending
from livehelp.client.reconnecting import PASSING, ReconnectingConnection
from livehelp.client.timing import Timing
from livehelp.wire.commands import (
    End,
    Login,
    Logout,
    Note,
    Recall,
    Resume,
    Say,
    SetTopic,
    Take,
    Transfer,
    Typing,
)
from livehelp.wire.events import AnyEvent, Line
from livehelp.wire.replies import Ack, ErrorCode, LoggedIn, Resumed


class OperatorClient(Client):
    """A working day at the desk.

    For example::

        async with OperatorClient.connect("localhost") as operator:
            await operator.login("dana", password)
            await operator.take()
            for visit in operator.overview.mine:
                await operator.say(visit.session, "Hello, how can I help?")

    Every method waits for the server's answer, through lost links too, and raises ``Refused``
    when that is an error and ``LinkDown`` when the link has ended for good. After a lost link
    the client signs in again with its ticket and resumes its sessions by itself.

    A method that is given up (cancelled, or by a time-out around it) takes nothing back: what has
    left is carried out all the same. What still waits for a lost link is never sent.

    The stream gives the news of all sessions, and everything of the sessions one is in: when one
    joins, the log so far comes in order, without what was told as news before.
    """

    def __init__(self, link: ReconnectingConnection, role: OperatorRole) -> None:
        super().__init__(link)
        self._role = role

    @classmethod
    @asynccontextmanager
    async def connect(
        cls,
        address: str | Address,
        *,
        client: str = "livehelp",
        version: str | None = None,
        place: str | None = None,
        reconnect: bool = True,
        wait: bool = False,
        timing: Timing | None = None,
    ) -> AsyncGenerator[Self]:
        """Connect, and stay connected until the block ends; as ``VisitorClient.connect``."""
        address = Address.parse(address)
        timing = timing or Timing()
        role = OperatorRole(ClientInfo("operator", client, version, place), timing)
        role.link = link = ReconnectingConnection(address, role, timing, reconnect=reconnect)
        async with running(link, wait=wait):
            yield cls(link, role)

    @property
    def overview(self) -> Overview:
        """All open sessions, as they are now."""
        return self._role.overview

    @property
    def name(self) -> str | None:
        """The name one is signed in with."""
        return self._role.overview.me

    def seq(self, session: str) -> int:
        """The number of the last event of ``session`` that is known here, 0 for none."""
        return self._role.seq(session)

    def _is_own(self, line: Line) -> bool:
        return line.by == "operator" and line.name == self.name

    async def login(self, name: str, password: str) -> LoggedIn:
        """Sign in. The floor is complete when this returns; one's sessions are resumed.

        Raises:
            Refused: the name or the password is wrong, or the server is too busy just now to send
                the log of a session; signing in again asks for it again.
        """
        reply = await self._request(Login(name=name, password=password), LoggedIn)
        await self._role.complete.wait()
        self._link.check()
        for session in self._role.followed:
            try:
                await self._request(Resume(session=session, after=self.seq(session)), Resumed)
            except Refused as refused:
                if refused.code in PASSING:
                    raise
        return reply

    async def logout(self) -> None:
        """Sign out; one's sessions go back to the queue."""
        try:
            await self._request(Logout(), Ack)
        except Refused as refused:
            if refused.code is not ErrorCode.LOGIN_FIRST:
                raise

    async def take(self, session: str | None = None) -> Ack:
        """Take a waiting visitor: the one named, or who has waited longest."""
        return await self._request(Take(session=session), Ack)

    async def say(self, session: str, text: str) -> Ack:
        """Say a line. The ack means that it is stored; it does not come back as an event."""
        return await self._request(Say(session=session, text=text), Ack)

    async def note(self, session: str, text: str) -> Ack:
        """Add a note that the visitor never sees."""
        return await self._request(Note(session=session, text=text), Ack)

    async def set_topic(self, session: str, topic: str) -> Ack:
        """Correct the topic."""
        return await self._request(SetTopic(session=session, topic=topic), Ack)

    async def transfer(self, session: str, to: str | None = None) -> Ack:
        """Hand the session to another operator, or without ``to`` back to the queue."""
        return await self._request(Transfer(session=session, to=to), Ack)

    async def end(self, session: str) -> Ack:
        """End the session."""
        return await self._request(End(session=session), Ack)

    async def typing(self, session: str, on: bool) -> None:
        """Tell that one began or stopped typing; not sent while the link is lost."""
        self._link.signal(Typing(session=session, on=on))
        await checkpoint()

    async def recall(self, session: str) -> list[AnyEvent]:
        """Return the log of the visit before ``session``, in order; it is not in the stream."""
        previous = self._role.previous(session)
        if previous is None:
            raise Refused(ErrorCode.NO_EARLIER, "There is no earlier visit to recall.")
        events: dict[int, AnyEvent] = {}
        pending = Pending(Recall(session=session))
        self._role.recalls[pending] = previous, events
        try:
            await self._ask(pending, Ack)
        finally:
            if not pending.sends:  # else its log comes, and the role waits for the answer
                self._role.recalls.pop(pending, None)
        return [events[seq] for seq in sorted(events)]
