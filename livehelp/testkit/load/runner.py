"""Runs a load: operators sign in, visitors come, lines leave at their times, all visits end.

The load is an open loop: a line is due when the plan says so, whether or not the server keeps up.
If the next line waited for the last answer, a slow server would be asked less and look faster than
it is ("coordinated omission").
"""

import gc
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Final

import anyio
from anyio.abc import TaskGroup

from livehelp.background import background
from livehelp.client.errors import LiveHelpError
from livehelp.testkit.load.clocks import Clocks
from livehelp.testkit.load.operators import Operator
from livehelp.testkit.load.plan import Plan
from livehelp.testkit.load.stats import Stats
from livehelp.testkit.load.visits import Slot

# More at once do not come in sooner: the server works on one core.
ARRIVING: Final = 32
# 5,000 visitors who are told to 500 operators take some minutes.
ARRIVAL_SECONDS: Final = 300.0
# For the lines that are on their way at the end, and for saying goodbye.
LEAVING_SECONDS: Final = 60.0

# Objects more than were freed, before the collector looks; 700 is Python's own number. The server
# does the same, with the same number.
_COLLECT_AFTER: Final = 50_000

SIGNING_IN: Final = "operators sign in"
ARRIVING_NOW: Final = "visitors come"
TALKING: Final = "talking"
LEAVING: Final = "going home"


class LoadError(Exception):
    """The load did not come about; the words say why."""


class LoadRunner:
    """A load that runs once.

    To be made inside the event loop.

    Args:
        plan: Who says what when.
        address: Where the server is.
        passwords: Of each operator, by name; as many as the plan has.
        server: The number of the server's process, if it is ours.

    Attributes:
        stats: What became of the lines, at any time.
        phase: What everybody does, in words.
        used: What time and processor time the talk has used.
        arrival_seconds: How long it took until everybody was in talk; None if that never came.
    """

    def __init__(
        self, plan: Plan, address: str, passwords: Mapping[str, str], server: int | None = None
    ) -> None:
        self.plan = plan
        self.stats = Stats()
        self.phase = SIGNING_IN
        self.used = Clocks(0.0, 0.0, None)
        self.arrival_seconds: float | None = None
        self._server = server
        self._talking = anyio.CancelScope()
        self._began = 0.0
        self._operators = {
            name: Operator(address, name, password, self.stats)
            for name, password in passwords.items()
        }
        operators = list(self._operators.values())
        arriving = anyio.CapacityLimiter(ARRIVING)
        self._slots = [
            Slot(number, address, operators[plan.operator_of(number)], arriving, self.stats)
            for number in range(plan.visitors)
        ]

    @property
    def seconds(self) -> float:
        """How long the talk has gone on."""
        return anyio.current_time() - self._began if self.phase == TALKING else 0.0

    @property
    def signed_in(self) -> int:
        """How many operators have signed in."""
        return sum(operator.is_signed_in for operator in self._operators.values())

    @property
    def present(self) -> int:
        """How many visitors' places have been taken."""
        return sum(slot.in_talk.is_set() for slot in self._slots)

    def stop(self) -> None:
        """End the load early: what is on its way still arrives, and everybody says goodbye."""
        self._talking.cancel()

    async def run(self) -> None:
        """Do all of it.

        Raises:
            LoadError: nobody answers, an operator is not let in, or the visitors do not get in.
        """
        async with background() as operators:
            await self._sign_in(operators)
            if not self._talking.cancel_called:
                await self._play()

    async def _play(self) -> None:
        failure: LoadError | None = None
        async with anyio.create_task_group() as visitors:
            for slot in self._slots:
                visitors.start_soon(slot.run)
            try:
                with self._talking:
                    await self._arrive()
                    with _patient_collector():
                        await self._talk()
            except LoadError as why:
                failure = why
            self._leave(visitors.cancel_scope)
        if failure is not None:
            raise failure

    async def _sign_in(self, tasks: TaskGroup) -> None:
        for name, operator in self._operators.items():
            if self._talking.cancel_called:
                return
            try:
                await tasks.start(operator.run)
            except (LiveHelpError, TimeoutError) as why:
                raise LoadError(f"operator {name} cannot sign in: {why}") from None

    async def _arrive(self) -> None:
        self.phase = ARRIVING_NOW
        began = anyio.current_time()
        with anyio.move_on_after(ARRIVAL_SECONDS):
            for slot in self._slots:
                await slot.in_talk.wait()
            self.arrival_seconds = anyio.current_time() - began
            return
        errors = ", ".join(f"{kind} ({many})" for kind, many in self.stats.errors.items())
        raise LoadError(
            f"after {ARRIVAL_SECONDS:g} s {self.present} of {len(self._slots)} visitors are in "
            f"talk. What went wrong: {errors or 'nothing but the time'}."
        )

    async def _talk(self) -> None:
        self.phase = TALKING
        before = Clocks.now(self._server)
        self._began = began = anyio.current_time()
        try:
            for due in self.plan.lines():
                # Whatever is due leaves at once: one line in each turn of a busy loop would let
                # the load fall behind its own plan.
                if began + due.at > anyio.current_time():
                    await anyio.sleep_until(began + due.at)
                self.stats.dispatched(anyio.current_time() - began - due.at)
                self._slots[due.slot].give(due, began)
            await anyio.sleep_until(began + self.plan.seconds)
        finally:
            self.used = Clocks.now(self._server).since(before)

    def _leave(self, scope: anyio.CancelScope) -> None:
        """Let the visits end; whoever has not after a while is cut off."""
        self.phase = LEAVING
        scope.deadline = anyio.current_time() + LEAVING_SECONDS
        for slot in self._slots:
            slot.finish()


@contextmanager
def _patient_collector() -> Generator[None]:
    """Let the garbage collector come seldom, and pass over what is there already.

    A look at the clients of 550 people takes half a second, in which every line is late.
    """
    usual = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(_COLLECT_AFTER, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()
