"""Commands at the wrong time, or from the wrong side of the desk, are refused with their ref."""

import pytest

from livehelp.wire.commands import (
    Answer,
    End,
    Interview,
    Login,
    Note,
    RequestTranscript,
    Resume,
    Say,
    SetTopic,
    Start,
    Take,
    Transfer,
)
from livehelp.wire.events import Closed, Opened
from livehelp.wire.replies import Ack, Error, ErrorCode
from tests.server.house import House

pytestmark = pytest.mark.trio


async def test_commands_before_the_hello_are_refused_and_the_hello_still_works(
    house: House,
) -> None:
    server = await house.serve()
    ann = await server.connect()
    await ann.raw(b'{"type":"start","name":"Ann","topic":"Taxes","ref":3}\n')
    refusal = await ann.refused()
    assert (refusal.code, refusal.ref) == (ErrorCode.HELLO_FIRST, 3)

    await ann.hello()
    await ann.start()


async def test_nothing_is_sent_before_the_clients_hello(house: House) -> None:
    server = await house.serve()
    ann = await server.connect()
    await server.pair()

    await ann.raw(b"\r\n\n")
    hello = await ann.hello()

    assert ann.heard == [hello]


async def test_a_second_hello_is_refused_and_changes_nothing(house: House) -> None:
    server = await house.serve()
    ann = await server.visitor()

    await ann.raw(b'{"type":"hello","protocol":1,"role":"operator"}\n')

    assert (await ann.refused()).code is ErrorCode.HELLO_TWICE
    assert (await ann.refused(Note(text="I am an operator now"))).code is ErrorCode.NOT_YOURS


async def test_another_protocol_version_is_told_which_is_spoken_here(house: House) -> None:
    server = await house.serve()
    ann = await server.connect()

    await ann.raw(b'{"type":"hello","protocol":2,"role":"visitor"}\n')
    *_, error = await ann.rest()

    assert isinstance(error, Error)
    assert error.code is ErrorCode.PROTOCOL
    assert "protocol 1" in error.message


async def test_a_visitor_can_do_nothing_that_is_an_operators(house: House) -> None:
    server = await house.serve()
    ann = await server.visitor()
    other = await server.visitor("Ben")
    for command in (
        Note(text="note"),
        SetTopic(topic="topic"),
        Take(session=other.session),
        Transfer(session=ann.session),
        Login(name="dana", password="correct horse battery staple"),
    ):
        assert (await ann.refused(command)).code is ErrorCode.NOT_YOURS
    assert house.kinds(ann.session) == house.kinds(other.session) == ["opened"]


async def test_who_has_not_signed_in_can_do_nothing_at_the_desk(house: House) -> None:
    server = await house.serve()
    ann = await server.visitor()
    stranger = await server.guest(role="operator")
    for command in (
        Say(text="hi", session=ann.session),
        Take(session=ann.session),
        Resume(session=ann.session, key=ann.key),
        End(session=ann.session),
    ):
        assert (await stranger.refused(command)).code is ErrorCode.LOGIN_FIRST
    assert (await stranger.refused(Start(name="x", topic="y"))).code is ErrorCode.NOT_YOURS
    await server.visitor("Ben")
    assert not any(isinstance(m, Opened) for m in await stranger.barrier())


@pytest.mark.parametrize(
    "command",
    [
        Say(text="hi", ref=7),
        End(ref=7),
        Interview(answers=(Answer(question="q", answer="a"),), ref=7),
        RequestTranscript(email="ann@example.org", ref=7),
    ],
)
async def test_a_visitor_without_a_visit_is_told_to_start_one(
    house: House, command: Say | End | Interview | RequestTranscript
) -> None:
    server = await house.serve()
    ann = await server.guest()

    refusal = await ann.refused(command)

    assert (refusal.code, refusal.ref) == (ErrorCode.NO_SESSION, 7)


async def test_commands_out_of_turn_are_refused_with_their_ref(house: House) -> None:
    server = await house.serve()
    ann = await server.visitor()
    dana = await server.operator()
    early = Interview(answers=(Answer(question="q", answer="a"),), ref=1)
    assert (await ann.refused(early)).code is ErrorCode.OUT_OF_TURN
    first = await dana.refused(Say(text="hi", session=ann.session, ref=2))
    assert (first.code, first.ref) == (ErrorCode.OUT_OF_TURN, 2)
    await ann.end()
    late = await ann.refused(Say(text="one more thing", ref=3))
    assert (late.code, late.ref) == (ErrorCode.OUT_OF_TURN, 3)
    taken = await dana.refused(Take(session=ann.session, ref=4))
    assert (taken.code, taken.ref) == (ErrorCode.OUT_OF_TURN, 4)


async def test_an_operator_may_not_speak_in_a_session_they_are_not_in(house: House) -> None:
    server = await house.serve()
    ann, dana = await server.pair()
    lee = await server.operator("lee")

    for command in (Say(text="hi", session=ann.session), End(session=ann.session)):
        assert (await lee.refused(command)).code is ErrorCode.NOT_YOURS
    assert (await lee.refused(Say(text="hi", session="ZZZZ-ZZZZ"))).code is ErrorCode.NO_SESSION
    assert (await lee.refused(Say(text="hi"))).code is ErrorCode.NO_SESSION
    assert await dana.news() == await ann.news() == []


async def test_an_operator_in_two_sessions_must_say_which(house: House) -> None:
    server = await house.serve()
    ann, dana = await server.pair()
    ben = await server.visitor("Ben")
    await dana.take(ben.session)

    refusal = await dana.refused(Say(text="hi", ref=1))

    assert refusal.code is ErrorCode.WHICH_SESSION
    assert ann.session in refusal.message
    assert ben.session in refusal.message


async def test_a_line_behind_a_take_does_not_go_to_the_visitor_before(house: House) -> None:
    server = await house.serve()
    ann, dana = await server.pair()
    ben = await server.visitor("Ben")

    await dana.send(Take(session=ben.session, ref=1), Say(text="for Ben", ref=2))

    refusal = await dana.refused()
    assert (refusal.code, refusal.ref) == (ErrorCode.WHICH_SESSION, 2)
    assert house.texts(ann.session) == house.texts(ben.session) == []


async def test_who_has_come_back_is_in_all_their_sessions_resumed_or_not(house: House) -> None:
    server = await house.serve()
    ann, dana = await server.pair()
    ben = await server.visitor("Ben")
    await dana.take(ben.session)
    await dana.stream.aclose()

    back = await server.operator()
    await back.resume(ann.session)
    assert (await back.refused(Say(text="for whom?"))).code is ErrorCode.WHICH_SESSION
    await ann.end()
    await back.until(Closed)
    await back.say("for Ben")
    assert house.texts(ben.session) == ["for Ben"]


async def test_a_resume_behind_the_take_it_needs_is_answered(house: House) -> None:
    server = await house.serve()
    ann, dana = await server.visitor(), await server.operator()

    await dana.send(Take(ref=1), Resume(session=ann.session, after=1, ref=2))

    answers = [await dana.until(Error, ref=2), await dana.until(Ack, ref=1)]
    assert isinstance(answers[0], Error)
    assert answers[0].code is ErrorCode.NOT_YOURS
