"""Chapter 4: a session and its log. The table of [P-4.2] is in test_who_may.py."""

from datetime import datetime

import pytest

from tests.conformance.desk import EVENTS, Desk, kinds, log, seqs
from tests.conformance.wire import Client, line


@pytest.mark.rule("P-4.1")
def test_the_phase_follows_from_the_events_and_from_nothing_else(desk: Desk) -> None:
    operator, colleague = desk.operator(), desk.colleague()
    visitor = desk.visitor()
    session = visitor.session

    def phase() -> str:
        return operator.do("resume", session=session)["phase"]

    visitor.do("say", text="a line while waiting")
    assert desk.back(visitor).all("resumed")[0]["phase"] == "waiting"
    operator.do("take", session=session)
    assert phase() == "active"
    for command in (
        {"kind": "say", "text": "a line"},
        {"kind": "note", "text": "a note"},
        {"kind": "set_topic", "topic": "Benefits"},
    ):
        operator.do(**command, session=session)
        assert phase() == "active"
    operator.do("transfer", session=session, to=colleague.name)
    colleague.wait("resumed", session=session, phase="active")
    colleague.do("transfer", session=session)
    back = desk.back(visitor)
    assert back.all("resumed")[0]["phase"] == "waiting"
    operator.do("take", session=session)
    operator.do("end", session=session)
    assert phase() == "closed"
    back.do("interview", answers=[{"question": "Why?", "answer": "So."}])
    back.do("request_transcript", email="pat@example.org")
    assert phase() == "closed"


@pytest.mark.rule("P-4.3")
def test_the_right_command_in_the_wrong_phase_is_out_of_turn(desk: Desk) -> None:
    visitor = desk.visitor()
    visitor.refused("out_of_turn", "interview", answers=[{"question": "Why?", "answer": "So."}])
    visitor.do("end")
    visitor.refused("out_of_turn", "say", text="one more thing")
    visitor.refused("out_of_turn", "end")


@pytest.mark.rule("P-4.3")
def test_somebody_elses_session_is_not_yours(desk: Desk) -> None:
    pat, _ = desk.pair()
    sam = desk.visitor("Sam")
    sam.refused("not_yours", "say", text="hello?", session=pat.session)
    sam.refused("not_yours", "end", session=pat.session)
    colleague = desk.colleague()
    colleague.refused("not_yours", "say", text="hello?", session=pat.session)
    colleague.refused("not_yours", "end", session=pat.session)


@pytest.mark.rule("P-4.3")
def test_a_session_that_is_active_is_taken_already_and_the_words_say_by_whom(desk: Desk) -> None:
    visitor, operator = desk.pair()
    error = desk.colleague().refused("already_taken", "take", session=visitor.session)
    assert operator.name.casefold() in error["message"].casefold()


@pytest.mark.rule("P-4.4")
def test_of_two_operators_who_take_at_once_one_gets_the_session(desk: Desk) -> None:
    both = desk.operator(), desk.colleague()
    for turn in range(10):
        visitor = desk.visitor()
        for operator in both if turn % 2 else both[::-1]:
            operator.raw(line("take", session=visitor.session, ref=100 + turn))
        replies = [operator.reply(100 + turn) for operator in both]
        assert sorted(reply["type"] for reply in replies) == ["ack", "error"]
        assert [r["code"] for r in replies if r["type"] == "error"] == ["already_taken"]
        visitor.wait("joined")
        visitor.do("end")
        assert kinds(log(visitor.heard, visitor.session)) == ["opened", "joined", "closed"]


@pytest.mark.rule("P-4.5")
def test_who_is_in_one_session_need_not_name_it(desk: Desk) -> None:
    visitor, operator = desk.pair()
    assert visitor.do("say", text="hello")["session"] == visitor.session
    assert operator.do("say", text="hello")["session"] == visitor.session
    operator.send("typing", on=True)
    visitor.wait("typing", session=visitor.session)
    assert operator.do("transfer")["session"] == visitor.session


@pytest.mark.rule("P-4.5")
def test_an_operator_in_several_must_say_which(desk: Desk) -> None:
    visitor, operator = desk.pair()
    desk.take(operator, desk.visitor("Sam"))
    operator.refused("which_session", "say", text="hello")
    assert operator.do("say", text="hello", session=visitor.session)["type"] == "ack"


@pytest.mark.rule("P-4.5")
def test_who_takes_another_is_in_two_sessions_at_once(desk: Desk) -> None:
    ann, operator = desk.pair()
    ben = desk.visitor("Ben")
    operator.raw(line("take", session=ben.session, ref=50) + line("say", text="to whom?", ref=51))
    assert operator.reply(50)["type"] == "ack"
    assert operator.reply(51).get("code") == "which_session", operator.exchange()
    for visitor in (ann, ben):
        visitor.settle()
        assert not visitor.all("line")


@pytest.mark.rule("P-4.5", "P-5.17")
def test_who_comes_back_into_several_must_say_which_though_only_one_is_resumed(desk: Desk) -> None:
    ann, operator = desk.pair()
    desk.take(operator, desk.visitor("Ben"))
    operator.cut()
    back = desk.operator()
    back.do("resume", session=ann.session)
    back.refused("which_session", "say", text="to whom?")


@pytest.mark.rule("P-4.5", "P-5.17")
def test_who_comes_back_into_one_session_need_not_name_it_before_it_is_resumed(desk: Desk) -> None:
    visitor, operator = desk.pair()
    operator.cut()
    assert desk.operator().do("say", text="here again")["session"] == visitor.session
    visitor.wait("line", text="here again")


@pytest.mark.rule("P-4.5")
def test_who_is_in_none_is_told_so(desk: Desk) -> None:
    desk.guest().refused("no_session", "say", text="hello")
    operator = desk.operator()
    operator.refused("no_session", "say", text="hello")
    operator.refused("no_session", "say", text="hello", session="0000-0000-0000")


@pytest.mark.rule("P-4.5", "P-4.6")
def test_take_without_a_session_takes_who_has_waited_longest(desk: Desk) -> None:
    operator = desk.operator_of_an_empty_queue()
    first, second, third = [desk.visitor(name) for name in ("Pat", "Sam", "Kit")]
    for visitor in (first, second):
        assert operator.do("take")["session"] == visitor.session
        operator.wait("resumed")
    # Back into the queue in the wrong order: the time of `opened` counts.
    for visitor in (second, first):
        operator.do("transfer", session=visitor.session)
    for visitor in (first, second, third):
        assert operator.do("take")["session"] == visitor.session
    operator.refused("nobody_waits", "take")


@pytest.mark.rule("P-4.6")
def test_who_comes_back_into_the_queue_stands_before_those_who_came_later(desk: Desk) -> None:
    first, operator = desk.pair()
    second = desk.visitor("Sam")
    place = second.wait("position")["position"]
    operator.do("transfer", session=first.session)
    first.wait("left")
    back = desk.back(first)
    assert back.wait("position")["position"] <= place
    # Whoever stands behind is told the new place.
    second.wait("position", position=place + 1)


@pytest.mark.rule("P-4.8")
def test_signing_out_puts_the_visitors_back_into_the_queue(desk: Desk) -> None:
    visitor, _ = desk.pair()
    operator = signed_in_apart(desk)
    other = desk.visitor("Sam")
    desk.take(operator, other)
    operator.do("logout")
    left = other.wait("left", session=other.session)
    assert (left["operator"], left["reason"]) == (operator.name, "logged_out")
    assert desk.back(other).all("resumed")[0]["phase"] == "waiting"
    assert "left" not in kinds(log(visitor.heard, visitor.session))


@pytest.mark.rule("P-4.8")
def test_signing_out_on_one_of_two_connections_changes_nothing(desk: Desk) -> None:
    visitor, operator = desk.pair()
    second = desk.guest(role="operator")
    desk.login(second, operator.name)
    second.do("logout")
    operator.do("say", text="still here")
    visitor.wait("line", text="still here")
    assert "left" not in kinds(log(visitor.heard, visitor.session))


@pytest.mark.rule("P-4.9", "P-5.19")
def test_numbers_count_up_from_one_and_the_times_never_go_back(desk: Desk) -> None:
    visitor, operator = desk.pair()
    for n in range(20):
        visitor.do("say", text=f"question {n}")
        operator.do("say", text=f"answer {n}")
    operator.do("end")
    before = len(operator.heard)
    operator.do("resume", session=visitor.session)
    replay = [message for message in operator.heard[before:] if message["type"] in EVENTS]
    assert seqs(replay) == list(range(1, len(replay) + 1))
    times = [datetime.fromisoformat(event["at"]) for event in replay]
    assert times == sorted(times)


def signed_in_apart(desk: Desk) -> Client:
    """Return the second operator with a sign-in of their own, for its ticket dies with it."""
    operator = desk.guest(role="operator")
    desk.login(operator, desk.target.operators[1])
    return operator
