"""What an operator does in a session."""

import pytest

from livehelp.wire.commands import End, Note, Say, SetTopic, Take, Transfer
from livehelp.wire.replies import ErrorCode
from tests.rules.harness import (
    DANA,
    LEE,
    closes,
    enters,
    given,
    joins,
    leaves,
    line,
    notes,
    topic_set,
    transfers,
)


def test_an_operator_takes_a_waiting_visitor():
    script = given(enters()).when(Take(), DANA).then(joins("Dana"))
    assert script.session.phase == "active"
    assert script.session.operators == ("Dana",)


def test_two_operators_cannot_take_one_visitor():
    given(enters()).when(Take(), DANA).then(joins("Dana")).when(Take(), LEE).refused(
        ErrorCode.ALREADY_TAKEN, "Dana is helping this visitor already."
    )


def test_an_operator_who_takes_twice_is_told_that_they_are_helping():
    given(enters(), joins("Dana")).when(Take(), DANA).refused(
        ErrorCode.ALREADY_TAKEN, "You are helping this visitor already."
    )


def test_a_refusal_names_everybody_who_is_helping():
    given(enters(), joins("Dana"), joins("Kim")).when(Take(), LEE).refused(
        ErrorCode.ALREADY_TAKEN, "Dana and Kim are helping this visitor already."
    )


def test_a_name_with_braces_is_a_name_and_no_template():
    given(enters(), joins("{code}")).when(Take(), LEE).refused(
        ErrorCode.ALREADY_TAKEN, "{code} is helping this visitor already."
    )


def test_a_visit_that_has_ended_cannot_be_taken():
    given(enters(), closes("visitor", "Ann")).when(Take(), DANA).refused(
        ErrorCode.OUT_OF_TURN, "This visit has ended; the visitor waits no more."
    )


def test_an_operator_speaks_under_their_own_name():
    given(enters(), joins("Dana")).when(Say(text=" Good day, Ann. "), DANA).then(
        line("operator", "Dana", "Good day, Ann.")
    )


def test_an_operator_who_writes_to_a_waiting_visitor_is_told_to_take_them():
    given(enters()).when(Say(text="Hello"), DANA).refused(
        ErrorCode.OUT_OF_TURN, "This visitor is still waiting. Take them first."
    )


def test_an_operator_does_not_speak_in_the_session_of_another():
    given(enters(), joins("Dana")).when(Say(text="Hello"), LEE).refused(
        ErrorCode.NOT_YOURS,
        "You are not in this session: Dana is helping this visitor. "
        "Ask for a transfer to go on with it.",
    )


def test_an_operator_ends_the_session():
    script = given(enters(), joins("Dana")).when(End(), DANA).then(closes("operator", "Dana"))
    assert script.session.phase == "closed"


def test_an_operator_notes_during_the_session_and_after_it():
    (
        given(enters(), joins("Dana"))
        .when(Note(text="Called before.\x1b"), DANA)
        .then(notes("Dana", "Called before."))
        .when(End(), DANA)
        .then(closes("operator", "Dana"))
        .when(Note(text="To be called back."), DANA)
        .then(notes("Dana", "To be called back."))
    )


def test_only_operators_who_were_in_a_session_note_in_it_after_the_end():
    given(enters(), joins("Dana"), closes("visitor", "Ann")).when(Note(text="Odd."), LEE).refused(
        ErrorCode.NOT_YOURS,
        "You were not in this session when it ended; only operators who were can do that.",
    )


def test_a_note_of_which_nothing_can_be_shown_is_refused():
    given(enters(), joins("Dana")).when(Note(text="\x07"), DANA).refused(
        ErrorCode.EMPTY_TEXT, "There is nothing in that note that can be shown."
    )


def test_an_operator_corrects_the_topic_in_one_line():
    script = given(enters(topic="Taxes"), joins("Dana")).when(SetTopic(topic="Car\n tax"), DANA)
    script.then(topic_set("Dana", "Car tax"))
    assert script.session.topic == "Car tax"


def test_a_topic_of_which_nothing_can_be_shown_is_refused():
    given(enters(), joins("Dana")).when(SetTopic(topic="\u202e"), DANA).refused(
        ErrorCode.EMPTY_TEXT, "The topic has nothing that can be shown. Name one."
    )


def test_a_session_is_handed_to_another_operator():
    script = given(enters(), joins("Dana")).when(Transfer(to=" Lee\x07"), DANA)
    script.then(transfers("Dana", "Lee"), leaves("Dana", "transferred"), joins("Lee"))
    assert script.session.phase == "active"
    assert script.session.operators == ("Lee",)


def test_a_session_is_handed_back_to_the_queue():
    script = given(enters(), joins("Dana")).when(Transfer(), DANA)
    script.then(transfers("Dana"), leaves("Dana", "transferred"))
    assert script.session.phase == "waiting"
    assert script.session.operators == ()


def test_who_handed_a_session_over_is_out_of_it():
    given(enters(), joins("Dana")).when(Transfer(to="Lee"), DANA).then(
        transfers("Dana", "Lee"), leaves("Dana", "transferred"), joins("Lee")
    ).when(Say(text="Bye"), DANA).refused(
        ErrorCode.NOT_YOURS,
        "You are not in this session: Lee is helping this visitor. "
        "Ask for a transfer to go on with it.",
    )


def test_an_operator_cannot_transfer_to_themselves():
    given(enters(), joins("Dana")).when(Transfer(to="Dana"), DANA).refused(
        ErrorCode.ALREADY_TAKEN,
        "You are helping this visitor already. Name another operator, "
        "or none to put the visitor back in the queue.",
    )


def test_a_session_cannot_be_transferred_to_who_is_in_it():
    given(enters(), joins("Dana"), joins("Lee")).when(Transfer(to="Lee"), DANA).refused(
        ErrorCode.ALREADY_TAKEN, "Lee is helping this visitor already."
    )


def test_with_two_in_a_session_the_other_stays_after_a_transfer():
    script = given(enters(), joins("Dana"), joins("Lee")).when(Transfer(), DANA)
    script.then(transfers("Dana"), leaves("Dana", "transferred"))
    assert script.session.phase == "active"
    assert script.session.operators == ("Lee",)


@pytest.mark.parametrize("to", [" ", "\x07"])
def test_a_transfer_to_a_name_that_is_blank_is_refused_and_not_taken_for_the_queue(to: str):
    given(enters(), joins("Dana")).when(Transfer(to=to), DANA).refused(
        ErrorCode.EMPTY_TEXT,
        "Name the operator, or leave the name out to put the visitor in the queue.",
    )
