"""Every wait and every table has an end."""

import pytest
import trio
from trio.testing import MockClock

from livehelp.wire.commands import Ping, Say, Start
from livehelp.wire.events import Closed
from livehelp.wire.replies import Ack, Error, ErrorCode, Pong, Started
from livehelp.wire.signals import Bye
from tests.server.gate import Gate
from tests.server.harness import KEY, Gone
from tests.server.house import House

pytestmark = pytest.mark.trio


async def test_one_connection_too_many_is_told_that_all_lines_are_busy(house: House) -> None:
    server = await house.serve(max_connections=3)
    ann, dana = await server.pair()
    third = await server.guest()
    fourth = await server.connect()

    [bye] = await fourth.rest()

    assert isinstance(bye, Bye)
    assert (bye.reason, bye.retry) == ("full", 30)
    await ann.say("unharmed")
    await third.stream.aclose()
    while len(server.service.connections) > 2:
        await dana.barrier()
    assert (await (await server.connect()).hello()).server == "livehelp"


async def test_the_visitor_who_finds_the_queue_full_is_told_and_may_try_again(house: House) -> None:
    server = await house.serve(max_waiting=2)
    ann, _ = await server.visitor("Ann"), await server.visitor("Ben")
    cal = await server.guest()

    refusal = await cal.refused(Start(name="Cal", topic="Taxes", ref=1))
    assert (refusal.code, refusal.ref) == (ErrorCode.FULL, 1)

    await ann.end()
    await cal.start("Cal")


async def test_a_full_queue_loses_nobody_who_comes_back_into_it(house: House) -> None:
    server = await house.serve(max_waiting=1)
    ann, dana = await server.pair()
    await server.visitor("Ben")

    await dana.transfer(ann.session)

    assert server.service.operators_online.queue.references[0] == ann.session
    assert len(server.service.operators_online.queue) == 2


async def test_a_start_sent_again_is_answered_though_the_queue_is_full_by_now(house: House) -> None:
    server = await house.serve(max_waiting=1)
    ann = await server.guest()
    await ann.start(key=KEY)
    again = await server.guest()

    assert (await again.start(key=KEY)).session == ann.session


async def test_who_says_no_hello_in_time_is_closed(house: House, mock_clock: MockClock) -> None:
    server = await house.serve(hello_timeout=30)
    silent, garbling = await server.connect(), await server.connect()
    ann = await server.visitor()
    mock_clock.jump(29)
    await garbling.raw(b"hello?\n")
    await garbling.refused()
    await ann.say("I did")
    mock_clock.jump(2.5)

    for client in (silent, garbling):
        *_, bye = await client.rest()
        assert isinstance(bye, Bye)
        assert bye.reason == "hello"
    assert (await ann.say("and I stay")).seq == 3


async def test_who_promised_a_heartbeat_is_dropped_when_it_is_missed(
    house: House, mock_clock: MockClock
) -> None:
    server = await house.serve()
    ann = await server.guest(heartbeat=10)
    calm = await server.guest()
    for _ in range(3):
        mock_clock.jump(24)
        await ann.barrier()
    mock_clock.jump(26.5)
    *_, bye = await ann.rest()

    assert isinstance(bye, Bye)
    assert (bye.reason, bye.retry) == ("silent", 1)
    assert await calm.news() == []


async def test_a_heartbeat_that_we_have_not_read_has_come(
    house: House, gate: Gate, mock_clock: MockClock
) -> None:
    server = await house.serve()
    ann, silent = await server.guest(heartbeat=10), await server.guest(heartbeat=10)
    gate.shut()
    await ann.send(Start(name="Ann", topic="Taxes", key=KEY))
    await gate.sees("opened")
    await ann.send(Ping())
    while not any(connection.is_unread() for connection in server.service.connections):
        await trio.lowlevel.checkpoint()
    mock_clock.jump(26)
    *_, bye = await silent.rest()
    assert isinstance(bye, Bye)

    gate.open()
    await ann.until(Started)
    await ann.until(Pong)


async def test_half_a_line_whose_rest_we_have_not_read_has_come(
    house: House, gate: Gate, mock_clock: MockClock
) -> None:
    server = await house.serve()
    ann, other = await server.guest(), await server.guest()
    gate.shut()
    # More than is read at once, so that a line is cut in two; and then the disk is waited for.
    says = [Say(text="x" * 900, ref=n) for n in range(2, 12)]
    await ann.send(Start(name="Ann", topic="Taxes", key=KEY, ref=1), *says)
    await gate.sees("opened")
    for _ in range(4):
        mock_clock.jump(16)
        await other.barrier()

    gate.open()
    await ann.until(Ack, ref=11)


async def test_who_says_nothing_for_half_an_hour_is_closed_and_the_visit_waits(
    house: House, mock_clock: MockClock
) -> None:
    server = await house.serve(idle_timeout=1800, visit_grace=1800)
    ann = await server.visitor()
    mock_clock.jump(1799)
    await ann.barrier()
    mock_clock.jump(1802)
    *_, bye = await ann.rest()

    assert isinstance(bye, Bye)
    assert bye.reason == "idle"
    assert "30 minutes" in bye.message
    back = await server.guest()
    assert (await back.resume(ann.session, key=ann.key)).phase == "waiting"


async def test_a_visit_that_nobody_comes_back_to_is_closed_as_idle(
    house: House, mock_clock: MockClock
) -> None:
    server = await house.serve(visit_grace=1800, idle_timeout=7200, operator_idle_timeout=7200)
    ann, dana = await server.pair()
    await ann.stream.aclose()
    while len(server.service.connections) > 1:
        await dana.barrier()
    mock_clock.jump(1799)
    assert not any(isinstance(m, Closed) for m in await dana.barrier())
    mock_clock.jump(2)

    closed = await dana.until(Closed)

    assert (closed.by, closed.reason) == ("system", "idle")
    session = house.archive.session(ann.session)
    assert session is not None
    assert session.ended_by == "system"
    assert server.service.sessions.rooms == {}


async def test_a_visit_left_open_by_the_server_before_is_closed_as_idle(
    house: House, mock_clock: MockClock
) -> None:
    server = await house.serve()
    ann = await server.visitor()
    await server.stop()
    server = await house.serve(visit_grace=1800)
    mock_clock.jump(1802)
    dana = await server.operator()
    await server.settled()

    assert house.kinds(ann.session) == ["opened", "closed"]
    assert server.service.sessions.rooms == {}
    assert await dana.news() == []


async def test_a_ping_is_answered_before_and_after_signing_in(house: House) -> None:
    server = await house.serve()
    stranger = await server.guest(role="operator")
    await stranger.send(Ping(), Ping())
    await stranger.until(Pong)
    await stranger.until(Pong)


async def test_a_goodbye_is_the_last_word(house: House, mock_clock: MockClock) -> None:
    server = await house.serve(hello_timeout=5)
    ann = await server.connect()
    mock_clock.jump(7)
    await ann.until(Bye)

    with pytest.raises(Gone):
        await ann.read()
    assert not any(isinstance(m, Error) for m in ann.heard)
