"""The disk is full, or locked: senders are told, nobody saw anything, and it goes on after."""

import sqlite3
import threading
from functools import partial
from typing import Any

import pytest
import trio
from trio.testing import MockClock

from livehelp.stage import PASSWORD
from livehelp.wire.commands import ClientHello, Login, Resume, Say, Start, Take
from livehelp.wire.events import Closed, Left, Line
from livehelp.wire.replies import Ack, Error, ErrorCode, Resumed, Started
from server.sessions import MAX_PARKED
from storage.archive import Archive
from storage.errors import ArchiveUnavailable
from tests.server.gate import Gate
from tests.server.harness import KEY, Client
from tests.server.house import House, Server

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


async def test_a_room_that_cannot_be_read_again_refuses_and_recovers(
    house: House, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = await house.serve()
    ann, dana = await server.pair()
    gate.fail(FULL)
    with monkeypatch.context() as patch:
        patch.setattr(Archive, "events", _unavailable)
        assert (await ann.refused(Say(text="lost", ref=1))).code is ErrorCode.NOT_STORED
        assert (await ann.refused(Say(text="lost too", ref=2))).code is ErrorCode.NOT_STORED

    assert (await ann.say("back", ref=3)).seq == 3
    assert (await dana.until(Line)).text == "back"


async def test_who_waits_is_still_in_the_queue_when_neither_write_nor_read_went_through(
    house: House, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = await house.serve()
    ann, dana = await server.visitor(), await server.operator()
    gate.fail(FULL)
    with monkeypatch.context() as patch:
        patch.setattr(Archive, "events", _unavailable)
        assert (await dana.refused(Take(ref=1))).code is ErrorCode.NOT_STORED
        await _reading_has_failed(server, ann)

    assert (await dana.take()).session == ann.session


async def test_a_room_that_could_not_be_read_again_is_read_in_a_later_round(
    house: House, gate: Gate, monkeypatch: pytest.MonkeyPatch, mock_clock: MockClock
) -> None:
    server = await house.serve(visit_grace=60)
    ann, dana = await server.pair()
    gate.fail(FULL)
    with monkeypatch.context() as patch:
        patch.setattr(Archive, "events", _unavailable)
        await ann.stream.aclose()
        while len(server.service.connections) > 1:
            await dana.barrier()
        mock_clock.jump(62)
        await gate.sees("closed")
        await _reading_has_failed(server, dana)

    # The order to close it was not stored. Nobody says a word in it; it is closed all the same.
    while not any(isinstance(message, Closed) for message in dana.heard):
        mock_clock.jump(1)
        await dana.barrier()


async def test_who_cannot_be_told_what_was_missed_comes_back_and_is_told(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = await house.serve()
    ann, dana = await server.visitor(), await server.operator()
    await ann.say("hello?")
    with monkeypatch.context() as patch:
        patch.setattr(Archive, "events", _unavailable)
        await dana.send(Take(ref=1))
        assert not any(isinstance(message, Resumed) for message in await dana.rest())
    assert house.kinds(ann.session)[-1] == "joined"

    back = await server.operator()
    await back.resume(ann.session)
    assert back.lines == ["hello?"]


async def test_a_visitor_whose_log_cannot_be_read_is_not_left_deaf(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = await house.serve()
    ann, dana = await server.pair()
    back = await server.guest()
    with monkeypatch.context() as patch:
        patch.setattr(Archive, "events", _unavailable)
        await back.send(Resume(session=ann.session, key=ann.key, ref=1))
        assert not any(isinstance(message, Resumed) for message in await back.rest())

    again = await server.guest()
    await again.resume(ann.session, key=ann.key)
    await dana.say("there you are")
    assert (await again.until(Line)).text == "there you are"


@pytest.mark.parametrize("stored", [True, False])
async def test_a_line_of_which_nobody_knows_whether_it_is_stored_is_sent_again_and_stored_once(
    house: House, gate: Gate, stored: bool
) -> None:
    """As when the link to PostgreSQL breaks during the commit."""
    server = await house.serve()
    ann, dana = await server.guest(run="ann-1"), await server.operator()
    await ann.start(key=KEY)
    await dana.take()
    gate.break_link(stored=stored)

    await ann.send(Say(text="is it there?", ref=1))
    assert not any(isinstance(message, Error | Ack) for message in await ann.rest())

    back = await server.guest(run="ann-1")
    await back.resume(ann.session, key=KEY)
    assert (await back.say("is it there?", ref=1)).seq == 3
    await dana.barrier()
    assert house.texts(ann.session) == dana.lines == ["is it there?"]


@pytest.mark.parametrize("stored", [True, False])
async def test_a_visit_of_which_nobody_knows_whether_it_is_stored_is_found_by_its_key(
    house: House, gate: Gate, stored: bool
) -> None:
    server = await house.serve()
    dana = await server.operator()
    ann = await server.guest()
    gate.break_link(stored=stored)
    await ann.send(Start(name="Ann", topic="Taxes", key=KEY, ref=1))
    assert not any(isinstance(message, Error) for message in await ann.rest())

    back = await server.guest()
    started = await back.start(key=KEY)

    assert [record.reference for record in house.archive.sessions()] == [started.session]
    assert (await dana.take()).session == started.session


async def test_what_waits_for_a_room_to_be_read_has_a_bound(
    house: House, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = await house.serve()
    ann = await server.visitor()
    read, go_on = Archive.events, threading.Event()

    def slow(*args: Any, **kwargs: Any) -> Any:
        assert go_on.wait(5)
        return read(*args, **kwargs)

    gate.fail(FULL)
    monkeypatch.setattr(Archive, "events", slow)
    assert (await ann.refused(Say(text="lost", ref=1))).code is ErrorCode.NOT_STORED

    for ref in range(2, MAX_PARKED + 3):
        await ann.send(Say(text="more", ref=ref))
    refusal = await ann.refused()
    assert (refusal.code, refusal.ref) == (ErrorCode.NOT_STORED, MAX_PARKED + 2)
    go_on.set()
    await ann.until(Ack, ref=MAX_PARKED + 1)


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


async def _reading_has_failed(server: Server, client: Client) -> None:
    """Wait until the one room has to be read again, and could not be."""
    [room] = server.service.sessions.rooms.values()
    while not room.stale or room.reloading:
        await client.barrier()


def _unavailable(*_: object, **__: object) -> None:
    raise ArchiveUnavailable("The database failed: disk I/O error")
