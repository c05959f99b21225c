"""The disk is full, or locked: senders are told, nobody saw anything, and it goes on after."""

import sqlite3
from functools import partial

import pytest
import trio
from trio.testing import MockClock

from livehelp.testkit.server import PASSWORD
from livehelp.wire.commands import ClientHello, Login, Resume, Say, Start
from livehelp.wire.events import Left, Line
from livehelp.wire.replies import Ack, Error, ErrorCode, Started
from storage.archive import Archive
from storage.errors import ArchiveUnavailable
from tests.server.gate import Gate
from tests.server.harness import KEY
from tests.server.house import House

pytestmark = pytest.mark.trio
FULL = ArchiveUnavailable("The database failed: database or disk is full")


async def test_a_line_that_cannot_be_stored_is_refused_and_nobody_saw_it(
    house: House, gate: Gate
) -> None:
    server = await house.serve()
    ann, dana = await server.pair()
    gate.fail(FULL)

    refusal = await ann.refused(Say(text="lost", ref=1))

    assert (refusal.code, refusal.ref) == (ErrorCode.NOT_STORED, 1)
    assert await dana.news() == []
    assert house.texts(ann.session) == []


async def test_the_next_line_goes_through_with_the_number_that_was_free(
    house: House, gate: Gate
) -> None:
    server = await house.serve()
    ann, dana = await server.pair()
    gate.fail(FULL)
    await ann.refused(Say(text="lost", ref=1))

    assert (await ann.say("again", ref=1)).seq == 3
    assert (await dana.until(Line)).text == "again"
    assert house.texts(ann.session) == ["again"]


async def test_while_it_lasts_every_sender_is_told_and_afterwards_all_rooms_recover(
    house: House, gate: Gate
) -> None:
    server = await house.serve()
    pairs = [await server.visitor(f"Visitor {n}") for n in range(5)]
    for attempt in range(1, 4):
        # One write for all of them, behind one that the disk still takes.
        gate.fail(None, FULL)
        gate.shut()
        await pairs[0].send(Say(text=f"first {attempt}", ref=attempt))
        await gate.holds(f"first {attempt}")
        for visitor in pairs[1:]:
            await visitor.send(Say(text="lost", ref=attempt))
            await visitor.barrier()
        gate.open()
        await pairs[0].until(Ack, ref=attempt)
        for visitor in pairs[1:]:
            assert (await visitor.refused()).ref == attempt
    for visitor in pairs:
        await visitor.say("back", ref=50)
        assert "lost" not in house.texts(visitor.session)
        assert house.texts(visitor.session)[-1] == "back"


async def test_the_lines_behind_a_lost_one_keep_their_order(house: House, gate: Gate) -> None:
    server = await house.serve()
    ann, dana = await server.pair()
    gate.shut()
    gate.fail(FULL)
    await ann.send(Say(text="lost", ref=1))
    await gate.holds("lost")
    await ann.send(*[Say(text=f"line {n}", ref=n) for n in range(2, 30)])
    await ann.barrier()

    gate.open()
    refusal = await ann.refused()
    await ann.until(Ack, ref=29)
    await dana.until(Line, text="line 29")

    assert refusal.ref == 1
    assert dana.lines == house.texts(ann.session) == [f"line {n}" for n in range(2, 30)]


async def test_a_visit_that_cannot_be_stored_is_not_opened_and_may_be_tried_again(
    house: House, gate: Gate
) -> None:
    server = await house.serve()
    dana = await server.operator()
    ann = await server.guest()
    gate.fail(FULL)

    refusal = await ann.refused(Start(name="Ann", topic="Taxes", key=KEY, ref=1))
    assert (refusal.code, refusal.ref) == (ErrorCode.NOT_STORED, 1)
    assert await dana.news() == []

    await ann.start(key=KEY)
    assert len(house.archive.sessions()) == 1


@pytest.mark.parametrize("call", ["session_by_key", "events", "session"])
async def test_a_resume_that_cannot_be_read_is_refused_and_works_afterwards(
    house: House, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    server = await house.serve()
    ann = await server.visitor()
    await ann.say("remember me")
    await server.stop()
    server = await house.serve()
    back = await server.guest()
    with monkeypatch.context() as patch:
        server.service.sessions.rooms.clear()
        patch.setattr(Archive, call, _unavailable)
        refusal = await back.refused(Resume(session=ann.session, key=ann.key, ref=1))
    assert (refusal.code, refusal.ref) == (ErrorCode.NOT_STORED, 1)

    await back.resume(ann.session, key=ann.key)
    assert back.lines == ["remember me"]


async def test_a_hello_whose_token_cannot_be_looked_up_is_told_and_tried_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = await house.serve()
    ann = await server.guest()
    await ann.send(Start(name="Ann", topic="Taxes", remember=True))
    token = (await ann.until(Started)).token
    with monkeypatch.context() as patch:
        patch.setattr(Archive, "present_token", _unavailable)
        back = await server.connect()
        await back.send(ClientHello(protocol=1, role="visitor", token=token))
        [refusal] = await back.rest()
    assert isinstance(refusal, Error)
    assert refusal.code is ErrorCode.NOT_STORED

    assert (await (await server.connect()).hello(token=token)).earlier is not None


async def test_signing_in_is_refused_in_words_and_works_afterwards(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = await house.serve()
    dana = await server.guest(role="operator")
    with monkeypatch.context() as patch:
        patch.setattr(Archive, "operator", _unavailable)
        refusal = await dana.refused(Login(name="dana", password=PASSWORD, ref=1))
    assert (refusal.code, refusal.ref) == (ErrorCode.NOT_STORED, 1)

    assert (await dana.login("dana", PASSWORD)).name == "dana"


async def test_one_event_that_the_tables_refuse_costs_its_sender_only(
    house: House, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing that a peer sends should come so far; if it does, the others do not pay."""
    server = await house.serve()
    ann, ben = await server.visitor("Ann"), await server.visitor("Ben")
    gate.shut()
    await ann.send(Say(text="first", ref=1))
    await gate.holds("first")
    await ann.send(Say(text="fine", ref=2))
    await ben.send(Say(text="fine too", ref=1))
    await ann.barrier()
    await ben.barrier()
    gate.poison("fine too")
    gate.open()

    await ann.until(Ack, ref=2)
    refusal = await ben.refused()

    assert (refusal.code, refusal.ref) == (ErrorCode.NOT_STORED, 1)
    assert house.texts(ann.session) == ["first", "fine"]
    assert house.texts(ben.session) == []


async def test_visitors_are_given_back_though_the_disk_was_full_when_their_operator_was_gone(
    house: House, gate: Gate, mock_clock: MockClock
) -> None:
    server = await house.serve(operator_grace=120)
    ann, dana = await server.pair()
    await dana.stream.aclose()
    while len(server.service.connections) > 1:
        await ann.barrier()
    gate.fail(FULL)
    mock_clock.jump(125)
    await gate.sees("left")

    # The journal pauses after a failure, and the next round is a second later: as long as it takes.
    while not (told := [message for message in ann.heard if isinstance(message, Left)]):
        mock_clock.jump(1)
        await ann.barrier()
    assert [left.reason for left in told] == ["gone"]
    assert gate.is_clean


async def test_a_real_lock_on_the_real_file_is_waited_for(house: House) -> None:
    server = await house.serve()
    ann = await server.visitor()
    release = trio.Event()

    async def hold(*, task_status: trio.TaskStatus[None]) -> None:
        connection = await trio.to_thread.run_sync(
            partial(sqlite3.connect, house.database, check_same_thread=False)
        )
        connection.execute("BEGIN IMMEDIATE")
        task_status.started()
        await release.wait()
        connection.rollback()
        connection.close()

    async with trio.open_nursery() as nursery:
        await nursery.start(hold)
        await ann.send(Say(text="patient", ref=1))
        assert await ann.news() == []
        release.set()
        assert (await ann.until(Ack, ref=1)).seq == 2


def _unavailable(*_: object, **__: object) -> None:
    raise ArchiveUnavailable("The database failed: disk I/O error")
