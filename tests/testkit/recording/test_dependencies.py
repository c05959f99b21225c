"""Which line of a client waits for what."""

import json
from typing import Any

from livehelp.testkit.recording.dependencies import steps
from livehelp.testkit.recording.recording_file import Entry, Side

PAT, DANA = 1, 2


def said(connection: int, side: Side, **message: Any) -> Entry:
    return Entry(t=0.0, connection=connection, side=side, line=json.dumps(message))


def says(connection: int, ref: int, text: str = "hello") -> Entry:
    return said(connection, "client", type="say", text=text, ref=ref)


def acked(connection: int, ref: int, seq: int) -> Entry:
    return said(connection, "server", type="ack", ref=ref, session="AAAA", seq=seq)


def test_the_order_of_the_recording_stays() -> None:
    recording = [says(PAT, 1), acked(PAT, 1, 2), says(DANA, 1), acked(DANA, 1, 3)]
    assert [step.number for step in steps(recording)] == [0, 2]


def test_lines_that_crossed_are_said_in_the_order_in_which_the_server_took_them() -> None:
    recording = [says(PAT, 1), says(DANA, 1), acked(PAT, 1, 3), acked(DANA, 1, 2)]
    first, second = steps(recording)
    assert (first.number, second.number) == (1, 0)
    assert first.after == frozenset()
    assert second.after == {3}


def test_lines_of_one_connection_need_not_wait_for_their_acks() -> None:
    recording = [says(PAT, 1), says(PAT, 2), acked(PAT, 1, 2), acked(PAT, 2, 3)]
    assert [step.after for step in steps(recording)] == [frozenset(), frozenset()]


def test_what_follows_a_line_that_moved_back_moves_with_it() -> None:
    bye = Entry(t=0.0, connection=PAT, side="client", what="closed")
    recording = [says(PAT, 1), bye, says(DANA, 1), acked(PAT, 1, 3), acked(DANA, 1, 2)]
    assert [step.number for step in steps(recording)] == [2, 0, 1]


def test_numbers_that_no_server_gives_change_nothing() -> None:
    recording = [says(PAT, 1), says(PAT, 2), acked(PAT, 1, 3), acked(PAT, 2, 2)]
    assert [step.number for step in steps(recording)] == [0, 1]


def test_a_command_without_a_ref_is_answered_by_the_next_reply_of_its_kind() -> None:
    recording = [
        said(DANA, "client", type="login", name="dana", password="***"),
        said(PAT, "client", type="start", name="Pat", topic="Taxes"),
        said(DANA, "server", type="error", code="login_failed", message="No."),
        said(PAT, "server", type="started", session="AAAA", seq=1, key="k"),
    ]
    login, start = steps(recording)
    assert login.refused
    assert not start.refused
    assert start.after == {2}


def gone(connection: int, seq: int, session: str = "AAAA") -> Entry:
    fields = {"session": session, "seq": seq, "operator": "kim", "reason": "gone"}
    return said(connection, "server", type="left", **fields)


def test_a_line_that_crossed_an_event_of_the_server_waits_for_it_if_it_was_numbered_first() -> None:
    (step,) = steps([says(PAT, 1), gone(PAT, 2), gone(DANA, 2), acked(PAT, 1, 3)])
    assert step.after == {1}


def test_a_line_waits_for_no_event_of_the_server_that_was_numbered_after_it() -> None:
    recording = [says(PAT, 1), says(PAT, 2), gone(PAT, 4), gone(PAT, 1, "BBBB")]
    recording += [acked(PAT, 1, 2), acked(PAT, 2, 3)]
    assert [step.after for step in steps(recording)] == [frozenset(), frozenset()]


def test_a_take_waits_for_nothing_that_is_told_anew_because_of_it() -> None:
    joined = said(DANA, "server", type="joined", session="AAAA", seq=3, operator="dana")
    take = said(DANA, "client", type="take", session="AAAA", ref=1)
    (step,) = steps([take, gone(DANA, 2), joined, gone(DANA, 2), acked(DANA, 1, 3)])
    assert step.after == {1}


def test_typing_is_waited_for_by_nobody() -> None:
    recording = [said(PAT, "client", type="typing", on=True), says(DANA, 1), acked(DANA, 1, 2)]
    assert all(step.after == frozenset() for step in steps(recording))


def test_a_recalled_visit_does_not_number_this_one() -> None:
    recording = [
        said(DANA, "client", type="recall", ref=1),
        says(PAT, 1),
        acked(DANA, 1, 9),
        acked(PAT, 1, 2),
    ]
    assert [step.number for step in steps(recording)] == [0, 1]
