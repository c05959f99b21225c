"""What a command leaves behind that was refused, or given up."""

from pathlib import Path

import anyio
import pytest

from livehelp.client import (
    LinkEnded,
    LinkLost,
    LinkUp,
    OperatorClient,
    Refused,
    TokenFile,
    VisitorClient,
)
from livehelp.client.inbox import MAX_UNTAKEN
from livehelp.wire.codec import encode
from livehelp.wire.commands import Login, Recall, Resume, Say, Start
from livehelp.wire.replies import Ack, Earlier, Error, ErrorCode, Started
from tests.client.duty import on_duty
from tests.client.peer import AT, Desk, ServerEnd, meanwhile, open_desk, take
from tests.client.visits import acked, begin, enter, visiting
from tests.client.words import (
    OTHER,
    SESSION,
    TOKEN,
    closed,
    joined,
    left,
    line,
    logged_in,
    opened,
    resumed,
    visit,
)

pytestmark = pytest.mark.anyio
EARLIER = Earlier(session=OTHER, name="Ann", topic="Taxes", at=AT, open=True)


async def test_the_log_of_a_recall_that_was_given_up_is_no_news() -> None:
    waiting = visit(previous=OTHER)
    async with open_desk() as desk, on_duty(desk, waiting) as (operator, end):
        async with meanwhile(operator.recall, SESSION) as recalled:
            alone = await end.expect(Recall)
            recalled.cancel()
        log = [opened(1, OTHER), line(2, session=OTHER), closed(3, OTHER)]
        await end.send(*log, Ack(ref=alone.ref, session=OTHER), joined(2, "Eve"))
        assert await anext(operator) == joined(2, "Eve")
        assert list(operator.overview.visits) == [SESSION]
        async with meanwhile(operator.recall, SESSION) as recalled:
            first = await end.expect(Recall)
            recalled.cancel()
        async with meanwhile(operator.recall, SESSION) as recalled:
            second = await end.expect(Recall)
            await end.send(
                *log,
                Ack(ref=first.ref, session=OTHER),
                *log,
                Ack(ref=second.ref, session=OTHER),
                left(3, "Eve"),
            )
        assert recalled.value == log
        assert await anext(operator) == left(3, "Eve")
        assert list(operator.overview.visits) == [SESSION]


async def test_a_recall_that_never_left_waits_for_no_log() -> None:
    waiting = visit(previous=OTHER)
    async with open_desk() as desk, on_duty(desk, waiting) as (operator, end):
        await end.cut()
        back = await desk.accept()
        login = await back.expect(Login)
        async with meanwhile(operator.recall, SESSION) as recalled:
            await anyio.wait_all_tasks_blocked()
            recalled.cancel()
        await back.send(logged_in(login.ref, 1), waiting)
        assert isinstance(await anext(operator), LinkLost)
        assert await take(operator, 2) == [waiting, LinkUp(resumed=True)]
        await back.send(opened(1, OTHER))  # it is open again, and no earlier visit any more
        assert await anext(operator) == opened(1, OTHER)


async def on_a_second_visit(desk: Desk, visitor: VisitorClient, end: ServerEnd) -> None:
    """Let the visitor of an earlier visit be in a new one, up to its third event."""
    await begin(visitor, end)
    await end.send(joined(2), line(3))
    assert await take(visitor, 2) == [joined(2), line(3)]
    assert visitor.seq == 3


@pytest.mark.parametrize("earlier", [OTHER, SESSION])
async def test_a_refused_return_to_an_earlier_visit_forgets_nothing_of_the_present_one(
    tmp_path: Path, earlier: str
) -> None:
    async with open_desk() as desk:
        desk.earlier = Earlier(session=earlier, name="Ann", topic="Taxes", at=AT, open=True)
        async with visiting(desk, TokenFile(tmp_path)) as (visitor, end):
            await on_a_second_visit(desk, visitor, end)
            async with meanwhile(visitor.resume_earlier) as came_back:
                ref = (await end.expect(Resume)).ref
                await end.send(line(4))
                await end.send(Error(code=ErrorCode.NOT_STORED, message="Busy.", ref=ref))
            with pytest.raises(Refused, match="Busy"):
                assert came_back.value
            assert await anext(visitor) == line(4)
            assert (visitor.session, visitor.seq) == (SESSION, 4)
            async with meanwhile(visitor.say, "Hello"):
                await end.send(acked(await end.expect(Say), 5))
            assert visitor.seq == 5
            await end.cut()
            back = await desk.accept()
            assert (await back.expect(Resume)).after == 5


async def test_an_ack_of_the_visit_before_says_nothing_of_the_earlier_one(tmp_path: Path) -> None:
    tokens = TokenFile(tmp_path)
    async with open_desk() as desk:
        tokens.store(desk.address, TOKEN)
        desk.earlier = EARLIER
        async with visiting(desk, tokens) as (visitor, end):
            await on_a_second_visit(desk, visitor, end)
            async with meanwhile(visitor.say, "Hello"):
                say = await end.expect(Say)
                async with meanwhile(visitor.resume_earlier):
                    ref = (await end.expect(Resume)).ref
                    await end.send(opened(1, OTHER), resumed(1, OTHER, ref=ref), acked(say, 4))
            await end.send(joined(2, session=OTHER))
            assert await take(visitor, 2) == [opened(1, OTHER), joined(2, session=OTHER)]
            assert (visitor.session, visitor.seq) == (OTHER, 2)


async def test_a_log_that_cannot_be_had_after_a_repeated_start_is_asked_for_on_a_new_link() -> None:
    async with open_desk() as desk, visiting(desk) as (visitor, end):
        async with meanwhile(enter, visitor):
            await end.expect(Start)
            await end.cut()
            back = await desk.accept()
            again = await back.expect(Start)
            key = again.key or ""
            await back.send(Started(session=SESSION, seq=2, key=key, ref=again.ref))
        await back.expect(Resume)
        await back.send(Error(code=ErrorCode.NOT_STORED, message="The database is busy."))
        anew = await desk.accept()
        assert (await anew.expect(Resume)).key == key
        await anew.send(opened(), joined(2), resumed(2))
        assert isinstance(await anext(visitor), LinkLost)
        assert await take(visitor, 5) == [
            LinkUp(resumed=False),
            LinkLost(why="The database is busy", retry_in=0),
            opened(),
            joined(2),
            LinkUp(resumed=True),
        ]
        await anew.send(Error(code=ErrorCode.BAD_JSON, message="What?"), line(3))
        assert await anext(visitor) == line(3)  # nothing is asked any more: no reason to go


async def test_a_database_that_is_busy_at_the_login_takes_no_visit_away() -> None:
    mine = visit(seq=2, operators=("Dana",))
    async with open_desk() as desk, OperatorClient.connect(desk.address) as operator:
        end = await desk.accept()
        async with meanwhile(operator.login, "Dana", "secret") as signed_in:
            await end.send(logged_in((await end.expect(Login)).ref, 1), mine)
            ref = (await end.expect(Resume)).ref
            await end.send(Error(code=ErrorCode.NOT_STORED, message="Busy.", ref=ref))
        with pytest.raises(Refused, match="Busy"):
            assert signed_in.value
        async with meanwhile(operator.login, "Dana", "secret"):
            await end.send(logged_in((await end.expect(Login)).ref, 1), mine)
            ref = (await end.expect(Resume)).ref
            await end.send(opened(), joined(2), resumed(2, ref=ref), line(3))
        assert await take(operator, 6) == [
            LinkUp(resumed=False),
            mine,
            mine,
            opened(),
            joined(2),
            line(3),
        ]


async def test_a_visit_that_is_not_ours_at_the_login_is_let_go() -> None:
    mine = visit(seq=2, operators=("Dana",))
    async with open_desk() as desk, OperatorClient.connect(desk.address) as operator:
        end = await desk.accept()
        async with meanwhile(operator.login, "Dana", "secret"):
            await end.send(logged_in((await end.expect(Login)).ref, 1), mine)
            ref = (await end.expect(Resume)).ref
            await end.send(Error(code=ErrorCode.NOT_YOURS, message="Given to Eve.", ref=ref))
        await end.send(joined(3, "Eve"))
        assert await take(operator, 3) == [LinkUp(resumed=False), mine, joined(3, "Eve")]
        await end.cut()


async def test_a_visit_is_let_go_even_if_nobody_takes_what_was_kept_of_it() -> None:
    mine = visit(seq=2, operators=("Dana",))
    # With that the link is up, and with the visit, the client is full.
    news = b"".join(encode(line(seq, session=OTHER)) for seq in range(1, MAX_UNTAKEN - 1))
    async with open_desk() as desk, OperatorClient.connect(desk.address) as operator:
        end = await desk.accept()
        async with meanwhile(operator.login, "Dana", "secret") as signed_in:
            await end.send(logged_in((await end.expect(Login)).ref, 1), mine)
            ref = (await end.expect(Resume)).ref
            await end.send_bytes(news)
            await end.send(line(3), Error(code=ErrorCode.NOT_YOURS, message="Eve's.", ref=ref))
        assert signed_in.value.name == "Dana"
        *_, ended = [message async for message in operator]
        assert isinstance(ended, LinkEnded)
        assert "async for message in client" in ended.why
