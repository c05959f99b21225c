"""Sessions and their events: what is written is read, whole, in order, once."""

from dataclasses import replace
from datetime import timedelta, timezone

import pytest
from sqlalchemy import text

from storage import Append, Archive, EventRecord, RuleBroken
from storage.engine import Database
from storage.eventlog import MAX_ROWS
from tests.storage.given import NOON, add, at, closed, joined, line, opened, opening, sha, start


def test_what_is_written_is_read_back(archive: Archive) -> None:
    events = (
        opened(place="Kiosk 4", host="kiosk4.example.org", previous="AAAA-1111"),
        line(2, "Hello, [red]who[/red] is there? \U0001f44b"),
        joined(3, "Bo"),
        EventRecord(
            4, at(4), "noted", "operator", "Bo", "Asked for her number", run="r", ref=2**53
        ),
        EventRecord(5, at(5), "left", "operator", data={"operator": "Bo", "reason": "gone"}),
    )
    session_id = start(archive, place="Kiosk 4", host="kiosk4.example.org", previous="AAAA-1111")
    add(archive, session_id, *events[1:])
    assert archive.events(session_id) == list(events)
    assert archive.events(session_id, after=3) == list(events[3:])
    assert archive.events(session_id, after=1, limit=2) == list(events[1:3])
    assert archive.events(session_id + 1) == []


def test_moments_come_back_in_utc_whatever_zone_they_were_given_in(archive: Archive) -> None:
    session_id = start(archive)
    kentucky = timezone(timedelta(hours=-5))
    add(archive, session_id, replace(line(2), at=at(2).astimezone(kentucky)))
    [event] = archive.events(session_id, after=1)
    assert event.at == at(2)
    assert event.at.utcoffset() == timedelta(0)


def test_a_moment_without_a_zone_is_refused(archive: Archive) -> None:
    session_id = start(archive)
    with pytest.raises(ValueError, match="no time zone"):
        add(archive, session_id, replace(line(2), at=NOON.replace(tzinfo=None)))
    assert len(archive.events(session_id)) == 1


def test_a_log_begins_with_opened(archive: Archive) -> None:
    with pytest.raises(ValueError, match="begins with opened"):
        archive.write([replace(opening("A"), event=line(1))])


def test_an_empty_batch_does_nothing(archive: Archive) -> None:
    assert archive.write([]) == []


def test_a_batch_holds_many_sessions_at_once(archive: Archive) -> None:
    ids = archive.write([opening(f"S{number}") for number in range(20)])
    assert len(set(ids)) == 20
    wanted = [i for i in ids if i is not None]
    assert archive.write([Append(i, (line(2), line(3))) for i in wanted]) == ids
    assert all([e.seq for e in archive.events(i)] == [1, 2, 3] for i in wanted)


@pytest.mark.parametrize("count", [1, 3, MAX_ROWS, MAX_ROWS + 1])
def test_a_batch_may_have_any_number_of_lines(archive: Archive, count: int) -> None:
    session_id = start(archive)
    batch = [Append(session_id, (line(seq, f"line {seq}"),)) for seq in range(2, count + 2)]
    assert archive.write(batch) == [session_id] * count
    assert [e.text for e in archive.events(session_id, after=1)] == [
        f"line {seq}" for seq in range(2, count + 2)
    ]


def test_a_reference_or_a_key_that_is_taken_opens_nothing(archive: Archive) -> None:
    first = start(archive, "AAAA")
    same_key = replace(opening("CCCC"), key_hash=sha("AAAA"))
    answers = archive.write([opening("AAAA", token="t"), opening("BBBB"), same_key])
    assert answers[0] is answers[2] is None
    assert [s.reference for s in archive.sessions()] == ["BBBB", "AAAA"]
    assert len(archive.events(first)) == 1
    assert archive.present_token(sha("t"), at(9)).status == "unknown"


def test_two_openings_with_one_key_in_a_batch_open_one_session(archive: Archive) -> None:
    twice = [opening("AAAA"), replace(opening("BBBB"), key_hash=sha("AAAA"))]
    first, second = archive.write(twice)
    assert first is not None
    assert second is None


def test_an_append_whose_seq_is_taken_is_refused(archive: Archive) -> None:
    session_id = start(archive)
    assert add(archive, session_id, line(2, "mine")) == session_id
    assert add(archive, session_id, line(2, "theirs")) is None
    assert [e.text for e in archive.events(session_id)] == [None, "mine"]


def test_a_refused_append_stores_nothing_of_itself_and_spoils_nothing_else(
    archive: Archive,
) -> None:
    one, other = start(archive, "AAAA"), start(archive, "BBBB")
    add(archive, one, line(2))
    answers = archive.write(
        [
            Append(other, (line(2), joined(3, "Bo"))),
            Append(one, (joined(3, "Cy"), line(2, "too late"))),
            opening("CCCC", token="t"),
            Append(other, (line(4),)),
        ]
    )
    assert answers[:2] == [other, None]
    assert answers[2] is not None
    assert answers[3] == other
    assert len(archive.events(one)) == 2
    assert [e.seq for e in archive.events(other)] == [1, 2, 3, 4]
    refused, stored = archive.session("AAAA"), archive.session("BBBB")
    assert refused is not None
    assert stored is not None
    assert (refused.operators, stored.operators) == ((), ("Bo",))
    assert archive.present_token(sha("t"), at(9)).status == "live"


def test_two_appends_for_one_session_are_applied_in_order(archive: Archive) -> None:
    session_id = start(archive)
    set_topic = EventRecord(
        3, at(3), "topic_set", "operator", data={"operator": "Bo", "topic": "B"}
    )
    batch = [
        Append(session_id, (replace(set_topic, seq=2, data={"operator": "Bo", "topic": "A"}),)),
        Append(session_id, (set_topic,)),
    ]
    assert archive.write(batch) == [session_id, session_id]
    header = archive.session("K7P4-MXQ2")
    assert header is not None
    assert header.topic == "B"


def test_after_a_refused_append_the_next_for_that_session_is_refused_too(archive: Archive) -> None:
    session_id = start(archive)
    add(archive, session_id, line(2))
    batch = [Append(session_id, (line(2, "x"),)), Append(session_id, (line(3, "decided upon x"),))]
    assert archive.write(batch) == [None, None]
    assert len(archive.events(session_id)) == 2


def test_an_append_to_a_session_that_is_not_there_is_refused(archive: Archive) -> None:
    session_id = start(archive)
    batch = [Append(999, (line(2),)), Append(session_id, (line(2),))]
    assert archive.write(batch) == [None, session_id]


def test_an_event_that_breaks_a_rule_is_an_error_and_not_a_lost_race(archive: Archive) -> None:
    session_id = start(archive)
    with pytest.raises(RuleBroken) as broken:
        add(archive, session_id, replace(line(2, "a secret"), actor="nobody"))  # pyright: ignore[reportArgumentType]
    assert "secret" not in str(broken.value)
    assert len(archive.events(session_id)) == 1


def test_two_servers_share_one_archive(archive: Archive, url: str) -> None:
    session_id = start(archive)
    other = Archive.open(url)
    assert add(other, session_id, line(2, "from the other")) == session_id
    assert add(archive, session_id, line(2, "from this")) is None
    assert [e.text for e in archive.events(session_id, after=1)] == ["from the other"]
    other.close()


def test_events_outlive_the_program(archive: Archive, url: str) -> None:
    session_id = start(archive)
    add(archive, session_id, line(2))
    archive.close()
    again = Archive.open(url, create=False)
    assert [e.seq for e in again.events(session_id)] == [1, 2]
    again.close()


def test_sessions_are_listed_newest_first(archive: Archive) -> None:
    first, second, third = (start(archive, name) for name in ("AAAA", "BBBB", "CCCC"))
    add(archive, second, joined(2, "Bo"), joined(3, "Al"), joined(4, "Bo"), closed(5))
    assert [s.id for s in archive.sessions()] == [third, second, first]
    assert [s.id for s in archive.sessions(limit=2)] == [third, second]
    assert [s.id for s in archive.sessions(open_only=True)] == [third, first]
    assert [s.id for s in archive.open_sessions()] == [third, first]
    assert [s.operators for s in archive.sessions()] == [(), ("Bo", "Al"), ()]


def test_a_session_is_found_by_its_reference_and_by_its_key(archive: Archive) -> None:
    start(archive, "AAAA")
    session_id = start(archive, "BBBB")
    by_reference, by_key = archive.session("BBBB"), archive.session_by_key(sha("BBBB"))
    assert by_reference == by_key
    assert by_key is not None
    assert by_key.id == session_id
    assert archive.session("ZZZZ") is None
    assert archive.session_by_key(sha("ZZZZ")) is None
    assert archive.transcript("ZZZZ") is None


def test_the_transcript_view_reads_like_one(archive: Archive, database: Database) -> None:
    session_id = start(archive)
    add(
        archive,
        session_id,
        line(2, "Hello"),
        EventRecord(3, at(3), "transferred", "operator", data={"operator": "Bo"}),
        EventRecord(4, at(4), "noted", "operator", "Bo", "urgent"),
    )
    with database.snapshot() as connection:
        rows = connection.execute(text("SELECT session, seq, who, what FROM transcript")).all()
    assert [tuple(row) for row in rows] == [
        ("K7P4-MXQ2", 1, "Ann Visitor", "(enters) Driver's licence"),
        ("K7P4-MXQ2", 2, "Ann Visitor", "Hello"),
        ("K7P4-MXQ2", 3, "Bo", "(transfers) to the queue"),
        ("K7P4-MXQ2", 4, "Bo", "(notes) urgent"),
    ]
