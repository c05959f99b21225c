"""How a session begins."""

import pytest

from livehelp.wire.commands import Start
from livehelp.wire.replies import ErrorCode
from server.rules.actors import ClientDetails
from server.rules.decide import MAX_HOST, open_session
from server.rules.refused import Refused
from server.rules.session import evolve
from tests.rules.harness import NOON, REFERENCE, enters

START = Start(name="Ann", topic="Taxes")
CALLER = ClientDetails(client="livehelp", version="0.1", ip="192.0.2.7")


def test_a_session_opens_with_all_that_the_policy_lets_operators_see():
    caller = ClientDetails(
        client="livehelp", version="0.1", ip="192.0.2.7", host="h.example.org", place="Kiosk 3"
    )
    opened = open_session(REFERENCE, START, caller, "QQQQ-2222", NOON)
    assert opened == enters(host="h.example.org", place="Kiosk 3", previous="QQQQ-2222")(1, NOON)


def test_a_session_opens_without_host_place_and_earlier_visit():
    assert open_session(REFERENCE, START, CALLER, None, NOON) == enters(place=None)(1, NOON)


def test_a_session_that_opened_waits_and_has_nobody_in_it():
    session = evolve(None, open_session(REFERENCE, START, CALLER, None, NOON))
    assert session.phase == "waiting"
    assert session.operators == ()
    assert session.opened_at == session.last_at == NOON
    assert session.closed_at is None
    assert not session.interviewed


def test_everything_that_a_visitor_sends_is_cleaned_to_one_line():
    start = Start(name=" Ann\n\x1b[1mB ", topic="Car\u202e\ttaxes")
    caller = ClientDetails(
        client="live\x07help", version="0.1\n", ip="::1", host="h\x1b.org", place="Kiosk\x85 3"
    )
    assert open_session(REFERENCE, start, caller, None, NOON) == enters(
        name="Ann B", topic="Car taxes", ip="::1", host="h.org", place="Kiosk 3"
    )(1, NOON)


def test_what_is_blank_after_cleaning_is_unknown_or_left_out():
    caller = ClientDetails(client="\x07", version=" ", ip="::1", host="\x1b", place="\n")
    assert open_session(REFERENCE, START, caller, None, NOON) == enters(
        client="unknown", version="unknown", ip="::1", place=None
    )(1, NOON)


def test_a_host_address_that_is_too_long_to_be_one_is_left_out():
    caller = ClientDetails(client="livehelp", version="0.1", ip="::1", host="h" * (MAX_HOST + 1))
    assert open_session(REFERENCE, START, caller, None, NOON).host is None


@pytest.mark.parametrize(
    ("start", "words"),
    [
        (
            Start(name="\u200b", topic="Taxes"),
            "Your name has nothing that can be shown. Enter one.",
        ),
        (Start(name="Ann", topic=" "), "The topic has nothing that can be shown. Name one."),
    ],
)
def test_a_name_or_topic_of_which_nothing_can_be_shown_is_refused(start: Start, words: str):
    with pytest.raises(Refused, match=words) as refusal:
        open_session(REFERENCE, start, CALLER, None, NOON)
    assert refusal.value.code is ErrorCode.EMPTY_TEXT
    assert refusal.value.message == words
