"""What a visitor does in their session."""

import pytest
from msgspec.structs import replace

from livehelp.wire.commands import (
    Answer,
    End,
    Interview,
    Note,
    RequestTranscript,
    Say,
    SetTopic,
    Transfer,
)
from livehelp.wire.replies import ErrorCode
from server.rules.decide import MAX_EVENTS
from tests.rules.harness import (
    ANN,
    DANA,
    Script,
    answers,
    asks_transcript,
    closes,
    enters,
    given,
    joins,
    leaves,
    line,
    transfers,
)

INTERVIEW = Interview(answers=(Answer(question="Were you helped?", answer="Yes"),))


def test_what_a_visitor_says_while_waiting_is_in_the_log_for_the_operator_to_come():
    given(enters()).when(Say(text="My form is late."), ANN).then(
        line("visitor", "Ann", "My form is late.")
    )


def test_a_visitor_who_is_being_helped_says_several_lines_in_order():
    (
        given(enters(), joins("Dana"))
        .when(Say(text="Hello"), ANN)
        .then(line("visitor", "Ann", "Hello"))
        .when(Say(text="Are you there?"), ANN)
        .then(line("visitor", "Ann", "Are you there?"))
    )


def test_a_line_keeps_its_line_feeds_and_loses_what_a_terminal_would_obey():
    given(enters()).when(Say(text="\x1b[31mred\x07\r\nnext\u202e line "), ANN).then(
        line("visitor", "Ann", "red\nnext line")
    )


@pytest.mark.parametrize("text", [" ", "\n\t", "\x1b\x07", "\u200b\u202e"])
def test_a_line_of_which_nothing_can_be_shown_is_refused(text: str):
    given(enters()).when(Say(text=text), ANN).refused(
        ErrorCode.EMPTY_TEXT, "There is nothing in that line that can be shown."
    )


def test_nothing_is_said_after_the_end():
    given(enters(), closes("visitor", "Ann")).when(Say(text="One more thing"), ANN).refused(
        ErrorCode.OUT_OF_TURN, "This visit has ended. Start a new one to talk again."
    )


def test_a_visitor_ends_a_visit_that_nobody_took():
    script = given(enters()).when(End(), ANN).then(closes("visitor", "Ann"))
    assert script.session.phase == "closed"
    assert script.session.operators == ()


def test_a_visitor_ends_a_visit_and_the_record_still_says_who_helped():
    script = given(enters(), joins("Dana")).when(End(), ANN).then(closes("visitor", "Ann"))
    assert script.session.operators == ("Dana",)
    assert script.session.closed_at == script.session.last_at


def test_a_visit_ends_once():
    given(enters(), closes("visitor", "Ann")).when(End(), ANN).refused(
        ErrorCode.OUT_OF_TURN, "This visit has ended already."
    )


def test_the_exit_interview_comes_after_the_end():
    given(enters(), joins("Dana")).when(INTERVIEW, ANN).refused(
        ErrorCode.OUT_OF_TURN, "The exit interview comes after the end of the visit. End it first."
    )


def test_the_exit_interview_is_answered_after_the_end_whoever_ended_it():
    script = given(enters(), joins("Dana"), closes("operator", "Dana")).when(INTERVIEW, ANN)
    script.then(answers(("Were you helped?", "Yes")))
    assert script.session.interviewed
    assert script.session.phase == "closed"


def test_the_exit_interview_is_answered_once():
    given(enters(), closes("visitor", "Ann"), answers(("Were you helped?", "Yes"))).when(
        INTERVIEW, ANN
    ).refused(ErrorCode.OUT_OF_TURN, "You have answered the exit interview already. Thank you.")


def test_a_question_that_is_left_blank_is_left_out_and_the_others_are_kept():
    interview = Interview(
        answers=(
            Answer(question="Were you helped?", answer=" \x07 "),
            Answer(question="What could\nbe better?\x1b", answer="Shorter\nforms\x1b"),
        )
    )
    given(enters(), closes("visitor", "Ann")).when(interview, ANN).then(
        answers(("What could be better?", "Shorter\nforms"))
    )


def test_an_exit_interview_without_any_answer_is_refused():
    interview = Interview(answers=(Answer(question="Were you helped?", answer=" "),))
    given(enters(), closes("visitor", "Ann")).when(interview, ANN).refused(
        ErrorCode.EMPTY_TEXT, "No question is answered. Answer one, or leave the interview out."
    )


def test_an_answer_without_its_question_is_refused():
    interview = Interview(answers=(Answer(question="\x07", answer="Yes"),))
    given(enters(), closes("visitor", "Ann")).when(interview, ANN).refused(
        ErrorCode.EMPTY_TEXT, "An answer came without its question."
    )


def test_the_transcript_is_asked_for_at_any_time_and_the_last_address_counts():
    (
        given(enters())
        .when(RequestTranscript(email="ann@example.org"), ANN)
        .then(asks_transcript("ann@example.org"))
        .when(End(), ANN)
        .then(closes("visitor", "Ann"))
        .when(RequestTranscript(email="ann.b@example.org"), ANN)
        .then(asks_transcript("ann.b@example.org"))
    )


def test_an_address_loses_what_cannot_be_seen_in_it():
    given(enters(), joins("Dana")).when(
        RequestTranscript(email="ann\u200b@example.org\n"), ANN
    ).then(asks_transcript("ann@example.org"))


def test_an_address_of_which_a_side_is_gone_after_cleaning_is_refused():
    given(enters()).when(RequestTranscript(email="\x07@example.org"), ANN).refused(
        ErrorCode.BAD_FIELD, "That is no e-mail address. It looks like name@example.org."
    )


def test_a_visitor_whose_operator_is_gone_goes_on_talking():
    given(enters(), joins("Dana"), leaves("Dana", "gone")).when(Say(text="Hello?"), ANN).then(
        line("visitor", "Ann", "Hello?")
    )


def test_a_log_has_an_end_and_the_visit_can_still_be_ended_and_handed_on():
    visit = given(enters(), joins("Dana")).session
    full = replace(visit, seq=MAX_EVENTS)
    for command, actor in (
        (Say(text="and another thing"), ANN),
        (Say(text="go on"), DANA),
        (Note(text="talks a lot"), DANA),
        (SetTopic(topic="Everything"), DANA),
        (RequestTranscript(email="ann@example.org"), ANN),
    ):
        Script(full).when(command, actor).refused(
            ErrorCode.FULL,
            "This visit has 100,000 entries, and no more fit. Start a new one.",
        )
    Script(full).when(Transfer(), DANA).then(transfers("Dana"), leaves("Dana", "transferred"))
    Script(full).when(End(), ANN).then(closes("visitor", "Ann")).when(INTERVIEW, ANN).then(
        answers(("Were you helped?", "Yes"))
    )
    Script(replace(visit, seq=MAX_EVENTS - 1)).when(Say(text="the last"), ANN).then(
        line("visitor", "Ann", "the last")
    )
