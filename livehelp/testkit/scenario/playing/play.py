"""Plays one scenario from its first connection to its outcome, or several at once."""

import tempfile
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, TypeAlias, cast

import anyio

from livehelp.background import background
from livehelp.client.errors import LiveHelpError
from livehelp.testkit.scenario.model import (
    Act,
    Expect,
    LinkStep,
    Scenario,
    ServerStep,
    Step,
    Together,
    TranscriptCheck,
)
from livehelp.testkit.scenario.playing.context import Context
from livehelp.testkit.scenario.playing.downtime import Downtime
from livehelp.testkit.scenario.playing.operator import Operator
from livehelp.testkit.scenario.playing.outcome import (
    STOPPED,
    Failure,
    Happening,
    NotHere,
    Outcome,
    Result,
    StepFailed,
)
from livehelp.testkit.scenario.playing.server_under_test import ServerFactory, ServerUnderTest
from livehelp.testkit.scenario.playing.visitor import Visitor
from livehelp.testkit.scenario.playing.visits import Visits
from livehelp.testkit.scenario.timeouts import (
    ANSWER_TIMEOUT,
    CLEANUP_TIMEOUT,
    QUIET_PERIOD,
    SCENARIO_TIMEOUT,
)
from livehelp.testkit.scenario.transcript_checks import as_text, differences
from livehelp.wire.events import Closed

# The last of a server's complaints, as many as a person reads.
_COMPLAINTS: Final = 20
_LATER: Final = "It passed when it was played; without `within` it is for the rest of the scenario."
# Gets each thing that is done or comes, as it happens; must not wait.
Tell: TypeAlias = Callable[[Scenario, Happening], object]


async def play(
    scenario: Scenario,
    servers: ServerFactory,
    *,
    seed: int = 0,
    tell: Tell | None = None,
    stop: anyio.Event | None = None,
) -> Outcome:
    """Play one scenario, and return how it went.

    Args:
        scenario: What to play.
        servers: Where.
        seed: What links draw from whose steps name no seed.
        tell: Gets each step as it is done.
        stop: Once it is set, the scenario ends early.
    """
    return await _Play(scenario, seed, tell, stop or anyio.Event()).play(servers)


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
        self._conversation: list[Happening] = []
        self._players: Mapping[str, Visitor | Operator] = {}
        self._never: list[Expect] = []
        self._complaints: Sequence[str] = ()
        self._left: tuple[str, ...] = ()
        self._visits = Visits()
        self._downtime = Downtime(scenario.steps)
        self._server: ServerUnderTest
        self._step: Step | None = None

    async def play(self, servers: ServerFactory) -> Outcome:
        """Play it; whatever happens, the others go on."""
        try:
            async with servers.open(self._scenario) as server:
                self._server = server
                try:
                    await self._perform()
                finally:
                    self._complaints = server.complaints()
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
        return self._outcome("passed")

    async def _perform(self) -> None:
        """Play the steps, with somebody for every actor."""
        self._began = anyio.current_time()  # to start a server is no part of a scenario
        with tempfile.TemporaryDirectory(prefix="livehelp-tokens-") as folder:
            async with background() as tasks:
                context = Context(
                    self._server, self._visits, tasks, self._seed, folder, self._began, self._say
                )
                self._players = {
                    name: (Visitor if actor.side == "visitor" else Operator)(actor, context)
                    for name, actor in self._scenario.actors.items()
                }
                try:
                    with anyio.move_on_after(SCENARIO_TIMEOUT) as limit:
                        tasks.start_soon(self._heed_stop, limit)
                        await self._steps()
                    if limit.cancelled_caught:
                        if self._stop.is_set():
                            raise _Stopped
                        raise _Failed(self._failure(self._step, self._too_long()))
                finally:
                    if not self._server.own:
                        await self._end_visits()

    async def _heed_stop(self, steps: anyio.CancelScope) -> None:
        await self._stop.wait()
        steps.cancel()

    async def _end_visits(self) -> None:
        """End the visits on a server that others use, and note those that are still open."""
        with anyio.move_on_after(CLEANUP_TIMEOUT):
            for player in self._players.values():
                if isinstance(player, Visitor):
                    await player.end_visit()
                await player.settle()
        seen = (message for player in self._players.values() for _, message in player.seen)
        closed = {message.session for message in seen if isinstance(message, Closed)}
        self._left = tuple(session for session in self._visits if session not in closed)

    async def _steps(self) -> None:
        """Let the operators sign in, do all steps, and look again at what must not come."""
        for player in self._players.values():
            if isinstance(player, Operator) and not player.actor.signs_in:
                await self._sign_in(player)
        for step in self._scenario.steps:
            await self._do(step)
        for step in self._never:
            try:
                await self._players[step.actor].never(step, QUIET_PERIOD)
            except StepFailed as why:
                first, _, table = str(why).partition("\n")
                raise _Failed(self._failure(step, f"{first}\n{_LATER}\n{table}")) from None

    async def _sign_in(self, operator: Operator) -> None:
        try:
            with anyio.fail_after(ANSWER_TIMEOUT):
                await operator.sign_in()
        except LiveHelpError as why:
            raise StepFailed(f"{operator.actor.name} cannot sign in: {why}") from None
        except TimeoutError:
            words = f"{operator.actor.name} was not signed in within {ANSWER_TIMEOUT:g} s."
            raise StepFailed(f"{words}\n{operator.table()}") from None

    async def _do(self, step: Step) -> None:
        """Do one step; raises ``_Failed`` or ``NotHere``."""
        self._step = step
        try:
            told = await self._done(step)
        except (StepFailed, LiveHelpError) as why:  # of the client: there is nobody to connect to
            raise _Failed(self._failure(step, self._downtime.explain(str(why)))) from None
        if not isinstance(step, Together):
            self._say(step.source)
        if told:
            self._say(f"    {told}")

    async def _done(self, step: Step) -> str:
        """Do it, and return what came, in words."""
        match step:
            case Act():
                if never := self._downtime.ends(step):
                    raise StepFailed(never)
                await self._players[step.actor].act(step)
            case Expect(never=False):
                return await self._players[step.actor].expect(step)
            case Expect():
                await self._players[step.actor].never(step, step.within)
                if step.to_the_end:
                    self._never.append(step)
            case LinkStep():
                await self._players[step.actor].link.inject(step)
            case ServerStep():
                await self._server.does(step.what)
                self._downtime.done(step)
            case Together():
                await self._together(step)
            case TranscriptCheck():
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

    async def _check(self, step: TranscriptCheck) -> None:
        transcript = await self._server.transcript(self._visits.of(step.of))
        if wrong := differences(transcript, step.checks, self._players[step.of].questions):
            log = as_text(transcript)
            raise StepFailed(f"{'; '.join(wrong)}.\nThe stored log is:\n{log}")

    def _say(self, words: str) -> None:
        happening = Happening(anyio.current_time() - self._began, words)
        self._conversation.append(happening)
        if self._tell is not None:
            self._tell(self._scenario, happening)

    def _failure(self, step: Step | None, words: str) -> Failure:
        if step is None:
            return Failure(self._scenario.file, "", words)
        return Failure(f"{step.location.file}:{step.location.line}", step.source, words)

    def _too_long(self) -> str:
        """Return that the whole took too long, and what whoever is waited for has seen."""
        player = self._players.get(getattr(self._step, "actor", ""))
        words = f"The scenario was not done within {SCENARIO_TIMEOUT:g} s."
        return words if player is None else f"{words}\n{player.table()}"

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
