"""What a script expects: found in order, and explained when it does not come."""

import re
from typing import Any

import anyio
import pytest

from livehelp.client import (
    ExpectationFailed,
    LinkLost,
    LinkUp,
    OperatorClient,
)
from livehelp.client.expectation import CannotExpect
from livehelp.wire.commands import Typing
from livehelp.wire.events import Event, Joined, Line, Opened
from livehelp.wire.replies import Ack
from livehelp.wire.signals import Position, Presence, TypingSignal
from tests.client.duty import on_duty, take_visitor
from tests.client.peer import open_desk
from tests.client.visits import begun, visiting
from tests.client.words import SESSION, joined, line, opened

pytestmark = pytest.mark.anyio
# Long enough for a loaded machine, for what does come; nothing waits so long.
COMES = 20.0
OPENED = "name='Ann' topic='Taxes' client='livehelp' version='1' ip='10.0.0.9'"
# For what cannot come any more: all that will come has been read.
NOT = 0.01


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
        with pytest.raises(TypeError, match="Joined has no field name, text; it has session, seq"):
            await visitor.expect(Joined, text="", name="")


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


async def test_an_operators_own_lines_of_an_earlier_run_are_nobody_elses() -> None:
    async with open_desk() as desk, on_duty(desk) as (operator, end):
        own, other = line(2, "Hello"), line(3, "Hello", name="Eve")
        await take_visitor(operator, end, opened(), own, other, joined(4))
        assert await operator.expect_line("Hello", within=COMES) == other


async def test_a_visitors_own_lines_of_an_earlier_run_are_nobody_elses() -> None:
    async with open_desk() as desk, visiting(desk) as (visitor, end):
        await end.send(line(2, "Hello", name="Ann"), line(3, "Hello"))
        assert (await visitor.expect_line("Hello", within=COMES)).name == "Dana"
        await end.send(line(4, "Hello", name="Ann"))
        assert (await visitor.expect(Line, text="Hello", within=COMES)).name == "Ann"


async def test_what_never_comes_is_listened_for_and_what_has_come_is_told() -> None:
    async with open_desk() as desk, visiting(desk) as (visitor, end):
        await begun(visitor, end)
        await visitor.never(Line, within=NOT)
        await end.send(joined(2), line(3, "No"))
        await visitor.never(Line, text="Yes", within=NOT)
        await visitor.expect(Line, text="No", within=COMES)
        await visitor.never(Joined, within=0)  # it is gone past
        await end.send(line(4, "No"))
        words = "text='No' must not come, and it came: line K7P4-MXQ2 #4 .*'No'\n"
        with pytest.raises(ExpectationFailed, match=words):
            await visitor.never(Line, text="No", session=SESSION, within=COMES)


async def test_after_the_end_of_the_link_nothing_is_listened_for() -> None:
    async with open_desk() as desk, visiting(desk, reconnect=False) as (visitor, end):
        await end.cut()
        await visitor.never(Line, within=3_600)


async def test_what_cannot_be_expected_is_a_mistake() -> None:
    kinds: list[Any] = [Joined | Line, "Joined", joined(2)]
    async with open_desk() as desk, visiting(desk) as (visitor, _):
        for kind in kinds:
            with pytest.raises(CannotExpect, match=r"is not one kind of message, such as Joined"):
                await visitor.expect(kind)
        with pytest.raises(CannotExpect, match="Joined has no field name; it has session, seq, at"):
            await visitor.expect(Joined, name="Dana")
        with pytest.raises(CannotExpect, match="not both"):
            await visitor.expect_line("nope", match="h")
        with pytest.raises(CannotExpect, match=r"'hel\(o' is no regular expression: missing \)"):
            await visitor.expect_line(match="hel(o")


async def test_what_never_comes_is_not_waited_for_nor_held_not_to_come() -> None:
    never_comes: list[Any] = [Typing, Ack]  # a command, of which TypingSignal comes; a reply
    async with open_desk() as desk, visiting(desk) as (visitor, end):
        for kind in never_comes:
            with pytest.raises(CannotExpect, match=f"{kind.__name__} of .* never comes"):
                await visitor.expect(kind)
            with pytest.raises(CannotExpect, match=f"{kind.__name__} of .* never comes"):
                await visitor.never(kind)
        anything: Any = Event
        await end.send(joined(1))
        assert await visitor.expect(anything, seq=1) == joined(1)


async def test_an_error_of_a_condition_comes_to_whose_condition_it_is() -> None:
    async with open_desk() as desk, visiting(desk) as (visitor, end):
        raised: list[str] = []

        async def wait() -> None:
            try:
                await visitor.expect(Line, where=lambda e: int(e.text) > 0, within=COMES)
            except ValueError as error:
                raised.append(str(error))

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(wait)
            await anyio.wait_all_tasks_blocked()
            await end.send(line(1, "one"), line(2, "two"))  # and nobody else's, by what comes next
            assert (await visitor.expect_line("two", within=COMES)).text == "two"
        assert len(raised) == 1


async def test_a_condition_that_fails_on_what_was_passed_is_still_an_expectation_that_failed() -> (
    None
):
    async with open_desk() as desk, visiting(desk) as (visitor, end):
        await end.send(line(1, "one"))
        await visitor.expect_line("one", within=COMES)
        with pytest.raises(ExpectationFailed, match="did not come within"):
            await visitor.expect(Line, where=lambda e: int(e.text) > 0, within=NOT)
