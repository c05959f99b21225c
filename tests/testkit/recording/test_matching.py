"""What one side says again, held against what it said."""

import json
from typing import Any

from livehelp.testkit.recording.compare import Names
from livehelp.testkit.recording.matching import Matching
from livehelp.testkit.recording.recording_file import Entry, Side, What


def said(side: Side = "server", connection: int = 1, **message: Any) -> Entry:
    return Entry(t=0.0, connection=connection, side=side, line=json.dumps(message))


def end(side: Side, what: What = "closed") -> Entry:
    return Entry(t=0.0, connection=1, side=side, what=what)


def line(session: str, seq: int, text: str = "hello") -> Entry:
    return said(type="line", session=session, seq=seq, text=text)


def compared(recording: list[Entry], *now: Entry, side: Side = "server") -> list[str]:
    """Return what differs when ``now`` comes, and what is still missing then."""
    matching = Matching(recording, side, Names())
    for entry in now:
        matching.came(entry.connection, entry.data.strip())
    matching.miss(len(recording))
    return [difference.what for difference in matching.found]


def test_the_same_lines_are_no_difference() -> None:
    assert compared([line("A", 1), line("A", 2)], line("B", 1), line("B", 2)) == []


def test_lines_of_one_session_in_another_order_differ() -> None:
    assert compared([line("A", 1), line("A", 2)], line("B", 2), line("B", 1)) == [
        "line: seq",
        "line: seq",
    ]


def host(session: str, seq: int) -> Entry:
    return said(type="host_found", session=session, seq=seq, host="localhost")


def test_a_host_may_have_been_found_before_or_at_another_moment() -> None:
    ack = said(type="ack", ref=1, session="A", seq=4)
    looked_up = [line("A", 1), host("A", 2), line("A", 3), ack]
    known = [line("A", 1), line("A", 2), said(type="ack", ref=1, session="A", seq=3)]
    later = [line("A", 1), line("A", 2), host("A", 3), ack]
    for recording in (looked_up, known, later):
        for now in (looked_up, known, later):
            assert compared(recording, *now) == []


def test_a_number_that_no_host_explains_differs() -> None:
    assert compared([line("A", 1), line("A", 2)], line("A", 1), line("A", 4)) == ["line: seq"]
    recording = [line("A", 1), line("A", 2), line("A", 3)]
    assert compared(recording, line("A", 1), line("A", 3), line("A", 4)) == ["line: seq"] * 2
    recording = [line("A", 1), host("A", 2), line("A", 3), line("A", 4)]
    assert compared(recording, line("A", 1), line("A", 3), line("A", 3)) == ["line: seq"]


def test_lines_of_two_sessions_may_come_in_any_order() -> None:
    recording = [line("A", 1, "a"), line("B", 1, "b"), line("A", 2, "aa")]
    assert compared(recording, line("Y", 1, "b"), line("X", 1, "a"), line("X", 2, "aa")) == []


def test_acks_may_overtake_each_other() -> None:
    one, two = said(type="ack", ref=1, seq=2), said(type="ack", ref=2, seq=3)
    assert compared([one, two], two, one) == []


def test_an_error_instead_of_an_ack_is_one_difference() -> None:
    error = said(type="error", code="out_of_turn", message="No.")
    assert compared([said(type="ack", seq=2)], error) == ["ack: code, message, seq, type"]


def test_what_others_say_may_come_before_or_after_the_end_of_a_log() -> None:
    before = [line("A", 1), line("A", 2), said(type="resumed", session="A", seq=2, phase="active")]
    after = [line("B", 1), said(type="resumed", session="B", seq=1, phase="waiting"), line("B", 2)]
    assert compared(before, *after) == []
    assert compared(after, *before) == []


def test_places_in_the_queue_may_come_or_not() -> None:
    place = said(type="position", session="A", position=1, waiting=1, operators=0)
    assert compared([place]) == []
    assert compared([], place, place) == []


def test_somebody_types_who_never_did() -> None:
    def typing(name: str) -> Entry:
        return said(type="typing", session="A", by="visitor", name=name, on=True)

    assert compared([typing("Pat")], typing("Pat"), typing("Pat")) == []
    assert compared([typing("Pat")], typing("Kim")) == ["nobody of that name typed"]


def test_what_did_not_come_and_what_was_not_recorded_are_both_told() -> None:
    assert compared([said(type="pong")], said(type="bye", reason="full")) == [
        "this was not recorded",
        "this did not come",
    ]


def test_what_was_on_its_way_to_a_client_that_had_gone_may_come_or_not() -> None:
    assert compared([end("client"), line("A", 1)]) == []
    assert compared([end("client"), line("A", 1)], line("B", 1)) == []


def test_the_end_of_a_connection_is_waited_for() -> None:
    matching = Matching([end("server")], "server", Names())
    assert not matching.due(1)
    matching.ended(1)
    assert matching.due(1)
    assert matching.found == []


def test_an_end_that_was_not_recorded_is_a_difference() -> None:
    matching = Matching([said(type="pong")], "server", Names())
    matching.ended(1)
    assert [d.what for d in matching.found] == ["the server ended the connection"]


def test_what_a_client_says_on_one_connection_is_in_order_but_for_its_pings() -> None:
    start, say = said("client", type="start", ref=1), said("client", type="say", text="a", ref=2)
    ping = said("client", type="ping")
    assert compared([start, ping, say], start, say, ping, side="client") == []
    assert compared([start, say], say, start, side="client") != []


def test_a_difference_names_the_line_of_the_file_and_is_safe_to_show() -> None:
    matching = Matching([line("A", 1, "hello")], "server", Names())
    matching.came(1, line("B", 1, "\x1b[2J").data.strip())
    assert str(matching.found[0]) == (
        "@ line 2, connection 1: line: text\n"
        '- {"type":"line","text":"hello"}\n'
        '+ {"type":"line","text":"\\u001b[2J"}'
    )
