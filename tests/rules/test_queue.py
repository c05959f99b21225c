"""Who waits, and in what order."""

from datetime import datetime

import pytest
from hypothesis import given as examples
from hypothesis import strategies as st
from msgspec.structs import replace

from livehelp.wire.commands import Take, Transfer
from livehelp.wire.replies import Phase
from server.rules.actors import Actor
from server.rules.decide import decide
from server.rules.queue import Queue
from server.rules.session import Session, evolve
from server.rules.system_commands import OperatorTimedOut
from tests.rules.harness import DANA, NOON, STEADY, SYSTEM, minute


def visit(reference: str, opened_at: datetime = NOON, phase: Phase = "waiting") -> Session:
    return Session(
        reference=reference,
        seq=1,
        phase=phase,
        opened_at=opened_at,
        last_at=opened_at,
        name="Ann",
        topic="Taxes",
        client="livehelp",
        version="0.1",
        ip="192.0.2.7",
    )


def queue_of(*sessions: Session) -> Queue:
    queue = Queue()
    for session in sessions:
        queue = queue.observe(session)
    return queue


A, B, C = visit("A", minute(1)), visit("B", minute(2)), visit("C", minute(3))


def test_an_empty_queue_has_nobody_next():
    assert Queue().next() is None
    assert Queue().references == ()
    assert len(Queue()) == 0
    assert Queue().position("A") is None


def test_who_came_first_is_next_whatever_order_they_were_seen_in():
    queue = queue_of(C, A, B)
    assert queue.references == ("A", "B", "C")
    assert queue.next() == "A"
    assert [queue.position(r) for r in "ABC"] == [1, 2, 3]
    assert queue == queue_of(A, B, C)


def test_who_came_at_the_same_moment_is_in_the_order_of_the_references():
    assert queue_of(visit("B"), visit("A")).references == ("A", "B")


def test_seeing_a_waiting_session_again_changes_nothing():
    queue = queue_of(A, B)
    assert queue.observe(replace(A, seq=9, last_at=minute(9))) is queue


@pytest.mark.parametrize("phase", ["active", "closed"])
def test_who_waits_no_more_is_out_and_the_others_move_up(phase: Phase):
    queue = queue_of(A, B, C)
    after = queue.observe(replace(B, phase=phase))
    assert after.references == ("A", "C")
    assert after.position("B") is None
    assert after.position("C") == 2
    assert after.observe(replace(B, phase=phase)) is after


def test_a_queue_that_changed_leaves_the_one_before_as_it_was():
    queue = queue_of(A, B)
    queue.observe(replace(A, phase="active"))
    queue.observe(C)
    assert queue.references == ("A", "B")
    assert queue.position("A") == 1
    assert queue.position("C") is None


@pytest.mark.parametrize(
    ("command", "actor"), [(Transfer(), DANA), (OperatorTimedOut("Dana"), SYSTEM)], ids=repr
)
def test_a_visitor_who_comes_back_to_the_queue_is_before_those_who_came_later(
    command: Transfer | OperatorTimedOut, actor: Actor
):
    queue = queue_of(A, B, C)
    session = A
    for event in decide(session, Take(), DANA, minute(4)):
        session = evolve(session, event)
    queue = queue.observe(session)
    assert queue.references == ("B", "C")
    for event in decide(session, command, actor, minute(5)):
        session = evolve(session, event)
    assert queue.observe(session).references == ("A", "B", "C")


@STEADY
@examples(st.lists(st.tuples(st.integers(0, 9), st.sampled_from(["waiting", "active", "closed"]))))
def test_the_queue_is_the_waiting_sessions_sorted(steps: list[tuple[int, Phase]]):
    sessions: dict[str, Session] = {}
    queue = Queue()
    for number, phase in steps:
        # Five moments for ten sessions: some came at the same one.
        session = visit(f"R{number}", minute(number * 7 % 5), phase)
        sessions[session.reference] = session
        queue = queue.observe(session)
    waiting = sorted((s.opened_at, s.reference) for s in sessions.values() if s.phase == "waiting")
    assert queue.references == tuple(reference for _, reference in waiting)
    assert [queue.position(r) for r in queue.references] == list(range(1, len(waiting) + 1))
    assert len(queue) == len(waiting)
