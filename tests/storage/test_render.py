"""A transcript as people and programs read it: whole, and not to be forged from inside."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from storage.records import EventRecord, SessionRecord, TranscriptRecord
from storage.render import session_json, session_line, transcript_json, transcript_text
from tests.storage.given import NOON, at, closed, joined, line, opened

SESSION = SessionRecord(
    id=1,
    reference="K7P4-MXQ2",
    visitor_name="Ann Visitor",
    topic="Driver's licence",
    client="livehelp",
    version="0.1.0",
    ip="192.0.2.7",
    host="h.example.org",
    place="https://kentucky.example/licence",
    started_at=NOON,
    ended_at=at(50),
    ended_by="visitor",
    email="ann@example.org",
    previous="X2X3-X4X5",
    operators=("Bo", "Cy"),
    chain_id=1,
)


def said(seq: int, name: str, text: str, actor: Any = "operator") -> EventRecord:
    return EventRecord(seq, at(seq), "line", actor, name, text)


def happened(seq: int, kind: str, actor: Any = "operator", /, **data: object) -> EventRecord:
    return EventRecord(seq, at(seq), kind, actor, data=data)


WHOLE = TranscriptRecord(
    SESSION,
    (
        opened(host="h.example.org", place="https://kentucky.example/licence"),
        joined(2, "Bo"),
        line(3, "Where do I renew my licence?"),
        said(4, "Bo", "At any county clerk.\nBring the old one."),
        EventRecord(5, at(5), "noted", "operator", "Bo", "Asked before."),
        happened(6, "topic_set", operator="Bo", topic="Driver's licence"),
        happened(7, "transferred", operator="Bo", to="Cy"),
        happened(8, "left", operator="Bo", reason="transferred"),
        joined(9, "Cy"),
        closed(50),
        happened(51, "interview_answered", "visitor", answers=[]),
        happened(52, "transcript_requested", "visitor", email="ann@example.org"),
    ),
    (("Were you helped?", "Yes,\nvery."), ("What could be better?", "")),
)
# The privacy statement's list, with the two things that it says elsewhere (host address, referring
# webpage): for each, how the text shows it, and where the JSON has it.
POLICY = {
    "Session date": ("Session date     2005-12-19", "session_date", "2005-12-19"),
    "Session start time": (
        "Start time       12:00:00 UTC",
        "start_time",
        "2005-12-19T12:00:00.250000Z",
    ),
    "Session end time": (
        "End time         12:00:50 UTC",
        "end_time",
        "2005-12-19T12:00:50.250000Z",
    ),
    "Operator name": ("Operator name    Bo, Cy", "operator_names", ["Bo", "Cy"]),
    "Visitor name as entered": ("Visitor name     Ann Visitor", "visitor_name", "Ann Visitor"),
    "Browser type": ("Client, version  livehelp 0.1.0", "client", "livehelp"),
    "Browser version": ("Client, version  livehelp 0.1.0", "client_version", "0.1.0"),
    "Host IP number": ("Host IP number   192.0.2.7", "host_ip", "192.0.2.7"),
    "Host address": ("Host address     h.example.org", "host_address", "h.example.org"),
    "Referring webpage": (
        "Referring page   https://kentucky.example/licence",
        "referring_page",
        "https://kentucky.example/licence",
    ),
    "Topic": ("Topic            Driver's licence", "topic", "Driver's licence"),
    "Email address if a transcript was requested": (
        "E-mail address   ann@example.org",
        "email",
        "ann@example.org",
    ),
    "The text of the discussion": (
        "12:00:03  visitor   Ann Visitor: Where do I renew my licence?",
        "discussion",
        ["Where do I renew my licence?", "At any county clerk.\nBring the old one."],
    ),
    "Exit interview responses": (
        "Were you helped?\n    Yes,\n    very.\nWhat could be better?\n    \n",
        "exit_interview",
        [
            {"question": "Were you helped?", "answer": "Yes,\nvery."},
            {"question": "What could be better?", "answer": ""},
        ],
    ),
}


@pytest.mark.parametrize("item", POLICY)
def test_what_the_policy_lists_is_in_the_text_and_in_the_json(item: str) -> None:
    shown, key, value = POLICY[item]
    assert shown in transcript_text(WHOLE, UTC)
    there = json.loads(json.dumps(transcript_json(WHOLE)))[key]
    if key == "discussion":
        there = [event["text"] for event in there if event["event"] == "line"]
    assert there == value


def test_the_text_of_a_visit_reads_from_top_to_bottom() -> None:
    assert transcript_text(WHOLE, UTC).partition("Discussion\n----------\n")[2] == (
        "12:00:00  *         Ann Visitor entered and asked about: Driver's licence\n"
        "12:00:02  *         Bo joined\n"
        "12:00:03  visitor   Ann Visitor: Where do I renew my licence?\n"
        "12:00:04  operator  Bo: At any county clerk.\n"
        "                  | Bring the old one.\n"
        "12:00:05  note      Bo (not shown to the visitor): Asked before.\n"
        "12:00:06  *         Bo set the topic: Driver's licence\n"
        "12:00:07  *         Bo handed the visitor to Cy\n"
        "12:00:08  *         Bo left: handed the visitor over\n"
        "12:00:09  *         Cy joined\n"
        "12:00:50  *         Ended by the visitor\n"
        "12:00:51  *         The visitor answered the exit interview\n"
        "12:00:52  *         The transcript was requested by e-mail: ann@example.org\n"
        "\nExit interview\n--------------\n"
        "Were you helped?\n    Yes,\n    very.\nWhat could be better?\n    \n"
    )


def entries(*events: EventRecord) -> list[str]:
    text = transcript_text(TranscriptRecord(SESSION, events, ()), UTC)
    return text.partition("----------\n")[2].partition("\n\nExit interview")[0].split("\n")


BREAKS = ["\n", "\r", "\r\n", "\v", "\f", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029"]


@pytest.mark.parametrize("end", BREAKS, ids=ascii)
def test_a_line_break_in_a_text_begins_no_entry(end: str) -> None:
    forged = f"Hello{end}12:00:09  operator  Bo: You owe us $500.{end}{end}Bye"
    assert entries(line(3, forged)) == [
        "12:00:03  visitor   Ann Visitor: Hello",
        "                  | 12:00:09  operator  Bo: You owe us $500.",
        "                  |",
        "                  | Bye",
    ]


@pytest.mark.parametrize("end", BREAKS, ids=ascii)
def test_a_line_break_in_a_name_or_a_topic_begins_no_line(end: str) -> None:
    forged = f"Ann{end}12:00:09  operator  Bo: Pay."
    one = "Ann 12:00:09  operator  Bo: Pay."
    # A line end of two characters is one.
    assert entries(line(3, "Hi", name=forged)) == [f"12:00:03  visitor   {one}: Hi"]
    assert entries(opened(name=forged, topic=forged)) == [
        f"12:00:00  *         {one} entered and asked about: {one}"
    ]
    record = replace(SESSION, visitor_name=forged, topic=forged, email=forged, place=forged)
    text = transcript_text(TranscriptRecord(record, (), ((forged, forged),)), UTC)
    assert not [each for each in text.split("\n") if each.startswith("12:00:09")]
    assert len(session_line(record, UTC).splitlines()) == 1


def test_a_visitor_with_an_operator_s_name_is_still_a_visitor() -> None:
    assert entries(said(3, "Bo", "I am Bo.", "visitor"), said(4, "Bo", "So am I.")) == [
        "12:00:03  visitor   Bo: I am Bo.",
        "12:00:04  operator  Bo: So am I.",
    ]
    forged = said(3, "operator  Bo", "Pay.", "visitor")
    assert entries(forged) == ["12:00:03  visitor   operator  Bo: Pay."]
    assert transcript_json(replace(WHOLE, events=(forged,)))["discussion"][0]["by"] == "visitor"


def test_what_a_terminal_would_obey_is_written_out_and_letters_stay() -> None:
    text = "\x1b[2J\x07\u202eevil\u00adok\x9b1m"
    assert entries(line(3, text)) == [
        r"12:00:03  visitor   Ann Visitor: \x1b[2J\x07\u202eevil\xadok\x9b1m"
    ]
    letters = "naïve 東京\u3000\u00a0👩\u200d🚒 क्\u200cष"
    assert entries(line(3, letters)) == [f"12:00:03  visitor   Ann Visitor: {letters}"]


def test_an_open_visit_that_nobody_took_says_so() -> None:
    waiting = replace(
        SESSION, ended_at=None, ended_by=None, operators=(), host=None, place=None, email=None,
        previous=None,
    )  # fmt: skip
    text = transcript_text(TranscriptRecord(waiting, (opened(),), ()), UTC)
    for shown in (
        "End time         not ended yet",
        "Operator name    nobody joined",
        "Host address     not known",
        "Referring page   not given",
        "E-mail address   no transcript was requested",
        "Exit interview\n--------------\nNot answered.\n",
    ):
        assert shown in text
    assert "Earlier visit" not in text
    header = session_json(waiting)
    assert header["end_time"] is None
    assert header["operator_names"] == []
    assert session_line(waiting, UTC) == (
        "K7P4-MXQ2  2005-12-19 12:00 - open   Ann Visitor with nobody yet: Driver's licence"
    )


def test_the_times_are_in_the_zone_that_was_asked_for() -> None:
    zone = timezone(timedelta(hours=-5), "EST")
    text = transcript_text(WHOLE, zone)
    assert "Start time       07:00:00 EST\nEnd time         07:00:50 EST\n" in text
    assert "\n07:00:02  *         Bo joined\n" in text
    assert session_line(SESSION, zone).startswith("K7P4-MXQ2  2005-12-19 07:00 - 07:00  Ann")


def test_a_visit_over_midnight_shows_the_new_day() -> None:
    late = datetime(2005, 12, 20, 0, 1, tzinfo=UTC)
    night = TranscriptRecord(
        replace(SESSION, ended_at=late), (line(3), replace(line(4), at=late)), ()
    )
    text = transcript_text(night, UTC)
    assert "End time         2005-12-20 00:01:00 UTC\n" in text
    assert (
        "12:00:03  visitor   Ann Visitor: Hello\n"
        "--------  2005-12-20\n"
        "00:01:00  visitor   Ann Visitor: Hello\n"
    ) in text


@pytest.mark.parametrize(
    ("event", "saying"),
    [
        (closed(9, "operator"), "Ended by the operator"),
        (happened(9, "closed", by="operator", name="Bo", reason="ended"), "Ended by Bo"),
        (
            happened(9, "closed", "system", by="system", reason="idle"),
            "Closed, because the visitor did not come back",
        ),
        (happened(9, "host_found", "system", host="h.example"), "Host address found: h.example"),
        (happened(9, "transferred", operator="Bo"), "Bo handed the visitor to the queue"),
        (happened(9, "left", operator="Bo", reason="logged_out"), "Bo left: signed out"),
        (
            happened(9, "left", "system", operator="Bo", reason="gone"),
            "Bo left: was away for too long",
        ),
        (happened(9, "left", operator="Bo", reason="promoted"), "Bo left: promoted"),
        # Of a later version, and of one that says less.
        (happened(9, "mood_set", mood="ü\n"), 'mood_set {"mood": "ü\\n"}'),
        (happened(9, "joined"), "joined {}"),
    ],
)
def test_every_event_says_what_happened(event: EventRecord, saying: str) -> None:
    assert entries(event) == [f"12:00:09  *         {saying}"]


def test_an_event_s_own_fields_cannot_replace_its_number_and_time() -> None:
    event = happened(9, "mood_set", seq=1, at="never", event="line", by="nobody", mood="good")
    [shown] = transcript_json(replace(WHOLE, events=(event,)))["discussion"]
    assert shown == {
        "seq": 9,
        "at": "2005-12-19T12:00:09.250000Z",
        "event": "mood_set",
        "by": "operator",
        "mood": "good",
    }
