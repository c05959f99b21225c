"""Coming back after a lost link: what was missed, in order, once, and nothing for strangers."""

import pytest
import trio
from trio.testing import MockClock

from livehelp.testkit.server import PASSWORD
from livehelp.wire.commands import End, Login, Resume, Say, Start, Transfer
from livehelp.wire.events import Closed, Joined, Line, Noted, Opened
from livehelp.wire.replies import Ack, ErrorCode, Resumed
from livehelp.wire.signals import Bye
from server.delivery.hub import PAGE
from tests.server.gate import Gate
from tests.server.harness import KEY, seqs
from tests.server.house import House

pytestmark = pytest.mark.trio


async def test_a_visitor_who_comes_back_gets_what_they_missed_and_then_what_is_new(
    house: House,
) -> None:
    server = await house.serve()
    ann, dana = await server.pair()
    await ann.say("before")
    await ann.stream.aclose()
    for text in ("one", "two", "three"):
        await dana.say(text)
    back = await server.guest()

    resumed = await back.resume(ann.session, after=3, key=ann.key, ref=1)

    assert (resumed.seq, resumed.phase, resumed.ref) == (6, "active", 1)
    assert back.lines == ["one", "two", "three"]
    await dana.say("four")
    assert (await back.until(Line)).text == "four"
    assert (await back.say("here again")).seq == 8


async def test_what_an_operators_lost_connection_sent_late_is_not_carried_out(house: House) -> None:
    server = await house.serve()
    ann = await server.visitor()
    older = await server.operator(run="danas-run")
    await older.take(ann.session)
    newer = await server.operator(run="danas-run")
    await newer.resume(ann.session)

    # The older one is let go of before the newer one is in; it may still be sending.
    assert isinstance((await older.rest())[-1], Bye)
    assert (await newer.say("now")).seq == 3
    assert house.texts(ann.session) == ["now"]


async def test_what_was_refused_is_not_carried_out_behind_what_was_said_later(house: House) -> None:
    server = await house.serve()
    ann = await server.visitor()
    dana = await server.operator(run="danas-run")
    early = Say(text="early", session=ann.session, ref=1)
    assert (await dana.refused(early)).code is ErrorCode.OUT_OF_TURN
    await dana.take(ann.session, ref=2)
    await dana.say("later", ref=3)

    # The refusal was lost with the link, so it is sent again.
    back = await server.operator(run="danas-run")
    await back.resume(ann.session)
    error = await back.refused(early)

    assert (error.code, error.ref) == (ErrorCode.OUT_OF_TURN, 1)
    assert house.texts(ann.session) == ["later"]
    assert (await back.say("and now", ref=4)).ref == 4


async def test_who_comes_back_while_the_end_is_on_its_way_to_the_disk_is_told_it(
    house: House, gate: Gate
) -> None:
    server = await house.serve()
    ann = await server.visitor()
    gate.shut()
    await ann.send(End())
    await gate.sees("closed")
    await ann.stream.aclose()
    await server.emptied()
    back = await server.guest()
    await back.resume(ann.session, key=ann.key)

    gate.open()

    assert (await back.until(Closed)).by == "visitor"
    await back.stream.aclose()
    await server.emptied()
    assert not server.service.sessions.rooms


async def test_a_login_that_comes_late_does_not_sign_the_lost_connection_in(house: House) -> None:
    server = await house.serve()
    older = await server.guest(role="operator", run="danas-run")
    newer = await server.operator(run="danas-run")

    await older.send(Login(name="dana", password=PASSWORD))

    *_, last = await older.rest()
    assert isinstance(last, Bye)
    assert last.reason == "replaced"
    assert not any(isinstance(message, Bye) for message in await newer.barrier())
    other = await server.operator(run="another-terminal")
    assert not any(isinstance(message, Bye) for message in await newer.barrier())
    assert not any(isinstance(message, Bye) for message in other.heard)


async def test_a_visit_of_more_than_a_page_comes_back_in_order_while_it_goes_on(
    house: House, nursery: trio.Nursery
) -> None:
    server = await house.serve()
    ann, dana = await server.pair()
    await ann.stream.aclose()
    missed, later = 3 * PAGE + 7, 4 * PAGE
    await dana.send(*[Say(text=f"line {n}", ref=n) for n in range(missed)[1:]])
    await dana.until(Ack, ref=missed - 1)

    async def go_on() -> None:
        for n in range(missed, missed + later):
            await dana.send(Say(text=f"line {n}", ref=n))
            await trio.lowlevel.checkpoint()

    nursery.start_soon(go_on)
    back = await server.guest()
    resumed = await back.resume(ann.session, after=2, key=ann.key)
    await back.until(Line, text=f"line {missed + later - 1}")

    last = missed + later + 1
    assert seqs(back.heard, ann.session) == list(range(3, last + 1))
    assert 3 < resumed.seq <= last
    assert back.lines == [f"line {n}" for n in range(1, missed + later)]


async def test_a_log_that_comes_by_itself_and_one_that_was_asked_for_come_one_after_the_other(
    house: House,
) -> None:
    server = await house.serve()
    ann, dana = await server.pair()
    lee = await server.operator("lee")
    last = 4 * PAGE
    await dana.send(*[Say(text=f"line {n}", ref=n) for n in range(1, last)])
    await dana.until(Ack, ref=last - 1)

    await dana.send(Transfer(session=ann.session, to="lee", ref=last))
    await lee.until(Joined, operator="lee")
    begun = len(lee.heard)
    await lee.send(Resume(session=ann.session, ref=1))
    await lee.until(Resumed, ref=1)

    whole = list(range(1, last + 5))
    assert seqs(lee.heard[begun:], ann.session) == whole * 2
    assert [m.ref for m in lee.heard if isinstance(m, Resumed)] == [None, 1]


async def test_what_is_on_the_disk_but_not_yet_told_comes_once_to_who_resumes(
    house: House, gate: Gate
) -> None:
    """The replay may read what the committer has not told yet; it then comes live, not twice."""
    server = await house.serve()
    ann, dana = await server.pair()
    for n in range(1, 40):
        # Each resume races with the telling of a line that is on its way.
        await dana.send(Say(text=f"line {n}", ref=n))
        back = await server.guest()
        resumed = await back.resume(ann.session, after=n + 1, key=ann.key)
        await dana.until(Ack, ref=n)
        await back.barrier()
        assert seqs(back.heard, ann.session) == [n + 2]
        assert resumed.seq in {n + 1, n + 2}


async def test_a_page_that_reads_ahead_of_the_telling_shows_no_event_twice(
    house: House, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = await house.serve()
    ann, dana = await server.pair()
    await dana.say("told")
    await ann.stream.aclose()
    back = await server.guest()
    # The line is on the disk, and the committer's thread is held before it can say so.
    gate.shut_behind()
    await dana.send(Say(text="stored, not told", ref=2))
    await gate.passed("stored, not told")

    resumed = await back.resume(ann.session, after=2, key=ann.key)
    gate.open()
    await dana.until(Ack, ref=2)
    await back.barrier()

    assert resumed.seq == 3
    assert back.lines == ["told", "stored, not told"]


async def test_a_start_whose_first_copy_is_told_late_brings_no_event_twice(
    house: House, gate: Gate
) -> None:
    server = await house.serve()
    dana = await server.operator()
    first, second = await server.guest(run="anns-run"), await server.guest(run="anns-run")
    gate.shut_behind()
    await first.send(Start(name="Ann", topic="Taxes", key=KEY, ref=1))
    await gate.stored("opened")
    await second.start(key=KEY)
    await second.until(Resumed)
    gate.open()
    assert isinstance((await first.rest())[-1], Bye)
    await second.barrier()
    await dana.barrier()

    for client in (second, dana):
        assert [type(event) for event in client.events] == [Opened]


async def test_the_phase_that_a_resume_tells_is_the_committed_one(house: House, gate: Gate) -> None:
    server = await house.serve()
    ann, dana = await server.pair()
    back = await server.guest()
    gate.shut()
    await dana.raw(b'{"type":"end","ref":9}\n')
    await gate.sees("closed")

    resumed = await back.resume(ann.session, key=ann.key)
    gate.open()
    await back.until(Closed)

    assert resumed.phase == "active"


async def test_a_command_sent_again_after_the_link_broke_is_acked_and_stored_once(
    house: House,
) -> None:
    server = await house.serve()
    ann = await server.visitor(run="anns-run")
    first = await ann.say("only once", ref=5)
    await ann.stream.aclose()
    back = await server.guest(run="anns-run")
    await back.resume(ann.session, key=ann.key)

    again = await back.say("only once", ref=5)

    assert again == first
    assert house.lines(ann.session) == ["Ann: only once"]


async def test_another_run_may_use_the_same_numbers(house: House) -> None:
    server = await house.serve()
    ann = await server.visitor(run="first")
    await ann.say("one", ref=1)
    back = await server.guest(run="second")
    await back.resume(ann.session, key=ann.key)

    assert (await back.say("two", ref=1)).seq == 3


async def test_a_command_sent_again_while_the_first_is_in_flight_is_stored_once(
    house: House, gate: Gate
) -> None:
    server = await house.serve()
    dana = await server.operator()
    ann = await server.visitor(run="r")
    await dana.take(ann.session)
    gate.shut()
    await ann.send(Say(text="in flight", ref=1))
    await gate.holds("in flight")
    back = await server.guest(run="r")
    await back.send(Resume(session=ann.session, key=ann.key), Say(text="in flight", ref=1))
    await ann.until(Bye)  # replaced: the resume has been read
    await back.until(Resumed)
    assert not [m for m in await back.barrier() if isinstance(m, Ack)]

    gate.open()

    assert (await back.until(Ack, ref=1)).seq == 3
    await dana.until(Line)
    assert dana.lines == house.texts(ann.session) == ["in flight"]


async def test_a_command_sent_again_after_a_restart_is_stored_once(house: House) -> None:
    server = await house.serve()
    dana = await server.operator()
    ann = await server.visitor(run="r")
    await dana.take(ann.session)
    first = await ann.say("before the restart", ref=1)
    await server.stop()

    server = await house.serve()
    back = await server.guest(run="r")
    resumed = await back.resume(ann.session, after=first.seq or 0, key=ann.key)

    assert (resumed.seq, resumed.phase) == (3, "active")
    assert await back.say("before the restart", ref=1) == first
    assert (await back.say("after it", ref=2)).seq == 4
    assert house.texts(ann.session) == ["before the restart", "after it"]


async def test_a_long_answer_of_the_other_side_does_not_make_the_server_forget_a_ref(
    house: House,
) -> None:
    server = await house.serve()
    dana = await server.operator()
    ann = await server.visitor(run="r")
    await dana.take(ann.session)
    first = await ann.say("lost ack", ref=1)
    await ann.stream.aclose()
    await dana.send(*[Say(text=f"line {n}", ref=n) for n in range(1, 400)])
    await dana.until(Ack, ref=399)
    back = await server.guest(run="r")
    await back.resume(ann.session, key=ann.key)

    assert await back.say("lost ack", ref=1) == first


async def test_a_take_of_whoever_is_next_sent_again_takes_nobody_else(house: House) -> None:
    server = await house.serve()
    first = await server.visitor("Ann")
    second = await server.visitor("Ben")
    dana = await server.operator(run="d")
    await dana.take(ref=1)
    await dana.stream.aclose()
    back = await server.operator(run="d")

    await back.raw(b'{"type":"take","ref":1}\n')
    ack = await back.until(Ack, ref=1)

    assert (ack.session, ack.seq) == (first.session, 2)
    assert house.kinds(second.session) == ["opened"]


async def test_a_wrong_key_opens_nothing(house: House) -> None:
    server = await house.serve()
    ann = await server.visitor()
    stranger = await server.guest()

    refusal = await stranger.refused(Resume(session=ann.session, key=KEY, ref=4))

    assert (refusal.code, refusal.ref) == (ErrorCode.NOT_YOURS, 4)
    assert not seqs(stranger.heard, ann.session)
    assert ann.session not in [m.session for m in stranger.heard if isinstance(m, Resumed)]


async def test_no_key_at_all_opens_nothing(house: House) -> None:
    server = await house.serve()
    ann = await server.visitor()
    stranger = await server.guest()

    assert (await stranger.refused(Resume(session=ann.session))).code is ErrorCode.NOT_YOURS


async def test_the_key_of_one_visit_opens_no_other(house: House) -> None:
    server = await house.serve()
    ann, ben = await server.visitor("Ann"), await server.visitor("Ben")

    refusal = await ben.refused(Resume(session=ann.session, key=ben.key))

    assert refusal.code is ErrorCode.NOT_YOURS
    assert (await ben.say("still in mine")).session == ben.session


async def test_a_session_that_never_was_is_refused_in_the_same_words(house: House) -> None:
    server = await house.serve()
    stranger = await server.guest()

    refusal = await stranger.refused(Resume(session="ZZZZ-ZZZZ", key=KEY))

    assert refusal.code is ErrorCode.NOT_YOURS


async def test_a_visitor_may_not_speak_in_another_visitors_session(house: House) -> None:
    server = await house.serve()
    ann, ben = await server.visitor("Ann"), await server.visitor("Ben")

    refusal = await ben.refused(Say(text="hello?", session=ann.session))

    assert refusal.code is ErrorCode.NOT_YOURS
    assert house.lines(ann.session) == []


async def test_a_second_window_takes_the_visit_over_and_the_first_is_told(house: House) -> None:
    server = await house.serve()
    ann, dana = await server.pair()
    second = await server.guest()

    await second.resume(ann.session, key=ann.key)
    rest = await ann.rest()

    assert isinstance(rest[-1], Bye)
    assert rest[-1].reason == "replaced"
    await dana.say("to one window only")
    assert (await second.until(Line)).text == "to one window only"


async def test_a_replay_never_shows_a_visitor_the_notes(house: House) -> None:
    server = await house.serve()
    ann, dana = await server.pair()
    await dana.note("has been here before")
    await dana.say("Welcome back.")
    back = await server.guest()

    await back.resume(ann.session, key=ann.key)

    assert seqs(back.heard, ann.session) == [1, 2, 4]
    assert not any(isinstance(m, Noted) for m in [*ann.heard, *back.heard])


async def test_an_operator_resumes_what_they_are_in_and_nothing_else(house: House) -> None:
    server = await house.serve()
    ann, dana = await server.pair()
    await dana.stream.aclose()
    await ann.say("are you there?")
    lee = await server.operator("lee")
    refusal = await lee.refused(Resume(session=ann.session, ref=3))
    assert (refusal.code, refusal.ref) == (ErrorCode.NOT_YOURS, 3)

    back = await server.operator("dana")
    await back.resume(ann.session, after=2)
    await back.say("I am back.")

    assert back.lines == ["are you there?"]
    assert (await ann.until(Line)).text == "I am back."


async def test_a_visitor_who_moves_to_another_visit_leaves_the_first_its_full_grace(
    house: House, mock_clock: MockClock
) -> None:
    server = await house.serve(visit_grace=600, idle_timeout=3600)
    one = await server.guest()
    await one.start(key="a" * 43)
    two = await server.guest()
    await two.start(key="b" * 43)
    first, second = one.session, two.session
    mock_clock.jump(900)
    await two.barrier()

    await one.resume(second, key="b" * 43)
    mock_clock.jump(500)
    await one.barrier()
    await server.settled()

    assert house.kinds(first) == ["opened"]
