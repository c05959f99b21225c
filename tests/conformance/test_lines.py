"""Chapter 2: bytes to messages."""

import json

import pytest

from tests.conformance.desk import Desk, log, texts
from tests.conformance.wire import Client, line

MAX_CLIENT_LINE = 16_384
HELLO = line("hello", protocol=1, role="visitor")
EMOJI = "\U0001f600"


def padded(size: int, **say: object) -> bytes:
    """Return a ``say`` whose line has ``size`` bytes without its end."""
    return line("say", **say).rstrip(b"\n").ljust(size)


def seen_by_operator(desk: Desk, visitor: Client) -> list[str]:
    """Return the texts of the visitor's lines as an operator who takes them now gets them."""
    operator = desk.operator()
    desk.take(operator, visitor)
    return texts(log(operator.heard, visitor.session))


@pytest.mark.rule("P-2.1", "P-2.2")
def test_a_line_over_tcp_is_answered_with_a_line(desk: Desk) -> None:
    guest = desk.connect()
    guest.raw(HELLO)
    guest.wait("hello")
    guest.raw(line("ping"))
    guest.wait("pong")
    assert len(guest.heard) == 2


@pytest.mark.rule("P-2.2")
def test_a_carriage_return_before_the_line_feed_is_accepted(desk: Desk) -> None:
    guest = desk.connect()
    guest.raw(HELLO.replace(b"\n", b"\r\n"))
    guest.wait("hello")


@pytest.mark.rule("P-2.2")
def test_a_line_feed_in_a_text_comes_back_as_one_line_of_json(desk: Desk) -> None:
    visitor = desk.visitor()
    visitor.do("say", text="two\nrows")
    # The reader of the tests cuts at every line feed: a raw one would have broken the message.
    assert seen_by_operator(desk, visitor) == ["two\nrows"]


@pytest.mark.rule("P-2.2")
@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"hello?", id="no JSON"),
        pytest.param(b'{"type":"ping"', id="not closed"),
        pytest.param(b'{"type":"say","text":"\xff"}', id="no UTF-8"),
        pytest.param(b'\xff\xfe{"type":"ping"}', id="another encoding"),
    ],
)
def test_what_is_no_json_in_utf8_is_bad_json_and_the_connection_goes_on(
    desk: Desk, data: bytes
) -> None:
    guest = desk.guest()
    guest.refused_raw("bad_json", data + b"\n")
    guest.settle()


@pytest.mark.rule("P-2.3")
def test_blank_lines_are_skipped_before_hello_and_after(desk: Desk) -> None:
    guest = desk.connect()
    guest.raw(b"\n\r\n" + HELLO + b"\n\r\n\n" + line("ping"))
    guest.wait("pong")
    assert [message["type"] for message in guest.heard] == ["hello", "pong"]


@pytest.mark.rule("P-2.4")
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_a_line_of_16384_bytes_is_taken_whatever_its_end(desk: Desk, end: bytes) -> None:
    visitor = desk.visitor()
    visitor.raw(padded(MAX_CLIENT_LINE, text="long", ref=7) + end)
    assert visitor.reply(7)["type"] == "ack"


@pytest.mark.rule("P-2.4")
@pytest.mark.parametrize(
    "long",
    [
        pytest.param(padded(MAX_CLIENT_LINE + 1, text="long") + b"\n", id="one byte"),
        pytest.param(b"x" * 1_000_000, id="a megabyte that never ends"),
    ],
)
def test_a_longer_line_ends_the_connection_and_what_stood_before_it_was_read(
    desk: Desk, long: bytes
) -> None:
    visitor = desk.visitor()
    visitor.raw(line("say", text="before") + long)
    assert [m["code"] for m in visitor.end() if m["type"] == "error"] == ["line_too_long"]
    back = desk.back(visitor)
    back.wait("line", text="before")


@pytest.mark.rule("P-2.5")
def test_the_longest_event_fits_a_servers_line(desk: Desk) -> None:
    visitor = desk.visitor()
    visitor.do("end")
    # Ten answers; with two bytes a letter they fill the longest line that a client may send.
    answers = [{"question": "q" * 200, "answer": "\u00e9" * 690} for _ in range(10)]
    visitor.do("interview", answers=answers)
    # The reader of the tests fails on a line over the limit.
    assert visitor.wait("interview_answered")["answers"] == answers


@pytest.mark.rule("P-2.6")
def test_how_the_bytes_are_cut_means_nothing(desk: Desk) -> None:
    guest = desk.connect()
    for byte in HELLO + line("ping"):
        guest.raw(bytes([byte]))
    guest.wait("pong")
    guest.raw(line("ping") * 50)
    for _ in range(50):
        guest.wait("pong")


@pytest.mark.rule("P-2.7")
def test_the_order_of_fields_and_white_space_mean_nothing(desk: Desk) -> None:
    guest = desk.connect()
    guest.raw(b' { "role" :"visitor",\t"protocol": 1 , "type":"hello" } \n')
    guest.wait("hello")


@pytest.mark.rule("P-2.7")
@pytest.mark.parametrize("data", [b"{}", b'{"type":5}', b"[]", b'"ping"', b"5"])
def test_what_has_no_text_as_its_type_is_no_message(desk: Desk, data: bytes) -> None:
    guest = desk.guest()
    guest.raw(data + b"\n")
    error = guest.answer()
    assert error["type"] == "error"
    assert error["code"] in {"bad_field", "bad_json"}


@pytest.mark.rule("P-2.7")
@pytest.mark.parametrize("kind", ["drop_tables", "line", "ack", ""])
def test_a_type_that_no_command_has_is_unknown_type(desk: Desk, kind: str) -> None:
    guest = desk.guest()
    guest.refused("unknown_type", kind, ref=4)
    guest.settle()


@pytest.mark.rule("P-2.8", "P-12.1")
@pytest.mark.parametrize(
    "held",
    [
        pytest.param(b'"text"', id="text"),
        pytest.param(b"null", id="null"),
        pytest.param(b'{"type":"end","ref":[1.5e3,true]}', id="object"),
        # The message itself is the first of the hundred levels.
        pytest.param(b"[" * 99 + b"]" * 99, id="a hundred levels"),
    ],
)
def test_a_field_that_is_not_known_is_ignored_whatever_it_holds(desk: Desk, held: bytes) -> None:
    visitor = desk.visitor()
    visitor.raw(b'{"type":"say","invented":' + held + b',"text":"heard","ref":9}\n')
    assert visitor.reply(9)["type"] == "ack"


@pytest.mark.rule("P-2.9")
def test_null_in_a_field_that_may_be_left_out_is_leaving_it_out(desk: Desk) -> None:
    guest = desk.connect()
    guest.raw(
        b'{"type":"hello","protocol":1,"role":"visitor","client":"kiosk","place":null,'
        b'"token":null,"run":null,"heartbeat":null}\n'
    )
    assert "earlier" not in guest.wait("hello")
    started = desk.start(guest, key=None)
    assert len(started["key"]) >= 22
    guest.raw(b'{"type":"say","text":"heard","session":null,"ref":null}\n')
    assert "ref" not in guest.answer()


@pytest.mark.rule("P-2.10")
def test_the_longest_text_in_emoji_is_taken_in_utf8(desk: Desk) -> None:
    visitor = desk.visitor()
    visitor.do("say", text=EMOJI * 2_000)
    assert seen_by_operator(desk, visitor) == [EMOJI * 2_000]


@pytest.mark.rule("P-2.10")
def test_the_longest_text_in_emoji_is_over_the_limit_when_it_is_escaped(desk: Desk) -> None:
    visitor = desk.visitor()
    visitor.raw(json.dumps({"type": "say", "text": EMOJI * 2_000}).encode() + b"\n")
    assert [m["code"] for m in visitor.end() if m["type"] == "error"] == ["line_too_long"]


@pytest.mark.rule("P-2.10")
def test_an_escape_is_the_character_that_it_names(desk: Desk) -> None:
    visitor = desk.visitor()
    visitor.raw(rb'{"type":"say","text":"\u20ac \ud83d\ude00","ref":9}' + b"\n")
    assert visitor.reply(9)["type"] == "ack"
    assert seen_by_operator(desk, visitor) == [f"\u20ac {EMOJI}"]


@pytest.mark.rule("P-2.10")
@pytest.mark.parametrize("half", [rb"\ud83d", rb"\ude00", rb"\ude00\ud83d"])
def test_a_lone_surrogate_is_bad_json(desk: Desk, half: bytes) -> None:
    visitor = desk.visitor()
    visitor.refused_raw("bad_json", b'{"type":"say","text":"a%sb"}\n' % half)
    visitor.do("say", text="and go on")


@pytest.mark.rule("P-2.11")
@pytest.mark.parametrize(
    ("typed", "left"),
    [
        pytest.param("bell\x07 and null\x00", "bell and null", id="controls"),
        pytest.param("red \x1b[31;1mtext\x1b[0m", "red text", id="CSI"),
        pytest.param("eight bit \x9b2Jtext", "eight bit text", id="CSI of one byte"),
        pytest.param("a \x1b]0;title\x07title", "a title", id="OSC"),
        pytest.param("bidi \u202eoverride\u202c", "bidi override", id="bidi override"),
        pytest.param("bidi \u2066isolate\u2069", "bidi isolate", id="bidi isolate"),
        pytest.param("zero\u200bwidth\ufeff", "zerowidth", id="zero width"),
        pytest.param("soft\u00adhyphen", "softhyphen", id="format"),
        pytest.param("private \ue000use", "private use", id="private use"),
        pytest.param("unassigned \u0378code", "unassigned code", id="unassigned"),
        pytest.param(
            "\u0915\u094d\u200d\u0937 \u0645\u06cc\u200c\u0631\u0648\u0645",
            "\u0915\u094d\u200d\u0937 \u0645\u06cc\u200c\u0631\u0648\u0645",
            id="joiners stay",
        ),
        pytest.param("two\nrows", "two\nrows", id="line feed stays"),
        pytest.param(" \n edges \n ", "edges", id="edges"),
        pytest.param(
            "'; -- [red]x[/] %s {0} \\u0041 <b>", "'; -- [red]x[/] %s {0} \\u0041 <b>", id="markup"
        ),
    ],
)
def test_what_a_terminal_would_obey_is_removed_from_a_line(
    desk: Desk, typed: str, left: str
) -> None:
    visitor = desk.visitor()
    visitor.do("say", text=typed)
    back = desk.back(visitor)
    assert texts(log(back.heard, visitor.session)) == [left]
    assert seen_by_operator(desk, back) == [left]


@pytest.mark.rule("P-2.11")
def test_names_topics_and_what_operators_write_are_cleaned_as_well(desk: Desk) -> None:
    visitor = desk.visitor(
        name="  An\x1b[31mn\n\n of  Kent ",
        topic="Ta\x00xes \n 2005",
        client="\x1b[2Jkiosk",
        version="\x071",
        place="\u202eFrankfort",
    )
    opened = visitor.all("opened")[0]
    assert [opened[name] for name in ("name", "topic", "client", "version", "place")] == [
        *("Ann of Kent", "Taxes 2005", "kiosk", "1", "Frankfort")
    ]
    operator = desk.operator()
    desk.take(operator, visitor)
    operator.do("note", text="\x1b[5mblinks")
    operator.do("set_topic", topic="Tax\x1b[1m\nforms")
    assert operator.wait("noted")["text"] == "blinks"
    assert operator.wait("topic_set")["topic"] == "Tax forms"
    visitor.do("end")
    visitor.do("interview", answers=[{"question": "\x1b[1mWhy?", "answer": "\x1b[0mSo"}])
    answered = visitor.wait("interview_answered")
    assert answered["answers"] == [{"question": "Why?", "answer": "So"}]


@pytest.mark.rule("P-2.11")
def test_a_text_of_which_nothing_is_left_is_refused(desk: Desk) -> None:
    nothing = "\x1b[2J\x07\u200b \n"
    guest = desk.guest()
    guest.refused("empty_text", "start", name=nothing, topic="Taxes")
    guest.refused("empty_text", "start", name="Pat", topic=nothing)
    visitor, operator = desk.pair()
    visitor.refused("empty_text", "say", text=nothing)
    operator.refused("empty_text", "say", text=nothing, session=visitor.session)
    operator.refused("empty_text", "note", text=nothing, session=visitor.session)
    operator.refused("empty_text", "set_topic", topic=nothing, session=visitor.session)
    visitor.do("end")
    visitor.refused("empty_text", "interview", answers=[{"question": "Why?", "answer": nothing}])
