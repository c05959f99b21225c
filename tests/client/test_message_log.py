"""The record of what came: who looks at it, what it shows, and what it keeps."""

import re
from collections import deque
from collections.abc import Callable

import anyio
import pytest

from livehelp.client import (
    ExpectationFailed,
    Incoming,
    LinkLost,
    LinkUp,
    VisitorClient,
)
from livehelp.client.expectation import Expectation
from livehelp.client.inbox import Inbox
from livehelp.client.message_log import MAX_KEPT, MAX_SHOWN, MessageLog
from livehelp.client.pending_commands import Pending
from livehelp.wire.commands import End, Say
from livehelp.wire.events import Joined, Line
from livehelp.wire.replies import Ack, Error, ErrorCode
from livehelp.wire.signals import Presence
from tests.client.peer import meanwhile, open_desk
from tests.client.visits import acked, begun, visiting
from tests.client.words import SESSION, joined, line, opened

pytestmark = pytest.mark.anyio
# Long enough for a loaded machine, for what does come; nothing waits so long.
COMES = 20.0
OPENED = "name='Ann' topic='Taxes' client='livehelp' version='1' ip='10.0.0.9'"
# For what cannot come any more: all that will come has been read.
NOT = 0.01


async def test_each_session_of_an_operator_is_gone_through_by_itself() -> None:
    seen = MessageLog()
    for number, event in enumerate([line(1, "one"), line(1, "two", "B3CD-9FGH"), line(2, "three")]):
        seen.came(event, float(number))
    assert found(seen, lambda e: e.text == "three") == line(2, "three")
    assert found(seen, lambda e: e.session == SESSION) is None
    assert found(seen, lambda _: True) == line(1, "two", "B3CD-9FGH")


def found(seen: MessageLog, fits: Callable[[Line], bool]) -> Line | None:
    """Return what an expectation finds in what has come."""
    with seen.watching(Line, fits) as watch:
        return watch.found


async def test_a_failure_tells_what_was_seen_and_what_was_asked_with_times_and_no_secret() -> None:
    async with open_desk() as desk, visiting(desk) as (visitor, end):
        await begun(visitor, end)
        async with meanwhile(visitor.say, "Hello?"):
            await end.send(acked(await end.expect(Say), 2), line(3, "Good evening"))
        with pytest.raises(ExpectationFailed) as failed:
            await visitor.expect_line("Good morning", within=NOT)
        words = str(failed.value).splitlines()
        assert words[0] == (
            "Line with text='Good morning' was expected, and did not come within 0.01 s."
        )
        assert words[1] == "What this client saw (<-) and asked (->), in seconds since it began:"
        table = [re.fullmatch(r" *\d+\.\d{3} (.*)", word) for word in words[2:]]
        assert [row[1] for row in table if row] == [
            "<- link_up resumed=False",
            "-> start name='Ann' topic='Taxes' (started)",
            f"<- opened {SESSION} #1 {OPENED}",
            "-> say text='Hello?' (acked #2)",
            f"<- line {SESSION} #3 by='operator' name='Dana' text='Good evening'",
            "   (the waiting ended)",
        ]


async def test_the_table_shows_the_last_of_much_and_keeps_a_bounded_part() -> None:
    seen = MessageLog()
    assert str(seen).strip() == "(nothing)"
    for number in range(MAX_KEPT + 5):
        seen.came(line(number), float(number))
    assert len(str(seen).splitlines()) == MAX_SHOWN
    assert seen.more == MAX_KEPT + 5 - MAX_SHOWN
    assert len(list(seen)) == MAX_KEPT


async def test_a_loss_stands_at_its_own_time_with_the_tries_after_it_behind_it() -> None:
    inbox = Inbox()
    seen = MessageLog(lambda: inbox.untaken, clock=lambda: 0)
    seen.came(LinkLost(why="the connection broke", retry_in=0.1), 1)
    seen.said(Pending(Say(text="Hello?")))
    seen.came(LinkLost(why="nobody answers there", retry_in=0.2), 2)
    seen.came(LinkLost(why="the network is gone", retry_in=0.4), 3)
    seen.came(LinkUp(resumed=True), 4)
    seen.came(LinkLost(why="the connection broke", retry_in=0.1), 5)
    lost = "<- link_lost why='the connection broke' retry_in=0.1"
    assert str(seen).splitlines() == [
        "   0.000 -> say text='Hello?' (not sent)",
        f"   1.000 {lost} (tried again until 3.000: the network is gone)",
        "   4.000 <- link_up resumed=True",
        f"   5.000 {lost}",
    ]
    for number in range(MAX_SHOWN - 4):
        seen.came(line(number), 6)
    assert seen.more == 0


async def test_a_night_of_tries_leaves_the_loss_and_the_newest_try_unread() -> None:
    inbox = Inbox()
    tries = [LinkLost(why=f"try {number}", retry_in=0) for number in range(100)]
    for lost in tries:
        inbox.put(lost)
    assert [message for _, message in inbox.untaken] == [tries[0], tries[-1]]


async def test_a_record_may_have_a_name_and_a_clock_that_others_share() -> None:
    seen = MessageLog(clock=lambda: 12)
    seen.tell_as("ann", since=10, of="the scenario began")
    seen.came(line(1), 11)
    head = "What ann saw (<-) and asked (->), in seconds since the scenario began:"
    for record in (seen, seen.copy()):
        assert (record.head, record.now) == (head, 2)
        assert str(record).startswith("   1.000 <- line ")


async def test_a_long_line_is_shown_by_its_beginning_and_its_end() -> None:
    seen = MessageLog()
    seen.came(line(2, "a" * 1_000 + "z" * 1_000), 0)
    assert re.search(r"text='a{90,}\.\.\.z{90,}'", str(seen))
    assert len(str(seen)) < 300


async def test_seconds_are_shown_as_the_times_are() -> None:
    seen = MessageLog()
    seen.came(LinkLost(why="it broke", retry_in=0.018893265004826573), seen.now)
    assert str(seen).endswith("link_lost why='it broke' retry_in=0.019")


async def test_what_nobody_has_taken_yet_counts_among_how_many_there_were() -> None:
    seen = MessageLog(lambda: [(0, line(seq)) for seq in range(2, MAX_SHOWN + 2)])
    seen.came(line(1), 0)
    assert f"the last of {MAX_SHOWN + 1}:" in seen.head


async def test_what_has_come_is_found_without_waiting_and_is_in_the_record_unread() -> None:
    async with open_desk() as desk, visiting(desk) as (visitor, end):
        await begun(visitor, end)
        async with meanwhile(visitor.say, "Hello"):
            say = await end.expect(Say)
            await end.send(joined(2), line(3, "Yes"), acked(say, 4))
        assert list(visitor.seen)[-2:] == [joined(2), line(3, "Yes")]
        assert "text='Yes'" in str(visitor.seen)
        assert await anext(visitor) == opened()  # to look at the record takes nothing from it
        assert await visitor.expect_line("Yes", within=0) == line(3, "Yes")
        with pytest.raises(ExpectationFailed):
            await visitor.expect_line("Yes", within=0)


async def test_a_copy_of_the_record_stands_still() -> None:
    untaken: list[tuple[float, Incoming]] = []
    seen = MessageLog(lambda: untaken)
    seen.came(line(1), 0)
    untaken.append((0, line(2)))
    copy = seen.copy()
    untaken.append((0, line(3)))
    assert [list(copy), list(seen)] == [[line(1), line(2)], [line(1), line(2), line(3)]]
    assert copy.now == copy.now
    assert (copy.count, copy.more, copy.dropped) == (2, 0, 0)


async def test_a_long_backlog_is_gone_through_once_and_others_have_their_turn() -> None:
    backlog: deque[Incoming] = deque(presence(str(n)) for n in range(9_000))
    backlog.append(line(1))
    seen = MessageLog()
    looked: list[Presence | Line] = []
    turns: list[int] = []

    def take_one() -> bool:
        if backlog:
            seen.came(backlog.popleft(), 0)
            return True
        return False

    def fits(message: Line) -> bool:
        looked.append(message)
        return True

    async def count_turns() -> None:
        while backlog:
            turns.append(len(backlog))
            await anyio.lowlevel.checkpoint()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(count_turns)
        expectation = Expectation(Line, {}, fits)
        assert await expectation.met(seen, take_one, anyio.sleep_forever, 0) == line(1)
    assert looked == [line(1)]
    assert len(turns) > 9_000 / 1_000


async def test_what_came_in_time_is_found_though_the_time_was_over_before_it_was_looked_at() -> (
    None
):
    seen = MessageLog()
    backlog: list[Incoming] = []

    def take_one() -> bool:
        if backlog:
            seen.came(backlog.pop(), 0)
            return True
        return False

    async def more() -> None:
        backlog.append(line(1))
        await anyio.sleep_forever()

    assert await Expectation(Line, {}, None).met(seen, take_one, more, 0) == line(1)
    with pytest.raises(ExpectationFailed, match="must not come"):
        await Expectation(Line, {}, None).not_met(seen, take_one, more, 0)


async def test_what_is_not_kept_any_more_is_told() -> None:
    seen = MessageLog()
    for number in range(MAX_KEPT + 5):
        seen.came(line(number), 0)
    with pytest.raises(ExpectationFailed, match="The first 5 of all are not kept"):
        await Expectation(Joined, {}, None).met(seen, lambda: False, anyio.sleep_forever, 0)


async def test_the_table_tells_what_became_of_each_command() -> None:
    async with open_desk() as desk, visiting(desk) as (visitor, end):
        await begun(visitor, end)
        async with meanwhile(visitor.say, "refused"):
            ref = (await end.expect(Say)).ref
            await end.send(Error(code=ErrorCode.OUT_OF_TURN, message="It ended.", ref=ref))
        async with meanwhile(visitor.end):
            await end.send(Ack(ref=(await end.expect(End)).ref))
        async with meanwhile(visitor.say, "given up, and acked") as said:
            given_up = await end.expect(Say)
            said.cancel()
        async with meanwhile(visitor.say, "on its way") as said:
            await end.expect(Say)
            assert rows(visitor)[-2:] == [
                "-> say text='given up, and acked'",
                "-> say text='on its way'",
            ]
            said.cancel()
        await end.send(acked(given_up, 2), line(3))
        await visitor.expect_line(within=COMES)
        await end.cut()
        await desk.accept()
        await visitor.expect(LinkLost, within=COMES)
        async with meanwhile(visitor.say, "too late") as said:
            await anyio.wait_all_tasks_blocked()
            said.cancel()
        assert [row for row in rows(visitor) if row.startswith("->")] == [
            "-> start name='Ann' topic='Taxes' (started)",
            "-> say text='refused' (refused: out_of_turn)",
            "-> end (acked)",
            "-> say text='given up, and acked' (acked #2)",
            "-> say text='on its way'",
            "-> say text='too late' (not sent)",
        ]


def rows(visitor: VisitorClient) -> list[str]:
    """Return the table without the times."""
    return [row.lstrip(" .0123456789") for row in str(visitor.seen).splitlines()]


def presence(name: str) -> Presence:
    """A signal of its own."""
    return Presence(session=SESSION, by="operator", name=name, online=True)
