"""A visitor whose link is lost: nothing twice, nothing lost, all in order."""

from pathlib import Path

import anyio
import pytest

from livehelp.client import (
    LinkDown,
    LinkEnded,
    LinkLost,
    LinkUp,
    Refused,
    Timing,
    TokenFile,
    VisitorClient,
)
from livehelp.wire.base import Message
from livehelp.wire.codec import encode
from livehelp.wire.commands import Ping, Resume, Say, Start, Typing
from livehelp.wire.events import Event
from livehelp.wire.replies import Earlier, Error, ErrorCode, Started
from livehelp.wire.signals import Bye
from tests.client.peer import AT, AT_ONCE, Desk, ServerEnd, meanwhile, open_desk, take, take_until
from tests.client.visits import acked, begin, enter, visiting
from tests.client.words import SESSION, TOKEN, closed, joined, line, opened, resumed, started

pytestmark = pytest.mark.anyio


async def come_back(desk: Desk, *missed: Message, seq: int, after: int = 1) -> ServerEnd:
    """Let the visitor connect again and resume; what was missed is sent."""
    end = await desk.accept()
    resume = await end.expect(Resume)
    assert (resume.session, resume.after) == (SESSION, after)
    await end.send(*missed, resumed(seq))
    return end


def is_lost(message: object) -> bool:
    return isinstance(message, LinkLost)


async def test_after_a_cut_the_missed_events_come_then_the_link_is_up_then_it_goes_on() -> None:
    async with open_desk() as desk, visiting(desk) as (visitor, end):
        start = await begin(visitor, end)
        await end.cut()
        back = await desk.accept()
        assert back.hello.token is None
        resume = await back.expect(Resume)
        assert (resume.after, resume.key, resume.ref) == (1, start.key, None)
        await back.send(joined(2), line(4), resumed(4))
        lost, *rest = await take(visitor, 4)
        assert is_lost(lost)
        assert rest == [joined(2), line(4), LinkUp(resumed=True)]
        await back.send(line(5))
        assert await anext(visitor) == line(5)


async def test_a_line_that_was_cut_before_it_was_stored_is_said_again_with_the_same_ref() -> None:
    async with open_desk() as desk, visiting(desk) as (visitor, end):
        await begin(visitor, end)
        async with meanwhile(visitor.say, "Hello") as said:
            first = await end.expect(Say)
            await end.cut()
            back = await come_back(desk, seq=1)
            again = await back.expect(Say)
            assert again == first
            await back.send(acked(again, 2))
        assert said.value.seq == 2
        assert visitor.seq == 2


async def test_a_line_whose_ack_was_cut_off_is_not_told_as_an_event_when_the_log_comes() -> None:
    async with open_desk() as desk, visiting(desk) as (visitor, end):
        await begin(visitor, end)
        async with meanwhile(visitor.say, "Hello") as said:
            await end.expect(Say)
            await end.cut()
            own = line(3, "Hello", name="Ann")
            back = await come_back(desk, joined(2), own, line(4), seq=4)
            await back.send(acked(await back.expect(Say), 3), line(5))
        lost, *rest = await take(visitor, 5)
        assert is_lost(lost)
        assert rest == [LinkUp(resumed=True), joined(2), line(4), line(5)]
        assert (said.value.seq, visitor.seq) == (3, 5)


async def test_own_lines_stay_untold_when_the_link_is_cut_again_before_their_ack() -> None:
    async with open_desk() as desk, visiting(desk) as (visitor, end):
        await begin(visitor, end)
        async with meanwhile(visitor.say, "one"), meanwhile(visitor.say, "two"):
            await end.expect(Say)
            await end.expect(Say)
            await end.cut()
            own = [line(2, "one", name="Ann"), line(4, "two", name="Ann")]
            back = await come_back(desk, own[0], line(3), own[1], seq=4)
            await back.send(acked(await back.expect(Say), 2))
            await back.expect(Say)
            await back.cut()
            back = await come_back(desk, line(5), seq=5, after=4)
            await back.send(acked(await back.expect(Say), 4))
        messages = await take(visitor, 6)
        events = [m for m in messages if not isinstance(m, LinkLost | LinkUp)]
        assert events == [line(3), line(5)]


async def test_a_log_that_is_cut_off_again_and_again_is_asked_for_from_where_it_broke_off() -> None:
    async with open_desk() as desk, visiting(desk) as (visitor, end):
        await begin(visitor, end)
        await end.cut()
        back = await desk.accept()
        assert (await back.expect(Resume)).after == 1
        await back.send(joined(2), line(4))  # 3 is a note, which a visitor is not sent
        await back.close()
        await come_back(desk, line(5), seq=5, after=4)
        messages = await take_until(visitor, LinkUp(resumed=True))
        assert [m for m in messages if isinstance(m, Event)] == [joined(2), line(4), line(5)]


async def test_a_line_that_is_refused_when_sent_again_is_told_if_the_log_has_it() -> None:
    async with open_desk() as desk, visiting(desk) as (visitor, end):
        await begin(visitor, end)
        own = line(2, "Hello", name="Ann")
        async with meanwhile(visitor.say, "Hello") as said:
            await end.expect(Say)
            await end.cut()
            back = await come_back(desk, own, seq=2)
            say_ = await back.expect(Say)
            await back.send(Error(code=ErrorCode.OUT_OF_TURN, message="It ended.", ref=say_.ref))
        with pytest.raises(Refused):
            assert said.value
        assert (await take(visitor, 3))[1:] == [LinkUp(resumed=True), own]


async def test_what_is_said_while_the_link_is_lost_goes_out_in_order_after_the_resume() -> None:
    async with open_desk() as desk, visiting(desk) as (visitor, end):
        await begin(visitor, end)
        await end.cut()
        assert is_lost(await anext(visitor))
        back = await desk.accept()
        resume = await back.expect(Resume)
        async with meanwhile(visitor.say, "one"), meanwhile(visitor.say, "two"):
            await anyio.wait_all_tasks_blocked()
            await visitor.typing(True)  # late, it would be untrue: not sent
            await back.send(resumed(resume.after))
            says = [await back.expect(Say), await back.expect(Say)]
            assert [say.ref for say in says] == [2, 3]
            await back.send(acked(says[0], 2), acked(says[1], 3))
        await visitor.typing(False)
        assert not (await back.expect(Typing)).on


async def test_a_start_that_was_cut_off_is_sent_again_with_its_key_and_opens_one_session() -> None:
    async with open_desk() as desk, visiting(desk) as (visitor, end):
        async with meanwhile(enter, visitor) as entered:
            first = await end.expect(Start)
            await end.cut()
            back = await desk.accept()
            again = await back.expect(Start)
            assert again == first
            # It had been opened, and an operator has come meanwhile.
            await back.send(
                Started(session=SESSION, seq=3, key=again.key or "", ref=again.ref), line(4)
            )
            resume = await back.expect(Resume)
            assert (resume.after, resume.key) == (0, again.key)
            await back.send(opened(), joined(2), line(3), line(4), resumed(4))
        assert entered.value.session == SESSION
        lost, *rest = await take(visitor, 6)
        assert is_lost(lost)
        assert rest == [LinkUp(resumed=False), opened(), joined(2), line(3), line(4)]


async def test_half_a_line_and_a_cut_is_a_cut() -> None:
    async with open_desk() as desk, visiting(desk) as (visitor, end):
        await begin(visitor, end)
        await end.send_bytes(encode(line(2)) + encode(line(3))[:25])
        assert await anext(visitor) == line(2)
        await end.cut()
        await come_back(desk, line(3), seq=3, after=2)
        assert (await take(visitor, 3))[1:] == [line(3), LinkUp(resumed=True)]


async def test_everything_twice_is_told_once() -> None:
    async with open_desk() as desk, visiting(desk) as (visitor, end):
        await begin(visitor, end)
        await end.send(joined(2), joined(2), line(3), joined(2), line(3), opened(), closed(4))
        assert await take(visitor, 3) == [joined(2), line(3), closed(4)]


async def test_the_token_is_shown_in_the_first_hello_and_never_again_once_there_is_a_key(
    tmp_path: Path,
) -> None:
    tokens = TokenFile(tmp_path)
    async with open_desk() as desk:
        tokens.store(desk.address, TOKEN)
        async with visiting(desk, tokens) as (visitor, end):
            assert end.hello.token == TOKEN
            await end.cut()
            back = await desk.accept()
            assert back.hello.token == TOKEN  # nothing was started: it still says who comes
            await begin_again(visitor, back)
            await back.cut()
            back = await desk.accept()
            assert back.hello.token is None


async def begin_again(visitor: VisitorClient, end: ServerEnd) -> None:
    assert (await take(visitor, 2))[1] == LinkUp(resumed=False)
    await begin(visitor, end)


async def test_a_visit_resumed_by_token_is_resumed_by_token_after_a_cut(tmp_path: Path) -> None:
    tokens = TokenFile(tmp_path)
    async with open_desk() as desk:
        tokens.store(desk.address, TOKEN)
        desk.earlier = Earlier(session=SESSION, name="Ann", topic="Taxes", at=AT, open=True)
        async with visiting(desk, tokens) as (visitor, end):
            async with meanwhile(visitor.resume_earlier):
                await end.send(opened(), resumed(1, ref=(await end.expect(Resume)).ref))
            await end.cut()
            back = await desk.accept()
            assert back.hello.token == TOKEN
            resume = await back.expect(Resume)
            assert (resume.after, resume.key) == (1, None)


async def test_a_goodbye_for_a_restart_says_when_to_come_back() -> None:
    async with open_desk() as desk, visiting(desk) as (visitor, end):
        await begin(visitor, end)
        bye = Bye(reason="shutdown", message="The server is restarting.", retry=3_600)
        await end.send(bye)
        assert await anext(visitor) == bye
        lost = await anext(visitor)
        assert isinstance(lost, LinkLost)
        assert lost == LinkLost(why="The server is restarting", retry_in=3_600)
        await end.ended()


async def test_a_visitor_who_goes_on_in_another_window_is_not_fought_over() -> None:
    async with open_desk() as desk, visiting(desk) as (visitor, end):
        await begin(visitor, end)
        bye = Bye(reason="replaced", message="Your visit goes on in another window.")
        async with meanwhile(visitor.say, "Hello") as said:
            await end.expect(Say)
            await end.send(bye)
        with pytest.raises(LinkDown, match="another window"):
            assert said.value
        why = "Your visit goes on in another window."
        assert [message async for message in visitor] == [bye, LinkEnded(why=why)]
        with pytest.raises(LinkDown, match="another window"):
            await visitor.say("Hello?")


async def test_a_session_that_cannot_be_resumed_ends_the_link_with_the_servers_words() -> None:
    async with open_desk() as desk, visiting(desk) as (visitor, end):
        await begin(visitor, end)
        await end.cut()
        back = await desk.accept()
        await back.expect(Resume)
        await back.send(Error(code=ErrorCode.NO_SESSION, message="Your visit was closed."))
        messages = [message async for message in visitor]
        assert messages[1:] == [LinkEnded(why="Your visit was closed.")]


async def test_a_busy_server_is_tried_again() -> None:
    async with open_desk() as desk, visiting(desk) as (visitor, end):
        await begin(visitor, end)
        await end.cut()
        back = await desk.accept()
        await back.expect(Resume)
        assert is_lost(await anext(visitor))
        await back.send(Error(code=ErrorCode.NOT_STORED, message="The disk is full."))
        await come_back(desk, seq=1)
        lost, up = await take(visitor, 2)
        assert lost == LinkLost(why="The disk is full", retry_in=0)
        assert up == LinkUp(resumed=True)


async def test_a_server_that_never_answers_the_resume_is_left() -> None:
    timing = Timing(first_retry=0, longest_retry=0, answer=0.01)
    async with open_desk() as desk, visiting(desk, timing=timing) as (visitor, end):
        await begin(visitor, end)
        await end.cut()
        back = await desk.accept()
        await back.expect(Resume)
        await back.ended()


async def test_the_servers_last_words_are_the_reason_of_the_loss() -> None:
    async with open_desk() as desk, visiting(desk) as (visitor, end):
        await end.send(Error(code=ErrorCode.TOO_MANY_ERRORS, message="That is enough."))
        await end.cut()
        lost = await anext(visitor)
        assert isinstance(lost, LinkLost)
        assert lost.why in {"That is enough", "the connection broke"}


@pytest.mark.parametrize("nonsense", [b'{"type":"line"}', b"HTTP/1.1 400 Bad Request", b"\xff"])
async def test_a_server_that_talks_nonsense_ends_the_link(nonsense: bytes) -> None:
    async with open_desk() as desk, visiting(desk) as (visitor, end):
        await end.send_bytes(nonsense + b"\n")
        (ended,) = [message async for message in visitor]
        assert isinstance(ended, LinkEnded)
        assert "Update the older" in ended.why


async def test_what_only_a_newer_server_tells_is_passed_over() -> None:
    async with open_desk() as desk, visiting(desk) as (visitor, end):
        await end.send_bytes(b'{"type":"smile"}\n')
        await end.send(line(1))
        assert await anext(visitor) == line(1)


async def test_without_reconnect_the_first_loss_is_the_end() -> None:
    async with open_desk() as desk, visiting(desk, reconnect=False) as (visitor, end):
        async with meanwhile(visitor.say, "Hello") as said:
            await end.expect(Say)
            await end.cut()
        with pytest.raises(LinkDown):
            assert said.value
        assert [type(message) async for message in visitor] == [LinkEnded]


async def test_a_line_cancelled_before_it_left_is_never_said() -> None:
    async with open_desk() as desk, visiting(desk) as (visitor, end):
        await begin(visitor, end)
        await end.cut()
        back = await desk.accept()
        await back.expect(Resume)
        assert not visitor.connected
        async with meanwhile(visitor.say, "never mind") as said:
            await anyio.wait_all_tasks_blocked()
            said.cancel()
        await back.send(resumed(1))
        async with meanwhile(visitor.say, "this"):
            say = await back.expect(Say)
            assert say.text == "this"
            await back.send(acked(say, 2))


async def test_a_line_cancelled_after_it_left_is_said_all_the_same() -> None:
    async with open_desk() as desk, visiting(desk) as (visitor, end):
        await begin(visitor, end)
        async with meanwhile(visitor.say, "on its way") as said:
            first = await end.expect(Say)
            said.cancel()
        await end.cut()
        back = await come_back(desk, line(2, "on its way", name="Ann"), seq=2)
        assert await back.expect(Say) == first
        await back.send(acked(first, 2), line(3))
        assert (await take(visitor, 3))[1:] == [LinkUp(resumed=True), line(3)]


async def test_many_tries_while_nobody_looks_are_one_message() -> None:
    async with (
        open_desk(greets=False) as desk,
        VisitorClient.connect(desk.address, wait=True, timing=AT_ONCE) as visitor,
    ):
        for _ in range(5):
            await (await desk.accept()).cut()
        end = await desk.accept()
        assert is_lost(await anext(visitor))
        await end.cut()
        assert is_lost(await anext(visitor))


async def test_a_silent_server_is_pinged_and_then_left() -> None:
    timing = Timing(first_retry=0, longest_retry=0, heartbeat=0.05)
    async with open_desk() as desk, visiting(desk, timing=timing) as (visitor, end):
        assert end.hello.heartbeat == 5  # the shortest that the wire lets us promise
        await end.expect(Ping)
        await end.expect(Ping)
        lost = await anext(visitor)
        assert lost == LinkLost(why="the server has been silent for too long", retry_in=0)
        await desk.accept()


async def test_a_server_that_answers_pings_is_kept() -> None:
    timing = Timing(first_retry=0, longest_retry=0, heartbeat=0.05)
    async with open_desk() as desk, visiting(desk, timing=timing) as (visitor, end):
        for seq in range(1, 8):
            await end.expect(Ping)
            await end.send(line(seq))
        assert await take(visitor, 7) == [line(seq) for seq in range(1, 8)]


async def test_a_started_session_is_known_before_its_events_even_if_they_come_first() -> None:
    async with open_desk() as desk, visiting(desk) as (visitor, end):
        async with meanwhile(enter, visitor):
            command = await end.expect(Start)
            await end.send(opened(), started(command.ref))
        assert await anext(visitor) == opened()
        assert visitor.seq == 1
