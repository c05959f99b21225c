"""A visitor's conversation over a link that holds."""

from pathlib import Path

import anyio
import pytest

from livehelp.client import Refused, TokenFile, VisitorClient
from livehelp.wire.commands import (
    Answer,
    End,
    Interview,
    RequestTranscript,
    Resume,
    Say,
    Start,
    Typing,
)
from livehelp.wire.replies import Ack, Earlier, Error, ErrorCode
from livehelp.wire.signals import Position
from tests.client.peer import AT, meanwhile, open_desk, take
from tests.client.visits import acked, begin, enter, visiting
from tests.client.words import KEY, SESSION, TOKEN, closed, joined, line, opened, resumed, started

pytestmark = pytest.mark.anyio


async def test_connect_says_who_calls_and_gives_the_servers_hello() -> None:
    async with (
        open_desk() as desk,
        VisitorClient.connect(
            desk.address, client="kiosk", version="7", place="Frankfort office"
        ) as visitor,
    ):
        hello = (await desk.accept()).hello
        assert (hello.role, hello.client, hello.version) == ("visitor", "kiosk", "7")
        assert (hello.place, hello.token, hello.heartbeat) == ("Frankfort office", None, 20)
        assert visitor.server is not None
        assert visitor.server.notice == "Do not type secrets."


async def test_what_is_too_long_for_the_hello_is_cut() -> None:
    async with (
        open_desk() as desk,
        VisitorClient.connect(desk.address, client="c" * 99, version="v" * 99, place="p" * 999),
    ):
        hello = (await desk.accept()).hello
        assert (hello.client, hello.version, hello.place) == ("c" * 60, "v" * 60, "p" * 200)


async def test_start_opens_a_session_and_its_events_come() -> None:
    async with open_desk() as desk, visiting(desk) as (visitor, end):
        assert visitor.session is None
        start = await begin(visitor, end)
        assert (start.name, start.topic, start.remember) == ("Ann", "Taxes", False)
        assert start.key is not None
        assert len(start.key) >= 22
        assert (visitor.session, visitor.seq) == (SESSION, 1)


async def test_an_acked_line_advances_seq_and_does_not_come_back() -> None:
    async with open_desk() as desk, visiting(desk) as (visitor, end):
        await begin(visitor, end)
        async with meanwhile(visitor.say, "Hello") as said:
            command = await end.expect(Say)
            assert command.text == "Hello"
            await end.send(acked(command, 2))
        assert said.value == acked(command, 2)
        await end.send(joined(3), line(4))
        assert await take(visitor, 2) == [joined(3), line(4)]
        assert visitor.seq == 4


async def test_signals_come_and_events_come_once() -> None:
    async with open_desk() as desk, visiting(desk) as (visitor, end):
        await begin(visitor, end)
        here = Position(session=SESSION, position=2, waiting=5, operators=3)
        await end.send(opened(), here, joined(2), opened(), joined(2), line(4), here)
        assert await take(visitor, 4) == [here, joined(2), line(4), here]


async def test_a_refusal_carries_code_and_words() -> None:
    async with open_desk() as desk, visiting(desk) as (visitor, end):
        async with meanwhile(visitor.say, "Hello") as said:
            ref = (await end.expect(Say)).ref
            await end.send(Error(code=ErrorCode.NO_SESSION, message="Start first.", ref=ref))
        with pytest.raises(Refused, match="Start first") as caught:
            assert said.value
        assert caught.value.code is ErrorCode.NO_SESSION


async def test_a_line_that_no_server_takes_is_refused_here() -> None:
    async with open_desk() as desk, visiting(desk) as (visitor, _):
        with pytest.raises(Refused) as caught:
            await visitor.say("x" * 20_000)
        assert caught.value.code is ErrorCode.LINE_TOO_LONG


async def test_half_a_character_is_refused_here() -> None:
    async with open_desk() as desk, visiting(desk) as (visitor, _):
        with pytest.raises(Refused, match="half a character") as caught:
            await visitor.say("a \udcff")
        assert caught.value.code is ErrorCode.BAD_FIELD


async def test_end_interview_and_transcript_are_commands_too() -> None:
    async with open_desk() as desk, visiting(desk) as (visitor, end):
        await begin(visitor, end)

        async def answer() -> None:
            await end.send(closed(2), Ack(ref=(await end.expect(End)).ref, seq=2))
            interview = await end.expect(Interview)
            assert interview.answers == (Answer(question="Were you helped?", answer="Yes"),)
            await end.send(Ack(ref=interview.ref, seq=3))
            again = await end.expect(Interview)
            await end.send(
                Error(code=ErrorCode.OUT_OF_TURN, message="Once is enough.", ref=again.ref)
            )
            request = await end.expect(RequestTranscript)
            assert request.email == "ann@example.org"
            await end.send(Ack(ref=request.ref, seq=4))

        async with meanwhile(answer):
            await visitor.end()
            await visitor.interview({"Were you helped?": "Yes", "By whom?": "  "})
            with pytest.raises(Refused, match="Once"):
                await visitor.interview([Answer(question="Were you helped?", answer="Yes")])
            await visitor.request_transcript("ann@example.org")
        assert await anext(visitor) == closed(2)


async def test_an_interview_without_any_answer_is_refused_here() -> None:
    async with open_desk() as desk, visiting(desk) as (visitor, _):
        with pytest.raises(Refused, match="No question"):
            await visitor.interview({"Were you helped?": " "})


async def test_typing_is_sent_and_not_answered() -> None:
    async with open_desk() as desk, visiting(desk) as (visitor, end):
        await visitor.typing(True)
        await visitor.typing(False)
        assert (await end.expect(Typing)).on
        assert not (await end.expect(Typing)).on


async def test_at_most_64_commands_are_unanswered() -> None:
    async with open_desk() as desk, visiting(desk) as (visitor, end):

        async def say_65_lines() -> None:
            async with anyio.create_task_group() as tasks:
                for number in range(65):
                    tasks.start_soon(visitor.say, str(number))

        async with meanwhile(say_65_lines):
            says = [await end.expect(Say) for _ in range(64)]
            await visitor.typing(True)
            await end.expect(Typing)  # nothing else came: the last one waits
            await end.send(acked(says[0], 2))
            says.append(await end.expect(Say))
            assert [say.ref for say in says] == list(range(1, 66))
            await end.send(*(acked(say, 3) for say in says[1:]))


async def test_a_token_is_asked_for_kept_and_shown_at_the_next_visit(tmp_path: Path) -> None:
    tokens = TokenFile(tmp_path)
    async with open_desk() as desk:
        async with visiting(desk, tokens) as (visitor, end), meanwhile(enter, visitor):
            assert end.hello.token is None
            command = await end.expect(Start)
            assert command.remember
            await end.send(started(command.ref, token=TOKEN), opened())
        assert tokens.load(desk.address) == TOKEN
        async with visiting(desk, tokens) as (_, end):
            assert end.hello.token == TOKEN


async def test_an_earlier_visit_goes_on_with_its_whole_log(tmp_path: Path) -> None:
    tokens = TokenFile(tmp_path)
    async with open_desk() as desk:
        tokens.store(desk.address, TOKEN)
        desk.earlier = Earlier(session=SESSION, name="Ann", topic="Taxes", at=AT, open=True)
        async with visiting(desk, tokens) as (visitor, end):
            log = [opened(), line(2, "Hello", name="Ann"), joined(3)]
            async with meanwhile(visitor.resume_earlier) as came_back:
                command = await end.expect(Resume)
                assert (command.session, command.after, command.key) == (SESSION, 0, None)
                await end.send(*log, resumed(3, ref=command.ref))
            assert came_back.value.seq == 3
            assert await take(visitor, 3) == log
            assert (visitor.session, visitor.seq) == (SESSION, 3)


async def test_without_an_open_earlier_visit_there_is_nothing_to_go_on_with() -> None:
    async with open_desk() as desk:
        desk.earlier = Earlier(session=SESSION, name="Ann", topic="Taxes", at=AT, open=False)
        async with visiting(desk) as (visitor, _):
            with pytest.raises(Refused) as caught:
                await visitor.resume_earlier()
            assert caught.value.code is ErrorCode.NO_EARLIER


async def test_an_earlier_visit_that_is_refused_leaves_the_way_free(tmp_path: Path) -> None:
    async with open_desk() as desk:
        desk.earlier = Earlier(session=SESSION, name="Ann", topic="Taxes", at=AT, open=True)
        async with visiting(desk, TokenFile(tmp_path)) as (visitor, end):
            async with meanwhile(visitor.resume_earlier) as came_back:
                ref = (await end.expect(Resume)).ref
                await end.send(Error(code=ErrorCode.NO_SESSION, message="It is over.", ref=ref))
            with pytest.raises(Refused, match="over"):
                assert came_back.value
            await begin(visitor, end)


async def test_the_key_is_a_new_secret_each_time() -> None:
    keys: set[str | None] = {KEY}
    async with open_desk() as desk:
        for _ in range(2):
            async with visiting(desk) as (visitor, end):
                keys.add((await begin(visitor, end)).key)
    assert len(keys) == 3
