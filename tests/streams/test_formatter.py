"""Messages as plain lines: what is written, what is not, and that all of it is clean."""

from datetime import UTC, datetime
from typing import Any

import pytest

from livehelp.client.states import Incoming, LinkEnded, LinkLost, LinkUp
from livehelp.streams.formatter import Formatter
from livehelp.wire.events import Closed, HostFound, Joined, Line
from livehelp.wire.signals import Bye, Position, Presence, TypingSignal

AT = datetime(2005, 12, 19, 14, 2, tzinfo=UTC)
HOSTILE = "\x1b[2J\u202eda\x07na\n14:02 kim"
LOG: dict[str, Any] = {"session": "K7P4-MXQ2", "seq": 3, "at": AT}


def told(*messages: Incoming) -> list[str]:
    """What is written for each message."""
    teller = Formatter(UTC)
    return [teller.text_for(message, AT) for message in messages]


def test_a_line_is_the_name_the_text_and_the_time() -> None:
    line = Line(by="operator", name="dana", text="Good morning\nPat", **LOG)
    assert told(line) == ["dana: Good morning\n    Pat (14:02)\n"]


def test_an_event_is_marked_so_that_no_name_can_look_like_it() -> None:
    assert told(Joined(operator="dana", **LOG)) == ["* dana is helping you now (14:02)\n"]
    assert told(Closed(by="system", reason="idle", **LOG))[0].startswith("* ")


@pytest.mark.parametrize(
    "message",
    [
        HostFound(host="kiosk7.example.gov", **LOG),
        TypingSignal(session="K7P4-MXQ2", by="operator", name="dana", on=True),
        Bye(reason="shutdown", message="The server is restarting."),
        LinkUp(resumed=False),
    ],
)
def test_what_is_nothing_to_read_is_not_written(message: Incoming) -> None:
    assert told(message) == [""]


def test_a_lost_link_is_told_once_however_many_tries_there_are() -> None:
    lost = LinkLost(why="the connection broke", retry_in=1.0)
    assert told(LinkUp(resumed=False), lost, lost, LinkUp(resumed=True), lost) == [
        "",
        "* Connection lost: the connection broke. You can go on typing. (14:02)\n",
        "",
        "* Connected again. (14:02)\n",
        "* Connection lost: the connection broke. You can go on typing. (14:02)\n",
    ]
    assert told(LinkEnded(why="Sign in again.")) == [
        "* The connection has ended: Sign in again. (14:02)\n"
    ]


def test_the_place_in_the_queue_is_told_when_it_changes() -> None:
    second = Position(session="K7P4-MXQ2", position=2, waiting=3, operators=1)
    first = Position(session="K7P4-MXQ2", position=1, waiting=2, operators=0)
    assert told(second, second, first) == [
        "* You are number 2 of 3. 1 operator is here. (14:02)\n",
        "",
        "* You are next. No operator is here at the moment. (14:02)\n",
    ]


@pytest.mark.parametrize(
    "message",
    [
        Line(by="operator", name=HOSTILE, text="\x1b]0;title\x07Good\x00 morning", **LOG),
        Joined(operator=HOSTILE, **LOG),
        Presence(session="K7P4-MXQ2", by="operator", name=HOSTILE, online=False),
        Presence(session="K7P4-MXQ2", by="operator", name=HOSTILE, online=True),
        LinkLost(why=HOSTILE, retry_in=1.0),
        LinkEnded(why=HOSTILE),
    ],
)
def test_nothing_that_a_terminal_would_obey_is_written(message: Incoming) -> None:
    (text,) = told(message)
    assert text.endswith(" (14:02)\n")
    assert text.count("\n") == 1
    assert text[:-1].isprintable()
