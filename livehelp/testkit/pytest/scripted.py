"""An operator who works by rules, so that a test needs to play the visitor only."""

import re
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Final, Self

import anyio

from livehelp.background import background
from livehelp.client.address import Address
from livehelp.client.client import PATIENCE
from livehelp.client.errors import LinkDown, LiveHelpError, Refused
from livehelp.client.expectation import Expectation, line_fields
from livehelp.client.message_log import MessageLog
from livehelp.client.operator import OperatorClient
from livehelp.client.states import Incoming, LinkEnded
from livehelp.client.timing import Timing
from livehelp.testkit.pytest.answers import Answers, compile_pattern
from livehelp.testkit.pytest.waiting import ANSWER, answered
from livehelp.wire.events import AnyEvent, Closed, Event, Joined, Left, Line
from livehelp.wire.replies import ErrorCode

# A visit goes on without us: another operator was quicker, or the visitor has ended it.
_NOT_OURS: Final = {
    ErrorCode.ALREADY_TAKEN,
    ErrorCode.NOT_YOURS,
    ErrorCode.NO_SESSION,
    ErrorCode.OUT_OF_TURN,
}


class ScriptedOperator:
    r"""An operator who takes every visitor who waits, and answers by rules.

    For example::

        rules = {r"hel+o": "Good morning", r"I am (\w+)": "How can I help, {1}?"}
        async with ScriptedOperator.connect(
            "localhost", "dana", password, answers=rules, ends_on="bye"
        ) as dana:
            ...  # visitors come, talk and go
            assert [line.text for line in dana.heard] == ["hello", "bye"]

    What a visitor said before it came, or while it was away, is answered too, unless an operator
    has said something since. A line that no rule fits is heard and not answered.

    Attributes:
        heard: The lines of all visitors, in order.
    """

    def __init__(
        self, client: OperatorClient, answers: Answers, greeting: str | None, ends_on: str | None
    ) -> None:
        self.heard: list[Line] = []
        self._client = client
        self._answers = answers
        self._greeting = greeting
        self._ends_on = compile_pattern(ends_on) if ends_on is not None else None
        self._news = anyio.Event()
        self._failure: Exception | None = None
        # Sessions that were ours before. Up to there only what nobody has answered is to be heard.
        self._known = {visit.session: visit.seq for visit in client.overview.mine}
        self._joined = set(self._known)
        self._unanswered: dict[str, list[Line]] = {}

    @classmethod
    @asynccontextmanager
    async def connect(
        cls,
        address: str | Address,
        name: str,
        password: str,
        *,
        answers: Mapping[str, str],
        greeting: str | None = None,
        ends_on: str | None = None,
        wait: bool = False,
        within: float = ANSWER,
        timing: Timing | None = None,
    ) -> AsyncGenerator[Self]:
        """Sign in, and work until the block ends.

        Args:
            address: Where the server is.
            name: Of the operator.
            password: Of the operator.
            answers: Answers by pattern, in order; ``Answers`` says how they are written.
            greeting: Said to every visitor first.
            ends_on: A pattern; a line in which it is found ends the visit, once it is answered.
            wait: As of ``OperatorClient.connect``.
            within: How long to wait until one is signed in, in seconds.
            timing: As of ``OperatorClient.connect``.

        Raises:
            CannotConnect: there is no server to be reached (never with ``wait``).
            Refused: name and password were refused.
            LiveHelpError: it was not signed in within that time, or had to stop working; the words
                say why.
            ValueError: a pattern or an answer cannot be read.
        """
        rules = Answers(answers)
        async with OperatorClient.connect(address, wait=wait, timing=timing) as client:
            await answered(client, partial(client.login, name, password), within)
            script = cls(client, rules, greeting, ends_on)
            async with script._working():
                yield script

    @property
    def name(self) -> str | None:
        """The name it is signed in with."""
        return self._client.name

    @property
    def seen(self) -> MessageLog:
        """The record of all that came to it, and what it said."""
        return self._client.seen

    async def expect_line(
        self,
        text: str | None = None,
        *,
        match: str | re.Pattern[str] | None = None,
        name: str | None = None,
        session: str | None = None,
        within: float = PATIENCE,
    ) -> Line:
        """Return the next line that a visitor said to it; as ``OperatorClient.expect_line``."""
        __tracebackhide__ = True
        fields = line_fields(text, match, name, session=session, by="visitor")

        async def more() -> None:
            self._check()
            await self._news.wait()

        # It reads its stream itself: nothing may be taken from it here.
        return await Expectation(Line, fields, None).met(self.seen, lambda: False, more, within)

    @asynccontextmanager
    async def _working(self) -> AsyncGenerator[None]:
        """Work beside a block. What either raises comes out as it is, in no group."""
        async with background() as tasks:

            async def work() -> None:
                try:
                    await self._work()
                except Exception as error:  # whatever it is, the block is told
                    self._failure = error
                    self._news.set()
                    tasks.cancel_scope.cancel()

            tasks.start_soon(work)
            yield
        self._check()

    def _check(self) -> None:
        """Raise what it had to stop for, in words; what is a fault of ours is shown beside them."""
        if self._failure is not None:
            in_words = isinstance(self._failure, LiveHelpError)
            words = f"The scripted operator had to stop: {self._failure}"
            raise LiveHelpError(words) from None if in_words else self._failure

    async def _work(self) -> None:
        await self._take_who_waits()
        async for message in self._client:
            if isinstance(message, LinkEnded):
                raise LinkDown(message.why)
            if isinstance(message, Event):
                await self._catch_up(message)
            await self._take_who_waits()

    async def _take_who_waits(self) -> None:
        for visit in self._client.overview.waiting:
            try:
                await self._client.take(visit.session)
            except Refused as refused:
                _pass_if_not_ours(refused)

    async def _catch_up(self, event: AnyEvent) -> None:
        """Hear an event; of what happened before it came, the lines that are unanswered."""
        known = self._known.get(event.session, 0)
        if event.seq > known:
            await self._hear(event)
            return
        if isinstance(event, Line):
            self._note_unanswered(event)
        if event.seq == known:
            for line in self._unanswered.pop(event.session, []):
                await self._line(line)

    async def _hear(self, event: Incoming) -> None:
        if isinstance(event, Line):
            await self._line(event)
        elif isinstance(event, Joined) and event.operator == self.name:
            self._joined.add(event.session)
            await self._say(event.session, self._greeting)
            for line in self._unanswered.pop(event.session, []):
                await self._answer(line)
        elif isinstance(event, Closed) or (isinstance(event, Left) and event.operator == self.name):
            self._joined.discard(event.session)

    async def _line(self, line: Line) -> None:
        if line.session not in self._joined or line.by != "visitor":
            self._note_unanswered(line)
        if line.by != "visitor":
            return
        self.heard.append(line)
        self._news.set()
        self._news = anyio.Event()
        if line.session in self._joined:
            await self._answer(line)

    def _note_unanswered(self, line: Line) -> None:
        if line.by == "visitor":
            self._unanswered.setdefault(line.session, []).append(line)
        else:
            self._unanswered.pop(line.session, None)

    async def _answer(self, line: Line) -> None:
        await self._say(line.session, self._answers.to(line.text))
        if self._ends_on is not None and self._ends_on.search(line.text):
            try:
                await self._client.end(line.session)
            except Refused as refused:
                _pass_if_not_ours(refused)

    async def _say(self, session: str, text: str | None) -> None:
        if text is None:
            return
        try:
            await self._client.say(session, text)
        except Refused as refused:
            _pass_if_not_ours(refused)


def _pass_if_not_ours(refused: Refused) -> None:
    if refused.code not in _NOT_OURS:
        raise refused
