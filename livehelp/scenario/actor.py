"""An actor on the stage: the connection, and what is expected of it.

Owns a client's life in a scenario: it is connected at the first step, dropped by ``leave``, made
anew by ``come back``. Must not know verbs: ``visitor`` and ``operator`` do.
"""

from abc import ABC, abstractmethod
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar, cast

import anyio
from anyio.abc import TaskGroup, TaskStatus

from livehelp.client.errors import LinkDown, LiveHelpError, Refused
from livehelp.client.expectation import ExpectationFailed
from livehelp.client.operator import OperatorClient
from livehelp.client.seen import in_words
from livehelp.client.states import LinkUp
from livehelp.client.timing import Timing
from livehelp.client.visitor import VisitorClient
from livehelp.flaky import FlakyLink, Profile, flaky_link
from livehelp.scenario.house import House
from livehelp.scenario.matcher import Pairs
from livehelp.scenario.model import Act, Expect, LinkStep
from livehelp.scenario.model import Actor as ActorModel
from livehelp.scenario.outcome import StepFailed
from livehelp.scenario.visits import Visits
from livehelp.wire.base import Message
from livehelp.wire.commands import Answer

C = TypeVar("C", VisitorClient, OperatorClient)
# A scenario should not wait long after the cut that it made itself: a lost link is tried again
# within a second, and one that fell silent is found lost after two and a half.
TIMING: Final = Timing(first_retry=0.1, longest_retry=1.0, heartbeat=1.0)
# What has not come so long after everything else was answered is not on its way.
QUIET: Final = 0.1


@dataclass(frozen=True, slots=True)
class Stage:
    """What all actors of a scenario share.

    Attributes:
        seed: Of links whose steps name none.
        folder: Where visitors keep their tokens.
    """

    house: House
    visits: Visits
    tasks: TaskGroup
    seed: int
    folder: str


class Actor(ABC, Generic[C]):
    """One actor.

    Args:
        model: Who it is.
        stage: What is there.
    """

    def __init__(self, model: ActorModel, stage: Stage) -> None:
        self.model = model
        self.stage = stage
        self._clients: list[C] = []
        self._link: FlakyLink | None = None
        self._leaving = anyio.Event()
        self._left = anyio.Event()
        self._here = False

    @property
    def client(self) -> C:
        """The present client."""
        return self._clients[-1]

    async def enter(self) -> None:
        """Connect, if this was not done yet; raises ``StepFailed``."""
        if not self._clients:
            await self.connect()

    async def connect(self) -> None:
        """Connect anew; raises ``StepFailed``."""
        if self._here:
            raise StepFailed(f"{self.model.name} is here already.")
        self._leaving, self._left = anyio.Event(), anyio.Event()
        await self.stage.tasks.start(self._hold)
        # What comes next from the link is news.
        await self.client.expect(LinkUp)

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
        except Refused as refused:
            if refused.code is not step.refused:
                expected = "" if step.refused is None else f" `{step.refused}` was expected."
                raise StepFailed(
                    f"The server refused it (`{refused.code}`): {refused.message}{expected}"
                ) from None
        except TimeoutError:
            raise self._failed(f"No answer came within {step.within:g} s.") from None
        except LinkDown as down:
            raise self._failed(str(down)) from None
        except LiveHelpError as why:
            raise StepFailed(str(why)) from None
        else:
            if step.refused is not None:
                raise StepFailed(f"It was carried out, but `{step.refused}` was expected.")

    async def expect(self, step: Expect) -> str:
        """Wait for what is expected, and return it in words; raises ``StepFailed``."""
        await self.enter()
        # `entered` may come as either of two messages, so any is looked at.
        kind: Any = step.kind.types[0] if len(step.kind.types) == 1 else Message

        def fits(message: object) -> bool:
            return self._fits(step, message)

        try:
            return in_words(await self.client.expect(kind, where=fits, within=step.within))
        except ExpectationFailed as why:
            # Its first line names types; a scenario has names of its own.
            first, _, table = str(why).partition("\n")
            reason = first.partition(" was expected, and ")[2]
            raise StepFailed(f"`{step}` was expected, and {reason}\n{table}") from None

    async def settle(self) -> None:
        """Take in everything that is on its way."""
        if self._here:
            with anyio.move_on_after(QUIET):
                async for _ in self.client:
                    pass

    def never(self, step: Expect) -> None:
        """Hold that something has not come so far; raises ``StepFailed``."""
        for client in self._clients:
            for message in client.seen:
                if self._fits(step, message):
                    words = f"`{step}` must never come, and it came: {in_words(message)}"
                    raise StepFailed(f"{words}\n{self._table(client)}")

    async def break_link(self, step: LinkStep) -> None:
        """Let something happen to the link."""
        link = await self._failing_link()
        match step.fault:
            case "cut":
                link.cut(step.seconds)
            case "stall":
                link.stall(step.seconds)
            case "half-open":
                link.half_open()
            case "mend":
                link.mend()
            case "profile":
                link.use(Profile.parse(step.profile))

    @abstractmethod
    def _connection(self, address: str) -> AbstractAsyncContextManager[C]:
        """Return a new client, connected for a block."""

    @abstractmethod
    async def _carry_out(self, step: Act) -> None:
        """Do it; what the client raises comes out."""

    def ours(self, session: str, of: str | None) -> bool:
        """Return whether ``session`` is one of the scenario's, or that of visitor ``of``."""
        visits = self.stage.visits
        return session in visits if of is None else session == visits.of(of)

    async def _hold(self, *, task_status: TaskStatus[None]) -> None:
        """Keep a client connected until it leaves; a task of its own, for its scopes."""
        try:
            async with AsyncExitStack() as stack:
                address = self.stage.house.address
                if self.model.linked:
                    address = (await self._failing_link()).address
                client = await stack.enter_async_context(self._connection(address))
                self._clients.append(client)
                self._here = True
                task_status.started()
                await self._leaving.wait()
        finally:
            self._left.set()

    async def _failing_link(self) -> FlakyLink:
        """Return this actor's link; the first time it is opened, until the scenario ends."""
        if self._link is not None:
            return self._link

        async def keep(*, task_status: TaskStatus[FlakyLink]) -> None:
            seed = self.stage.seed if self.model.seed is None else self.model.seed
            async with flaky_link(self.stage.house.address, seed=seed) as link:
                task_status.started(link)
                await anyio.sleep_forever()

        link = await self.stage.tasks.start(keep)
        self._link = link
        return link

    def _fits(self, step: Expect, message: object) -> bool:
        if not isinstance(message, step.kind.types):
            return False
        session = getattr(message, "session", None)
        if session is not None and not self.ours(session, step.of):
            return False
        return all(
            matcher.fits(_plain(getattr(message, name), matcher))
            for name, matcher in step.fields.items()
        )

    def _failed(self, words: str) -> StepFailed:
        return StepFailed(f"{words}\n{self._table(self.client)}" if self._clients else words)

    def _table(self, client: C) -> str:
        head = f"What {self.model.name} saw (<-) and asked (->), in seconds since connecting:"
        return f"{head}\n{client.seen}"


def _plain(value: object, matcher: object) -> object:
    """Return answers as a mapping, for a matcher that asks for one; all else as it is."""
    if isinstance(matcher, Pairs) and isinstance(value, tuple):
        answers = cast("tuple[Answer, ...]", value)
        return {answer.question: answer.answer for answer in answers}
    return value
