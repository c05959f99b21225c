"""A conversation as entries: order, own lines, and what is no entry."""

import pytest

from livehelp.sentences import Reader, sentence_for
from livehelp.wire.commands import Answer
from livehelp.wire.events import (
    AnyEvent,
    Closed,
    HostFound,
    InterviewAnswered,
    Left,
    TopicSet,
    TranscriptRequested,
    Transferred,
)
from tests.tui.told import ESCAPES, NOW, REF, closed, joined, noted, opened, said
from tui.conversation import Conversation, DeliveryStatus, Kind
from tui.event_entries import add_event

VISITOR = Reader()
DANA = Reader("dana")


def texts(talk: Conversation) -> list[str]:
    return [entry.text for entry in talk.entries]


def test_entries_stand_in_the_order_of_the_log_however_they_come() -> None:
    talk = Conversation()
    for event in (said(4, "four"), said(2, "two"), said(3, "three")):
        talk = add_event(talk, event, VISITOR)
    assert texts(talk) == ["two", "three", "four"]


def test_an_event_that_comes_twice_is_shown_once() -> None:
    talk = add_event(add_event(Conversation(), said(2, "two"), VISITOR), said(2, "two"), VISITOR)
    assert texts(talk) == ["two"]


def test_a_line_on_its_way_stands_last_until_its_ack_gives_it_a_place() -> None:
    talk = Conversation().typed(1, "mine", "Ann", NOW)
    talk = add_event(talk, said(5, "theirs", by="operator"), VISITOR)
    assert texts(talk) == ["theirs", "mine"]
    assert talk.unsent == 1

    talk = talk.acked(1, 4)
    assert texts(talk) == ["mine", "theirs"]
    assert [entry.fate for entry in talk.entries] == [DeliveryStatus.SENT, DeliveryStatus.STORED]
    assert talk.unsent == 0


def test_an_own_line_that_the_log_brought_before_its_ack_is_shown_once() -> None:
    talk = add_event(Conversation().typed(1, "mine", "Ann", NOW), said(4, "mine"), VISITOR).acked(
        1, 4
    )
    assert texts(talk) == ["mine"]


def test_an_own_line_that_the_log_brings_after_its_ack_is_shown_once() -> None:
    talk = add_event(
        Conversation().typed(1, "mine", "Ann", NOW).acked(1, 4), said(4, "mine"), VISITOR
    )
    assert texts(talk) == ["mine"]


def test_a_refused_line_stays_and_says_why() -> None:
    (entry,) = (
        Conversation().typed(1, "mine", "Ann", NOW).refused(1, "The session has ended.").entries
    )
    assert (entry.fate, entry.why, entry.text) == (
        DeliveryStatus.NOT_SENT,
        "The session has ended.",
        "mine",
    )


def test_an_operator_knows_his_own_lines_and_notes_from_those_of_others() -> None:
    talk = Conversation()
    events: list[AnyEvent] = [
        said(2, "a", by="operator", name="dana"),
        said(3, "b", by="operator", name="eli"),
        said(4, "c"),
        noted(5, "d", operator="dana"),
        noted(6, "e", operator="eli"),
    ]
    for event in events:
        talk = add_event(talk, event, DANA)
    assert [entry.mine for entry in talk.entries] == [True, False, False, True, False]
    assert [entry.kind for entry in talk.entries[-2:]] == [Kind.NOTE, Kind.NOTE]


def test_what_a_terminal_would_obey_is_taken_out_whoever_sent_it() -> None:
    talk = add_event(Conversation(), said(2, ESCAPES, by="operator", name="da\x1bna"), VISITOR)
    (entry,) = talk.entries
    assert entry.text.isprintable()
    assert entry.who == "dana"


def event(kind: type[AnyEvent], **fields: object) -> AnyEvent:
    return kind(session=REF, seq=9, at=NOW, **fields)  # pyright: ignore[reportCallIssue, reportArgumentType]


@pytest.mark.parametrize(
    ("what", "to_visitor", "to_dana"),
    [
        (
            opened(),
            "You asked for help: Driver licences",
            "Ann Lee asked for help: Driver licences",
        ),
        (joined(), "dana is helping you now", "You are helping the visitor now"),
        (
            event(Left, operator="eli", reason="logged_out"),
            "eli signed out",
            "eli signed out",
        ),
        (
            event(Left, operator="dana", reason="gone"),
            "dana was away for too long",
            "You were away for too long",
        ),
        (
            event(Transferred, operator="eli", to="dana"),
            "eli handed the conversation to dana",
            "eli handed the conversation to you",
        ),
        (
            event(Transferred, operator="dana"),
            "dana put the conversation back in the queue",
            "You put the conversation back in the queue",
        ),
        (
            event(TopicSet, operator="dana", topic="Taxes"),
            "dana set the topic to Taxes",
            "You set the topic to Taxes",
        ),
        (closed(9), "dana ended the conversation", "You ended the conversation"),
        (closed(9, by="visitor"), "You ended the conversation", "The visitor ended it"),
        (
            event(TranscriptRequested, email="ann@example.org"),
            "The transcript will be sent to ann@example.org",
            "The transcript will be sent to ann@example.org",
        ),
        (
            event(InterviewAnswered, answers=(Answer(question="Helped?", answer="Yes"),)),
            "Exit interview\nHelped?\nYes",
            "Exit interview\nHelped?\nYes",
        ),
        (event(HostFound, host="kiosk-7"), "", ""),
    ],
)
def test_events_read_as_sentences(what: AnyEvent, to_visitor: str, to_dana: str) -> None:
    assert sentence_for(what, VISITOR) == to_visitor
    assert sentence_for(what, DANA) == to_dana


def test_an_end_by_the_system_says_that_the_visitor_stayed_away() -> None:
    idle = Closed(session=REF, seq=9, at=NOW, by="system", reason="idle")
    assert sentence_for(idle, VISITOR) == "The conversation ended: you were away for too long"
    assert sentence_for(idle, DANA) == "The conversation ended: the visitor did not come back"


def test_an_end_by_the_system_without_a_reason_says_only_that() -> None:
    plain = Closed(session=REF, seq=9, at=NOW, by="system")
    assert sentence_for(plain, VISITOR) == "The conversation has ended"
