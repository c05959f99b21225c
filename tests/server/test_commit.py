"""Commit before tell: nobody sees a line, nor its ack, before it is on the disk."""

import pytest
import trio

from livehelp.wire.commands import End, Say, Start, Take
from livehelp.wire.events import Closed, Joined, Line, Opened
from livehelp.wire.replies import Ack, Started
from server.persistence import journal
from tests.server.gate import Gate, texts
from tests.server.house import House

pytestmark = pytest.mark.trio


async def test_while_the_disk_is_busy_nobody_gets_the_line_and_nobody_the_ack(
    house: House, gate: Gate
) -> None:
    server = await house.serve()
    ann, dana = await server.pair()
    gate.shut()
    await ann.send(Say(text="wait for the disk", ref=1))
    await gate.holds("wait for the disk")

    assert await ann.news() == []
    assert await dana.news() == []
    assert house.texts(ann.session) == []

    gate.open()
    assert (await ann.until(Ack)).seq == 3
    assert (await dana.until(Line)).text == "wait for the disk"
    assert house.texts(ann.session) == ["wait for the disk"]


async def test_it_is_on_the_disk_when_the_first_byte_of_it_is_told(
    house: House, gate: Gate
) -> None:
    server = await house.serve()
    ann, dana = await server.pair()
    gate.shut_behind()
    await ann.send(Say(text="stored", ref=1))
    await gate.passed("stored")

    assert house.texts(ann.session) == ["stored"]
    assert await dana.news() == []

    gate.open()
    assert (await dana.until(Line)).text == "stored"


async def test_what_came_while_the_disk_was_busy_goes_in_one_next_write(
    house: House, gate: Gate
) -> None:
    server = await house.serve()
    ann, dana = await server.pair()
    ben = await server.visitor("Ben")
    gate.shut()
    await ann.send(Say(text="first", ref=1))
    await gate.holds("first")
    before = len(gate.batches)
    await ann.send(*[Say(text=f"ann {n}", ref=n) for n in range(2, 20)])
    await dana.send(*[Say(text=f"dana {n}", ref=n) for n in range(1, 20)])
    await ben.send(Say(text="ben", ref=1))
    for client in (ann, dana, ben):
        await client.barrier()

    gate.open()
    await ann.until(Ack, ref=19)
    await dana.until(Ack, ref=19)
    await ben.until(Ack, ref=1)

    assert len(gate.batches) == before + 1
    assert len(texts(gate.batches[-1])) == 18 + 19 + 1


async def test_a_visit_is_announced_and_started_only_when_it_is_stored(
    house: House, gate: Gate
) -> None:
    server = await house.serve()
    dana = await server.operator()
    ann = await server.guest()
    gate.shut()
    await ann.send(Start(name="Ann", topic="Taxes"))
    await gate.sees("opened")

    assert not any(isinstance(m, Opened) for m in await dana.barrier())
    assert house.archive.sessions() == []

    gate.open()
    started = await ann.until(Started)
    assert (await dana.until(Opened)).session == started.session


async def test_whoever_signs_in_meanwhile_is_shown_what_is_stored_and_no_more(
    house: House, gate: Gate
) -> None:
    server = await house.serve()
    dana = await server.operator()
    ann = await server.visitor()
    gate.shut()
    await dana.send(Take(session=ann.session))
    await gate.sees("joined")

    assert not any(isinstance(m, Joined) for m in await ann.barrier())
    assert not any(isinstance(m, Joined | Ack) for m in await dana.barrier())

    gate.open()
    await ann.until(Joined)


async def test_commands_that_build_on_what_is_not_yet_stored_are_decided_at_once(
    house: House, gate: Gate
) -> None:
    server = await house.serve()
    ann, dana = await server.pair()
    gate.shut()
    await ann.send(Say(text="goodbye", ref=1), End(ref=2), Say(text="too late", ref=3))
    refusal = await ann.refused()
    assert (refusal.code, refusal.ref) == ("out_of_turn", 3)
    assert await dana.news() == []

    gate.open()
    await dana.until(Closed)
    await ann.until(Ack, ref=2)
    assert house.kinds(ann.session) == ["opened", "joined", "line", "closed"]


async def test_when_the_queue_before_the_disk_is_full_readers_wait_and_nothing_is_lost(
    house: House, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    bound = 50
    monkeypatch.setattr(journal, "MAX_PENDING", bound)
    server = await house.serve()
    visitors = [await server.visitor(f"Visitor {n}") for n in range(4)]
    gate.shut()
    await visitors[0].send(Say(text="first", ref=1))
    await gate.holds("first")

    each = 400
    for visitor in visitors:
        # More than one read of the server's, in one piece.
        await visitor.send(*[Say(text=f"{n} {'x' * 60}", ref=n) for n in range(2, each)])
    while not server.service.journal.full:
        await trio.lowlevel.checkpoint()

    gate.open()
    for visitor in visitors:
        await visitor.until(Ack, ref=each - 1)
    # One read of 16 KiB of these lines over the bound, and not one for each connection.
    assert bound <= max(map(len, gate.batches)) < bound + 16_384 // 60
    for visitor in visitors:
        spoken = [text.partition(" ")[0] for text in house.texts(visitor.session)]
        assert [text for text in spoken if text != "first"] == [str(n) for n in range(2, each)]
