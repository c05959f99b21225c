"""Against the real server: an acked line is never lost, told twice or out of order."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import anyio.to_thread
import pytest

from livehelp.client import (
    Incoming,
    LinkEnded,
    LinkLost,
    LinkUp,
    OperatorClient,
    Timing,
    TokenFile,
    VisitorClient,
)
from livehelp.testing import OperatorMaker, VisitorMaker
from livehelp.testkit.faults import FlakyLink, Profile, flaky_link
from livehelp.testkit.server import ServerProcess
from livehelp.wire.events import AnyEvent, Closed, Event, Joined, Line, Noted, Opened

pytestmark = pytest.mark.anyio
LINES = 40
# A hello is some 200 bytes one way and 500 the other, and a line with its ack 200: from a cut
# within the hello to one after half a dozen lines. Half of the cut connections live on beside the
# next one, and what was on its way arrives late.
CUT = Profile.parse("cut=100..2000B,chunk=1..64B,double=50%,late=0..20ms")
# Then the link holds, so that the talk comes to its end whatever was drawn.
CUTS = 12
# A restarting server needs a second; trying all the time would only take the processor from it.
QUICK = Timing(first_retry=0.05, longest_retry=0.05)


class Listener:
    """Reads a client's stream in the background and keeps what came.

    Attributes:
        heard: All that came.
    """

    def __init__(self, client: VisitorClient | OperatorClient) -> None:
        self.heard: list[Incoming] = []
        self._client = client
        self._news = anyio.Event()

    async def listen(self) -> None:
        async for message in self._client:
            self.heard.append(message)
            self._news.set()
            self._news = anyio.Event()

    async def until(self, kind: type[Event], count: int = 1) -> list[AnyEvent]:
        """Wait for so many events of a kind; return them."""
        while len(found := [m for m in self.events if isinstance(m, kind)]) < count:
            await self._news.wait()
        return found

    @property
    def events(self) -> list[AnyEvent]:
        return [m for m in self.heard if isinstance(m, Event)]

    def lines(self, name: str) -> list[str]:
        return [m.text for m in self.events if isinstance(m, Line) and m.name == name]


@asynccontextmanager
async def listening(client: VisitorClient | OperatorClient) -> AsyncGenerator[Listener]:
    """A listener to ``client``, for the block."""
    listener = Listener(client)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(listener.listen)
        yield listener
        tasks.cancel_scope.cancel()


@asynccontextmanager
async def cut_often(target: str, seed: int) -> AsyncGenerator[FlakyLink]:
    """A link whose first connections are cut, for the block."""
    faults: list[object] = []

    def note(fault: object) -> None:
        faults.append(fault)
        if len(faults) == CUTS:
            link.mend()

    async with flaky_link(target, profile=CUT, seed=seed, tell=note) as link:
        yield link


async def whole_log(server: ServerProcess, session: str, last: int) -> list[AnyEvent]:
    """Return a session's log as a second sign-in of its operator is sent it."""
    async with OperatorClient.connect(server.address) as operator, listening(operator) as heard:
        await operator.login(server.operator, server.password)
        return [e for e in await heard.until(Event, last) if e.session == session]


def assert_told_in_order(listener: Listener) -> None:
    numbers = [event.seq for event in listener.events]
    assert numbers == sorted(set(numbers))


async def talk(visitor: VisitorClient, operator: OperatorClient, session: str) -> list[int]:
    """Both say their lines at once; return the numbers that the acks gave them."""
    numbers: list[int] = []

    async def visitors_part() -> None:
        acks = [await visitor.say(f"visitor {number}") for number in range(LINES)]
        numbers.extend(ack.seq or 0 for ack in acks)

    async def operators_part() -> None:
        acks = [await operator.say(session, f"operator {number}") for number in range(LINES)]
        numbers.extend(ack.seq or 0 for ack in acks)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(visitors_part)
        tasks.start_soon(operators_part)
    return numbers


@pytest.mark.parametrize("seed", [1, 2])
async def test_over_links_that_are_cut_all_the_time_a_talk_is_whole(
    live_server: ServerProcess, seed: int
) -> None:
    async with (
        cut_often(live_server.address, seed) as one,
        cut_often(live_server.address, -seed) as two,
        VisitorClient.connect(one.address, wait=True, timing=QUICK) as visitor,
        OperatorClient.connect(two.address, wait=True, timing=QUICK) as operator,
        listening(visitor) as at_visitor,
        listening(operator) as at_operator,
    ):
        await operator.login(live_server.operator, live_server.password)
        session = (await visitor.start(name="Ann", topic="Taxes")).session
        await operator.take(session)
        numbers = await talk(visitor, operator, session)
        await at_visitor.until(Line, LINES)
        await at_operator.until(Line, LINES)
        assert one.connections > CUTS // 2
        assert two.connections > CUTS // 2

        assert at_visitor.lines("dana") == [f"operator {n}" for n in range(LINES)]
        assert at_operator.lines("Ann") == [f"visitor {n}" for n in range(LINES)]
        assert at_visitor.lines("Ann") == at_operator.lines("dana") == []
        assert_told_in_order(at_visitor)
        assert_told_in_order(at_operator)

        log = await whole_log(live_server, session, last=max(numbers))
        stored = {e.seq: e.text for e in log if isinstance(e, Line)}
        assert sorted(stored) == sorted(numbers)
        assert len(set(stored.values())) == 2 * LINES


async def test_a_server_that_is_killed_in_the_talk_comes_back_to_the_same_talk(
    live_server: ServerProcess,
) -> None:
    async with (
        VisitorClient.connect(live_server.address, timing=QUICK) as visitor,
        OperatorClient.connect(live_server.address, timing=QUICK) as operator,
        listening(visitor) as at_visitor,
        listening(operator) as at_operator,
    ):
        await operator.login(live_server.operator, live_server.password)
        session = (await visitor.start(name="Ann", topic="Taxes")).session
        await operator.take(session)

        async def disaster() -> None:
            for lines in (5, 15):
                await at_operator.until(Line, lines)
                await anyio.to_thread.run_sync(live_server.kill)
                await anyio.to_thread.run_sync(live_server.start)

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(disaster)
            await talk(visitor, operator, session)
        await at_visitor.until(Line, LINES)
        await at_operator.until(Line, LINES)
        assert at_visitor.lines("dana") == [f"operator {n}" for n in range(LINES)]
        assert at_operator.lines("Ann") == [f"visitor {n}" for n in range(LINES)]
        for heard in (at_visitor, at_operator):
            assert_told_in_order(heard)
            assert any(isinstance(m, LinkLost) for m in heard.heard)
            assert LinkUp(resumed=True) in heard.heard


async def test_the_next_visit_is_known_and_an_open_one_goes_on(
    livehelp_visitor: VisitorMaker, livehelp_operator: OperatorMaker, tmp_path: Path
) -> None:
    tokens = TokenFile(tmp_path / "tokens")
    async with livehelp_visitor(tokens=tokens) as visitor:
        first = (await visitor.start(name="Ann", topic="Taxes")).session
        await visitor.say("I was here")
    async with livehelp_visitor(tokens=tokens) as visitor:
        assert earlier(visitor) == (first, True)
        resumed = await visitor.resume_earlier()
        assert (resumed.session, resumed.phase, visitor.session) == (first, "waiting", first)
        await visitor.expect(Line, text="I was here", name="Ann")
        await visitor.end()
        await visitor.expect(Closed)
    async with livehelp_visitor(tokens=tokens) as visitor, livehelp_operator() as operator:
        assert earlier(visitor) == (first, False)
        second = (await visitor.start(name="Ann", topic="Taxes again")).session
        await operator.take(second)
        log = await operator.recall(second)
        assert [type(event) for event in log] == [Opened, Line, Closed]
        assert {event.session for event in log} == {first}


def earlier(visitor: VisitorClient) -> tuple[str, bool]:
    """The visit that the token knows, and whether it is open."""
    assert visitor.server is not None
    assert visitor.server.earlier is not None
    return visitor.server.earlier.session, visitor.server.earlier.open


async def test_a_session_that_is_handed_over_comes_with_its_whole_log(
    livehelp_visitor: VisitorMaker, livehelp_operator: OperatorMaker
) -> None:
    async with (
        livehelp_visitor() as visitor,
        livehelp_operator("dana") as dana,
        livehelp_operator("kim") as kim,
    ):
        session = (await visitor.start(name="Ann", topic="Taxes")).session
        await visitor.say("Hello")
        await dana.take()
        await dana.note(session, "Knows her number")
        await dana.transfer(session, "kim")
        await kim.expect_line("Hello", name="Ann")
        await kim.expect(Noted, text="Knows her number")
        await kim.expect(Joined, operator="kim")
        assert [visit.session for visit in kim.overview.mine] == [session]
        assert dana.overview.mine == ()
        assert kim.overview.roster == ("dana", "kim")
        await kim.say(session, "Hello Ann")
        await visitor.expect(Joined, operator="dana")
        await visitor.expect(Joined, operator="kim")
        await visitor.expect_line("Hello Ann")
        await kim.end(session)
        await visitor.expect(Closed)
        assert not [message for message in visitor.seen if isinstance(message, Noted)]


async def test_a_second_window_takes_the_visit_over_and_the_first_stays_away(
    livehelp_visitor: VisitorMaker, tmp_path: Path
) -> None:
    tokens = TokenFile(tmp_path / "tokens")
    async with livehelp_visitor(tokens=tokens) as first:
        await first.start(name="Ann", topic="Taxes")
        async with livehelp_visitor(tokens=tokens) as second:
            await second.resume_earlier()
            await first.expect(LinkEnded)
            assert (await second.say("I am here now")).seq == 2
