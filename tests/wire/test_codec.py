"""Lines to messages and back: round trips, what is forgiven, and the limits."""

import json
from typing import Any

import pytest
from hypothesis import given

from livehelp.wire.base import MAX_INTEGER, Message, tag_of
from livehelp.wire.codec import (
    decode_command,
    decode_server_message,
    encode,
)
from livehelp.wire.commands import Command
from livehelp.wire.errors import RemoteProtocolError
from livehelp.wire.events import FLOOR_EVENTS, STAFF_EVENTS, AnyEvent, Event
from livehelp.wire.frames import MAX_CLIENT_LINE, MAX_SERVER_LINE
from livehelp.wire.replies import ErrorCode
from livehelp.wire.signals import ServerMessage
from tests.wire.harness import fault_of
from tests.wire.strategies import (
    COMMANDS,
    SERVER_MESSAGES,
    classes_of,
    commands,
    server_messages,
    tag_on_wire,
)

EVENTS = classes_of(AnyEvent)


def line(**fields: Any) -> bytes:
    return json.dumps(fields).encode()


# --- round trips ------------------------------------------------------------------------------


@given(commands)
def test_every_command_comes_back_as_it_went(command: Command) -> None:
    data = encode(command)
    assert decode_command(data.removesuffix(b"\n")) == command


@given(server_messages)
def test_every_server_message_comes_back_as_it_went(message: ServerMessage) -> None:
    data = encode(message)
    assert decode_server_message(data.removesuffix(b"\n")) == message


@given(commands | server_messages)
def test_a_message_is_one_line(message: Message) -> None:
    data = encode(message)
    assert data.count(b"\n") == 1
    assert data.endswith(b"}\n")
    assert b"\r" not in data


@given(commands | server_messages)
def test_the_type_comes_first_and_what_is_at_its_default_is_left_out(message: Message) -> None:
    fields = json.loads(encode(message))
    assert next(iter(fields)) == "type"
    assert None not in fields.values()


@pytest.mark.parametrize("union", [COMMANDS, SERVER_MESSAGES], ids=["commands", "server"])
def test_no_two_messages_of_a_direction_share_a_type(union: list[type[Message]]) -> None:
    names = [tag_on_wire(each) for each in union]
    assert len(set(names)) == len(names)


def test_every_message_is_frozen_and_tagged_with_its_own_name() -> None:
    shared = {"ClientHello": "hello", "ServerHello": "hello", "TypingSignal": "typing"}
    for each in COMMANDS + SERVER_MESSAGES:
        assert each.__struct_config__.frozen
        assert tag_on_wire(each) == shared.get(each.__name__, tag_of(each.__name__))


def test_a_compound_class_name_becomes_words_with_underscores() -> None:
    assert tag_of("RequestTranscript") == "request_transcript"


def test_every_event_has_the_fields_of_an_event_and_belongs_to_the_log() -> None:
    assert all(issubclass(each, Event) for each in EVENTS)
    assert set(FLOOR_EVENTS) | set(STAFF_EVENTS) < set(EVENTS)
    assert not set(FLOOR_EVENTS) & set(STAFF_EVENTS)


# --- what is forgiven -------------------------------------------------------------------------


def test_an_unknown_field_is_ignored_whatever_it_holds() -> None:
    deep: Any = "x"
    for _ in range(100):
        deep = [{"deeper": deep}]
    say = decode_command(line(type="say", text="hi", later=deep, ref=3))
    assert say == decode_command(line(type="say", text="hi", ref=3))


def test_null_is_the_same_as_leaving_a_field_out() -> None:
    assert decode_command(b'{"type":"say","text":"hi","session":null,"ref":null}') == (
        decode_command(b'{"type":"say","text":"hi"}')
    )


def test_space_and_the_order_of_fields_do_not_matter() -> None:
    assert decode_command(b' { "text" : "hi" ,\t"type" : "say" } \r') == (
        decode_command(b'{"type":"say","text":"hi"}')
    )


# --- limits: at, below, above -----------------------------------------------------------------


def bounded(command: str, field: str, low: int, high: int, **rest: Any) -> Any:
    """One text field with its shortest and its longest length."""
    return pytest.param(
        {"type": command, **rest}, field, low, high, id=f"{command}.{field}-{low}..{high}"
    )


START: dict[str, Any] = {"name": "Pat", "topic": "Other"}
HELLO: dict[str, Any] = {"protocol": 1, "role": "visitor"}


@pytest.mark.parametrize(
    ("fields", "field", "low", "high"),
    [
        bounded("hello", "client", 1, 60, **HELLO),
        bounded("hello", "version", 1, 60, **HELLO),
        bounded("hello", "place", 0, 200, **HELLO),
        bounded("hello", "token", 22, 64, **HELLO),
        bounded("hello", "run", 1, 32, **HELLO),
        bounded("start", "name", 1, 60, topic="Other"),
        bounded("start", "topic", 1, 80, name="Pat"),
        bounded("start", "key", 22, 64, **START),
        bounded("resume", "session", 1, 16),
        bounded("resume", "key", 22, 64, session="K7P4-MXQ2"),
        bounded("say", "text", 1, 2000),
        bounded("note", "text", 1, 2000),
        bounded("set_topic", "topic", 1, 80),
        bounded("transfer", "to", 1, 60),
        bounded("login", "name", 1, 60),
        bounded("login", "password", 1, 256),
        bounded("login", "ticket", 22, 64),
    ],
)
def test_a_text_field_is_accepted_from_its_shortest_to_its_longest(
    fields: dict[str, Any], field: str, low: int, high: int
) -> None:
    for length in (low, low + 1, high - 1, high):
        decoded = decode_command(line(**fields, **{field: "a" * length}))
        assert getattr(decoded, field) == "a" * length
    outside = [high + 1] if low == 0 else [low - 1, high + 1]
    for length in outside:
        with pytest.raises(RemoteProtocolError, match=rf"{field}") as caught:
            decode_command(line(**fields, **{field: "a" * length}))
        assert caught.value.code is ErrorCode.BAD_FIELD


@pytest.mark.parametrize(
    ("fields", "field", "low", "high"),
    [
        bounded("hello", "protocol", 1, 1_000, role="visitor"),
        bounded("hello", "heartbeat", 5, 300, **HELLO),
        bounded("resume", "after", 0, MAX_INTEGER, session="K7P4-MXQ2"),
        bounded("say", "ref", 1, MAX_INTEGER, text="hi"),
    ],
)
def test_a_number_is_accepted_from_its_least_to_its_greatest(
    fields: dict[str, Any], field: str, low: int, high: int
) -> None:
    for number in (low, low + 1, high - 1, high):
        assert getattr(decode_command(line(**fields, **{field: number})), field) == number
    for number in (low - 1, high + 1):
        with pytest.raises(RemoteProtocolError, match=rf"\$\.{field}"):
            decode_command(line(**fields, **{field: number}))


@pytest.mark.parametrize("number", [0, 1, 10, 11])
def test_an_exit_interview_has_one_to_ten_answers(number: int) -> None:
    answers = [{"question": "Was it of use?", "answer": "yes"}] * number
    if number in {1, 10}:
        decode_command(line(type="interview", answers=answers))
    else:
        assert fault_of(line(type="interview", answers=answers)).code is ErrorCode.BAD_FIELD


@pytest.mark.parametrize(
    ("email", "accepted"),
    [
        ("a@b", True),
        ("pat.o'neil+help@example.gov", True),
        ("\u00fc@\u00fc.example", True),
        ("a" * 200 + "@" + "b" * 53, True),
        ("a" * 200 + "@" + "b" * 54, False),
        ("pat", False),
        ("@b", False),
        ("a@", False),
        ("a@b@c", False),
        ("a b@c", False),
        ("a@b\n", False),
        ("a@b\r\nBcc: c@d", False),
    ],
)
def test_an_email_address_has_one_at_sign_and_no_space(email: str, accepted: bool) -> None:
    request = line(type="request_transcript", email=email, ref=5)
    if accepted:
        decode_command(request)
    else:
        fault = fault_of(request)
        assert (fault.code, fault.ref) == (ErrorCode.BAD_FIELD, 5)
        assert "regex" not in fault.message


@pytest.mark.parametrize("bad", [" " * 22, "a" * 21 + "+", "a" * 21 + "/", "a" * 22 + "\n"])
def test_a_secret_is_url_safe_base64(bad: str) -> None:
    fault = fault_of(line(type="start", name="Pat", topic="Other", key=bad))
    assert fault.message == "start: Expected a well-formed `str` - at `$.key`."


def test_the_longest_text_fits_a_line_in_utf_8_and_as_single_escapes() -> None:
    frame = line(type="say", session="S" * 16, ref=MAX_INTEGER, text="")
    assert len(frame) + 2_000 * len("\U0001f44d".encode()) <= MAX_CLIENT_LINE
    assert len(frame) + 2_000 * len(json.dumps("\u4f60")[1:-1]) <= MAX_CLIENT_LINE


def test_the_longest_interview_that_a_client_can_send_fits_the_line_of_its_event() -> None:
    # The worst growth on the way: two bytes for each that came (a quote, written \"), for all
    # of a client's longest line, in an envelope that is far shorter than a kilobyte.
    assert 2 * MAX_CLIENT_LINE + 1024 < MAX_SERVER_LINE
