"""What operators see of all sessions, and what visitors and operators see of each other."""

import pytest
from trio.testing import MockClock

from livehelp.wire.commands import Logout, Take, Typing
from livehelp.wire.events import Closed, Joined, Left, Line, Noted, Opened, Transferred
from livehelp.wire.replies import Ack, ErrorCode, LoggedIn, Resumed
from livehelp.wire.signals import Position, Roster, TypingSignal, Visit
from tests.server.house import House

pytestmark = pytest.mark.trio


async def test_who_signs_in_is_shown_every_open_visit_and_then_the_roster(house: House) -> None:
    server = await house.serve()
    ann = await server.visitor("Ann", client="kiosk", version="2", place="Frankfort")
    ben = await server.visitor("Ben", topic="Benefits")
    over = await server.visitor("Cal")
    await over.end()
    lee = await server.operator("lee")
    await lee.take(ben.session)

    dana = await server.operator("dana")
    signed_in, *visits, roster = dana.heard[1:5]

    assert isinstance(signed_in, LoggedIn)
    assert (signed_in.name, signed_in.visits) == ("dana", 2)
    first, second = visits
    assert isinstance(first, Visit)
    assert (first.session, first.seq, first.phase, first.name) == (ann.session, 1, "waiting", "Ann")
    assert (first.client, first.version, first.ip) == ("kiosk", "2", "127.0.0.1")
    assert (first.place, first.online, first.operators) == ("Frankfort", True, ())
    assert isinstance(second, Visit)
    assert (second.session, second.phase, second.operators) == (ben.session, "active", ("lee",))
    assert isinstance(roster, Roster)
    assert roster.operators == ("dana", "lee")


async def test_the_bell_every_operator_hears_that_a_visitor_enters_and_who_they_are(
    house: House,
) -> None:
    server = await house.serve()
    dana, lee = await server.operator("dana"), await server.operator("lee")

    ann = await server.visitor("Ann", client="kiosk", version="2", place="Frankfort")

    for operator in (dana, lee):
        opened = await operator.until(Opened)
        assert (opened.session, opened.name, opened.topic) == (ann.session, "Ann", "Taxes")
        assert (opened.client, opened.version, opened.ip) == ("kiosk", "2", "127.0.0.1")
        assert opened.place == "Frankfort"


async def test_the_floor_hears_who_joins_and_what_ends_but_not_what_is_said(house: House) -> None:
    server = await house.serve()
    lee = await server.operator("lee")
    ann, dana = await server.pair()
    await ann.say("for dana only")
    await dana.note("a note")
    await ann.end()
    await lee.until(Closed, session=ann.session)

    assert [type(event) for event in lee.events] == [Opened, Joined, Closed]


async def test_taking_a_visitor_brings_the_log_so_far_and_then_what_is_new(house: House) -> None:
    server = await house.serve()
    dana = await server.operator()
    ann = await server.visitor()
    await ann.say("one")
    await ann.say("two")

    await dana.send(Take(session=ann.session, ref=1))
    joined = await dana.until(Joined)
    ack = await dana.until(Ack)
    log = await dana.before(Resumed)
    await ann.say("three")
    await dana.until(Line, text="three")

    assert (joined.seq, ack.seq, ack.ref) == (4, 4, 1)
    assert [m.seq for m in log if isinstance(m, Opened | Line | Joined)] == [1, 2, 3, 4]
    assert dana.lines == ["one", "two", "three"]


async def test_take_without_a_name_takes_who_has_waited_longest(house: House) -> None:
    server = await house.serve()
    ann, ben = await server.visitor("Ann"), await server.visitor("Ben")
    dana = await server.operator()

    assert (await dana.take()).session == ann.session
    assert (await dana.take()).session == ben.session
    assert (await dana.refused(Take(ref=3))).code is ErrorCode.NOBODY_WAITS


async def test_two_operators_who_take_one_visitor_at_once_do_not_both_get_them(
    house: House,
) -> None:
    server = await house.serve()
    dana, lee = await server.operator("dana"), await server.operator("lee")
    ann = await server.visitor()

    await dana.send(Take(session=ann.session))
    await lee.send(Take(session=ann.session))
    joined = await ann.until(Joined)
    slower = lee if joined.operator == "dana" else dana

    assert (await slower.refused()).code is ErrorCode.ALREADY_TAKEN
    assert house.kinds(ann.session) == ["opened", "joined"]


async def test_a_note_reaches_the_operators_in_the_session_and_never_the_visitor(
    house: House,
) -> None:
    server = await house.serve()
    ann, dana = await server.pair()
    second = await server.operator("dana")
    await second.resume(ann.session)

    await dana.note("angry, but right")
    noted = await second.until(Noted)
    await dana.say("I see.")
    await ann.until(Line)

    assert (noted.operator, noted.text) == ("dana", "angry, but right")
    assert not any(isinstance(m, Noted) for m in ann.heard)
    assert "angry" not in str(ann.heard)


async def test_a_transfer_hands_the_visitor_with_the_whole_log_to_the_other_operator(
    house: House,
) -> None:
    server = await house.serve()
    ann, dana = await server.pair()
    lee = await server.operator("lee")
    await ann.say("my question")

    ack = await dana.transfer(ann.session, to="lee")
    resumed = await lee.until(Resumed)
    await ann.until(Joined, operator="lee")
    await lee.say("dana told me.")
    await ann.until(Line)

    assert (ack.seq, resumed.session) == (6, ann.session)
    assert lee.lines == ["my question"]
    assert [type(e) for e in ann.events][-4:] == [Transferred, Left, Joined, Line]
    assert [m for m in await dana.barrier() if isinstance(m, Line)] == []


async def test_a_transfer_to_somebody_who_is_not_there_is_refused(house: House) -> None:
    server = await house.serve()
    ann, dana = await server.pair()

    with pytest.raises(Exception, match="no_operator"):
        await dana.transfer(ann.session, to="lee")

    assert (await dana.say("then I go on")).session == ann.session


async def test_back_in_the_queue_a_visitor_stands_before_those_who_came_later(
    house: House,
) -> None:
    server = await house.serve()
    ann, dana = await server.pair()
    ben = await server.visitor("Ben")

    await dana.transfer(ann.session)
    left = await ann.until(Left)

    assert (left.operator, left.reason) == ("dana", "transferred")
    assert (await dana.take()).session == ann.session
    assert (await dana.take()).session == ben.session


async def test_who_hands_over_in_the_same_breath_hears_nothing_more_of_the_session(
    house: House,
) -> None:
    server = await house.serve()
    dana, lee = await server.operator("dana"), await server.operator("lee")
    ann = await server.visitor()
    take = b'{"type":"take","session":"%s","ref":1}\n' % ann.session.encode()
    transfer = b'{"type":"transfer","session":"%s","to":"lee","ref":2}\n' % ann.session.encode()
    await dana.raw(take + transfer)
    await lee.until(Resumed)
    await dana.until(Ack, ref=2)
    await dana.barrier()

    await ann.say("not for dana")
    await lee.until(Line)

    assert not any(isinstance(m, Line) for m in await dana.barrier())


async def test_a_waiting_visitor_is_told_their_place_and_every_change_of_it(
    house: House, mock_clock: MockClock
) -> None:
    server = await house.serve()
    ann = await server.visitor("Ann")
    ben = await server.guest()
    await ben.start("Ben")

    place = await ben.until(Position)
    assert (place.session, place.position, place.waiting, place.operators) == (ben.session, 2, 2, 0)

    dana = await server.operator()
    mock_clock.jump(1.5)
    for visitor, position in ((ann, 1), (ben, 2)):
        place = await visitor.until(Position, operators=1)
        assert (place.position, place.waiting) == (position, 2)

    await dana.take(ann.session)
    mock_clock.jump(1.5)
    place = await ben.until(Position)
    assert (place.position, place.waiting, place.operators) == (1, 1, 1)
    assert not any(isinstance(m, Position) for m in await ann.barrier())


async def test_the_roster_follows_who_signs_in_and_out(house: House, mock_clock: MockClock) -> None:
    server = await house.serve()
    dana = await server.operator("dana")
    lee = await server.operator("lee")
    mock_clock.jump(1.5)
    assert (await dana.until(Roster)).operators == ("dana", "lee")

    await lee.send(Logout(ref=1))
    await lee.until(Ack, ref=1)
    mock_clock.jump(1.5)
    assert (await dana.until(Roster)).operators == ("dana",)

    second = await server.operator("dana")
    await second.stream.aclose()
    while len(server.service.connections) > 2:
        await dana.barrier()
    mock_clock.jump(1.5)
    assert not any(isinstance(message, Roster) for message in await dana.barrier())
    hello = await (await server.connect()).hello()
    assert hello.operators == 1


async def test_each_side_sees_that_the_other_types(house: House) -> None:
    server = await house.serve()
    ann, dana = await server.pair()

    await ann.send(Typing(on=True))
    seen = await dana.until(TypingSignal)
    assert (seen.session, seen.by, seen.name, seen.on) == (ann.session, "visitor", "Ann", True)
    await dana.send(Typing(on=False, session=ann.session))
    seen = await ann.until(TypingSignal)
    assert (seen.by, seen.name, seen.on) == ("operator", "dana", False)

    assert house.kinds(ann.session) == ["opened", "joined"]
    assert not any(isinstance(m, TypingSignal) for m in await ann.barrier())


async def test_typing_where_one_is_not_is_ignored(house: House) -> None:
    server = await house.serve()
    ann, _ = await server.pair()
    lee, ben = await server.operator("lee"), await server.guest()

    await lee.send(Typing(on=True, session=ann.session))
    await ben.send(Typing(on=True))
    await ben.send(Typing(on=True, session=ann.session))

    assert await ben.news() == []
    await lee.barrier()
    assert not any(isinstance(m, TypingSignal) for m in await ann.barrier())
