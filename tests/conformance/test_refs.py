"""Chapter 5: a command that is sent again is carried out once, [P-5.5]."""

from itertools import count
from typing import Any, Final

import pytest

from tests.conformance.desk import Desk, kinds, log, new_key, texts
from tests.conformance.wire import Client, Message, line

REMEMBERED_REFS: Final = 128
REMEMBERED_RUNS: Final = 32
ANSWERS: Final = [{"question": "Why?", "answer": "So."}]


def same(first: Message, again: Message) -> bool:
    """Return whether two acks say the same."""
    return all(first.get(name) == again.get(name) for name in ("type", "ref", "session", "seq"))


@pytest.mark.rule("P-5.5")
def test_the_same_line_again_is_acked_again_and_stored_once(desk: Desk) -> None:
    visitor = desk.visitor(run="pats-run")
    first = visitor.do("say", text="only once", ref=5)
    assert same(first, visitor.do("say", text="only once", ref=5))
    back = desk.back(visitor, run="pats-run")
    assert same(first, back.do("say", text="only once", ref=5))
    assert texts(log(desk.back(back).heard, visitor.session)) == ["only once"]


@pytest.mark.rule("P-5.5")
def test_every_command_that_writes_events_is_known_again_on_another_connection(desk: Desk) -> None:
    runs = {"visitor": f"v-{new_key()}", "operator": f"o-{new_key()}"}
    visitor = desk.visitor(run=runs["visitor"])
    refs = count(50)

    def on_a_new_connection(role: str) -> Client:
        run = runs[role]
        return desk.operator(run=run) if role == "operator" else desk.back(visitor, run=run)

    def twice(role: str, command: str, **fields: Any) -> None:
        fields |= {"session": visitor.session, "ref": next(refs)}
        first = on_a_new_connection(role).do(command, **fields)
        again = on_a_new_connection(role)
        assert same(first, again.do(command, **fields)), again.exchange()

    twice("operator", "take")
    twice("operator", "note", text="a note")
    twice("operator", "set_topic", topic="Benefits")
    twice("operator", "transfer")
    twice("visitor", "request_transcript", email="pat@example.org")
    twice("visitor", "end")
    twice("visitor", "interview", answers=ANSWERS)
    stored = kinds(log(desk.back(visitor).heard, visitor.session))
    assert stored == [
        *("opened", "joined", "topic_set", "transferred", "left"),
        *("transcript_requested", "closed", "interview_answered"),
    ]


@pytest.mark.rule("P-5.5")
def test_a_take_of_whoever_is_next_that_is_sent_again_takes_nobody_else(desk: Desk) -> None:
    run = f"o-{new_key()}"
    operator = desk.operator_of_an_empty_queue()
    operator.leave()
    first, second = desk.visitor("Pat"), desk.visitor("Sam")
    operator = desk.operator(run=run)
    ack = operator.do("take", ref=1)
    operator.cut()
    assert ack["session"] == first.session
    assert same(ack, desk.operator(run=run).do("take", ref=1))
    assert kinds(log(desk.back(second).heard, second.session)) == ["opened"]


@pytest.mark.rule("P-5.5")
def test_the_last_128_commands_of_a_run_are_known(desk: Desk) -> None:
    visitor = desk.visitor(run="long-run")
    refs = range(2, REMEMBERED_REFS + 2)
    visitor.raw(b"".join(line("say", text=f"line {ref}", ref=ref) for ref in refs))
    acks = [visitor.reply(ref) for ref in refs]
    assert same(acks[0], visitor.do("say", text="line 2", ref=2))


@pytest.mark.rule("P-5.5")
def test_the_last_32_runs_of_a_session_are_known(desk: Desk) -> None:
    visitor = desk.visitor()
    acks: list[Message] = []
    for n in range(REMEMBERED_RUNS):
        visitor = desk.back(visitor, run=f"run-{n}")
        acks.append(visitor.do("say", text=f"line {n}", ref=9))
    again = desk.back(visitor, run="run-0")
    assert same(acks[0], again.do("say", text="line 0", ref=9))


@pytest.mark.rule("P-5.5")
def test_without_a_run_a_ref_is_known_on_its_own_connection_only(desk: Desk) -> None:
    visitor = desk.visitor()
    first = visitor.do("say", text="one", ref=9)
    assert same(first, visitor.do("say", text="one", ref=9))
    assert desk.back(visitor).do("say", text="two", ref=9)["seq"] > first["seq"]


@pytest.mark.rule("P-5.5")
def test_another_run_may_use_the_same_numbers(desk: Desk) -> None:
    visitor = desk.visitor(run="one")
    first = visitor.do("say", text="one", ref=9)
    assert desk.back(visitor, run="two").do("say", text="two", ref=9)["seq"] > first["seq"]


@pytest.mark.rule("P-5.5")
def test_an_error_is_not_remembered(desk: Desk) -> None:
    visitor, operator = desk.pair(run="pats-run")
    visitor.refused("out_of_turn", "interview", answers=ANSWERS, ref=9)
    operator.do("end")
    assert visitor.do("interview", answers=ANSWERS, ref=9)["type"] == "ack"


@pytest.mark.rule("P-5.5")
def test_what_was_refused_is_not_carried_out_behind_a_later_command_of_its_run(desk: Desk) -> None:
    visitor = desk.visitor(run="pats-run")
    visitor.refused("out_of_turn", "interview", answers=ANSWERS, ref=9)
    visitor.do("end", ref=10)
    visitor.refused("out_of_turn", "interview", answers=ANSWERS, ref=9)
    assert visitor.do("interview", answers=ANSWERS, ref=11)["type"] == "ack"
