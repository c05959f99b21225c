"""Playing scenarios: all steps of each, several at once.

Owns the order of things, from the first connection to the outcome. Must not know how an outcome
is shown.
"""

import tempfile
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from pathlib import Path
from typing import Final, Protocol, cast

import anyio

from livehelp.background import background
from livehelp.client.errors import LiveHelpError
from livehelp.scenario.facts import as_text, differences
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
from livehelp.scenario.patience import ANSWERED, FAREWELL, LONGEST, QUIET
from livehelp.scenario.playing.house import House
from livehelp.scenario.playing.operator import Operator
from livehelp.scenario.playing.outage import Outage
from livehelp.scenario.playing.outcome import (
    STOPPED,
    Failure,
    Moment,
    NotHere,
    Outcome,
    Result,
    StepFailed,
)
from livehelp.scenario.playing.player import Stage
from livehelp.scenario.playing.visitor import Visitor
from livehelp.scenario.playing.visits import Visits
from livehelp.wire.events import Closed

# The last of a server's complaints, as many as a person reads.
_COMPLAINTS: Final = 20


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
    done: Callable[[int, Outcome], object],
    stop: anyio.Event | None = None,
) -> None:
    """Play all of ``scenarios``.

    Args:
        scenarios: What to play.
        houses: Where.
        jobs: How many at once.
        seed: What links draw from whose steps name no seed.
        tell: Gets each step as it is done; must not wait.
        done: Gets each outcome as it is known, and which of ``scenarios`` it is; must not wait.
        stop: Once it is set, no more are begun, and those that are played end early.
    """
    places = anyio.CapacityLimiter(jobs)
    stop = stop or anyio.Event()

    async def one(number: int, scenario: Scenario) -> None:
        async with places:
            if not stop.is_set():
                done(number, await play(scenario, houses, seed=seed, tell=tell, stop=stop))

    async with anyio.create_task_group() as tasks:
        for number, scenario in enumerate(scenarios):
            tasks.start_soon(one, number, scenario)


async def play(
    scenario: Scenario,
    houses: Houses,
    *,
    seed: int = 0,
    tell: Tell | None = None,
    stop: anyio.Event | None = None,
) -> Outcome:
    """Play one scenario, and return how it went; the arguments are those of ``play_all``."""
    return await _Play(scenario, seed, tell, stop or anyio.Event()).play(houses)


class _Failed(Exception):
    """A step did not hold, and which."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.words)
        self.failure = failure


class _Stopped(Exception):
    """Not all steps were done when the run was stopped."""


class _Play:
    """One scenario while it is played."""

    def __init__(self, scenario: Scenario, seed: int, tell: Tell | None, stop: anyio.Event) -> None:
        self._scenario = scenario
        self._seed = seed
        self._tell = tell
        self._stop = stop
        self._began = anyio.current_time()
        self._conversation: list[Moment] = []
        self._actors: Mapping[str, Visitor | Operator] = {}
        self._never: list[Expect] = []
        self._complaints: Sequence[str] = ()
        self._left: tuple[str, ...] = ()
        self._visits = Visits()
        self._outage = Outage(scenario.steps)
        self._house: House
        self._step: Step | None = None

    async def play(self, houses: Houses) -> Outcome:
        """Play it; whatever happens, the others go on."""
        try:
            async with houses.open(self._scenario) as house:
                self._house = house
                try:
                    await self._on_stage()
                finally:
                    self._complaints = house.complaints()
        except NotHere as why:
            return self._outcome("not run", reason=str(why))
        except _Stopped:
            return self._outcome("not run", reason=STOPPED)
        except _Failed as why:
            return self._outcome("failed", why.failure)
        except StepFailed as why:
            return self._outcome("failed", Failure(self._scenario.file, "", str(why)))
        except Exception as why:  # one scenario's defect is not to cost the outcomes of all others
            return self._outcome("error", self._failure(self._step, _unforeseen(why)))
        return self._outcome("held")

    async def _on_stage(self) -> None:
        """Play the steps with all actors there."""
        self._began = anyio.current_time()  # to start a server is no part of a scenario
        with tempfile.TemporaryDirectory(prefix="livehelp-tokens-") as folder:
            async with background() as tasks:
                stage = Stage(
                    self._house, self._visits, tasks, self._seed, folder, self._began, self._say
                )
                self._actors = {
                    name: (Visitor if model.side == "visitor" else Operator)(model, stage)
                    for name, model in self._scenario.actors.items()
                }
                try:
                    with anyio.move_on_after(LONGEST) as limit:
                        tasks.start_soon(self._heed_stop, limit)
                        await self._steps()
                    if limit.cancelled_caught:
                        if self._stop.is_set():
                            raise _Stopped
                        raise _Failed(self._failure(self._step, self._too_long()))
                finally:
                    if not self._house.own:
                        await self._farewell()

    async def _heed_stop(self, steps: anyio.CancelScope) -> None:
        await self._stop.wait()
        steps.cancel()

    async def _farewell(self) -> None:
        """End the visits on a server that others use, and note those that are still open."""
        with anyio.move_on_after(FAREWELL):
            for actor in self._actors.values():
                if isinstance(actor, Visitor):
                    await actor.farewell()
                await actor.settle()
        seen = (message for actor in self._actors.values() for _, message in actor.seen)
        closed = {message.session for message in seen if isinstance(message, Closed)}
        self._left = tuple(session for session in self._visits if session not in closed)

    async def _steps(self) -> None:
        """Let the operators sign in, do all steps, and look again at what must not come."""
        for actor in self._actors.values():
            if isinstance(actor, Operator) and not actor.model.signs_in:
                await self._sign_in(actor)
        for step in self._scenario.steps:
            await self._do(step)
        for step in self._never:
            try:
                await self._actors[step.actor].never(step, QUIET)
            except StepFailed as why:
                raise _Failed(self._failure(step, str(why))) from None

    async def _sign_in(self, actor: Operator) -> None:
        try:
            with anyio.fail_after(ANSWERED):
                await actor.sign_in()
        except LiveHelpError as why:
            raise StepFailed(f"{actor.model.name} cannot sign in: {why}") from None
        except TimeoutError:
            words = f"{actor.model.name} was not signed in within {ANSWERED:g} s."
            raise StepFailed(f"{words}\n{actor.table()}") from None

    async def _do(self, step: Step) -> None:
        """Do one step; raises ``_Failed`` or ``NotHere``."""
        self._step = step
        try:
            told = await self._done(step)
        except (StepFailed, LiveHelpError) as why:  # of the client: there is nobody to connect to
            raise _Failed(self._failure(step, self._outage.tell_with(str(why)))) from None
        if not isinstance(step, Together):
            self._say(step.source)
        if told:
            self._say(f"    {told}")

    async def _done(self, step: Step) -> str:
        """Do it, and return what came, in words."""
        match step:
            case Act():
                if never := self._outage.ends(step):
                    raise StepFailed(never)
                await self._actors[step.actor].act(step)
            case Expect(never=False):
                return await self._actors[step.actor].expect(step)
            case Expect():
                await self._actors[step.actor].never(step, step.within)
                self._never.append(step)
            case LinkStep():
                await self._actors[step.actor].break_link(step)
            case ServerStep():
                await self._house.does(step.what)
                self._outage.done(step)
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
        if wrong := differences(transcript, step.facts, self._actors[step.of].questions):
            log = as_text(transcript)
            raise StepFailed(f"{'; '.join(wrong)}.\nThe stored log is:\n{log}")

    def _say(self, words: str) -> None:
        moment = Moment(anyio.current_time() - self._began, words)
        self._conversation.append(moment)
        if self._tell is not None:
            self._tell(self._scenario, moment)

    def _failure(self, step: Step | None, words: str) -> Failure:
        if step is None:
            return Failure(self._scenario.file, "", words)
        return Failure(f"{step.place.file}:{step.place.line}", step.source, words)

    def _too_long(self) -> str:
        """Return that the whole took too long, and what whoever is waited for has seen."""
        actor = self._actors.get(getattr(self._step, "actor", ""))
        words = f"The scenario was not done within {LONGEST:g} s."
        return words if actor is None else f"{words}\n{actor.table()}"

    def _outcome(self, result: Result, failure: Failure | None = None, reason: str = "") -> Outcome:
        if failure is not None and self._complaints:
            log = "\n".join(self._complaints[-_COMPLAINTS:])
            failure = replace(failure, words=f"{failure.words}\nThe server's log says:\n{log}")
        return Outcome(
            self._scenario.file,
            self._scenario.about,
            result,
            anyio.current_time() - self._began,
            self._seed,
            tuple(self._conversation),
            failure,
            reason,
            self._left,
        )


def _unforeseen(why: BaseException) -> str:
    """Return what went wrong in Live Help itself, and where."""
    while isinstance(why, BaseExceptionGroup):
        why = cast("BaseException", why.exceptions[0])
    words = f"This should not have happened: {type(why).__name__}: {why}"
    frames = traceback.extract_tb(why.__traceback__)
    return f"{words} ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else words
