"""Whatever connections do, none of them leaves anything behind in the server's memory."""

import gc
import io
import tracemalloc

import pytest
import trio
from trio.testing import MockClock

from livehelp.wire.commands import Resume, Say, Start, Transfer
from livehelp.wire.events import Opened
from livehelp.wire.replies import ErrorCode
from livehelp.wire.signals import Bye
from server.delivery.hub import PAGE
from storage.archive import Archive
from storage.errors import ArchiveUnavailable
from storage.records import EventRecord
from tests.server.gate import Gate
from tests.server.harness import KEY
from tests.server.house import House

pytestmark = pytest.mark.trio


async def test_connections_that_break_off_anywhere_leave_nothing_behind(house: House) -> None:
    server = await house.serve()
    talk = (
        b'{"type":"hello","protocol":1,"role":"visitor"}\n'
        b'{"type":"start","name":"Ann","topic":"Taxes","ref":1}\n'
        b'{"type":"say","text":"hi","ref":2}\n{"type":"end","ref":3}\n'
    )
    for cut in range(0, len(talk), 7):
        client = await server.connect()
        await client.raw(talk[:cut])
        await client.stream.aclose()
    await server.emptied()
    await server.settled()

    rooms = server.service.sessions.rooms.values()
    assert all(room.visitor is None and not room.subscribers for room in rooms)
    assert all(room.phase != "closed" for room in rooms)
    assert (await server.visitor()).session


async def test_who_is_dropped_while_their_visit_is_being_stored_may_come_back_to_it(
    house: House, gate: Gate, mock_clock: MockClock
) -> None:
    server = await house.serve()
    dana = await server.operator()
    gate.shut()
    ann = await server.guest(heartbeat=5)
    await ann.send(Start(name="Ann", topic="Taxes", key=KEY))
    await gate.sees("opened")
    mock_clock.jump(13)
    *_, bye = await ann.rest()
    gate.open()
    opened = await dana.until(Opened)

    assert isinstance(bye, Bye)
    room = server.service.sessions.rooms[opened.session]
    assert (room.visitor, room.subscribers) == (None, [])
    back = await server.guest()
    assert (await back.start(key=KEY)).session == opened.session


async def test_a_defect_in_cleaning_up_costs_one_connection_and_not_the_server(
    house: House, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = await house.serve()
    ann = await server.visitor("Ann")
    ben = await server.guest()
    with monkeypatch.context() as patch:
        patch.setattr("server.gateway.visitor_handlers.leave", _defect)
        await ben.stream.aclose()
        while len(server.service.connections) > 1:
            await ann.barrier()

    assert (await ann.say("unharmed")).seq == 2
    assert "connection.failed" in log.getvalue()
    log.truncate(0)  # the defect was asked for


async def test_hundreds_of_visits_and_strangers_leave_no_table_longer_than_before(
    house: House, log: io.StringIO
) -> None:
    server = await house.serve()
    dana = await server.operator()
    service = server.service

    async def wave() -> None:
        for _ in range(10):
            async with trio.open_nursery() as nursery:
                for _ in range(5):
                    nursery.start_soon(visit)
                    nursery.start_soon(stranger)

    async def visit() -> None:
        async with await server.connect() as ann:
            await ann.hello(run="same-run")
            await ann.start()
            await ann.say("hi", ref=1)
            await ann.end()

    async def stranger() -> None:
        async with await server.connect() as other:
            await other.raw(b"GET / HTTP/1.1\r\n")
            assert (await other.refused()).code is ErrorCode.BAD_JSON

    await wave()
    await dana.barrier()
    while len(service.connections) > 1:
        await trio.lowlevel.checkpoint()
    dana.heard.clear()
    server.clients.clear()
    gc.collect()
    tracemalloc.start()
    try:
        for _ in range(3):
            await wave()
            await dana.barrier()
            dana.heard.clear()
            server.clients.clear()
            log.truncate(0)
        while len(service.connections) > 1:
            await trio.lowlevel.checkpoint()
        gc.collect()
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    server.clients.append(dana)

    assert service.sessions.rooms == {}
    assert len(service.operators_online.queue) == 0
    # 300 connections and 150 visits: a table that kept any of them would hold half a megabyte.
    assert kept < 150_000


async def test_an_operator_who_looks_at_closed_visits_keeps_none_of_them_in_memory(
    house: House,
) -> None:
    server = await house.serve()
    ann, dana = await server.pair()
    await ann.end()
    await ann.stream.aclose()
    while len(server.service.connections) > 1:
        await trio.lowlevel.checkpoint()

    await dana.note("after the end", session=ann.session)
    await dana.resume(ann.session)
    await dana.refused(Say(text="too late", session=ann.session))
    await dana.refused(Transfer(session=ann.session, to="nobody"))

    assert server.service.sessions.rooms == {}
    assert house.kinds(ann.session) == ["opened", "joined", "closed", "noted"]
    refusal = await dana.refused(Say(text="which?"))
    assert refusal.code is ErrorCode.NO_SESSION


async def test_a_closed_visit_whose_log_cannot_be_sent_is_not_kept_in_memory(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = await house.serve()
    ann, dana = await server.pair()
    await ann.end()
    await ann.stream.aclose()
    while len(server.service.connections) > 1:
        await trio.lowlevel.checkpoint()
    real = Archive.events

    def events(archive: Archive, *which: int) -> list[EventRecord]:
        if which[-1] == PAGE:
            raise ArchiveUnavailable("The database failed: disk I/O error")
        return real(archive, *which)

    monkeypatch.setattr(Archive, "events", events)
    await dana.send(Resume(session=ann.session, ref=1))
    await dana.rest()

    assert server.service.sessions.rooms == {}


def _defect(*_: object) -> None:
    raise RuntimeError("a defect in the server")
