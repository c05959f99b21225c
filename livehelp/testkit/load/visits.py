"""One slot of a load: visitors come one after another, talk with their operator, and end.

Each side says one line after the other: the next one leaves when the last one is acked, as with a
person, but its time counts from when it was due.
"""

import math
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Final

import anyio

from livehelp.background import background
from livehelp.client.errors import LiveHelpError, Refused
from livehelp.client.visitor import VisitorClient
from livehelp.testkit.load.disconnects import Disconnects
from livehelp.testkit.load.operators import PROGRAM, Operator
from livehelp.testkit.load.plan import Due, Side
from livehelp.testkit.load.stats import LineTracker, Stats
from livehelp.wire.events import Closed, Line

# After a failure: a server that is full or gone is not helped by a visitor who tries at once.
AGAIN_SECONDS: Final = 1.0
# How long the two sides may take to hear of the end. It comes right after the last line, but an
# operator on a full machine may have many messages before it.
CLOSED_SECONDS: Final = 30.0
# Lines that one side may be behind; what comes on top is counted and left out, so that a server
# that stands still for an hour fills no memory.
MAX_BEHIND: Final = 1_000
# A visit that was cut off at the end of the load, as an error.
UNENDED: Final = "visits that did not end"


class Slot:
    """A visitor's place.

    Args:
        number: From 0.
        address: Where the server is.
        operator: The operator who helps here.
        arriving: How many may come at once, everywhere.
        stats: The books.

    Attributes:
        in_talk: Set when the first visitor has been taken.
    """

    def __init__(
        self,
        number: int,
        address: str,
        operator: Operator,
        arriving: anyio.CapacityLimiter,
        stats: Stats,
    ) -> None:
        self.in_talk = anyio.Event()
        self._number = number
        self._address = address
        self._operator = operator
        self._arriving = arriving
        self._stats = stats
        self._over = False
        self._due: dict[Side, _Lines] = {"visitor": _Lines(), "operator": _Lines()}

    def give(self, due: Due, began: float) -> None:
        """A line is due; ``began`` is when the plan's time began, on the loop's clock."""
        if not self._due[due.by].put(began + due.at, due.words):
            self._stats.unsaid += 1
        if due.last:
            self._end_visit()

    def finish(self) -> None:
        """No more lines: the visit ends when those that are due are said, and no other begins."""
        self._over = True
        self._end_visit()

    async def run(self) -> None:
        """One visitor after the other, until ``finish``, and until all that was due is said."""
        try:
            while not self._over or self._behind():
                try:
                    await self._visit()
                except LiveHelpError as why:
                    self._failed(why)
                    if self._over:
                        return
                    await anyio.sleep(AGAIN_SECONDS)
        except anyio.get_cancelled_exc_class():
            self._stats.errors[UNENDED] += 1
            raise
        finally:
            now = anyio.current_time()
            for lines in self._due.values():
                for due in lines.left():
                    self._stats.never_said(now - due)

    def _behind(self) -> bool:
        return any(lines.left() for lines in self._due.values())

    def _end_visit(self) -> None:
        for lines in self._due.values():
            lines.end()

    async def _visit(self) -> None:
        visit = _Visit(self._stats)
        async with AsyncExitStack() as stack:
            # Connecting is a part of it: of thousands who call at once most are not answered in
            # time, and call again at once.
            async with self._arriving:
                if self._over and not self._behind():
                    return  # it is over, and nobody need come any more
                visitor = await stack.enter_async_context(
                    VisitorClient.connect(self._address, client=PROGRAM)
                )
                tasks = await stack.enter_async_context(background())
                tasks.start_soon(self._hear, visitor, visit)
                stack.callback(self._close, visit)
                await self._arrive(visitor, visit)
            await self._talk(visitor, visit)
            await self._leave(visitor, visit)

    def _close(self, visit: "_Visit") -> None:
        self._operator.leave(visit.session)
        visit.close()

    async def _arrive(self, visitor: VisitorClient, visit: "_Visit") -> None:
        started = await visitor.start(name=f"Visitor {self._number + 1}", topic="Load")
        visit.session = started.session
        await self._operator.take(visit.session, visit.operator_hears)
        visit.began = anyio.current_time()
        self._stats.visits += 1
        self.in_talk.set()

    async def _talk(self, visitor: VisitorClient, visit: "_Visit") -> None:
        async def operator_says(text: str) -> None:
            await self._operator.say(visit.session, text)

        async def visitor_says(text: str) -> None:
            await visitor.say(text)

        async with anyio.create_task_group() as speakers:
            speakers.start_soon(self._speak, visit, "visitor", visitor_says)
            speakers.start_soon(self._speak, visit, "operator", operator_says)

    async def _speak(
        self, visit: "_Visit", side: Side, say: Callable[[str], Awaitable[None]]
    ) -> None:
        tracker = visit.trackers[side]
        while (line := await self._due[side].take()) is not None:
            due, words = line
            self._stats.waited += due < visit.began
            number, text = tracker.say(words, due)
            try:
                await say(text)
            except LiveHelpError as why:
                self._failed(why)
                if isinstance(why, Refused):
                    tracker.refused(number)
            else:
                tracker.acked(number, anyio.current_time())

    async def _leave(self, visitor: VisitorClient, visit: "_Visit") -> None:
        await visitor.end()
        with anyio.move_on_after(CLOSED_SECONDS) as waiting:
            for over in visit.over.values():
                await over.wait()
        if waiting.cancelled_caught:
            self._stats.errors["an end that was not told"] += 1

    async def _hear(self, visitor: VisitorClient, visit: "_Visit") -> None:
        disconnects = Disconnects(self._stats)
        async for message in visitor:
            if isinstance(message, Line | Closed):
                visit.visitor_hears(message)
            else:
                disconnects.note(message)

    def _failed(self, why: LiveHelpError) -> None:
        kind = f"refused: {why.code}" if isinstance(why, Refused) else type(why).__name__
        self._stats.errors[kind] += 1


class _Visit:
    """One visit: both sides' lines, and who has heard of its end.

    Attributes:
        session: Its reference, once there is one.
        began: When it was in talk, on the loop's clock.
    """

    def __init__(self, stats: Stats) -> None:
        self.session = ""
        self.began = math.inf
        self.trackers: dict[Side, LineTracker] = {
            "visitor": LineTracker(stats),
            "operator": LineTracker(stats),
        }
        self.over: dict[Side, anyio.Event] = {"visitor": anyio.Event(), "operator": anyio.Event()}

    def visitor_hears(self, message: Line | Closed) -> None:
        """The visitor is told a line of the operator, or the end."""
        self._hears("visitor", "operator", message)

    def operator_hears(self, message: Line | Closed) -> None:
        """The operator is told a line of the visitor, or the end."""
        self._hears("operator", "visitor", message)

    def close(self) -> None:
        """Nothing more will be heard."""
        now = anyio.current_time()
        self.trackers["visitor"].close(now, heard_out=self.over["operator"].is_set())
        self.trackers["operator"].close(now, heard_out=self.over["visitor"].is_set())

    def _hears(self, listener: Side, speaker: Side, message: Line | Closed) -> None:
        if isinstance(message, Closed):
            self.over[listener].set()
        elif message.by == speaker:
            self.trackers[speaker].delivered(message.text, anyio.current_time())


class _Lines:
    """What one side is to say: lines, and ends of visits, in order."""

    def __init__(self) -> None:
        self._lines: deque[tuple[float, str] | None] = deque()
        self._more = anyio.Event()

    def put(self, due: float, words: str) -> bool:
        """Add a line; return False when the side is too far behind for that."""
        if len(self._lines) >= MAX_BEHIND:
            return False
        self._add((due, words))
        return True

    def end(self) -> None:
        """The visit ends after the lines before."""
        self._add(None)

    async def take(self) -> tuple[float, str] | None:
        """Return the next line and when it was due; None when the visit is to end."""
        while not self._lines:
            self._more = anyio.Event()
            await self._more.wait()
        return self._lines.popleft()

    def left(self) -> list[float]:
        """Return when the lines that were not taken were due."""
        return [line[0] for line in self._lines if line is not None]

    def _add(self, line: tuple[float, str] | None) -> None:
        self._lines.append(line)
        self._more.set()
