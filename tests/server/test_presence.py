"""Whose link is lost, and whose is back: what each side is told, and that it is true."""

import threading

import pytest
import trio
from trio.testing import MockClock

from livehelp.wire.commands import Logout, Resume, Start, Take
from livehelp.wire.events import Left, Line, Opened
from livehelp.wire.replies import Resumed
from livehelp.wire.signals import Bye, Position, Presence, Roster, Visit
from server.delivery.hub import PAGE
from storage.archive import Archive
from storage.records import EventRecord
from tests.server.gate import Gate
from tests.server.harness import KEY, Client
from tests.server.house import House
from tests.server.slow import WIDE, narrow

pytestmark = pytest.mark.trio


def online(client: Client) -> list[bool]:
    """Return what the client was told of the visitor's link, in order."""
    return [m.online for m in client.heard if isinstance(m, Presence) and m.by == "visitor"]


async def test_the_operator_sees_the_visitors_link_go_and_come_back(house: House) -> None:
    server = await house.serve()
    ann, dana = await server.pair()

    await ann.stream.aclose()
    lost = await dana.until(Presence)
    assert (lost.session, lost.by, lost.name, lost.online) == (ann.session, "visitor", "Ann", False)
    back = await server.guest()
    await back.resume(ann.session, key=ann.key)
    assert (await dana.until(Presence)).online is True


async def test_every_operator_sees_a_waiting_visitors_link_go_and_come_back(house: House) -> None:
    server = await house.serve()
    operators = [await server.operator(), await server.operator("lee")]
    ann = await server.visitor()

    await ann.stream.aclose()
    for operator in operators:
        lost = await operator.until(Presence)
        assert (lost.session, lost.by, lost.online) == (ann.session, "visitor", False)
    back = await server.guest()
    await back.resume(ann.session, key=ann.key)
    for operator in operators:
        assert (await operator.until(Presence)).online is True

    dana, lee = operators
    await dana.take(ann.session)
    await back.stream.aclose()
    assert (await dana.until(Presence)).online is False
    assert not any(isinstance(m, Presence) for m in await lee.barrier())


async def test_who_takes_a_visitor_whose_link_is_lost_is_told_so(house: House) -> None:
    server = await house.serve()
    dana = await server.operator()
    ann = await server.visitor()
    await ann.stream.aclose()
    while len(server.service.connections) > 1:
        await dana.barrier()

    await dana.take(ann.session)

    lost = await dana.until(Presence)
    assert (lost.session, lost.by, lost.name, lost.online) == (ann.session, "visitor", "Ann", False)


async def test_the_visitor_sees_the_operators_link_go_and_come_back(house: House) -> None:
    server = await house.serve()
    ann, dana = await server.pair()

    await dana.stream.aclose()
    lost = await ann.until(Presence)
    assert (lost.by, lost.name, lost.online) == ("operator", "dana", False)
    await server.operator("dana")
    assert (await ann.until(Presence)).online is True


async def test_an_operator_who_signs_out_has_not_lost_the_link(house: House) -> None:
    server = await house.serve()
    ann, dana = await server.pair()

    await dana.send(Logout())
    before = await ann.before(Left, reason="logged_out")

    assert not any(isinstance(message, Presence) for message in before)


async def test_an_operators_second_terminal_hides_the_loss_of_the_first(house: House) -> None:
    server = await house.serve()
    ann, dana = await server.pair()
    second = await server.operator("dana")
    await second.resume(ann.session)
    await dana.stream.aclose()
    while len(server.service.connections) > 2:
        await second.barrier()

    await second.say("I am still here.")
    before = await ann.before(Line)

    assert not any(isinstance(m, Presence) and not m.online for m in before)


async def test_a_waiting_visitors_loss_is_shown_to_who_signs_in_later(house: House) -> None:
    server = await house.serve()
    ann = await server.visitor()
    await ann.stream.aclose()
    await server.emptied()

    dana = await server.operator()

    visits = [m for m in dana.heard if isinstance(m, Visit)]
    assert [visit.online for visit in visits] == [False]


async def test_back_in_the_queue_every_operator_knows_a_visitor_who_has_gone(house: House) -> None:
    server = await house.serve()
    ann, dana = await server.pair()
    lee = await server.operator("lee")
    await ann.stream.aclose()
    await dana.until(Presence)

    await dana.transfer(ann.session)
    await lee.until(Left)

    assert (await lee.until(Presence)).online is False


async def test_back_in_the_queue_every_operator_knows_a_visitor_who_is_back(house: House) -> None:
    server = await house.serve()
    dana, lee = await server.operator(), await server.operator("lee")
    ann = await server.visitor()
    await ann.stream.aclose()
    await lee.until(Presence, online=False)
    await dana.take(ann.session)
    back = await server.guest()
    await back.resume(ann.session, key=ann.key)
    await dana.until(Presence, online=True)

    await dana.transfer(ann.session)

    assert (await lee.until(Presence)).online is True


async def test_a_visitor_who_comes_back_is_told_which_operator_has_gone(house: House) -> None:
    server = await house.serve()
    ann, dana = await server.pair()
    await ann.stream.aclose()
    await dana.until(Presence)
    await dana.stream.aclose()
    await server.emptied()

    back = await server.guest()
    await back.resume(ann.session, key=ann.key)

    lost = await back.until(Presence)
    assert (lost.by, lost.name, lost.online) == ("operator", "dana", False)


async def test_a_visit_whose_visitor_was_dropped_before_it_was_stored_is_shown_so(
    house: House, gate: Gate, mock_clock: MockClock
) -> None:
    server = await house.serve()
    dana = await server.operator()
    ann = await server.guest(heartbeat=5)
    gate.shut()
    await ann.send(Start(name="Ann", topic="Taxes", key=KEY, ref=1))
    await gate.sees("opened")
    mock_clock.jump(14)
    await ann.until(Bye)

    gate.open()
    await dana.until(Opened)

    assert (await dana.until(Presence)).online is False


async def test_nobody_is_told_that_a_visitor_is_back_who_has_gone_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = await house.serve()
    ann, dana = await server.pair()
    read, go_on = trio.Event(), threading.Event()
    real = Archive.events

    def slow(archive: Archive, *which: int) -> list[EventRecord]:
        if which[-1] == PAGE and not read.is_set():
            trio.from_thread.run_sync(read.set)
            go_on.wait()
        return real(archive, *which)

    monkeypatch.setattr(Archive, "events", slow)
    first = await server.guest()
    await first.send(Resume(session=ann.session, key=ann.key))
    await read.wait()
    second = await server.guest()
    await second.resume(ann.session, key=ann.key)
    await second.stream.aclose()
    await dana.until(Presence, online=False)

    go_on.set()
    while len(server.service.connections) > 1:
        await dana.barrier()

    assert online(dana)[-1] is False


async def test_who_takes_a_visitor_with_a_long_log_is_told_of_the_lost_link_behind_it(
    house: House,
) -> None:
    server = await narrow(house)
    ann = await server.visitor()
    for _ in range(36):
        await ann.say(WIDE)
    await ann.stream.aclose()
    await server.emptied()
    dana = await server.operator()

    await dana.send(Take(session=ann.session))
    await server.settled()
    await trio.testing.wait_all_tasks_blocked(0.05)  # all of it waits for her to read
    await dana.until(Resumed)

    assert (await dana.until(Presence)).online is False


async def test_a_roster_that_was_dropped_is_told_later(house: House, mock_clock: MockClock) -> None:
    server = await narrow(house)
    ann, dana = await server.visitor(), await server.operator()
    for _ in range(30):
        await ann.say(WIDE)
    await dana.send(Take(session=ann.session))  # and reads nothing
    lee = await server.operator("lee")
    mock_clock.jump(2)
    await lee.barrier()
    await dana.until(Resumed)

    mock_clock.jump(2)

    assert (await dana.until(Roster)).operators == ("dana", "lee")


async def test_a_place_in_the_queue_that_was_dropped_is_told_later(
    house: House, mock_clock: MockClock
) -> None:
    server = await narrow(house)
    ann = await server.visitor()
    for _ in range(36):
        await ann.say(WIDE)
    await ann.stream.aclose()
    await server.emptied()
    back = await server.guest()
    await back.send(Resume(session=ann.session, key=ann.key))
    await trio.testing.wait_all_tasks_blocked(0.05)  # all of it waits to be read
    await back.until(Resumed)

    mock_clock.jump(2)

    assert (await back.until(Position)).position == 1
