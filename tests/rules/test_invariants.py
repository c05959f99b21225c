"""No sequence of commands, by anybody, at any time, breaks what the rest of the program counts on.

A machine opens a few visits and lets visitors, operators and the system try anything in any order,
with texts as hostile as the wire lets through. What must hold is checked after every step.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import TypeAlias, cast

import msgspec
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from livehelp.wire.codec import decode_server_message, encode
from livehelp.wire.commands import (
    End,
    Interview,
    Note,
    RequestTranscript,
    Say,
    SessionCommand,
    SetTopic,
    Start,
    Take,
    Transfer,
)
from livehelp.wire.events import (
    AnyEvent,
    Closed,
    InterviewAnswered,
    Joined,
    Left,
    Line,
    Opened,
    TopicSet,
    Transferred,
)
from livehelp.wire.text import clean_name, clean_text
from server.rules.actors import Actor, ClientDetails, System, Visitor
from server.rules.decide import decide, open_session
from server.rules.queue import Queue
from server.rules.reference import make_reference
from server.rules.refused import Refused
from server.rules.session import Session, evolve, replay
from server.rules.system_commands import SystemCommand
from tests.rules.harness import NOON, STEADY
from tests.rules.strategies import (
    ACTORS,
    EMAILS,
    HOSTILE,
    INTERVIEWS,
    OPERATORS,
    ORDERS,
    TRANSFERS,
)

Log: TypeAlias = list[AnyEvent]

# Two are enough to be mixed up, and few enough to live through much in one run. (With four, the
# machine missed mistakes planted in the rules that it finds with two.)
VISITS = 2
WHICH = st.integers(0, VISITS - 1)
# May hold a line feed; everything else that people type is one line.
PROSE = {"text", "answer"}
BIDI = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class HelpDesk(RuleBasedStateMachine):
    """A desk with a few visits, and everybody trying everything."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOON
        self.logs: dict[str, Log] = {}
        self.sessions: dict[str, Session] = {}
        self.queue = Queue()

    @precondition(lambda self: len(self.logs) < VISITS)
    @rule(name=HOSTILE, topic=HOSTILE, host=st.none() | HOSTILE, pause=st.integers(0, 1))
    def somebody_enters(self, name: str, topic: str, host: str | None, pause: int) -> None:
        # With no pause two visits open at the same moment.
        self.now += timedelta(seconds=pause)
        reference = make_reference(len(self.logs))
        caller = ClientDetails(client=name, version=topic, ip="::1", host=host, place=host)
        try:
            opened = open_session(reference, Start(name=name, topic=topic), caller, None, self.now)
        except Refused:
            return
        self._happened([opened], evolve(None, opened))

    # One rule a command, and not one for all: in each run hypothesis leaves some rules out, and
    # only where nobody ends or closes do visits live long enough for the rest to meet.

    @precondition(lambda self: self.logs)
    @rule(which=WHICH, text=HOSTILE, actor=ACTORS)
    def somebody_speaks(self, which: int, text: str, actor: Actor) -> None:
        self._command(which, Say(text=text), actor)

    @precondition(lambda self: self.logs)
    @rule(which=WHICH, actor=OPERATORS)
    def an_operator_takes(self, which: int, actor: Actor) -> None:
        self._command(which, Take(), actor)

    @precondition(lambda self: self.logs)
    @rule(which=WHICH, command=TRANSFERS, actor=OPERATORS)
    def an_operator_transfers(self, which: int, command: Transfer, actor: Actor) -> None:
        self._command(which, command, actor)

    @precondition(lambda self: self.logs)
    @rule(which=WHICH, text=HOSTILE, actor=OPERATORS)
    def an_operator_notes(self, which: int, text: str, actor: Actor) -> None:
        self._command(which, Note(text=text), actor)

    @precondition(lambda self: self.logs)
    @rule(which=WHICH, topic=HOSTILE, actor=OPERATORS)
    def an_operator_sets_the_topic(self, which: int, topic: str, actor: Actor) -> None:
        self._command(which, SetTopic(topic=topic), actor)

    @precondition(lambda self: self.logs)
    @rule(which=WHICH, actor=ACTORS)
    def somebody_ends(self, which: int, actor: Actor) -> None:
        self._command(which, End(), actor)

    @precondition(lambda self: self.logs)
    @rule(which=WHICH, command=INTERVIEWS)
    def a_visitor_answers(self, which: int, command: Interview) -> None:
        self._command(which, command, Visitor())

    @precondition(lambda self: self.logs)
    @rule(which=WHICH, email=EMAILS)
    def a_visitor_asks_for_the_transcript(self, which: int, email: str) -> None:
        self._command(which, RequestTranscript(email=email), Visitor())

    @precondition(lambda self: self.logs)
    @rule(which=WHICH, order=ORDERS)
    def the_system_orders(self, which: int, order: SystemCommand) -> None:
        assert self._try(which, order, System()) is not None, "orders are not refused"

    @precondition(lambda self: self.logs)
    @rule(which=WHICH, order=ORDERS, actor=OPERATORS | st.just(Visitor()))
    def a_person_gives_an_order(self, which: int, order: SystemCommand, actor: Actor) -> None:
        assert self._try(which, order, actor) is None, "people give no orders"

    @precondition(lambda self: self.logs)
    @rule(which=WHICH, command=INTERVIEWS | TRANSFERS | st.just(Take()), actor=ACTORS)
    def somebody_tries_what_is_for_others(
        self, which: int, command: Interview | Transfer | Take, actor: Actor
    ) -> None:
        self._command(which, command, actor)

    def _command(self, which: int, command: SessionCommand, actor: Actor) -> None:
        events = self._try(which, command, actor)
        assert events is None or events, "a command that is carried out leaves a trace to ack"

    def _try(self, which: int, command: SessionCommand | SystemCommand, actor: Actor) -> Log | None:
        session = list(self.sessions.values())[which % len(self.sessions)]
        self.now += timedelta(seconds=1)
        before = msgspec.structs.astuple(session)
        try:
            events = decide(session, command, actor, self.now)
        except Refused:
            events = None
        assert msgspec.structs.astuple(session) == before, "deciding changes nothing"
        after = session
        for event in events or ():
            after = evolve(after, event)
        self._happened(events or [], after)
        return events

    def _happened(self, events: Log, session: Session) -> None:
        for event in events:
            assert event.at == self.now
            assert decode_server_message(encode(event).rstrip(b"\n")) == event
            _assert_safe_to_show(event)
        self.logs.setdefault(session.reference, []).extend(events)
        self.sessions[session.reference] = session
        self.queue = self.queue.observe(session)

    @invariant()
    def the_log_has_no_gap_and_adds_up_to_the_session(self) -> None:
        for reference, log in self.logs.items():
            assert [event.seq for event in log] == list(range(1, len(log) + 1))
            assert {event.session for event in log} == {reference}
            assert replay(log) == self.sessions[reference]
            assert [type(event) is Opened for event in log] == [True] + [False] * (len(log) - 1)

    @invariant()
    def nothing_is_said_and_nobody_moves_after_the_end(self) -> None:
        for log in self.logs.values():
            ends = [event.seq for event in log if isinstance(event, Closed)]
            assert len(ends) <= 1
            answered = [event.seq for event in log if isinstance(event, InterviewAnswered)]
            assert len(answered) <= 1
            assert all(ends and seq > ends[0] for seq in answered)
            talk = (e.seq for e in log if isinstance(e, Line | Joined | Left))
            assert all(not ends or seq < ends[0] for seq in talk)

    @invariant()
    def a_visitor_waits_exactly_when_nobody_is_there(self) -> None:
        for session in self.sessions.values():
            assert (session.closed_at is not None) == (session.phase == "closed")
            if session.phase != "closed":
                assert (session.phase == "waiting") == (not session.operators)

    @invariant()
    def operators_come_once_leave_once_and_speak_in_between(self) -> None:
        for reference, log in self.logs.items():
            inside: list[str] = []
            for event in log:
                if isinstance(event, Joined):
                    assert event.operator not in inside
                    inside.append(event.operator)
                elif isinstance(event, Left):
                    inside.remove(event.operator)
                elif isinstance(event, Line) and event.by == "operator":
                    assert event.name in inside
                elif isinstance(event, Transferred | TopicSet):
                    assert event.operator in inside
            assert self.sessions[reference].operators == tuple(inside)

    @invariant()
    def the_queue_is_the_waiting_visits_in_the_order_they_came(self) -> None:
        waiting = sorted(
            (s.opened_at, s.reference) for s in self.sessions.values() if s.phase == "waiting"
        )
        assert self.queue.references == tuple(reference for _, reference in waiting)
        assert self.queue.next() == (waiting[0][1] if waiting else None)


def _assert_safe_to_show(event: AnyEvent) -> None:
    for field, text in _texts(msgspec.to_builtins(event)):
        prose = field in PROSE
        assert text == (clean_text(text) if prose else clean_name(text))
        controls = {c for c in text if unicodedata.category(c) in {"Cc", "Cs"}}
        assert controls <= ({"\n"} if prose else set())
        assert not set(text) & BIDI
        assert text


def _texts(value: object, field: str = "") -> Iterator[tuple[str, str]]:
    """Yield every text in a message, with the name of the field it is in."""
    if isinstance(value, str):
        yield field, value
    elif isinstance(value, dict):
        for key, inner in cast("dict[str, object]", value).items():
            yield from _texts(inner, key)
    elif isinstance(value, list | tuple):
        for inner in cast("Sequence[object]", value):
            yield from _texts(inner, field)


TestHelpDesk = HelpDesk.TestCase
# Without Phase.shrink: making a failing run of 40 steps shorter takes minutes, over the suite's
# limit for one test, and the run is short enough to read. Add it to look into a hard one.
TestHelpDesk.settings = settings(
    STEADY, max_examples=100, stateful_step_count=40, phases=[Phase.generate]
)
