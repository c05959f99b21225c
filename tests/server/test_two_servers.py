"""Two servers on one database: who is second decides again, and the log has neither gap nor double.

Neither server tells the other anything: the database is all that they share.
"""

import threading
from datetime import UTC, datetime

import pytest
import trio

from livehelp.wire.commands import Say, Take
from livehelp.wire.events import Closed, Joined, Line
from livehelp.wire.replies import Ack, ErrorCode
from storage.archive import Archive
from storage.records import Append, EventRecord
from tests.server.gate import REAL_WRITE, Gate
from tests.server.harness import Client, seqs
from tests.server.house import House

pytestmark = pytest.mark.trio


async def test_one_session_talked_in_on_both_servers_has_one_log(
    house: House, nursery: trio.Nursery
) -> None:
    here = await house.serve()
    ann, dana = await here.pair()
    there = await house.serve()
    away = await there.operator("dana")
    await away.resume(ann.session)
    each = 60

    async def talk(client: Client, who: str) -> None:
        for n in range(each):
            await client.send(Say(text=f"{who} {n}", session=ann.session, ref=n + 1))
            if n % 7 == 0:
                await client.barrier()

    async with trio.open_nursery() as talking:
        for client, who in ((ann, "ann"), (dana, "here"), (away, "away")):
            talking.start_soon(talk, client, who)
    for client in (ann, dana, away):
        while not acked(client, each):
            await client.read()

    log = house.log(ann.session)
    assert [event.seq for event in log] == list(range(1, 3 * each + 3))
    texts = house.texts(ann.session)
    for who in ("ann", "here", "away"):
        assert [t for t in texts if t.startswith(who)] == [f"{who} {n}" for n in range(each)]
    stored = {(event.text, event.seq) for event in log}
    for client, who in ((ann, "ann"), (dana, "here"), (away, "away")):
        acks = [m for m in client.heard if isinstance(m, Ack) and m.session and m.ref is not None]
        said = {(f"{who} {ack.ref - 1}", ack.seq) for ack in acks if ack.ref is not None}
        assert said <= stored


async def test_what_another_program_appended_is_told_before_the_answer(house: House) -> None:
    server = await house.serve()
    ann, dana = await server.pair()
    append(house, ann, 3, "from elsewhere")

    ack = await ann.say("from here", ref=1)

    assert ack.seq == 4
    assert ann.lines == ["from elsewhere"]
    await dana.until(Line, text="from here")
    assert seqs(dana.heard, ann.session)[-2:] == [3, 4]
    assert house.texts(ann.session) == ["from elsewhere", "from here"]


async def test_the_lines_in_flight_keep_their_order_through_a_conflict(
    house: House, gate: Gate
) -> None:
    server = await house.serve()
    ann, dana = await server.pair()
    gate.shut()
    await ann.send(Say(text="line 1", ref=1))
    await gate.holds("line 1")
    await ann.send(*[Say(text=f"line {n}", ref=n) for n in range(2, 40)])
    await ann.barrier()
    append(house, ann, 3, "in between")
    gate.open()
    await ann.until(Ack, ref=39)
    await dana.until(Line, text="line 39")

    said = ["in between", *[f"line {n}" for n in range(1, 40)]]
    assert house.texts(ann.session) == dana.lines == said
    assert [(m.ref, m.seq) for m in ann.heard if isinstance(m, Ack)] == [
        (n, n + 3) for n in range(1, 40)
    ]


async def test_a_conflict_spoils_nothing_of_the_other_sessions_in_the_batch(
    house: House, gate: Gate
) -> None:
    server = await house.serve()
    ann, ben = await server.visitor("Ann"), await server.visitor("Ben")
    gate.shut()
    await ann.send(Say(text="first", ref=1))
    await gate.holds("first")
    await ben.send(Say(text="unharmed", ref=1))
    await ann.send(Say(text="second", ref=2))
    await ben.barrier()
    await ann.barrier()
    append(house, ann, 2, "in between")
    gate.open()

    assert (await ben.until(Ack, ref=1)).seq == 2
    assert (await ann.until(Ack, ref=2)).seq == 4
    assert house.texts(ann.session) == ["in between", "first", "second"]


async def test_an_end_elsewhere_is_heard_and_what_came_after_it_is_refused(house: House) -> None:
    here = await house.serve()
    ann, dana = await here.pair()
    there = await house.serve()
    away = await there.operator("dana")
    await away.end(ann.session)

    refusal = await ann.refused(Say(text="hello?", ref=1))

    assert (refusal.code, refusal.ref) == (ErrorCode.OUT_OF_TURN, 1)
    assert any(isinstance(m, Closed) for m in ann.heard)
    await dana.until(Closed)
    assert house.kinds(ann.session) == ["opened", "joined", "closed"]


async def test_two_operators_on_two_servers_do_not_both_take_one_visitor(house: House) -> None:
    here = await house.serve()
    ann = await here.visitor()
    there = await house.serve()
    dana, lee = await here.operator("dana"), await there.operator("lee")
    await dana.take(ann.session)

    refusal = await lee.refused(Take(session=ann.session, ref=1))

    assert (refusal.code, refusal.ref) == (ErrorCode.ALREADY_TAKEN, 1)
    assert "dana" in refusal.message
    assert house.kinds(ann.session) == ["opened", "joined"]


async def test_a_visit_goes_on_at_the_other_server_with_all_that_was_said_here(
    house: House,
) -> None:
    here = await house.serve()
    ann, dana = await here.pair()
    there = await house.serve()  # knows the session as it was now
    await ann.say("said here", ref=1)
    await dana.say("answered here", ref=1)
    await ann.stream.aclose()

    back = await there.guest()
    resumed = await back.resume(ann.session, after=3, key=ann.key)

    assert (resumed.seq, resumed.phase) == (4, "active")
    assert seqs(back.heard, ann.session) == [4]
    assert (await back.say("said there", ref=1)).seq == 5


async def test_a_command_acked_here_is_known_there(house: House) -> None:
    here = await house.serve()
    ann = await here.visitor(run="r")
    there = await house.serve()
    first = await ann.say("only once", ref=1)
    await ann.stream.aclose()
    back = await there.guest(run="r")
    await back.resume(ann.session, key=ann.key)

    assert await back.say("only once", ref=1) == first
    assert house.texts(ann.session) == ["only once"]


async def test_a_session_opened_there_after_the_start_can_be_taken_here(house: House) -> None:
    here = await house.serve()
    there = await house.serve()
    ann = await there.visitor()
    dana = await here.operator()

    await dana.send(Take(session=ann.session, ref=1))
    await dana.until(Joined)

    assert (await dana.until(Ack)).seq == 2
    assert (await dana.say("hello", session=ann.session)).seq == 3


async def test_what_a_replaced_connection_had_asked_for_is_not_carried_out_when_it_was_read(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = await house.serve(), await house.serve()
    ann = await here.visitor()
    older = await there.operator(run="danas-run")
    read, go_on = trio.Event(), threading.Event()
    real = Archive.events

    def slow(archive: Archive, *which: int) -> list[EventRecord]:
        if not read.is_set():
            trio.from_thread.run_sync(read.set)
            go_on.wait()
        return real(archive, *which)

    monkeypatch.setattr(Archive, "events", slow)
    await older.send(Say(text="not hers", session=ann.session, ref=1))
    await read.wait()
    newer = await there.operator(run="danas-run")
    go_on.set()
    await older.rest()
    await newer.barrier()
    await there.settled()

    assert house.lines(ann.session) == []


def acked(client: Client, count: int) -> bool:
    refs = {m.ref for m in client.heard if isinstance(m, Ack)}
    return set(range(1, count + 1)) <= refs


def append(house: House, visitor: Client, seq: int, text: str) -> None:
    """Append a line as another server would."""
    session = house.archive.session(visitor.session)
    assert session is not None
    line = EventRecord(seq, datetime.now(UTC), "line", "visitor", "Ann", text)
    assert REAL_WRITE(house.archive, [Append(session.id, (line,))]) == [session.id]
