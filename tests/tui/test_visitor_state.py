"""The visitor's state: what the visitor is told, stage by stage."""

from collections.abc import Iterable
from dataclasses import replace

import pytest
from msgspec.structs import replace as changed

from livehelp.client.states import Incoming, LinkEnded, LinkLost, LinkUp
from livehelp.wire.events import Closed
from livehelp.wire.replies import Earlier, Started
from livehelp.wire.signals import Bye, Position, Presence, TypingSignal
from tests.tui.told import NOW, REF, closed, joined, later, left, opened, said, server_hello
from tui.visitor.reducer import apply
from tui.visitor.state import MAX_UNSENT, Stage, VisitorState

UP = LinkUp(resumed=False)


def after(messages: Iterable[Incoming], state: VisitorState | None = None) -> VisitorState:
    state = state or VisitorState().greeted(server_hello())
    for message in messages:
        state = apply(state, message, NOW)
    return state


def talking() -> VisitorState:
    return after([UP, opened(), joined()])


def place(position: int, waiting: int, operators: int) -> Position:
    return Position(session=REF, position=position, waiting=waiting, operators=operators)


def typing(*, on: bool) -> TypingSignal:
    return TypingSignal(session=REF, by="operator", name="dana", on=on)


@pytest.mark.parametrize(
    ("position", "words"),
    [
        (place(2, 5, 3), "You are number 2 of 5. 3 operators are here."),
        (place(1, 5, 1), "You are next. 1 operator is here."),
        (place(1, 1, 0), "You are next. No operator is here at the moment."),
    ],
)
def test_who_waits_is_told_the_place_and_whether_anybody_is_there(
    position: Position, words: str
) -> None:
    assert after([UP, opened(), position]).status(NOW) == words


def test_before_the_first_place_is_known_the_queue_is_named_without_a_number() -> None:
    assert after([UP, opened()]).status(NOW).startswith("You are in the queue.")


def test_who_is_helped_is_told_by_whom_also_after_a_transfer() -> None:
    state = talking()
    assert state.status(NOW) == "dana is helping you"
    state = after([joined(3, "eli")], state)
    assert state.status(NOW) == "dana and eli are helping you"
    state = after([left(4)], state)
    assert state.status(NOW) == "eli is helping you"
    state = after([left(5, "eli")], state)
    assert state.status(NOW).startswith("You are in the queue.")


def test_an_operator_whose_link_is_lost_is_said_to_be_away_until_it_is_back() -> None:
    away = Presence(session=REF, by="operator", name="dana", online=False)
    state = after([away], talking())
    assert state.troubled
    assert state.status(NOW) == "dana lost the connection. Please wait a moment."
    assert not after([replace_online(away)], state).troubled


def replace_online(presence: Presence) -> Presence:
    return Presence(session=presence.session, by=presence.by, name=presence.name, online=True)


def test_a_lost_link_counts_down_and_promises_that_typing_goes_on() -> None:
    state = after([place(2, 5, 3), LinkLost("reset by peer", 4.0)], talking())
    assert state.status(NOW) == "Connection lost. You can go on typing; trying again in 4 s"
    assert state.status(later(3.5)).endswith("trying again in 1 s")
    assert state.status(later(9)).endswith("trying again now")
    assert state.troubled
    ending = state.end_asked().status(NOW)
    assert ending == "Connection lost. The conversation ends when it is back; trying again in 4 s"
    # The place in the queue is out of date now.
    assert state.position is None
    assert after([LinkUp(resumed=True)], state).status(NOW) == "dana is helping you"


def test_a_link_that_never_was_up_says_what_is_wrong() -> None:
    state = after([LinkLost("nobody listens at help:5483", 2.0)], VisitorState())
    words = "No connection yet, trying again in 2 s (nobody listens at help:5483)"
    assert state.status(NOW) == words


def test_a_link_that_has_ended_says_why_and_does_not_offer_to_wait() -> None:
    state = after([LinkEnded("You went on in another window.")], talking())
    assert state.status(NOW) == "The connection has ended: You went on in another window."
    assert state.loss(returns=False) == ""


def test_after_a_goodbye_the_countdown_is_told_and_no_promise_that_gets_old() -> None:
    bye = Bye(reason="shutdown", message="The server is restarting. You will be connected again.")
    state = after([bye, LinkLost("The server is restarting", 1.0)], talking())
    assert state.problem == ""
    assert state.status(NOW) == "Connection lost. You can go on typing; trying again in 1 s"
    assert after([bye], talking().end_asked()).status(NOW) == "Ending the conversation ..."


def test_a_refused_beginning_gives_way_to_how_the_link_stands() -> None:
    state = after([UP]).starting("Ann", "Taxes").not_started("All lines are busy.")
    assert state.problem == "All lines are busy."
    assert after([LinkLost("reset", 1.0)], state).problem == ""


def test_typing_is_shown_until_the_line_comes_or_the_signal_is_too_old() -> None:
    state = after([typing(on=True)], talking())
    assert state.typist(NOW) == "dana is typing ..."
    assert state.typist(later(60)) == ""
    assert after([typing(on=False)], state).typist(NOW) == ""
    assert after([said(3, "Hello", by="operator")], state).typist(NOW) == ""
    assert after([LinkLost("reset", 1.0)], state).typist(NOW) == ""


def test_a_session_that_cannot_be_opened_leads_back_to_the_form_with_the_reason() -> None:
    state = after([UP]).starting("Ann", "Taxes")
    assert state.status(NOW) == "Opening the conversation ..."
    state = state.not_started("The help desk is full.")
    assert (state.stage, state.problem) == (Stage.WELCOME, "The help desk is full.")


def test_a_session_is_open_with_the_answer_or_the_event_whichever_comes_first() -> None:
    starting = after([UP]).starting("Ann", "Taxes")
    by_answer = starting.started(Started(session=REF, seq=1, key="k" * 43))
    assert (by_answer.stage, by_answer.reference) == (Stage.TALKING, REF)
    assert after([opened()], starting).stage is Stage.TALKING


def test_an_answer_that_comes_after_the_end_does_not_open_the_session_again() -> None:
    state = after([opened(), closed(2)], after([UP]).starting("Ann", "Taxes"))
    assert state.started(Started(session=REF, seq=1, key="k" * 43)).stage is Stage.ENDED


def test_an_end_by_the_operator_leaves_the_last_lines_to_be_read() -> None:
    state = after([closed(3)], talking())
    assert state.stage is Stage.ENDED
    assert state.status(NOW) == "The conversation has ended."
    assert state.go_on().stage is Stage.INTERVIEW
    assert state.go_on().go_on().stage is Stage.THANKS


def test_an_end_by_the_visitor_leads_to_the_interview_at_once() -> None:
    asked = talking().end_asked()
    assert asked.status(NOW) == "Ending the conversation ..."
    assert after([closed(3, by="visitor")], asked).stage is Stage.INTERVIEW
    assert asked.end_refused().status(NOW) == "dana is helping you"


def test_an_end_after_a_long_absence_is_explained() -> None:
    idle = Closed(session=REF, seq=3, at=NOW, by="system", reason="idle")
    words = "The conversation has ended. You were away for too long."
    assert after([idle], talking()).status(NOW) == words


def test_without_questions_thanks_come_at_once() -> None:
    state = after([closed(3)], talking())
    assert state.server is not None
    assert state.greeted(changed(state.server, questions=())).go_on().stage is Stage.THANKS


def test_answers_are_said_to_be_saved_only_when_they_are() -> None:
    state = after([closed(3)], talking()).saving_answers(2)
    assert state.kept == "Your answers are being sent ..."
    assert state.loss(returns=True) == "Your answers are not saved yet."
    state = state.answers_saved("Your answers were saved.")
    assert state.kept == "Your answers are being sent ..."
    state = state.answers_saved("There is a transcript already.")
    assert state.kept == "Your answers were saved.\nThere is a transcript already."


def test_leaving_warns_of_what_would_be_lost() -> None:
    state = talking()
    ends = "Leaving ends the conversation."
    assert state.loss(returns=False) == f"The conversation has not ended. {ends}"
    later = "You can go on with the conversation for half an hour."
    assert state.loss(returns=True) == f"The conversation has not ended. {later}"
    one = state.typed(1, "a", NOW)
    assert one.loss(returns=False) == f"1 line is not sent yet. {ends}"
    assert one.typed(2, "b", NOW).loss(returns=True) == f"2 lines are not sent yet. {later}"
    assert after([closed(3)], state).loss(returns=False) == ""
    assert VisitorState().loss(returns=False) == ""


def test_only_so_many_lines_wait_for_the_link() -> None:
    state = talking()
    for number in range(MAX_UNSENT):
        assert state.may_type
        state = state.typed(number, "x", NOW)
    assert not state.may_type
    assert state.acked(0, 3).may_type


def test_only_an_earlier_visit_that_is_open_is_offered() -> None:
    earlier = Earlier(session="B222-CCCC", name="Ann", topic="Taxes", at=NOW, open=True)
    assert VisitorState().greeted(server_hello(earlier)).earlier == earlier
    ended = changed(earlier, open=False)
    assert VisitorState().greeted(server_hello(ended)).earlier is None
    assert VisitorState().earlier is None


def test_a_state_is_never_changed_in_place() -> None:
    state = talking()
    same = replace(state)
    after([closed(3), typing(on=True)], state)
    assert state == same
