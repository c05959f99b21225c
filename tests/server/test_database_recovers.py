"""Neither write nor read goes through, or the link breaks in a write: all comes right again."""

import threading
from typing import Any

import pytest
from trio.testing import MockClock

from livehelp.wire.commands import Resume, Say, Start, Take
from livehelp.wire.events import Closed, Line, Opened
from livehelp.wire.replies import Ack, Error, ErrorCode, Resumed
from server.sessions.pipeline import MAX_PARKED
from storage.archive import Archive
from storage.errors import ArchiveUnavailable
from tests.server.gate import Gate
from tests.server.harness import KEY, Client
from tests.server.house import House, Server

pytestmark = pytest.mark.trio
FULL = ArchiveUnavailable("The database failed: database or disk is full")


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
    assert (await dana.until(Opened)).session == started.session
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


async def _reading_has_failed(server: Server, client: Client) -> None:
    """Wait until the one room has to be read again, and could not be."""
    [room] = server.service.sessions.rooms.values()
    while not room.stale or room.reloading:
        await client.barrier()


def _unavailable(*_: object, **__: object) -> None:
    raise ArchiveUnavailable("The database failed: disk I/O error")
