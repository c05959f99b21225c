"""Chapter 3: a connection, from hello to the last error. What takes time is in test_times.py."""

from typing import Any

import pytest

from tests.conformance.conftest import MakeDesk
from tests.conformance.desk import Desk, log, new_key, texts
from tests.conformance.wire import REPLIES, line

MAX_ERRORS = 20
# A number that no server speaks yet.
OTHER_PROTOCOL = 1_000
SECRET = "k" * 43
ANSWERS = [{"question": "Why?", "answer": "So."}]
OF_VISITORS = [
    pytest.param("start", {"name": "Pat", "topic": "Taxes"}, id="start"),
    pytest.param("interview", {"answers": ANSWERS}, id="interview"),
    pytest.param("request_transcript", {"email": "pat@example.org"}, id="request_transcript"),
]


@pytest.mark.rule("P-3.1")
def test_the_server_says_nothing_before_the_clients_hello(desk: Desk) -> None:
    silent = desk.connect()
    visitor, operator = desk.pair()
    operator.do("say", text="meanwhile", session=visitor.session)
    visitor.wait("line")
    desk.greet(silent)
    assert silent.heard[0]["type"] == "hello"


@pytest.mark.rule("P-3.2")
@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        pytest.param("start", {"name": "Pat", "topic": "Taxes"}, id="start"),
        pytest.param("login", {"ticket": SECRET}, id="login"),
        pytest.param("resume", {"session": "K7P4-MXQ2", "key": SECRET}, id="resume"),
        pytest.param("say", {"text": "hello?"}, id="say"),
        pytest.param("take", {}, id="take"),
    ],
)
def test_anything_before_hello_is_refused_and_hello_may_still_come(
    desk: Desk, kind: str, fields: dict[str, Any]
) -> None:
    guest = desk.connect()
    guest.refused("hello_first", kind, **fields)
    desk.greet(guest)
    guest.settle()


@pytest.mark.rule("P-3.3")
def test_a_second_hello_is_refused_and_the_first_one_stands(desk: Desk) -> None:
    visitor = desk.visitor()
    visitor.refused_raw("hello_twice", line("hello", protocol=1, role="operator"))
    visitor.refused("not_yours", "note", text="I am an operator now")
    visitor.do("say", text="and still a visitor")
    assert len(visitor.all("hello")) == 1


@pytest.mark.rule("P-3.4", "P-12.3")
def test_the_server_answers_with_the_protocol_that_was_named(desk: Desk) -> None:
    assert desk.greet(desk.connect(), protocol=1)["protocol"] == 1


@pytest.mark.rule("P-3.4", "P-3.12", "P-12.3")
def test_a_protocol_that_is_not_spoken_ends_the_connection(desk: Desk) -> None:
    guest = desk.connect()
    guest.refused_raw(
        "protocol",
        line("hello", protocol=OTHER_PROTOCOL, role="visitor")
        + line("hello", protocol=1, role="visitor")
        + line("ping"),
    )
    assert guest.end() == []


@pytest.mark.rule("P-3.5")
@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        pytest.param("login", {"ticket": SECRET}, id="login"),
        pytest.param("logout", {}, id="logout"),
        pytest.param("take", {}, id="take"),
        pytest.param("note", {"text": "a note"}, id="note"),
        pytest.param("set_topic", {"topic": "Taxes"}, id="set_topic"),
        pytest.param("transfer", {}, id="transfer"),
        pytest.param("recall", {}, id="recall"),
    ],
)
def test_a_visitor_may_not_send_what_is_the_operators(
    desk: Desk, kind: str, fields: dict[str, Any]
) -> None:
    guest = desk.guest()
    guest.refused("not_yours", kind, **fields)
    visitor = desk.visitor()
    visitor.refused("not_yours", kind, **fields)


@pytest.mark.rule("P-3.5")
@pytest.mark.parametrize(("kind", "fields"), OF_VISITORS)
def test_an_operator_may_not_send_what_is_the_visitors(
    desk: Desk, kind: str, fields: dict[str, Any]
) -> None:
    desk.operator().refused("not_yours", kind, **fields)
    _, operator = desk.pair()
    operator.refused("not_yours", kind, **fields)


@pytest.mark.rule("P-3.6")
@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        pytest.param("say", {"text": "hello"}, id="say"),
        pytest.param("end", {}, id="end"),
        pytest.param("take", {}, id="take"),
        pytest.param("note", {"text": "a note"}, id="note"),
        pytest.param("set_topic", {"topic": "Taxes"}, id="set_topic"),
        pytest.param("transfer", {}, id="transfer"),
        pytest.param("recall", {}, id="recall"),
        pytest.param("resume", {}, id="resume"),
        pytest.param("logout", {}, id="logout"),
    ],
)
def test_who_has_not_signed_in_may_only_sign_in_and_ping(
    desk: Desk, kind: str, fields: dict[str, Any]
) -> None:
    visitor, _ = desk.pair()
    stranger = desk.guest(role="operator")
    named = fields if kind == "logout" else fields | {"session": visitor.session}
    stranger.refused("login_first", kind, **named)
    stranger.settle()
    desk.login(stranger, desk.target.operators[1])


@pytest.mark.rule("P-3.6", "P-5.2")
def test_typing_is_answered_until_one_has_signed_in(desk: Desk) -> None:
    visitor, _ = desk.pair()
    stranger = desk.guest(role="operator")
    stranger.refused_raw("login_first", line("typing", on=True, session=visitor.session))
    visitor.settle()
    assert not visitor.all("typing")


@pytest.mark.rule("P-3.5", "P-3.6")
@pytest.mark.parametrize(("kind", "fields"), OF_VISITORS)
def test_what_only_visitors_send_is_not_yours_before_signing_in_too(
    desk: Desk, kind: str, fields: dict[str, Any]
) -> None:
    stranger = desk.guest(role="operator")
    stranger.refused("not_yours", kind, **fields)
    stranger.settle()


@pytest.mark.rule("P-3.6", "P-5.20")
def test_who_has_not_signed_in_sees_nothing_of_the_floor(desk: Desk) -> None:
    stranger = desk.guest(role="operator")
    desk.pair()
    stranger.settle()
    assert [message["type"] for message in stranger.heard] == ["hello", "pong"]


@pytest.mark.rule("P-3.7")
def test_a_visitors_connection_is_in_the_session_it_resumed_last(desk: Desk) -> None:
    visitor, other = desk.visitor(), desk.visitor("Sam")
    visitor.do("resume", session=other.session, key=other.key)
    assert visitor.do("say", text="here")["session"] == other.session
    visitor.refused("not_yours", "say", text="and there?", session=visitor.session)


@pytest.mark.rule("P-3.7", "P-7.2")
def test_a_visitors_connection_is_in_the_session_it_started_last(desk: Desk) -> None:
    visitor = desk.visitor()
    first = visitor.session
    visitor.do("end")
    second = desk.start(visitor)["session"]
    assert second != first
    assert visitor.do("say", text="again")["session"] == second


@pytest.mark.rule("P-3.7")
def test_an_operators_connection_is_in_every_session_that_was_taken(desk: Desk) -> None:
    pat, operator = desk.pair()
    sam = desk.visitor("Sam")
    desk.take(operator, sam)
    for visitor in (pat, sam):
        visitor.do("say", text="hello")
        operator.wait("line", session=visitor.session)
        operator.do("say", text="hello yourself", session=visitor.session)
        visitor.wait("line", text="hello yourself")


@pytest.mark.rule("P-3.9")
def test_ping_is_answered_in_every_phase(desk: Desk) -> None:
    visitor = desk.guest()
    visitor.settle()
    desk.start(visitor)
    visitor.settle()
    operator = desk.guest(role="operator")
    operator.settle()
    desk.login(operator, desk.target.operators[0])
    operator.settle()
    desk.take(operator, visitor)
    visitor.settle()
    operator.do("end", session=visitor.session)
    visitor.wait("closed")
    visitor.settle()
    operator.settle()
    assert len(visitor.all("pong")) == 4
    assert len(operator.all("pong")) == 3


@pytest.mark.rule("P-3.11")
def test_the_twentieth_error_ends_the_connection_and_not_the_one_before(desk: Desk) -> None:
    guest = desk.connect()
    # All that counts: what is no message, and what comes before or against hello.
    for _ in range(4):
        guest.refused("hello_first", "take")
    desk.greet(guest)
    for _ in range(5):
        guest.refused_raw("hello_twice", line("hello", protocol=1, role="visitor"))
        guest.refused_raw("bad_json", b"what?\n")
    guest.refused("bad_field", "say")
    for _ in range(4):
        guest.refused("unknown_type", "shout")
    assert len(guest.all("error")) == MAX_ERRORS - 1
    guest.settle()

    guest.raw(b"the twentieth\n" + line("ping"))
    assert [m.get("code") for m in guest.end()] == ["bad_json", "too_many_errors"]


@pytest.mark.rule("P-3.11")
def test_refusals_are_not_counted(desk: Desk) -> None:
    visitor = desk.visitor()
    for _ in range(MAX_ERRORS + 5):
        visitor.refused("out_of_turn", "interview", answers=ANSWERS)
        visitor.refused("not_yours", "note", text="a note")
    visitor.do("say", text="still here")


@pytest.mark.rule("P-3.12")
def test_after_an_error_that_ends_the_connection_nothing_more_is_read(desk: Desk) -> None:
    visitor = desk.visitor()
    visitor.raw(line("say", text="x" * 20_000) + line("say", text="too late") + line("ping"))
    assert [m.get("code") for m in visitor.end() if m["type"] in REPLIES] == ["line_too_long"]
    back = desk.back(visitor)
    back.do("say", text="next")
    assert texts(log(desk.back(back).heard, visitor.session)) == ["next"]


@pytest.mark.rule("P-3.13")
def test_who_reads_nothing_is_closed_alone_and_has_lost_nothing(desk: Desk) -> None:
    operator = desk.operator()
    # It is heard no more once it is taken; what the kernel holds for it is as little as may be.
    slow = desk.guest(window=4_096)
    desk.start(slow)
    desk.take(operator, slow)
    said = 0
    wide = "\U0001f600" * 2_000
    # The kernels between the two hold megabytes; then 256 KiB wait, and that is the end of it.
    while said < 4_000 and not operator.all("presence", session=slow.session, online=False):
        refs = range(said + 1_001, said + 1_033)
        operator.raw(
            b"".join(line("say", text=wide, session=slow.session, ref=ref) for ref in refs)
        )
        for ref in refs:
            assert operator.reply(ref)["type"] == "ack"
        said += len(refs)
    operator.wait("presence", session=slow.session, online=False)
    back = desk.back(slow)
    assert len(texts(log(back.heard, slow.session))) == said


@pytest.mark.rule("chapter 6", "chapter 11")
def test_a_full_queue_lets_nobody_in_until_somebody_has_left_it(own: MakeDesk) -> None:
    desk = own(max_waiting=1)
    first, second, back = desk.visitor(), desk.guest(), desk.guest()
    second.refused("full", "start", name="Ann", topic="Taxes", key=new_key())
    assert desk.start(back, key=first.key)["session"] == first.session
    desk.take(desk.operator(), back)
    desk.start(second)


@pytest.mark.rule("chapter 11")
def test_other_errors_have_words_for_the_person_and_end_nothing(desk: Desk) -> None:
    visitor = desk.visitor()
    errors = [
        visitor.refused_raw("bad_json", b"hello?\n"),
        visitor.refused_raw("hello_twice", line("hello", protocol=1, role="visitor")),
        visitor.refused("unknown_type", "shout", text="hello"),
        visitor.refused("bad_field", "say"),
        visitor.refused("not_yours", "take"),
        visitor.refused("out_of_turn", "interview", answers=ANSWERS),
        visitor.refused("already_started", "start", name="Pat", topic="Taxes"),
        visitor.refused("empty_text", "say", text=" "),
    ]
    assert all(error["message"].strip() for error in errors)
    visitor.do("say", text="and go on")
