"""A visitor's conversation with the help desk.

Owns nothing but the words: each method is one command and waits for its answer. The link under
it, and what is known of the session, are in ``link`` and ``visitor_role``.
"""

import secrets
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Final, Self

from anyio.lowlevel import checkpoint

from livehelp.client.address import Address
from livehelp.client.client import Client, running
from livehelp.client.client_info import ClientInfo
from livehelp.client.errors import Refused
from livehelp.client.reconnecting import ReconnectingConnection
from livehelp.client.timing import Timing
from livehelp.client.tokens import TokenFile
from livehelp.client.visitor_role import VisitorRole
from livehelp.wire.commands import (
    Answer,
    End,
    Interview,
    RequestTranscript,
    Resume,
    Say,
    Start,
    Typing,
)
from livehelp.wire.events import Line
from livehelp.wire.replies import Ack, ErrorCode, Resumed, Started

# The key resumes a session from anywhere: 256 bits, like the token.
_KEY_BYTES: Final = 32


class VisitorClient(Client):
    """A visit to the help desk.

    For example::

        async with VisitorClient.connect("localhost") as visitor:
            await visitor.start(name="Ann", topic="Vehicle tax")
            await visitor.say("Hello, where do I renew?")
            async for message in visitor:
                ...

    Every method waits for the server's answer, through lost links too, and raises ``Refused``
    when that is an error and ``LinkDown`` when the link has ended for good.

    A method that is given up (cancelled, or by a time-out around it) takes nothing back: what has
    left is carried out all the same. What still waits for a lost link is never sent.
    """

    def __init__(self, link: ReconnectingConnection, role: VisitorRole, *, remember: bool) -> None:
        super().__init__(link)
        self._role = role
        self._remember = remember

    @classmethod
    @asynccontextmanager
    async def connect(
        cls,
        address: str | Address,
        *,
        tokens: TokenFile | None = None,
        client: str = "livehelp",
        version: str | None = None,
        place: str | None = None,
        reconnect: bool = True,
        wait: bool = False,
        timing: Timing | None = None,
    ) -> AsyncGenerator[Self]:
        """Connect, and stay connected until the block ends.

        Args:
            address: Where the server is.
            tokens: Where to keep the token that ties this visit to the next; None: nowhere.
            client: What operators see as the visitor's program,
            version: and its version; by default this package's.
            place: The page or the kiosk that the visitor comes from.
            reconnect: False: the link's first loss is its end.
            wait: Begin at once and keep trying in the background; the stream tells how it goes.
            timing: How long to wait for what.

        Raises:
            CannotConnect: there is no server to be reached (never with ``wait``).
            ValueError: ``address`` is none.
        """
        address = Address.parse(address)
        timing = timing or Timing()
        role = VisitorRole(ClientInfo("visitor", client, version, place), address, timing, tokens)
        role.link = link = ReconnectingConnection(address, role, timing, reconnect=reconnect)
        async with running(link, wait=wait):
            yield cls(link, role, remember=tokens is not None)

    @property
    def session(self) -> str | None:
        """The session's reference, None before ``start``; it may be said on the telephone."""
        return self._role.session

    @property
    def seq(self) -> int:
        """The number of the session's last event that is known here."""
        return self._role.seq

    def _is_own(self, line: Line) -> bool:
        return line.by == "visitor"

    async def start(self, *, name: str, topic: str) -> Started:
        """Open a session and wait in the queue. Its events come from now on, the first is 1."""
        key = secrets.token_urlsafe(_KEY_BYTES)
        start = Start(name=name, topic=topic, remember=self._remember, key=key)
        return await self._request(start, Started)

    async def resume_earlier(self) -> Resumed:
        """Go on with the visit that the token knows (``server.earlier``), if it is still open.

        Its whole log comes as events first.
        """
        earlier = self.server.earlier if self.server else None
        if earlier is None or not earlier.open:
            raise Refused(ErrorCode.NO_EARLIER, "There is no earlier visit to go on with.")
        self._role.expect_log(earlier.session)
        return await self._request(Resume(session=earlier.session), Resumed)

    async def say(self, text: str) -> Ack:
        """Say a line. The ack means that it is stored; it does not come back as an event."""
        return await self._request(Say(text=text), Ack)

    async def typing(self, on: bool) -> None:
        """Tell that the visitor began or stopped typing; not sent while the link is lost."""
        self._link.signal(Typing(on=on))
        await checkpoint()

    async def end(self) -> Ack:
        """End the session."""
        return await self._request(End(), Ack)

    async def interview(self, answers: Mapping[str, str] | Sequence[Answer]) -> Ack:
        """Answer the exit interview (``server.questions``), once, after the end.

        Args:
            answers: By question. What is left blank is left out.
        """
        if isinstance(answers, Mapping):
            answers = [Answer(question=q, answer=a) for q, a in answers.items()]
        given = tuple(answer for answer in answers if answer.answer.strip())
        if not given:
            raise Refused(ErrorCode.EMPTY_TEXT, "No question was answered.")
        return await self._request(Interview(answers=given), Ack)

    async def request_transcript(self, email: str) -> Ack:
        """Ask for the transcript by e-mail."""
        return await self._request(RequestTranscript(email=email), Ack)
