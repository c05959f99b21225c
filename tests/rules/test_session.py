"""What a log adds up to, and what is no log."""

from typing import get_args

import pytest

from livehelp.wire.events import AnyEvent
from server.rules.session import CHANGES, BrokenLogError, Session, evolve, replay
from tests.rules.harness import (
    NOON,
    REFERENCE,
    Happening,
    answers,
    asks_transcript,
    closes,
    enters,
    given,
    host_found,
    joins,
    leaves,
    line,
    minute,
    notes,
    topic_set,
    transfers,
)


def test_a_whole_visit_adds_up_to_its_record():
    session = given(
        enters(previous="QQQQ-2222"),
        host_found("h.example.org"),
        joins("Dana"),
        line("operator", "Dana", "Good day"),
        topic_set("Dana", "Car tax"),
        notes("Dana", "Called before"),
        transfers("Dana", "Lee"),
        leaves("Dana", "transferred"),
        joins("Lee"),
        line("visitor", "Ann", "Thank you"),
        closes("operator", "Lee"),
        answers(("Were you helped?", "Yes")),
        asks_transcript("ann@example.org"),
    ).session
    assert session == Session(
        reference=REFERENCE,
        seq=13,
        phase="closed",
        opened_at=minute(1),
        last_at=minute(13),
        name="Ann",
        topic="Car tax",
        client="livehelp",
        version="0.1",
        ip="192.0.2.7",
        host="h.example.org",
        place="Frankfort office, kiosk 3",
        previous="QQQQ-2222",
        operators=("Lee",),
        interviewed=True,
        closed_at=minute(11),
    )


def test_an_event_leaves_the_session_before_it_as_it_was():
    before = given(enters()).session
    after = evolve(before, joins("Dana")(2, NOON))
    assert (before.phase, before.seq) == ("waiting", 1)
    assert (after.phase, after.seq) == ("active", 2)


def test_the_session_waits_only_when_the_last_operator_left():
    both = given(enters(), joins("Dana"), joins("Lee"))
    one = evolve(both.session, leaves("Dana", "gone")(4, NOON))
    assert (one.phase, one.operators) == ("active", ("Lee",))
    none = evolve(one, leaves("Lee", "gone")(5, NOON))
    assert (none.phase, none.operators) == ("waiting", ())


def test_every_event_of_the_wire_changes_a_session_in_a_known_way():
    assert set(CHANGES) == set(get_args(AnyEvent))


def test_a_log_without_events_is_no_session():
    with pytest.raises(BrokenLogError, match="A log without events is no session"):
        replay([])


@pytest.mark.parametrize("first", [joins("Dana")(1, NOON), enters()(2, NOON)])
def test_a_log_begins_with_opened_as_number_one(first: AnyEvent):
    with pytest.raises(BrokenLogError, match="A log begins with opened, number 1, not with"):
        replay([first])


@pytest.mark.parametrize("seq", [1, 3])
def test_a_log_has_no_gap_and_nothing_twice(seq: int):
    with pytest.raises(BrokenLogError, match=f"Event {seq} of {REFERENCE} cannot follow event 1"):
        replay([enters()(1, NOON), joins("Dana")(seq, NOON)])


def test_an_event_of_another_session_is_not_taken_in():
    other = given(enters()).session
    stranger = Session(
        reference="QQQQ-2222",
        seq=other.seq,
        phase=other.phase,
        opened_at=NOON,
        last_at=NOON,
        name="Bob",
        topic="Taxes",
        client="nc",
        version="1",
        ip="::1",
    )
    with pytest.raises(BrokenLogError, match="cannot follow event 1 of QQQQ-2222"):
        evolve(stranger, joins("Dana")(2, NOON))


def test_a_session_opens_once():
    twice: list[Happening] = [enters(), enters()]
    with pytest.raises(BrokenLogError, match=f"{REFERENCE} was opened twice, again at 2"):
        given(*twice)
