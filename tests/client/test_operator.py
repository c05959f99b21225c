"""An operator's work over a link that holds, and over one that does not."""

import pytest

from livehelp.client import LinkEnded, LinkLost, LinkUp, OperatorClient, Refused
from livehelp.wire.commands import (
    End,
    Login,
    Logout,
    Note,
    Recall,
    Resume,
    Say,
    SetTopic,
    Take,
    Transfer,
    Typing,
)
from livehelp.wire.events import Event, Noted
from livehelp.wire.replies import Ack, Error, ErrorCode
from livehelp.wire.signals import Roster
from tests.client.duty import on_duty, sign_in_again, take_visitor
from tests.client.peer import AT, meanwhile, open_desk, take, take_until
from tests.client.words import (
    OTHER,
    SESSION,
    closed,
    joined,
    left,
    line,
    logged_in,
    opened,
    resumed,
    transferred,
    visit,
)

pytestmark = pytest.mark.anyio


def events_of(messages: list[object]) -> list[object]:
    return [m for m in messages if not isinstance(m, LinkLost | LinkUp | Roster)]


async def test_signing_in_tells_the_whole_floor() -> None:
    first, second = visit(OTHER, minutes=5), visit(SESSION, minutes=1)
    async with open_desk() as desk, on_duty(desk, first, second) as (operator, _):
        assert operator.name == "Dana"
        assert operator.overview.waiting == (second, first)
        assert operator.overview.mine == ()
        assert operator.overview.roster == ("Dana", "Eve")


async def test_a_wrong_password_is_refused_and_another_try_is_free() -> None:
    async with open_desk() as desk, OperatorClient.connect(desk.address) as operator:
        end = await desk.accept()
        async with meanwhile(operator.login, "Dana", "wrong") as wrong:
            ref = (await end.expect(Login)).ref
            await end.send(Error(code=ErrorCode.LOGIN_FAILED, message="No.", ref=ref))
        with pytest.raises(Refused, match="No"):
            assert wrong.value
        async with meanwhile(operator.login, "Dana", "right"):
            right = await end.expect(Login)
            assert (right.name, right.password, right.ticket) == ("Dana", "right", None)
            await end.send(logged_in(right.ref))


async def test_a_visitor_who_enters_is_news_and_on_the_floor() -> None:
    async with open_desk() as desk, on_duty(desk) as (operator, end):
        await end.send(opened())
        assert await anext(operator) == opened()
        assert [v.session for v in operator.overview.waiting] == [SESSION]
        await end.send(joined(2, "Eve"), closed(5))
        assert await take(operator, 2) == [joined(2, "Eve"), closed(5)]
        assert not operator.overview.visits


async def test_taking_a_visitor_brings_the_log_in_order_without_what_was_news() -> None:
    async with open_desk() as desk, on_duty(desk) as (operator, end):
        await end.send(opened())
        assert await anext(operator) == opened()
        log = (opened(), line(2, name="Ann"), line(3, name="Ann"), joined(4))
        await take_visitor(operator, end, *log)
        await end.send(line(5, name="Ann"))
        assert await take(operator, 4) == [*log[1:], line(5, name="Ann")]
        assert [v.session for v in operator.overview.mine] == [SESSION]
        assert operator.seq(SESSION) == 5


async def test_a_log_that_comes_with_live_news_between_is_told_in_order() -> None:
    async with open_desk() as desk, on_duty(desk, visit(seq=3)) as (operator, end):
        await end.send(
            joined(4), opened(), line(2), closed(5), line(3), joined(4), closed(5), resumed(5)
        )
        assert await take(operator, 5) == [opened(), line(2), line(3), joined(4), closed(5)]


async def test_a_session_that_is_handed_over_brings_its_log() -> None:
    waiting = visit(seq=3, operators=("Eve",))
    async with open_desk() as desk, on_duty(desk, waiting) as (operator, end):
        await end.send(transferred(4, "Dana"), left(5, "Eve"), joined(6))
        assert await take(operator, 2) == [transferred(4, "Dana"), left(5, "Eve")]
        assert [v.operators for v in operator.overview.mine] == [("Dana",)]
        log = (opened(), joined(2, "Eve"), line(3), transferred(4, "Dana"), left(5, "Eve"))
        await end.send(*log, joined(6), resumed(6), line(7))
        assert await take(operator, 5) == [*log[:3], joined(6), line(7)]


async def test_a_session_that_is_handed_back_and_taken_again_goes_on_where_it_was() -> None:
    async with open_desk() as desk, on_duty(desk, visit()) as (operator, end):
        await take_visitor(operator, end, opened(), joined(2))
        await end.send(transferred(3, None), left(4))
        assert await take(operator, 4) == [opened(), joined(2), transferred(3, None), left(4)]
        assert [v.phase for v in operator.overview.waiting] == ["waiting"]
        log = (opened(), joined(2), transferred(3, None), left(4), line(5), joined(6))
        await take_visitor(operator, end, *log)
        assert await take(operator, 2) == [line(5), joined(6)]


async def test_every_command_names_its_session_and_waits_for_its_answer() -> None:
    async with open_desk() as desk, on_duty(desk) as (operator, end):

        async def answer() -> None:
            for kind in (Take, Say, Note, SetTopic, Transfer, End):
                command = await end.expect(kind)
                assert command.session == SESSION
                await end.send(Ack(ref=command.ref, session=SESSION, seq=9))

        async with meanwhile(answer):
            assert (await operator.take(SESSION)).seq == 9
            await operator.say(SESSION, "Hello")
            await operator.note(SESSION, "Sounds tired")
            await operator.set_topic(SESSION, "Taxes")
            await operator.transfer(SESSION, "Eve")
            await operator.end(SESSION)
        await operator.typing(SESSION, True)
        assert await end.expect(Typing) == Typing(on=True, session=SESSION)


async def test_the_earlier_visit_is_returned_and_not_streamed() -> None:
    waiting = visit(previous=OTHER)
    async with open_desk() as desk, on_duty(desk, waiting) as (operator, end):
        earlier = [opened(1, OTHER), line(2, session=OTHER), closed(3, OTHER)]
        async with meanwhile(operator.recall, SESSION) as recalled:
            command = await end.expect(Recall)
            await end.send(
                earlier[0], joined(2, "Eve"), *earlier[1:], Ack(ref=command.ref, session=OTHER)
            )
        assert recalled.value == earlier
        assert await anext(operator) == joined(2, "Eve")
        assert list(operator.overview.visits) == [SESSION]


async def test_a_recall_that_is_cut_off_is_asked_again() -> None:
    waiting = visit(previous=OTHER)
    async with open_desk() as desk, on_duty(desk, waiting) as (operator, end):
        earlier = [opened(1, OTHER), closed(2, OTHER)]
        async with meanwhile(operator.recall, SESSION) as recalled:
            command = await end.expect(Recall)
            await end.send(earlier[0])
            await end.cut()
            back = await sign_in_again(desk, waiting)
            assert await back.expect(Recall) == command
            await back.send(*earlier, Ack(ref=command.ref, session=OTHER))
        assert recalled.value == earlier


async def test_without_an_earlier_visit_there_is_nothing_to_recall() -> None:
    async with open_desk() as desk, on_duty(desk, visit()) as (operator, _):
        with pytest.raises(Refused) as caught:
            await operator.recall(SESSION)
        assert caught.value.code is ErrorCode.NO_EARLIER


async def test_after_signing_in_ones_own_sessions_are_resumed_from_the_start() -> None:
    mine = visit(seq=3, operators=("Dana",))
    async with open_desk() as desk, OperatorClient.connect(desk.address) as operator:
        back = await desk.accept()
        async with meanwhile(operator.login, "Dana", "secret"):
            login = await back.expect(Login)
            await back.send(logged_in(login.ref, 1), mine)
            resume = await back.expect(Resume)
            assert (resume.session, resume.after, resume.key) == (SESSION, 0, None)
            log = [opened(), joined(2), line(3, "I said this in another run")]
            await back.send(*log, resumed(3, ref=resume.ref))
        assert await take(operator, 5) == [LinkUp(resumed=False), mine, *log]


async def test_after_a_cut_the_ticket_signs_in_and_every_session_goes_on() -> None:
    async with open_desk() as desk, on_duty(desk, visit(), visit(OTHER)) as (operator, end):
        await take_visitor(operator, end, opened(), joined(2))
        assert await take(operator, 2) == [opened(), joined(2)]
        await end.cut()
        now = (visit(seq=4, operators=("Dana",)), visit(OTHER, 7, ("Eve",)))
        back = await sign_in_again(desk, *now)
        resume = await back.expect(Resume)
        assert (resume.session, resume.after, resume.ref) == (SESSION, 2, None)
        await back.send(line(3, name="Ann"), line(4, name="Ann"), resumed(4))
        messages = await take(operator, 7)
        assert events_of(messages) == [*now, line(3, name="Ann"), line(4, name="Ann")]
        assert messages[-1] == LinkUp(resumed=True)
        assert operator.overview.visits[OTHER].operators == ("Eve",)


async def test_a_log_that_is_cut_off_is_asked_for_from_where_it_broke_off() -> None:
    async with open_desk() as desk, on_duty(desk, visit()) as (operator, end):
        await take_visitor(operator, end, opened(), joined(2))
        assert await take(operator, 2) == [opened(), joined(2)]
        await end.cut()
        back = await sign_in_again(desk, visit(seq=7, operators=("Dana",)))
        assert (await back.expect(Resume)).after == 2
        # The floor knows already that somebody came; the log before it is not here yet.
        await back.send(joined(6, "Eve"), line(3, name="Ann"), line(4, name="Ann"))
        await back.close()
        back = await sign_in_again(desk, visit(seq=7, operators=("Dana", "Eve")))
        assert (await back.expect(Resume)).after == 4
        await back.send(line(5, name="Ann"), joined(6, "Eve"), line(7, name="Ann"), resumed(7))
        messages = await take_until(operator, LinkUp(resumed=True))
        assert [m.seq for m in messages if isinstance(m, Event)] == [3, 4, 5, 6, 7]


async def test_a_line_whose_ack_was_cut_off_is_not_told_as_an_event() -> None:
    async with open_desk() as desk, on_duty(desk, visit()) as (operator, end):
        await take_visitor(operator, end, opened(), joined(2))
        assert await take(operator, 2) == [opened(), joined(2)]
        mine = visit(seq=4, operators=("Dana",))
        async with meanwhile(operator.say, SESSION, "Hello") as said:
            first = await end.expect(Say)
            await end.cut()
            back = await sign_in_again(desk, mine)
            await back.expect(Resume)
            await back.send(line(3), line(4, "Thanks", name="Ann"), resumed(4))
            assert await back.expect(Say) == first
            await back.send(Ack(ref=first.ref, session=SESSION, seq=3), line(5, "Bye", name="Ann"))
        messages = await take(operator, 6)
        rest = [mine, line(4, "Thanks", name="Ann"), line(5, "Bye", name="Ann")]
        assert events_of(messages) == rest
        assert said.value.seq == 3


async def test_a_session_that_was_lost_while_away_is_let_go() -> None:
    async with open_desk() as desk, on_duty(desk, visit()) as (operator, end):
        await take_visitor(operator, end, opened(), joined(2))
        assert await take(operator, 2) == [opened(), joined(2)]
        await end.cut()
        back = await sign_in_again(desk, visit(seq=3))
        await back.expect(Resume)
        await back.send(Error(code=ErrorCode.NOT_YOURS, message="You are not in it."))
        messages = await take(operator, 4)
        assert messages[-1] == LinkUp(resumed=True)
        assert operator.overview.mine == ()
        await back.send(joined(4, "Eve"), line(5))
        assert await anext(operator) == joined(4, "Eve")


async def test_a_session_that_was_closed_while_away_tells_its_end() -> None:
    async with open_desk() as desk, on_duty(desk, visit()) as (operator, end):
        await take_visitor(operator, end, opened(), joined(2))
        assert await take(operator, 2) == [opened(), joined(2)]
        await end.cut()
        back = await sign_in_again(desk)
        assert (await back.expect(Resume)).after == 2
        await back.send(line(3), closed(4), resumed(4))
        assert events_of(await take(operator, 5)) == [line(3), closed(4)]
        await back.cut()
        await sign_in_again(desk)  # and it is not resumed another time
        assert (await take(operator, 3))[-1] == LinkUp(resumed=True)


async def test_a_dead_ticket_ends_the_link_and_says_sign_in_again() -> None:
    async with open_desk() as desk, on_duty(desk) as (operator, end):
        await end.cut()
        back = await desk.accept()
        await back.expect(Login)
        await back.send(Error(code=ErrorCode.LOGIN_FAILED, message="The ticket is too old."))
        messages = [message async for message in operator]
        assert messages[-1] == LinkEnded(why="The ticket is too old.")


async def test_signing_out_empties_the_floor_and_a_cut_needs_no_ticket() -> None:
    async with open_desk() as desk, on_duty(desk, visit()) as (operator, end):
        async with meanwhile(operator.logout):
            await end.send(Ack(ref=(await end.expect(Logout)).ref))
        assert (operator.name, dict(operator.overview.visits)) == (None, {})
        await end.cut()
        await desk.accept()
        assert (await take(operator, 2))[-1] == LinkUp(resumed=False)


async def test_signing_out_succeeds_though_its_ack_was_cut_off() -> None:
    async with open_desk() as desk, on_duty(desk) as (operator, end):
        async with meanwhile(operator.logout):
            await end.expect(Logout)
            await end.cut()
            back = await desk.accept()
            await back.expect(Login)
            await back.send(Error(code=ErrorCode.LOGIN_FAILED, message="The ticket is dead."))
            again = await back.expect(Logout)
            await back.send(
                Error(code=ErrorCode.LOGIN_FIRST, message="Sign in first.", ref=again.ref)
            )
        assert operator.name is None


async def test_a_note_of_a_colleague_comes() -> None:
    async with open_desk() as desk, on_duty(desk, visit()) as (operator, end):
        await take_visitor(operator, end, opened(), joined(2))
        note = Noted(session=SESSION, seq=3, at=AT, operator="Eve", text="Be kind")
        await end.send(note)
        assert await take(operator, 3) == [opened(), joined(2), note]
