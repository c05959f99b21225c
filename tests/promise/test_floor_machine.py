"""Visits and desks on a real server: whatever people do, everybody is told what is true.

A machine lets two visitors and two operators try everything, right or wrong, lose their links and
come back, and kills the server now and then. After every step the server's floor, each operator's
floor, what each was told, and the stored log are what the model says.
"""

import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Final, cast

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from livehelp.stage import ServerProcess
from livehelp.wire.commands import (
    Answer,
    End,
    Interview,
    Note,
    Recall,
    RequestTranscript,
    Say,
    SetTopic,
    Start,
    Take,
    Transfer,
    Typing,
)
from livehelp.wire.replies import Ack, Reply
from livehelp.wire.signals import Visit as VisitSignal
from server.records import to_event
from storage.archive import Archive
from tests.promise.caller import code_of
from tests.promise.conftest import LONG
from tests.promise.desk import OperatorAtDesk, VisitorAtDesk
from tests.promise.model import VISITOR, No, Visit, entry

OPERATORS: Final = ("dana", "kim")
# Only looks, so that what a sign-in is shown is seen without anybody's help.
WATCHER: Final = "lee"
# Two at once are enough to be mixed up, and a third may come with the token of one that ended.
MOST_OPEN, MOST_VISITS = 2, 4
WHICH = st.integers(0, MOST_VISITS - 1)
WHO = st.sampled_from(OPERATORS)
TEXT = st.sampled_from(["Hello", "Zoë", "[red]", "two\nrows", " "])
# A sign-in after a signing out is a password's hash, and a killed server takes as long: seldom.
SELDOM = st.integers(0, 3)
PATIENCE: Final = 10.0
LONG_RUN: Final = settings.get_current_profile_name() == LONG
# Without Phase.shrink, as in tests/desk: a failing run of 30 steps is short enough to read.
SETTINGS: Final = settings(
    derandomize=not LONG_RUN,
    database=None,
    deadline=None,
    max_examples=settings().max_examples if LONG_RUN else 12,
    stateful_step_count=30,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)


class Floor(RuleBasedStateMachine):
    """A floor, and everybody trying everything."""

    def __init__(self, server: ServerProcess, archive: Archive) -> None:
        super().__init__()
        self.server = server
        self.archive = archive
        self.visits: list[Visit] = []
        self.visitors: dict[str, VisitorAtDesk] = {}
        self.operators = {name: OperatorAtDesk(self.server, name) for name in OPERATORS}
        self.watcher = OperatorAtDesk(self.server, WATCHER)
        self.watcher.sign_in()
        self.token: str | None = None
        self.before: str | None = None

    # Visitors

    @precondition(lambda self: len(self.visits) < MOST_VISITS and self._open() < MOST_OPEN)
    @rule(known=st.booleans(), remember=st.booleans())
    def a_visitor_enters(self, known: bool, remember: bool) -> None:
        token = self.token if known else None
        visitor = VisitorAtDesk(self.server, f"Ann {len(self.visits)}")
        earlier = visitor.connect(token)
        assert (earlier and earlier.session) == (self.before if token else None)
        started = visitor.start(remember=remember)
        visit = Visit(started.session, visitor.name)
        visit.log.append(("opened", visitor.name, "Taxes", earlier and earlier.session))
        self.visits.append(visit)
        self.visitors[visit.session] = visitor
        if remember or token:
            # A token is shown once: the next visit brings the next one.
            self.token, self.before = started.token, visit.session

    @precondition(lambda self: self.visits)
    @rule(which=WHICH, text=TEXT)
    def a_visitor_speaks(self, which: int, text: str) -> None:
        visit, visitor = self._visitor(which)
        self._same(visitor.ask(Say(text=text)), lambda: visit.say(VISITOR, text))

    @precondition(lambda self: self.visits)
    @rule(which=WHICH)
    def a_visitor_types(self, which: int) -> None:
        self._visitor(which)[1].post(Typing(on=True))

    @precondition(lambda self: self.visits)
    @rule(which=WHICH, seldom=SELDOM)
    def a_visitor_ends(self, which: int, seldom: int) -> None:
        visit, visitor = self._visitor(which)
        if seldom == 0 or visit.phase == "closed":
            self._same(visitor.ask(End()), lambda: visit.end(VISITOR))

    @precondition(lambda self: self.visits)
    @rule(which=WHICH, text=TEXT)
    def a_visitor_answers_the_interview(self, which: int, text: str) -> None:
        visit, visitor = self._visitor(which)
        answers = (Answer(question="Were you helped?", answer=text),)
        self._same(visitor.ask(Interview(answers=answers)), lambda: visit.interview(text))

    @precondition(lambda self: self.visits)
    @rule(which=WHICH)
    def a_visitor_asks_for_the_transcript(self, which: int) -> None:
        visit, visitor = self._visitor(which)
        email = "ann@example.org"
        reply = visitor.ask(RequestTranscript(email=email))
        self._same(reply, lambda: visit.request_transcript(email))

    @precondition(lambda self: self.visits)
    @rule(which=WHICH)
    def a_visitor_starts_once_more(self, which: int) -> None:
        visit, visitor = self._visitor(which)
        if visit.phase != "closed":
            reply = visitor.ask(Start(name="Ann", topic="Taxes"))
            assert code_of(reply) == "already_started"

    @precondition(lambda self: self.visits)
    @rule(which=WHICH)
    def a_visitor_loses_the_link(self, which: int) -> None:
        self._visitor(which)[1].lose()

    # Operators

    @rule(who=WHO)
    def an_operator_signs_in(self, who: str) -> None:
        self._operator(who)

    @precondition(lambda self: self.visits)
    @rule(who=WHO, which=WHICH)
    def an_operator_takes(self, who: str, which: int) -> None:
        operator, visit = self._operator(who), self._visit(which)
        reply = operator.ask(Take(session=visit.session))
        if self._same(reply, lambda: visit.take(who)):
            operator.joined(visit.session)

    @rule(who=WHO)
    def an_operator_takes_who_waits_longest(self, who: str) -> None:
        operator = self._operator(who)
        reply = operator.ask(Take())
        first = next((visit for visit in self.visits if visit.phase == "waiting"), None)
        if first is None:
            assert code_of(reply) == "nobody_waits"
        else:
            assert isinstance(reply, Ack)
            assert reply.session == first.session
            first.take(who)
            operator.joined(first.session)

    @precondition(lambda self: self.visits)
    @rule(who=WHO, which=WHICH, text=TEXT)
    def an_operator_speaks(self, who: str, which: int, text: str) -> None:
        visit = self._visit(which)
        reply = self._operator(who).ask(Say(session=visit.session, text=text))
        self._same(reply, lambda: visit.say(who, text))

    @rule(who=WHO)
    def an_operator_speaks_and_names_no_session(self, who: str) -> None:
        operator = self._operator(who)
        mine = [v for v in self.visits if v.phase == "active" and who in v.operators]
        reply = operator.ask(Say(text="Hello"))
        if len(mine) == 1:
            self._same(reply, lambda: mine[0].say(who, "Hello"))
        else:
            assert code_of(reply) == ("which_session" if mine else "no_session")

    @precondition(lambda self: self.visits)
    @rule(who=WHO, which=WHICH, text=TEXT)
    def an_operator_notes(self, who: str, which: int, text: str) -> None:
        visit = self._visit(which)
        reply = self._operator(who).ask(Note(session=visit.session, text=text))
        self._same(reply, lambda: visit.note(who, text))

    @precondition(lambda self: self.visits)
    @rule(who=WHO, which=WHICH, topic=st.sampled_from(["Benefits", "This portal", " "]))
    def an_operator_sets_the_topic(self, who: str, which: int, topic: str) -> None:
        visit = self._visit(which)
        reply = self._operator(who).ask(SetTopic(session=visit.session, topic=topic))
        self._same(reply, lambda: visit.set_topic(who, topic))

    @precondition(lambda self: self.visits)
    @rule(who=WHO, which=WHICH, to=st.sampled_from([None, *OPERATORS]))
    def an_operator_transfers(self, who: str, which: int, to: str | None) -> None:
        operator, visit = self._operator(who), self._visit(which)
        reply = operator.ask(Transfer(session=visit.session, to=to))
        done = self._same(reply, lambda: visit.transfer(who, to, self._present))
        if done and to is not None:
            self.operators[to].joined(visit.session)

    @precondition(lambda self: self.visits)
    @rule(who=WHO, which=WHICH)
    def an_operator_recalls(self, who: str, which: int) -> None:
        operator, visit = self._operator(who), self._visit(which)
        reply, events = operator.recall(Recall(session=visit.session))
        if self._same(reply, lambda: visit.recall(who), stored=False):
            before = self._of(visit.log[0][3])
            assert {e.seq: entry(e) for e in events} == before.numbered()

    @precondition(lambda self: self.visits)
    @rule(who=WHO, which=WHICH, seldom=SELDOM)
    def an_operator_ends(self, who: str, which: int, seldom: int) -> None:
        visit = self._visit(which)
        if seldom == 0 or visit.phase != "active":
            reply = self._operator(who).ask(End(session=visit.session))
            self._same(reply, lambda: visit.end(who))

    @rule(who=WHO, seldom=SELDOM)
    def an_operator_signs_out(self, who: str, seldom: int) -> None:
        operator = self._operator(who)
        if seldom == 0:
            operator.sign_out()
            for visit in self.visits:
                visit.logged_out(who)

    @rule(who=WHO)
    def an_operator_loses_the_link(self, who: str) -> None:
        self.operators[who].lose()

    # The server

    @rule(seldom=SELDOM, how=st.sampled_from(["kill", "stop"]))
    def the_server_ends_and_is_started_again(self, seldom: int, how: str) -> None:
        if seldom == 0:
            for person in (*self.visitors.values(), *self.operators.values(), self.watcher):
                person.lose()
            if how == "kill":
                self.server.kill()
            self.server.restart()

    # What must hold

    @invariant()
    def the_servers_floor_is_the_models(self) -> None:
        # A lost link is noticed, and a sign-out carried out, a moment after the step.
        due = [self._snapshot(visit) for visit in self.visits if visit.phase != "closed"]
        roster = {name for name in self.operators if self._present(name)} | {WATCHER}
        end = time.monotonic() + PATIENCE
        while True:
            self.watcher.lose()
            self.watcher.sign_in()
            shown = sorted(map(_shown, self.watcher.shown), key=_by_session)
            if shown == sorted(due, key=_by_session) and set(self.watcher.roster) == roster:
                return
            assert time.monotonic() < end, (shown, due, self.watcher.roster, roster)

    @invariant()
    def the_stored_log_is_the_models_and_numbered_without_a_gap(self) -> None:
        for visit in self.visits:
            record = self.archive.session(visit.session)
            assert record is not None
            events = [to_event(visit.session, row) for row in self.archive.events(record.id)]
            assert [event.seq for event in events] == list(range(1, len(events) + 1))
            assert [entry(event) for event in events] == visit.log

    @invariant()
    def a_visitor_was_told_everything_but_the_notes(self) -> None:
        for visit in self.visits:
            visitor = self.visitors[visit.session]
            if visitor.connected:
                visitor.barrier()
                assert visitor.known(visit.session) == visit.seen_by_visitor()

    @invariant()
    def an_operator_was_told_everything_where_they_are_in_it_and_nothing_untrue(self) -> None:
        for operator in self.operators.values():
            if not operator.connected:
                continue
            operator.barrier()
            for visit in self.visits:
                known, due = operator.known(visit.session), visit.numbered()
                assert known.items() <= due.items()
                if visit.phase == "active" and operator.name in visit.operators:
                    assert known == due

    @invariant()
    def an_operators_floor_is_the_models(self) -> None:
        for operator in self.operators.values():
            if operator.connected:
                open_visits = [visit for visit in self.visits if visit.phase != "closed"]
                assert {v.session: _floor_row(v) for v in operator.floor.visits.values()} == {
                    v.session: (v.phase, v.topic, tuple(v.operators)) for v in open_visits
                }
                waiting = [v.session for v in open_visits if v.phase == "waiting"]
                assert [v.session for v in operator.floor.waiting] == waiting

    def teardown(self) -> None:
        for visit in self.visits:
            if visit.phase != "closed":
                visitor = self._back(self.visitors[visit.session])
                visitor.ask(End())
        for person in (*self.visitors.values(), *self.operators.values(), self.watcher):
            person.lose()

    def _open(self) -> int:
        return sum(visit.phase != "closed" for visit in self.visits)

    def _visit(self, which: int) -> Visit:
        return self.visits[which % len(self.visits)]

    def _of(self, session: str | None) -> Visit:
        return next(visit for visit in self.visits if visit.session == session)

    def _visitor(self, which: int) -> tuple[Visit, VisitorAtDesk]:
        """Return a visit, and its visitor, who has come back if the link was lost."""
        visit = self._visit(which)
        return visit, self._back(self.visitors[visit.session])

    @staticmethod
    def _back(visitor: VisitorAtDesk) -> VisitorAtDesk:
        if not visitor.connected:
            visitor.come_back()
        return visitor

    def _operator(self, who: str) -> OperatorAtDesk:
        """Return an operator, who has signed in and come back if need be."""
        operator = self.operators[who]
        if not operator.connected:
            operator.sign_in()
            for visit in self.visits:
                if visit.phase == "active" and who in visit.operators:
                    operator.resume(visit.session)
        return operator

    def _present(self, who: str) -> bool:
        return self.operators[who].connected

    def _same(self, reply: Reply, model: Callable[[], None], *, stored: bool = True) -> bool:
        """The reply is what the model says; return whether the command was carried out."""
        refused = _refusal(model)
        if refused is not None:
            assert code_of(reply) == refused, reply
            return False
        assert isinstance(reply, Ack), reply
        if stored and reply.session is not None:
            assert reply.seq == len(self._of(reply.session).log)
        return True

    def _snapshot(self, visit: Visit) -> tuple[object, ...]:
        online = self.visitors[visit.session].connected
        return (
            visit.session,
            len(visit.log),
            visit.phase,
            visit.topic,
            tuple(visit.operators),
            online,
        )


def _refusal(model: Callable[[], None]) -> str | None:
    """Let the model do it; return the code of its no, if it says that."""
    try:
        model()
    except No as no:
        return str(no)
    return None


def _shown(visit: VisitSignal) -> tuple[object, ...]:
    return (visit.session, visit.seq, visit.phase, visit.topic, visit.operators, visit.online)


def _by_session(row: tuple[object, ...]) -> str:
    return str(row[0])


def _floor_row(visit: VisitSignal) -> tuple[object, ...]:
    return visit.phase, visit.topic, visit.operators


@pytest.mark.timeout(0 if LONG_RUN else 60)
def test_whatever_people_do_everybody_is_told_what_is_stored(tmp_path: Path) -> None:
    with (
        ServerProcess(tmp_path, (*OPERATORS, WATCHER)) as server,
        closing(Archive.open(f"sqlite:///{server.database}", create=False)) as archive,
    ):
        # It wants something that it can call for a machine, whatever its types say.
        machine = cast("type[Floor]", partial(Floor, server, archive))
        run_state_machine_as_test(machine, settings=SETTINGS)
