"""One random run: a plan is played on a real server, and checked."""

import time
import traceback
from collections import Counter
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Final

import anyio
import anyio.to_thread

from livehelp.client import OperatorClient, Refused, Timing, TokenFile, VisitorClient
from livehelp.testkit.faults import Fault, FlakyLink, Profile, flaky_link
from livehelp.wire.events import AnyEvent, Closed, Joined, Line, Noted
from tests.durability.behaviour import OperatorBehaviour, VisitorBehaviour
from tests.durability.checker import inside_at_the_end, violations
from tests.durability.participants import Participant, Pulse, hand_over
from tests.durability.plan import Deed, Happening, Plan, Who, draw
from tests.durability.record import Record, Said, shown_log
from tests.durability.server_under_test import ServerUnderTest
from tests.durability.timeouts import persist

# A run takes a tenth of a second; three hundred times that is a run that hangs.
LIMIT: Final = 15.0
# What the second operator says before handing back.
KIMS_LINES: Final = 3
# What happens one after another; each group does not wait for the others.
TASKS: Final[tuple[set[Deed], ...]] = (
    {"restart", "sign-out", "transfer", "give"},
    {"kill", "full-disk"},
    {"cut", "stall", "half-open", "ghost"},
)


@dataclass(slots=True)
class Result:
    """What came of a run.

    Attributes:
        plan: What was played.
        wrong: What was wrong, in words; empty when the promise was kept.
        seconds: How long it took.
        connections: How many connections the participants needed.
        lines: How many lines and notes were acked.
    """

    plan: Plan
    wrong: list[str] = field(default_factory=list[str])
    seconds: float = 0.0
    connections: int = 0
    lines: int = 0
    log: list[AnyEvent] = field(default_factory=list[AnyEvent])
    records: list[Record] = field(default_factory=list[Record])
    faults: list[str] = field(default_factory=list[str])

    def __str__(self) -> str:
        """Return all there is to know about a run that failed."""
        return "\n".join(
            [
                "The promise was broken:",
                *(f"* {wrong}" for wrong in self.wrong),
                *("", "The plan:", str(self.plan)),
                *("", "What the links did:", *self.faults),
                *("", "Stored:", shown_log(self.log)),
                *map(str, self.records),
                *("", f"To have it again: python -m tests.durability --seed {self.plan.seed}"),
            ]
        )


def run(seed: int, under_test: ServerUnderTest) -> Result:
    """Play the run of this seed in ``under_test``, and check it."""
    plan = draw(seed)
    result = Result(plan)
    began = time.perf_counter()
    play = Play(plan, under_test, result)
    try:
        anyio.run(play.whole, backend=plan.backend)
    except Exception:  # told with the seed and all else that is known of the run
        result.wrong.append(f"somebody's program failed:\n{traceback.format_exc()}")
    result.seconds = time.perf_counter() - began
    result.records = [r for participant in play.participants for r in participant.records]
    result.lines = sum(len(record.acked()) for record in result.records)
    if play.visitor.session:
        result.log = under_test.log(play.visitor.session)
        result.wrong += violations(result.log, result.records, plan.refusable)
    result.wrong += [f"the server logged: {line}" for line in under_test.defects()]
    return result


class Play:
    """One run on its way."""

    def __init__(self, plan: Plan, under_test: ServerUnderTest, result: Result) -> None:
        self._plan = plan
        self._under_test = under_test
        self._result = result
        self._links: dict[Who, FlakyLink] = {}
        self._faults = Counter[Who]()
        self._began = time.perf_counter()
        self._behaviour: dict[Who, OperatorBehaviour] = {}
        self.visitor: Participant[VisitorClient]
        self.operators: dict[Who, Participant[OperatorClient]] = {}

    @property
    def participants(self) -> list[Participant[VisitorClient] | Participant[OperatorClient]]:
        """Everybody."""
        return [self.visitor, *self.operators.values()]

    async def whole(self) -> None:
        """Play all of it, within the limit."""
        self._pulse = Pulse()
        async with AsyncExitStack() as stack:
            for number, (who, profile) in enumerate(self._plan.links.items()):
                self._links[who] = await stack.enter_async_context(
                    flaky_link(
                        self._under_test.server.address,
                        profile=Profile.parse(profile),
                        seed=self._plan.seed * len(self._plan.links) + number,
                        tell=partial(self._tell, who),
                    )
                )
            self._invite()
            with anyio.move_on_after(LIMIT) as limit:
                async with anyio.create_task_group() as tasks:
                    for participant in self.participants:
                        tasks.start_soon(participant.live, tasks)
                    await self._visit()
                    tasks.cancel_scope.cancel()
            if limit.cancelled_caught:
                self._result.wrong.append(f"the run did not come to its end in {LIMIT:g} s")
            self._result.connections = sum(link.connections for link in self._links.values())
        if not self._under_test.server.running:
            self._under_test.server.start()

    def _invite(self) -> None:
        plan, under_test = self._plan, self._under_test
        timing = Timing(
            connect=1.0,
            answer=5.0,
            heartbeat=plan.heartbeat,
            first_retry=0.005,
            longest_retry=0.02,
            stable=1.0,
        )
        tokens = TokenFile(under_test.folder / f"tokens-{plan.seed}") if plan.tokens else None
        self.visitor = Participant(
            "visitor",
            VisitorBehaviour(self._links["visitor"].address, timing, tokens),
            self._pulse,
        )
        for who in plan.participants[1:]:
            signed_in = {} if plan.password else under_test.tickets
            self._behaviour[who] = behaviour = OperatorBehaviour(
                who, self._links[who].address, timing, under_test.server.password, signed_in
            )
            self.operators[who] = Participant(who, behaviour, self._pulse)

    async def _visit(self) -> None:
        """A visit from its beginning to its end, and what happens in it."""
        await self.visitor.ready()
        dana = self.operators["dana"]
        for operator in self.operators.values():
            await operator.ready()
            operator.session = self.visitor.session
        await dana.client.take(dana.session)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._talk, self.visitor)
            tasks.start_soon(self._talk, dana)
            for deeds in TASKS:
                due = [h for h in self._plan.happenings if h.deed in deeds]
                tasks.start_soon(self._trouble, due)
        await self._end()

    async def _end(self) -> None:
        """All links are good again; the visit ends, and everybody inside is told."""
        for link in self._links.values():
            link.mend()
        dana = self.operators["dana"]
        if self._plan.ender == "visitor" or not self._inside(dana):
            await self.visitor.client.end()
        else:
            await dana.client.end(dana.session)
        inside = inside_at_the_end(self._under_test.log(dana.session))
        for participant in self.participants:
            if participant.who in {"visitor", *inside}:
                await self._pulse.until(partial(participant.was_told, Closed))

    async def _talk(
        self, participant: Participant[VisitorClient] | Participant[OperatorClient]
    ) -> None:
        """Say everything that is planned, burst by burst."""
        number = 0
        for together in self._plan.bursts[participant.who]:
            async with anyio.create_task_group() as tasks:
                for _ in range(together):
                    tasks.start_soon(participant.say, self._line(participant.who, number))
                    number += 1

    def _line(self, who: Who, number: int) -> Said:
        kind = Noted if who == "dana" and number in self._plan.notes else Line
        filling = "é" * self._plan.fill.get(number, 0)
        return Said(kind, f"{who} {number}{filling}")

    async def _trouble(self, happenings: list[Happening]) -> None:
        """Let each happen when so many lines have been answered."""
        for happening in happenings:
            await self._pulse.until(partial(self._have_answers, happening.after))
            await self._happen(happening)

    def _have_answers(self, count: int) -> bool:
        return self.visitor.answered + self.operators["dana"].answered >= count

    async def _happen(self, happening: Happening) -> None:
        match happening.deed:
            case "kill":
                await self._kill(happening.seconds)
            case "full-disk":
                async with self._under_test.full_disk():
                    await anyio.sleep(happening.seconds)
            case "restart":
                participant = self.visitor if happening.who == "visitor" else self.operators["dana"]
                await participant.restart()
            case "sign-out":
                await self._sign_out_and_in()
            case "transfer":
                await self._hand_over_and_back()
            case "give":
                await self._hand_over()
            case _:
                self._fail(self._links[happening.who], happening)

    def _fail(self, link: FlakyLink, happening: Happening) -> None:
        """Let a link fail."""
        match happening.deed:
            case "cut":
                link.cut(happening.seconds)
            case "stall":
                link.stall(happening.seconds)
            case "half-open":
                link.half_open("client")
            case _:
                link.half_open("server")

    async def _kill(self, seconds: float) -> None:
        server = self._under_test.server
        await anyio.to_thread.run_sync(server.kill)
        await anyio.sleep(seconds)
        await anyio.to_thread.run_sync(server.start)

    async def _sign_out_and_in(self) -> None:
        """The visit goes back to the queue; the operator's next program takes it from there."""
        dana = self.operators["dana"]
        await dana.ready()
        await self._behaviour["dana"].sign_out(dana.client)
        await dana.restart()
        with suppress(Refused):  # it is not in the queue: somebody else's, or not there yet
            await persist(partial(dana.client.take, dana.session))

    async def _hand_over(self) -> bool:
        """To the second operator, who says something; return whether that came about."""
        dana, kim = self.operators["dana"], self.operators["kim"]
        if not await hand_over(dana, "kim"):
            return False  # her link was down just then, or the disk was full
        await self._pulse.until(partial(kim.was_told, Joined, by="kim"))
        for number in range(KIMS_LINES):
            await kim.say(Said(Line, f"kim {number}"))
        return True

    async def _hand_over_and_back(self) -> None:
        """To the second operator and back, or into the queue."""
        dana, kim = self.operators["dana"], self.operators["kim"]
        if not await self._hand_over():
            return
        while not await hand_over(kim, "dana"):
            if await hand_over(kim, None):
                await persist(partial(dana.client.take, dana.session))
                break
        await self._pulse.until(partial(self._inside, dana))

    def _inside(self, operator: Participant[OperatorClient]) -> bool:
        return any(v.session == operator.session for v in operator.client.overview.mine)

    def _tell(self, who: Who, what: object) -> None:
        if isinstance(what, Fault) and what.direction is not None:
            self._faults[who] += 1
            if self._faults[who] == self._plan.max_faults:
                self._links[who].use(Profile())
        self._result.faults.append(f"{time.perf_counter() - self._began:7.3f} {who}: {what}")
