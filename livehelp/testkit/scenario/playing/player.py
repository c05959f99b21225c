"""One actor while it is played: its connections, its failing link, and what it expects."""

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Any, Final, Generic, TypeVar, cast

import anyio
from anyio.abc import TaskStatus

from livehelp.client.errors import LinkDown, LiveHelpError, Refused
from livehelp.client.expectation import ExpectationFailed
from livehelp.client.message_log import in_words
from livehelp.client.operator import OperatorClient
from livehelp.client.states import Incoming, LinkUp
from livehelp.client.timing import Timing
from livehelp.client.visitor import VisitorClient
from livehelp.testkit.scenario.location import Location
from livehelp.testkit.scenario.matcher import Each, Matcher, Pairs, asked
from livehelp.testkit.scenario.message_types import MessageType
from livehelp.testkit.scenario.model import Act, Actor, Expect
from livehelp.testkit.scenario.playing.context import Context
from livehelp.testkit.scenario.playing.link import PlayersLink
from livehelp.testkit.scenario.playing.outcome import StepFailed
from livehelp.testkit.scenario.timeouts import QUIET_PERIOD
from livehelp.wire.base import Message
from livehelp.wire.commands import Answer

C = TypeVar("C", VisitorClient, OperatorClient)
# A scenario should not wait long after the cut that it made itself: a lost link is tried again
# within a second, and one that fell silent is found lost after two and a half.
TIMING: Final = Timing(first_retry=0.1, longest_retry=1.0, heartbeat=1.0)


class Player(ABC, Generic[C]):
    """One actor, played.

    Args:
        actor: Who it is.
        context: What is there.

    Attributes:
        actor, context: The same.
        link: The way to the server, where steps break it.
    """

    def __init__(self, actor: Actor, context: Context) -> None:
        self.actor = actor
        self.context = context
        self.link = PlayersLink(actor, context)
        self._clients: list[C] = []
        self._entering = anyio.Lock()  # two steps that begin together are not to connect twice
        self._leaving = anyio.Event()
        self._left = anyio.Event()
        self._entered = False  # at least once
        self._here = False
        self._left_in: Location | None = None
        self._found: Incoming | None = None  # what was expected last
        self._after: dict[Location, Incoming | None] = {}

    @property
    def client(self) -> C:
        """The present client; raises ``StepFailed``."""
        if not self._clients:
            raise StepFailed(f"{self.actor.name} is not connected yet.")
        return self._clients[-1]

    @property
    def questions(self) -> tuple[str, ...]:
        """The exit interview of the server."""
        server = self._clients[-1].server if self._clients else None
        return server.questions if server else ()

    @property
    def seen(self) -> Iterator[tuple[C, Incoming]]:
        """All that came, from first to last, and on which client."""
        return ((client, message) for client in self._clients for message in client.seen)

    async def enter(self) -> None:
        """Connect, if this was not done yet; raises ``StepFailed``."""
        if self._entered:
            return
        async with self._entering:
            if not self._clients:
                await self.connect()
        self._entered = True

    async def connect(self) -> None:
        """Connect anew, however long it takes; raises ``StepFailed``."""
        if self._here:
            raise StepFailed(f"{self.actor.name} is here already; `leave` first.")
        self._leaving, self._left = anyio.Event(), anyio.Event()
        await self.context.tasks.start(self._hold)
        try:
            # What comes next from the link is news.
            await self.client.expect(LinkUp, within=math.inf)
        except ExpectationFailed:
            raise self._failed(f"{self.actor.name} could not connect.") from None

    async def leave(self) -> None:
        """Drop the connection without a word, for good."""
        await self.enter()
        self._leaving.set()
        await self._left.wait()
        self._here = False

    async def act(self, step: Act) -> None:
        """Do what a step says; raises ``StepFailed``."""
        try:
            with anyio.fail_after(step.within):
                await self._carry_out(step)
            if step.action.name == "leave":
                self._left_in = step.location
        except Refused as refused:
            if refused.code is not step.refused:
                raise StepFailed(self._refused(refused, step)) from None
        except TimeoutError:
            raise self._late(step.within) from None
        except LinkDown as down:
            raise self._failed(self._gone() or str(down)) from None
        except LiveHelpError as why:
            raise StepFailed(str(why)) from None
        else:
            if step.refused is not None:
                raise StepFailed(f"It was carried out, but `{step.refused}` was expected.")

    async def expect(self, step: Expect) -> str:
        """Wait for what is expected, and return it in words; raises ``StepFailed``."""
        try:
            with anyio.fail_after(step.within):
                await self.enter()
        except TimeoutError:
            raise self._late(step.within) from None
        # `entered` may come as either of two messages, so any is looked at.
        kind: Any = step.kind.types[0] if len(step.kind.types) == 1 else Message

        def fits(message: object) -> bool:
            return self._fits(step, message)

        try:
            found = await self.client.expect(kind, where=fits, within=step.within)
        except ExpectationFailed as why:
            # Its first line names types; a scenario has names of its own.
            first, _, table = str(why).partition("\n")
            reason = first.partition(" was expected, and ")[2]
            words = f"`{step}` was expected, and {reason} {self._gone()}".rstrip()
            raise StepFailed(f"{words}\n{table}") from None
        self._found = found
        return in_words(found)

    async def never(self, step: Expect, within: float) -> None:
        """Hold for so long that something does not come, nor has come; raises ``StepFailed``."""
        if step.again and self._found is None:
            raise StepFailed("Nothing was expected before, and so nothing can come again.")
        after = self._after.setdefault(step.location, self._found if step.again else None)
        came = self._came(step, after)
        if came is None and self._here:
            with anyio.move_on_after(within):
                async for _ in self.client:
                    if self._came(step, after) is not None:
                        break
            came = self._came(step, after)  # a step beside this one may have been the one to read
        if came is not None:
            client, message = came
            words = f"`{step}` must never come, and it came: {in_words(message)}"
            raise StepFailed(f"{words}\n{self._table(client)}")

    async def settle(self) -> None:
        """Take in what is on its way."""
        if self._here:
            with anyio.move_on_after(QUIET_PERIOD):
                async for _ in self.client:
                    pass

    @abstractmethod
    def _connection(self, address: str) -> AbstractAsyncContextManager[C]:
        """Return a new client, connected for a block."""

    @abstractmethod
    async def _carry_out(self, step: Act) -> None:
        """Do it; what the client raises comes out."""

    def _hint(self, refused: Refused) -> str:
        """Return what to do about a refusal, if the scenario is what is wrong; else ""."""
        del refused
        return ""

    def ours(self, session: str, of: str | None) -> bool:
        """Return whether ``session`` is one of the scenario's, or that of visitor ``of``."""
        visits = self.context.visits
        return session in visits if of is None else session == visits.of(of)

    async def _hold(self, *, task_status: TaskStatus[None]) -> None:
        """Keep a client connected until it leaves; a task of its own, for its scopes."""
        try:
            async with AsyncExitStack() as stack:
                linked = self.actor.linked
                address = await self.link.address() if linked else self.context.server.address
                client = await stack.enter_async_context(self._connection(address))
                client.seen.tell_as(
                    self.actor.name, since=self.context.began, of="the scenario began"
                )
                self._clients.append(client)
                self._here = True
                task_status.started()
                await self._leaving.wait()
        finally:
            self._left.set()

    def _came(self, step: Expect, after: Incoming | None) -> tuple[C, Incoming] | None:
        """Return what fits ``step`` of all that came after ``after``, and on which client."""
        pairs = list(self.seen)
        begin = next((n for n, (_, message) in enumerate(pairs, 1) if message is after), 0)
        return next((pair for pair in pairs[begin:] if self._fits(step, pair[1])), None)

    def _fits(self, step: Expect, message: object) -> bool:
        if not isinstance(message, step.kind.types):
            return False
        session = getattr(message, "session", None)
        if session is not None and not self.ours(session, step.of):
            return False
        return all(
            _is(getattr(message, name), asked(matcher, self.questions), step.kind)
            for name, matcher in step.fields.items()
        )

    def _refused(self, refused: Refused, step: Act) -> str:
        words = f"The server refused it (`{refused.code}`): {refused.message}"
        if step.refused is not None:
            return f"{words} `{step.refused}` was expected."
        return self._hint(refused) or words

    def _gone(self) -> str:
        """Return that this actor has left, and what to do; "" if that is not so."""
        if self._here or self._left_in is None:
            return ""
        return f"{self.actor.name} has left (line {self._left_in.line}); `come back` first."

    def _late(self, seconds: float) -> StepFailed:
        if any(isinstance(message, LinkUp) for _, message in self.seen):
            return self._failed(f"No answer came within {seconds:g} s.")
        return self._failed(f"{self.actor.name} was not connected within {seconds:g} s.")

    def table(self) -> str:
        """Return what this player saw last, for a person; "" if there was nothing to see."""
        return self._table(self._clients[-1]) if self._clients else ""

    def _failed(self, words: str) -> StepFailed:
        return StepFailed(f"{words}\n{self.table()}".rstrip())

    def _table(self, client: C) -> str:
        return f"{client.seen.head}\n{client.seen}"


def _is(value: object, matcher: Matcher, kind: MessageType) -> bool:
    """Return whether a field of ``kind`` is as it must be; answers are asked for as a mapping."""
    if isinstance(matcher, Pairs) and isinstance(value, tuple):
        answers = cast("tuple[Answer, ...]", value)
        return matcher.fits({answer.question: answer.answer for answer in answers})
    if isinstance(matcher, Each) and kind.unordered:
        return matcher.fits_in_any_order(cast("tuple[str, ...]", value))
    return matcher.fits(value)
