"""A visit from the first word to the last, and what is in the database afterwards."""

from datetime import timedelta

import pytest

from livehelp.wire.commands import (
    Answer,
    Interview,
    RequestTranscript,
    Say,
    SetTopic,
)
from livehelp.wire.events import Closed, Joined, Line, Opened
from livehelp.wire.replies import Ack, ErrorCode, Resumed, Started
from server.context import utc_now
from tests.server.harness import KEY, seqs
from tests.server.house import House

pytestmark = pytest.mark.trio


async def test_a_visit_from_hello_to_the_exit_interview_is_a_transcript(house: House) -> None:
    server = await house.serve()
    dana = await server.operator()
    ann = await server.guest(client="kiosk", version="2.1", place="Frankfort office, kiosk 3")
    await ann.start("Ann", "Taxes", ref=1)
    await dana.until(Opened, session=ann.session)
    await dana.take(ann.session, ref=1)
    await ann.until(Joined, operator="dana")

    assert (await ann.say("Where do I send my form?", ref=2)).seq == 3
    assert (await dana.until(Line)).text == "Where do I send my form?"
    assert (await dana.say("To Frankfort.", ref=2)).seq == 4
    assert (await ann.until(Line)).name == "dana"
    await dana.send(SetTopic(topic="Tax forms"))
    await dana.until(Ack, seq=5)
    await ann.end()
    await dana.until(Closed)
    await ann.send(
        Interview(answers=(Answer(question="Was your question answered?", answer="Yes"),)),
        RequestTranscript(email="ann@example.org"),
    )
    await ann.until(Ack, seq=8)

    transcript = house.archive.transcript(ann.session)
    assert transcript is not None
    header = transcript.session
    assert (header.visitor_name, header.topic) == ("Ann", "Tax forms")
    assert (header.client, header.version, header.ip) == ("kiosk", "2.1", "127.0.0.1")
    assert (header.place, header.host) == ("Frankfort office, kiosk 3", None)
    assert header.operators == ("dana",)
    assert (header.ended_by, header.email) == ("visitor", "ann@example.org")
    assert header.ended_at is not None
    assert header.ended_at >= header.started_at
    assert transcript.interview == (("Was your question answered?", "Yes"),)
    assert [event.kind for event in transcript.events] == [
        *("opened", "joined", "line", "line", "topic_set"),
        *("closed", "interview_answered", "transcript_requested"),
    ]
    assert house.lines(ann.session) == ["Ann: Where do I send my form?", "dana: To Frankfort."]


async def test_the_first_thing_a_visitor_reads_is_the_policys_warning(house: House) -> None:
    server = await house.serve(topics=("Taxes",), questions=("Were you helped?",))
    ann = await server.connect()

    hello = await ann.hello()

    assert hello == ann.heard[0]
    assert "social security number" in hello.notice
    assert (hello.topics, hello.questions) == (("Taxes",), ("Were you helped?",))
    assert (hello.operators, hello.earlier) == (0, None)


async def test_the_visitor_gets_started_and_then_the_log_from_its_first_event(
    house: House,
) -> None:
    server = await house.serve()
    ann = await server.guest()

    await ann.start(ref=7)
    opened = await ann.until(Opened)

    assert isinstance(ann.heard[1], Started)
    assert (ann.heard[1].seq, ann.heard[1].ref) == (1, 7)
    assert (opened.session, opened.seq, opened.name) == (ann.session, 1, "Ann")


async def test_a_visitor_who_wants_no_token_gets_none_and_is_tied_to_nothing(
    house: House,
) -> None:
    server = await house.serve()
    ann = await server.visitor()
    assert ann.token is None
    await ann.end()
    again = await server.visitor()

    session = house.archive.session(again.session)
    assert session is not None
    assert (session.previous, session.chain_id) == (None, None)


async def test_the_sender_gets_the_ack_and_everybody_else_the_line(house: House) -> None:
    server = await house.serve()
    ann, dana = await server.pair()

    await ann.say("one", ref=1)
    await dana.until(Line, text="one")

    assert not any(isinstance(message, Line) for message in await ann.barrier())
    assert not any(isinstance(message, Ack) for message in await dana.barrier())


async def test_lines_sent_in_one_piece_are_stored_and_shown_in_their_order(house: House) -> None:
    server = await house.serve()
    ann, dana = await server.pair()
    said = [f"line {n}" for n in range(300)]

    await ann.send(*[Say(text=text, ref=n) for n, text in enumerate(said, start=1)])
    await ann.until(Ack, ref=300)
    await dana.until(Line, text="line 299")

    assert dana.lines == said
    assert house.lines(ann.session) == [f"Ann: {text}" for text in said]
    acks = [message for message in ann.heard if isinstance(message, Ack)]
    assert [(ack.ref, ack.seq) for ack in acks] == [(n, n + 2) for n in range(1, 301)]


async def test_the_same_start_on_a_second_connection_opens_no_second_session(
    house: House,
) -> None:
    server = await house.serve()
    first = await server.guest()
    await first.start(key=KEY)
    await first.say("still me")
    second = await server.guest()

    await second.start(key=KEY)
    await second.until(Resumed)

    assert second.session == first.session
    assert seqs(second.heard, second.session) == [1, 2]
    assert (await second.say("and here", ref=9)).seq == 3
    assert len(house.archive.sessions()) == 1


async def test_the_same_start_again_on_one_connection_answers_the_same(house: House) -> None:
    server = await house.serve()
    ann = await server.guest()
    await ann.start(key=KEY)
    before = ann.session

    await ann.start(key=KEY)

    assert ann.session == before
    assert len(house.archive.sessions()) == 1


async def test_a_line_right_behind_the_repeated_start_finds_its_session(house: House) -> None:
    server = await house.serve()
    first = await server.guest()
    await first.start(key=KEY)
    second = await server.guest()
    start = b'{"type":"start","name":"Ann","topic":"Taxes","key":"%s"}\n' % KEY.encode()

    await second.raw(start + b'{"type":"say","text":"at once","ref":1}\n')

    assert (await second.until(Ack, ref=1)).seq == 2


async def test_a_second_visit_on_one_connection_needs_the_first_to_end(house: House) -> None:
    server = await house.serve()
    ann = await server.visitor()
    first = ann.session
    start = b'{"type":"start","name":"Ann","topic":"Taxes","ref":5}\n'
    await ann.raw(start)
    refusal = await ann.refused()
    assert (refusal.code, refusal.ref) == (ErrorCode.ALREADY_STARTED, 5)

    await ann.end()
    await ann.start()

    assert ann.session != first
    assert house.kinds(first) == ["opened", "closed"]


async def test_a_connection_that_starts_visit_after_visit_leaves_nothing_behind(
    house: House,
) -> None:
    server = await house.serve()
    ann = await server.guest()

    for _ in range(5):
        await ann.start()
        await ann.end()

    assert len(server.service.sessions.rooms) == 1


async def test_the_times_of_a_log_never_go_back_though_the_clock_does(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = await house.serve()
    ann, dana = await server.pair()
    await ann.say("before")

    monkeypatch.setattr(server.service.sessions, "_clock", lambda: utc_now() - timedelta(hours=1))
    await dana.say("after")
    await ann.end()

    opened, *_, line, after, closed = (event.at for event in house.log(ann.session))
    assert opened < line == after == closed
