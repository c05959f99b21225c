"""What a script expects: found in order, and explained when it does not come."""

import re

import anyio
import pytest

from livehelp.client import ExpectationFailed, LinkLost, LinkUp, OperatorClient, VisitorClient
from livehelp.client.seen import MAX_KEPT, MAX_SHOWN, Seen
from livehelp.wire.commands import Say, Start
from livehelp.wire.events import Joined, Line, Opened
from livehelp.wire.signals import Position, Presence, TypingSignal
from tests.client.peer import ServerEnd, meanwhile, open_desk
from tests.client.visits import acked, enter, visiting
from tests.client.words import SESSION, joined, line, opened, started

pytestmark = pytest.mark.anyio
# Long enough for a loaded machine, for what does come; nothing waits so long.
COMES = 20.0
OPENED = "name='Ann' topic='Taxes' client='livehelp' version='1' ip='10.0.0.9'"
# For what cannot come any more: all that will come has been read.
NOT = 0.01


async def begun(visitor: VisitorClient, end: ServerEnd) -> None:
    """Start a session; nothing has been read from the stream."""
    async with meanwhile(enter, visitor):
        command = await end.expect(Start)
        await end.send(started(command.ref, key=command.key), opened())


async def test_what_is_expected_is_returned_and_what_came_before_is_passed() -> None:
    async with open_desk() as desk, visiting(desk) as (visitor, end):
        await begun(visitor, end)
        await end.send(joined(2), line(3, "Good evening"), line(4, "Good morning, Ann"))
        found = await visitor.expect_line(match="[Gg]ood morning", within=COMES)
        assert (found.text, found.seq) == ("Good morning, Ann", 4)
        with pytest.raises(ExpectationFailed, match="an earlier expectation had gone past it"):
            await visitor.expect(Joined, within=NOT)


async def test_the_same_line_is_found_once_however_often_it_is_expected() -> None:
    async with open_desk() as desk, visiting(desk) as (visitor, end):
        await begun(visitor, end)
        await end.send(line(2, "Yes"), line(3, "Yes"))
        assert (await visitor.expect_line("Yes", within=COMES)).seq == 2
        assert (await visitor.expect_line("Yes", within=COMES)).seq == 3
        with pytest.raises(ExpectationFailed):
            await visitor.expect_line("Yes", within=NOT)


async def test_signals_and_the_link_are_in_no_order_to_the_events() -> None:
    async with open_desk() as desk, visiting(desk) as (visitor, end):
        await begun(visitor, end)
        typing = TypingSignal(session=SESSION, by="operator", name="Dana", on=True)
        await end.send(
            Position(session=SESSION, position=1, waiting=1, operators=1), typing, line(2, "Hello")
        )
        await visitor.expect(Line, within=COMES)
        assert await visitor.expect(TypingSignal, name="Dana", within=COMES) == typing
        assert (await visitor.expect(Position, within=COMES)).position == 1
        await end.cut()
        await visitor.expect(LinkLost, within=COMES)


async def test_each_session_of_an_operator_is_gone_through_by_itself() -> None:
    seen = Seen()
    for number, event in enumerate([line(1, "one"), line(1, "two", "B3CD-9FGH"), line(2, "three")]):
        seen.came(event, float(number))
    assert seen.find(Line, lambda e: e.text == "three") == line(2, "three")
    assert seen.find(Line, lambda e: e.session == SESSION) is None
    assert seen.find(Line, lambda _: True) == line(1, "two", "B3CD-9FGH")


async def test_fields_conditions_and_the_speaker_choose() -> None:
    async with open_desk() as desk, visiting(desk) as (visitor, end):
        await begun(visitor, end)
        await end.send(line(2, "a", name="Dana"), line(3, "b", name="Kim"), line(4, "c"))
        found = await visitor.expect_line(name="Kim", session=SESSION, within=COMES)
        assert found.text == "b"
        assert (await visitor.expect(Line, where=lambda e: e.seq > 3, within=COMES)).text == "c"
        with pytest.raises(ExpectationFailed, match=r"operator matching /K.m/ and a condition"):
            await visitor.expect(
                Joined, operator=re.compile("K.m"), where=lambda e: e.seq > 1, within=NOT
            )
        with pytest.raises(TypeError, match="Joined has no field name, text"):
            await visitor.expect(Joined, text="", name="")


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
            "-> start name='Ann' topic='Taxes'",
            f"<- opened {SESSION} #1 {OPENED}",
            "-> say text='Hello?'",
            f"<- line {SESSION} #3 by='operator' name='Dana' text='Good evening'",
            "   (the waiting ended)",
        ]


async def test_the_table_shows_the_last_of_much_and_keeps_a_bounded_part() -> None:
    seen = Seen()
    assert str(seen).strip() == "(nothing)"
    for number in range(MAX_KEPT + 5):
        seen.came(line(number), float(number))
    assert len(str(seen).splitlines()) == MAX_SHOWN
    assert seen.more == MAX_KEPT + 5 - MAX_SHOWN
    assert len(list(seen)) == MAX_KEPT


async def test_a_long_line_is_shown_by_its_beginning_and_its_end() -> None:
    seen = Seen()
    seen.came(line(2, "a" * 1_000 + "z" * 1_000), 0)
    assert re.search(r"text='a{90,}\.\.\.z{90,}'", str(seen))
    assert len(str(seen)) < 300


async def test_a_link_that_has_ended_is_not_waited_for() -> None:
    async with open_desk() as desk, visiting(desk, reconnect=False) as (visitor, end):
        await begun(visitor, end)
        await end.cut()
        with pytest.raises(ExpectationFailed, match="and the link has ended"):
            await visitor.expect_line(within=COMES)


async def test_two_may_expect_at_once_and_a_loop_may_read_on() -> None:
    async with open_desk() as desk, visiting(desk) as (visitor, end):
        await begun(visitor, end)
        found: list[object] = []

        async def wait_for(name: str) -> None:
            found.append(await visitor.expect(Presence, name=name, within=COMES))

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(wait_for, "Dana")
            tasks.start_soon(wait_for, "Kim")
            await anyio.lowlevel.checkpoint()
            for name in ("Kim", "Dana"):
                await end.send(Presence(session=SESSION, by="operator", name=name, online=True))
        assert len(found) == 2
        await end.send(line(2, "after"))
        assert await anext(visitor) == line(2, "after")


async def test_an_operator_expects_alike() -> None:
    async with open_desk() as desk, OperatorClient.connect(desk.address) as operator:
        end = await desk.accept()
        await operator.expect(LinkUp, within=COMES)
        assert list(operator.seen) == [LinkUp(resumed=False)]
        assert end.hello.role == "operator"
        with pytest.raises(ExpectationFailed, match="Opened was expected"):
            await operator.expect(Opened, within=NOT)
