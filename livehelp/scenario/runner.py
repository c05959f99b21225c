"""Playing scenarios: all steps of each, several at once.

Owns the order of things, from the first connection to the outcome. Must not know how an outcome
is shown.
"""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Final, Protocol

import anyio

from livehelp.background import background
from livehelp.client.errors import LiveHelpError
from livehelp.scenario.actor import Stage
from livehelp.scenario.facts import as_text, differences
from livehelp.scenario.house import House
from livehelp.scenario.matcher import Matcher, Pairs
from livehelp.scenario.model import (
    Act,
    Check,
    Expect,
    LinkStep,
    Scenario,
    ServerStep,
    Step,
    Together,
)
from livehelp.scenario.operator import Operator
from livehelp.scenario.outcome import Failure, Moment, NotHere, Outcome, Result, StepFailed
from livehelp.scenario.visitor import Visitor
from livehelp.scenario.visits import Visits

# A scenario is seconds long. Whatever waits this long waits for ever.
LONGEST: Final = 120.0


class Houses(Protocol):
    """Where servers come from."""

    def open(self, scenario: Scenario) -> AbstractAsyncContextManager[House]:
        """Return a server for ``scenario``, for a block."""
        ...


Tell = Callable[[Scenario, Moment], object]


async def play_all(
    scenarios: Sequence[Scenario],
    houses: Houses,
    *,
    jobs: int,
    seed: int = 0,
    tell: Tell | None = None,
    done: Callable[[Outcome], object] | None = None,
) -> list[Outcome]:
    """Play all of ``scenarios``, and return how they went, in the same order.

    Args:
        scenarios: What to play.
        houses: Where.
        jobs: How many at once.
        seed: What links draw from whose steps name no seed.
        tell: Gets each step as it is done; must not wait.
        done: Gets each outcome as it is known; must not wait.
    """
    outcomes: dict[int, Outcome] = {}
    places = anyio.CapacityLimiter(jobs)

    async def one(number: int, scenario: Scenario) -> None:
        async with places:
            outcomes[number] = await play(scenario, houses, seed=seed, tell=tell)
        if done is not None:
            done(outcomes[number])

    async with anyio.create_task_group() as tasks:
        for number, scenario in enumerate(scenarios):
            tasks.start_soon(one, number, scenario)
    return [outcomes[number] for number in sorted(outcomes)]


async def play(
    scenario: Scenario, houses: Houses, *, seed: int = 0, tell: Tell | None = None
) -> Outcome:
    """Play one scenario, and return how it went."""
    return await _Play(scenario, seed, tell).play(houses)


class _Failed(Exception):
    """A step did not hold, and which."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.words)
        self.failure = failure


class _Play:
    """One scenario while it is played."""

    def __init__(self, scenario: Scenario, seed: int, tell: Tell | None) -> None:
        self._scenario = scenario
        self._seed = seed
        self._tell = tell
        self._began = anyio.current_time()
        self._conversation: list[Moment] = []
        self._actors: Mapping[str, Visitor | Operator] = {}
        self._never: list[Expect] = []
        self._visits = Visits()
        self._house: House
        self._step: Step | None = None

    async def play(self, houses: Houses) -> Outcome:
        try:
            with anyio.fail_after(LONGEST):
                async with houses.open(self._scenario) as house:
                    self._house = house
                    await self._on_stage()
        except NotHere as why:
            return self._outcome("not run", reason=str(why))
        except _Failed as why:
            return self._outcome("failed", why.failure)
        except StepFailed as why:
            return self._outcome("failed", Failure(self._scenario.file, "", str(why)))
        except TimeoutError:
            words = f"The scenario was not done within {LONGEST:g} s."
            return self._outcome("failed", self._failure(self._step, words))
        return self._outcome("held")

    async def _on_stage(self) -> None:
        """Play the steps with all actors there."""
        self._began = anyio.current_time()  # to start a server is no part of a scenario
        with tempfile.TemporaryDirectory(prefix="livehelp-tokens-") as folder:
            async with background() as tasks:
                stage = Stage(self._house, self._visits, tasks, self._seed, folder)
                self._actors = {
                    name: (Visitor if model.side == "visitor" else Operator)(model, stage)
                    for name, model in self._scenario.actors.items()
                }
                await self._steps()

    async def _steps(self) -> None:
        """Let the operators sign in, do all steps, and look again at what must not come."""
        for actor in self._actors.values():
            if isinstance(actor, Operator) and not actor.model.signs_in:
                try:
                    await actor.sign_in()
                except LiveHelpError as why:
                    raise StepFailed(f"{actor.model.name} cannot sign in: {why}") from None
        for step in self._scenario.steps:
            await self._do(step)
        for step in self._never:
            await self._actors[step.actor].settle()
            self._hold_never(step)

    async def _do(self, step: Step) -> None:
        """Do one step; raises ``_Failed`` or ``NotHere``."""
        self._step = step
        try:
            told = await self._done(step)
        except StepFailed as why:
            raise _Failed(self._failure(step, str(why))) from None
        except LiveHelpError as why:  # there is nobody to connect to
            raise _Failed(self._failure(step, str(why))) from None
        if not isinstance(step, Together):
            self._say(step.source)
        if told:
            self._say(f"    {told}")

    async def _done(self, step: Step) -> str:
        """Do it, and return what came, in words."""
        match step:
            case Act():
                await self._actors[step.actor].act(step)
            case Expect(never=False):
                return await self._actors[step.actor].expect(step)
            case Expect():
                await self._actors[step.actor].settle()
                self._actors[step.actor].never(step)
                self._never.append(step)
            case LinkStep():
                await self._actors[step.actor].break_link(step)
            case ServerStep():
                await self._house.does(step.what)
            case Together():
                await self._together(step)
            case Check():
                await self._check(step)
        return ""

    async def _together(self, step: Together) -> None:
        """Begin all steps at once; the first in the file that fails is told."""
        failed: dict[int, Exception] = {}
        async with anyio.create_task_group() as tasks:

            async def one(number: int, each: Step) -> None:
                try:
                    await self._do(each)
                except (_Failed, NotHere) as why:
                    failed[number] = why
                    tasks.cancel_scope.cancel()

            for number, each in enumerate(step.steps):
                tasks.start_soon(one, number, each)
        if failed:
            raise failed[min(failed)]

    async def _check(self, step: Check) -> None:
        transcript = await self._house.transcript(self._visits.of(step.of))
        questions = self._questions(step.of)
        wanted = {name: _asked(matcher, questions) for name, matcher in step.facts.items()}
        if wrong := differences(transcript, wanted):
            log = as_text(transcript)
            raise StepFailed(f"{'; '.join(wrong)}.\nThe stored log is:\n{log}")

    def _questions(self, visitor: str) -> tuple[str, ...]:
        server = self._actors[visitor].client.server
        return server.questions if server else ()

    def _hold_never(self, step: Expect) -> None:
        try:
            self._actors[step.actor].never(step)
        except StepFailed as why:
            raise _Failed(self._failure(step, str(why))) from None

    def _say(self, words: str) -> None:
        moment = Moment(anyio.current_time() - self._began, words)
        self._conversation.append(moment)
        if self._tell is not None:
            self._tell(self._scenario, moment)

    def _failure(self, step: Step | None, words: str) -> Failure:
        if step is None:
            return Failure(self._scenario.file, "", words)
        return Failure(f"{step.place.file}:{step.place.line}", step.source, words)

    def _outcome(self, result: Result, failure: Failure | None = None, reason: str = "") -> Outcome:
        return Outcome(
            self._scenario.file,
            self._scenario.about,
            result,
            anyio.current_time() - self._began,
            self._seed,
            tuple(self._conversation),
            failure,
            reason,
        )


def _asked(matcher: Matcher, questions: Sequence[str]) -> Matcher:
    """Return ``matcher`` with the server's questions for their numbers."""
    if not isinstance(matcher, Pairs):
        return matcher
    return Pairs(
        tuple(
            (
                questions[int(name) - 1]
                if name.isdigit() and 1 <= int(name) <= len(questions)
                else name,
                each,
            )
            for name, each in matcher.entries
        )
    )
