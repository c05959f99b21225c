"""Lines that are no message: the code, the words and the ``ref`` of every refusal."""

import json
from typing import Any

import pytest

from livehelp.wire.base import MAX_ANSWERS, MAX_INTEGER, MAX_TEXT
from livehelp.wire.codec import MAX_REASON, decode_command, decode_server_message
from livehelp.wire.errors import RemoteProtocolError
from livehelp.wire.events import Closed
from tests.wire.harness import fault_of


def line(**fields: Any) -> bytes:
    return json.dumps(fields).encode()


NO_JSON = "That is not a JSON object in UTF-8 on one line: "
NO_MESSAGE = 'A message is a JSON object with a text field "type": '
TOO_DEEP = "That JSON is nested deeper than any message is."


@pytest.mark.parametrize(
    ("bad", "code", "words", "ref"),
    [
        # No JSON.
        (b"hello", "bad_json", NO_JSON + "JSON is malformed: invalid character (byte 0).", None),
        (b"\x00\x00", "bad_json", NO_JSON + "JSON is malformed", None),
        (b"\xef\xbb\xbf{}", "bad_json", NO_JSON + "JSON is malformed", None),
        (b"{'type':'ping'}", "bad_json", NO_JSON + "JSON is malformed: object keys", None),
        (b'{"type":"say","ref":1,"text":"a', "bad_json", NO_JSON + "Input data was trunc", None),
        (b'{"type":"ping"} {"type":"ping"}', "bad_json", NO_JSON + "JSON is malformed: tr", None),
        (b'{"type":"say","ref":7,"text":"\xff"}', "bad_json", NO_JSON + "'utf-8' codec", 7),
        (b'{"type":"say","text":"\\ud800"}', "bad_json", NO_JSON, None),
        (b'{"type":"\xff"}', "bad_json", NO_JSON + "'utf-8' codec", None),
        (b'{"type":"say","session":5,"ref":"\xff"}', "bad_json", NO_JSON, None),
        (b'{"type":"say","text":NaN}', "bad_json", NO_JSON, None),
        (b'{"type":"say","text":5,', "bad_json", NO_JSON, None),
        (b'{"type":"say","text":"a","x":' + b"[" * 16_000, "bad_json", TOO_DEEP, None),
        (b'{"x":' + b'{"x":' * 3_000 + b'"', "bad_json", TOO_DEEP, None),
        # The wrong field comes before the depth: the second reading must not fall into it.
        (b'{"type":"say","text":5,"x":' + b"[" * 16_000, "bad_json", TOO_DEEP, None),
        # JSON, but no message.
        (b"[]", "bad_field", NO_MESSAGE + "Expected `object`, got `array`.", None),
        (b"17", "bad_field", NO_MESSAGE + "Expected `object`, got `int`.", None),
        (b'"hello"', "bad_field", NO_MESSAGE + "Expected `object`, got `str`.", None),
        (b"null", "bad_field", NO_MESSAGE + "Expected `object`, got `null`.", None),
        (b"[" * 16_000, "bad_field", NO_MESSAGE + "Expected `object`, got `array`.", None),
        (b"{}", "bad_field", NO_MESSAGE + "Object missing required field `type`.", None),
        (b'{"ref":4}', "bad_field", NO_MESSAGE + "Object missing required field", None),
        (b'{"type":5,"ref":4}', "bad_field", NO_MESSAGE + "Expected `str`, got `int`", None),
        (b'{"type":null}', "bad_field", NO_MESSAGE + "Expected `str`, got `null`", None),
        # A message, but not one of ours.
        (b'{"type":"shout","ref":4}', "unknown_type", "There is no message of type 'shout'.", 4),
        (b'{"type":"line","ref":4}', "unknown_type", "There is no message of type 'line'.", 4),
        (b'{"type":"Say"}', "unknown_type", "There is no message of type 'Say'.", None),
        (b'{"type":""}', "unknown_type", "There is no message of type ''.", None),
        (b'{"type":"a\\u001b[2J"}', "unknown_type", "no message of type 'a\\x1b[2J'.", None),
        (b'{"type":"' + b"x" * 5_000 + b'"}', "unknown_type", "'" + "x" * 40 + "'.", None),
        # One of ours, with a wrong field.
        (b'{"type":"say","ref":4}', "bad_field", "say: Object missing required field `t", 4),
        (b'{"type":"say","text":5,"ref":4}', "bad_field", "say: Expected `str`, got `int`", 4),
        # Lengths, with their unit.
        (
            b'{"type":"say","text":"","ref":4}',
            "bad_field",
            "say: Expected `str` that is not empty - at `$.text`.",
            4,
        ),
        (
            b'{"type":"request_transcript","email":"a@","ref":4}',
            "bad_field",
            "request_transcript: Expected `str` of at least 3 characters - at `$.email`.",
            4,
        ),
        # What can be no reference; PostgreSQL would stumble over the NUL.
        (
            b'{"type":"take","session":"\\u0000","ref":4}',
            "bad_field",
            "take: Expected a well-formed `str` - at `$.session`.",
            4,
        ),
        (
            b'{"type":"say","text":"a","session":"K7P4 MXQ2"}',
            "bad_field",
            "say: Expected a well-formed `str` - at `$.session`.",
            None,
        ),
        (
            b'{"type":"typing","on":1}',
            "bad_field",
            "typing: Expected `bool`, got `int` - at ",
            None,
        ),
        (
            b'{"type":"interview","answers":[{"question":"Q"}],"ref":4}',
            "bad_field",
            "interview: Object missing required field `answer` - at `$.answers[0]`.",
            4,
        ),
        (b'{"type":"hello","protocol":1,"role":"admin"}', "bad_field", "enum value 'admin'", None),
        # A ref that cannot be repeated exactly is not repeated.
        (b'{"type":"say","text":"a","ref":0}', "bad_field", "say: Expected `int` >= 1", None),
        (b'{"type":"say","text":"a","ref":-4}', "bad_field", "`$.ref`", None),
        (b'{"type":"say","text":"a","ref":"4"}', "bad_field", "got `str` - at `$.ref`", None),
        (b'{"type":"say","text":"a","ref":4.5}', "bad_field", "got `float` - at `$.ref`", None),
        (b'{"type":"say","text":"a","ref":true}', "bad_field", "got `bool` - at `$.ref`", None),
        (b'{"type":"say","text":"a","ref":[[]]}', "bad_field", "`$.ref`", None),
        (b'{"type":"shout","ref":9007199254740991}', "unknown_type", "shout", MAX_INTEGER),
        (b'{"type":"shout","ref":9007199254740992}', "unknown_type", "shout", None),
        (b'{"type":"shout","ref":1' + b"0" * 400 + b"}", "unknown_type", "shout", None),
        (b'{"type":"shout","ref":1' + b"0" * 9_000 + b"}", "bad_field", "out of range", None),
        (b'{"type":"shout","ref":1e999}', "bad_field", "out of range", None),
    ],
)
def test_a_bad_line_is_answered_with_its_code_clear_words_and_its_ref(
    bad: bytes, code: str, words: str, ref: int | None
) -> None:
    fault = fault_of(bad)
    assert (fault.code, fault.ref, fault.fatal) == (code, ref, False)
    assert words in fault.message


def test_what_is_too_much_is_told_with_its_bound() -> None:
    fault = fault_of(line(type="say", text="x" * (MAX_TEXT + 1)))
    assert fault.message == "say: Expected `str` of at most 2,000 characters - at `$.text`."
    answers = [{"question": "Q", "answer": "A"}] * (MAX_ANSWERS + 1)
    fault = fault_of(line(type="interview", answers=answers))
    words = "interview: Expected `array` of at most 10 entries - at `$.answers`."
    assert fault.message == words


def test_the_words_quote_no_more_than_a_person_reads_and_nothing_a_terminal_obeys() -> None:
    role = "\x1b[2J" + "x" * 5_000
    fault = fault_of(line(type="hello", protocol=1, role=role))
    assert fault.message.isprintable()
    assert len(fault.message) <= len("hello: .") + MAX_REASON


def test_the_client_reads_no_commands_and_the_server_no_events() -> None:
    with pytest.raises(RemoteProtocolError, match="no message of type 'say'"):
        decode_server_message(b'{"type":"say","text":"hi"}')
    with pytest.raises(RemoteProtocolError, match="no message of type 'ack'"):
        decode_command(b'{"type":"ack"}')


def test_a_time_without_its_zone_is_refused() -> None:
    closed = '{"type":"closed","session":"K7P4-MXQ2","seq":9,"by":"visitor","at":"%s"}'
    event = decode_server_message((closed % "2005-12-19T15:04:05Z").encode())
    assert isinstance(event, Closed)
    assert event.at.utcoffset() is not None
    with pytest.raises(RemoteProtocolError, match=r"\$\.at"):
        decode_server_message((closed % "2005-12-19T15:04:05").encode())
