"""What a block raises comes out as it is, and what is cancelled ends at once."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import pytest

from livehelp.client import LinkDown, LinkEnded, LinkLost, LinkUp, TokenFile, VisitorClient
from livehelp.client.inbox import MAX_UNTAKEN
from livehelp.wire.codec import encode
from livehelp.wire.commands import Resume, Say
from livehelp.wire.replies import Ack, Earlier
from tests.client.peer import AT, AT_ONCE, meanwhile, open_desk
from tests.client.visits import begin, visiting
from tests.client.words import SESSION, TOKEN, line, resumed

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    "error", [ValueError("x"), KeyboardInterrupt(), ExceptionGroup("g", [KeyError("k")])]
)
async def test_a_block_that_raises_raises_just_that(error: BaseException) -> None:
    async with open_desk() as desk:
        with pytest.raises(type(error)) as caught:
            async with VisitorClient.connect(desk.address):
                raise error
        assert caught.value is error
        await (await desk.accept()).ended()


async def test_a_stop_of_an_iteration_is_an_error_like_any_other() -> None:
    async def empty() -> AsyncIterator[int]:
        for number in ():
            yield number

    async with open_desk() as desk:
        with pytest.raises(StopAsyncIteration):
            async with VisitorClient.connect(desk.address):
                await anext(empty())


async def test_leaving_the_block_ends_the_connection_the_stream_and_who_waits() -> None:
    async with open_desk() as desk:
        async with visiting(desk) as (visitor, end):
            await begin(visitor, end)
        await end.ended()
        assert [message async for message in visitor] == []
        with pytest.raises(LinkDown, match="closed"):
            await visitor.say("Hello?")
        with pytest.raises(LinkDown):
            await visitor.typing(True)


async def test_who_waits_in_another_task_is_told_when_the_block_is_left() -> None:
    async with open_desk() as desk, anyio.create_task_group() as tasks, visiting(desk) as ends:
        visitor, end = ends

        async def say() -> None:
            with pytest.raises(LinkDown):
                await visitor.say("Hello")

        tasks.start_soon(say)
        await end.expect(Say)


async def test_a_cancelled_block_ends_without_an_error() -> None:
    async with open_desk() as desk:
        with anyio.CancelScope() as scope:
            async with VisitorClient.connect(desk.address) as visitor:
                scope.cancel()
                await anext(visitor)
        assert scope.cancelled_caught
        await (await desk.accept()).ended()


async def test_a_cancelled_connect_leaves_nothing_open() -> None:
    async with open_desk(greets=False) as desk, anyio.create_task_group() as tasks:

        async def connect() -> None:
            async with VisitorClient.connect(desk.address):
                pytest.fail("it connected")

        tasks.start_soon(connect)
        end = await desk.accept()
        tasks.cancel_scope.cancel()
        with anyio.CancelScope(shield=True):
            await end.ended()


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_a_task_cancelled_by_asyncio_itself_ends_too() -> None:
    async with open_desk() as desk:

        async def visit() -> None:
            async with visiting(desk) as (visitor, _):
                await anext(visitor)

        task = asyncio.create_task(visit())
        while not task.done():
            await anyio.wait_all_tasks_blocked()
            task.cancel()
        assert task.cancelled()


async def test_a_program_that_takes_no_messages_still_gets_its_acks_then_is_told_to_read() -> None:
    async with open_desk() as desk, visiting(desk) as (visitor, end):
        lines = b"".join(encode(line(seq)) for seq in range(1, MAX_UNTAKEN + 1))
        await end.send_bytes(lines)
        async with meanwhile(visitor.say, "Hello") as said:
            say = await end.expect(Say)
            await end.send(line(MAX_UNTAKEN + 1))
        with pytest.raises(LinkDown, match="async for message in client"):
            assert said.value
        assert say.text == "Hello"
        assert len([message async for message in visitor]) == MAX_UNTAKEN + 1


async def test_who_asked_for_a_log_that_nobody_can_hold_is_answered_before_the_link_ends(
    tmp_path: Path,
) -> None:
    tokens = TokenFile(tmp_path)
    async with open_desk() as desk:
        tokens.store(desk.address, TOKEN)
        desk.earlier = Earlier(session=SESSION, name="Ann", topic="Taxes", at=AT, open=True)
        async with visiting(desk, tokens) as (visitor, end):
            log = b"".join(encode(line(seq)) for seq in range(1, MAX_UNTAKEN + 2))
            async with meanwhile(visitor.resume_earlier) as asked:
                resume = await end.expect(Resume)
                await end.send_bytes(log)
                await end.send(resumed(MAX_UNTAKEN + 1, ref=resume.ref))
            assert asked.value.seq == MAX_UNTAKEN + 1
            *lines, ended = [message async for message in visitor]
            assert len(lines) == MAX_UNTAKEN
            assert isinstance(ended, LinkEnded)


async def test_a_link_that_comes_and_goes_while_nobody_takes_anything_ends_with_a_clear_word() -> (
    None
):
    async with open_desk() as desk, visiting(desk) as (visitor, end):
        await end.send_bytes(b"".join(encode(line(seq)) for seq in range(1, MAX_UNTAKEN + 1)))
        async with meanwhile(visitor.say, "Hello"):
            say = await end.expect(Say)
            await end.send(Ack(ref=say.ref))  # so all that was sent before it has come
        await end.cut()
        await (await desk.accept()).ended()
        *_, lost, ended = [message async for message in visitor]
        assert isinstance(lost, LinkLost)
        assert isinstance(ended, LinkEnded)
        assert "async for message in client" in ended.why


async def test_two_who_read_one_stream_share_its_messages() -> None:
    async with (
        open_desk() as desk,
        VisitorClient.connect(desk.address, timing=AT_ONCE) as visitor,
    ):
        end = await desk.accept()
        async with meanwhile(visitor.__anext__) as one, meanwhile(visitor.__anext__) as two:
            await anyio.wait_all_tasks_blocked()
            await end.send(line(1))
        assert {one.value, two.value} == {LinkUp(resumed=False), line(1)}
