"""The participants of a run, each a sequence of programs with the real client library."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Generic, Protocol, TypeVar

import anyio
from anyio.abc import TaskGroup

from livehelp.client import LinkDown, LinkEnded, OperatorClient, Refused, VisitorClient
from livehelp.wire.events import Event
from livehelp.wire.replies import Ack, ErrorCode
from tests.durability.plan import Who
from tests.durability.record import Handover, Record, Said, Sent

C = TypeVar("C", VisitorClient, OperatorClient)


class Pulse:
    """Something has happened: look again whether it is what you wait for."""

    def __init__(self) -> None:
        self._beat = anyio.Event()

    def beat(self) -> None:
        """Wake everybody who waits."""
        self._beat.set()
        self._beat = anyio.Event()

    async def until(self, true: Callable[[], bool]) -> None:
        """Wait until it is."""
        while not true():
            await self._beat.wait()


class Behaviour(Protocol[C]):
    """What differs between a visitor and an operator."""

    def connected(self, sent: Sent) -> AbstractAsyncContextManager[C]:
        """Return a client that keeps trying until it is connected; ``sent`` is what it gets."""
        ...

    async def enter(self, client: C, session: str) -> str:
        """Do what a program does first; return the session, "" while there is none."""
        ...

    async def utter(self, client: C, session: str, said: Said) -> Ack:
        """Say it."""
        ...


class Participant(Generic[C]):
    """Somebody in a run.

    Args:
        who: Their name in the plan.
        behaviour: A visitor's or an operator's.
        pulse: Beats whenever something was told or answered.

    Attributes:
        session: The visit's reference, once it is known.
        records: Of their programs.
        answered: How many of their lines have an answer, or will never have one.
    """

    def __init__(self, who: Who, behaviour: Behaviour[C], pulse: Pulse) -> None:
        self.who: Who = who
        self.session = ""
        self.records: list[Record] = []
        self.answered = 0
        self._behaviour = behaviour
        self._pulse = pulse
        self._client: C | None = None
        self._quit = anyio.Event()
        self._began = anyio.current_time()

    @property
    def client(self) -> C:
        """The client of the present program."""
        assert self._client is not None, "the program runs"
        return self._client

    async def live(self, tasks: TaskGroup) -> None:
        """Run one program after another, until cancelled."""
        while True:
            record = Record(self.who, len(self.records) + 1)
            self.records.append(record)
            async with self._behaviour.connected(record.sent) as client:
                # Not a task of the program: what was told before its end is still to be read.
                tasks.start_soon(self._listen, client, record)
                await self._pulse.until(record.is_up)
                self.session = await self._behaviour.enter(client, self.session)
                self._client = client
                self._pulse.beat()
                await self._quit.wait()
            record.current = False
            self._client = None
            self._quit = anyio.Event()
            self._pulse.beat()

    async def ready(self) -> None:
        """Wait until a program runs and has found its way in."""
        await self._pulse.until(lambda: self._client is not None)

    async def restart(self) -> None:
        """End the program, and wait until another has found its way in."""
        await self.ready()
        programs = len(self.records)
        self._quit.set()
        await self._pulse.until(lambda: len(self.records) > programs)
        await self.ready()

    async def say(self, said: Said) -> None:
        """Say a line or a note, and write down what becomes of it."""
        await self.ready()
        record = self.records[-1]
        record.said.append(said)
        try:
            ack = await self._behaviour.utter(self.client, self.session, said)
        except Refused as refused:
            # Who has signed out meanwhile is not told what became of it.
            gone = refused.code is ErrorCode.LOGIN_FIRST
            said.outcome = "unknown" if gone else "refused"
            said.why = f"{refused.code}: {refused}"
        except LinkDown:
            said.outcome = "unknown"
        else:
            said.outcome, said.ref, said.seq = "acked", ack.ref, ack.seq
        self.answered += 1
        self._pulse.beat()

    def was_told(self, kind: type[Event], *, by: str | None = None) -> bool:
        """Whether the present program was told an event of that kind, of that operator."""
        return any(
            isinstance(event, kind) and by in {None, getattr(event, "operator", None)}
            for event in self.records[-1].events(self.session)
        )

    async def _listen(self, client: C, record: Record) -> None:
        async for message in client:
            record.told.append((anyio.current_time() - self._began, message))
            if isinstance(message, LinkEnded):
                record.problems.append(f"{record.name} lost its link for good: {message.why}")
            self._pulse.beat()


async def hand_over(operator: Participant[OperatorClient], to: str | None) -> bool:
    """Transfer the visit, and write down what became of that; return whether it was done."""
    handover = Handover()
    operator.records[-1].handovers.append(handover)
    try:
        ack = await operator.client.transfer(operator.session, to)
    except Refused as refused:
        handover.outcome, handover.why = "refused", f"{refused.code}: {refused}"
        return False
    handover.outcome, handover.seq = "acked", ack.seq
    return True
