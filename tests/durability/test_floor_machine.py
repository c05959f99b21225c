"""Visits and desks on a real server: whatever people do, everybody is told what is true.

A machine lets two visitors and two operators try everything, right or wrong, lose their links and
come back, and kills the server now and then. After every step the server's floor, each operator's
floor, what each was told, and the stored log are what the model says.
"""

from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Final, cast

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule, run_state_machine_as_test

from livehelp.testkit.server import ServerProcess
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
from livehelp.wire.replies import Ack
from storage.archive import Archive
from tests.durability.caller import code_of
from tests.durability.conftest import LONG
from tests.durability.desk import VisitorAtDesk
from tests.durability.floor import OPERATORS, WATCHER, Floor
from tests.durability.model import KINDS, VISITOR, Visit, entry

# Two at once are enough to be mixed up, and a third may come with the token of one that ended.
MOST_OPEN, MOST_VISITS = 2, 4
WHICH = st.integers(0, MOST_VISITS - 1)
WHO = st.sampled_from(OPERATORS)
TEXT = st.sampled_from(["Hello", "Zoë", "[red]", "two\nrows", " "])
# A sign-in after a signing out is a password's hash, and a killed server takes as long: seldom.
SELDOM = st.integers(0, 3)
LONG_RUN: Final = settings.get_current_profile_name() == LONG
# Without Phase.shrink, as in tests/rules: a failing run of 30 steps is short enough to read.
SETTINGS: Final = settings(
    derandomize=not LONG_RUN,
    database=None,
    deadline=None,
    max_examples=settings().max_examples if LONG_RUN else 30,
    stateful_step_count=30,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)


class Machine(Floor):
    """Everybody tries everything."""

    # Hypothesis leaves rules out by chance. Without a visit nearly all the others have nothing to
    # do: before there was one at the beginning, a third of all runs stored no event.
    @initialize(taken_by=st.sampled_from([*OPERATORS, None]))
    def a_visitor_is_there_already(self, taken_by: str | None) -> None:
        for who in OPERATORS:
            self._operator(who)
        self.a_visitor_enters(known=False, remember=True)
        if taken_by is not None:
            self.an_operator_takes_who_waits_longest(taken_by)

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
            self.the_servers_floor_is_the_models()  # it is carried out a moment after the ack

    @rule(who=WHO)
    def an_operator_loses_the_link(self, who: str) -> None:
        self.operators[who].lose()

    # The server

    @rule(seldom=SELDOM, how=st.sampled_from(["kill", "stop"]))
    def the_server_ends_and_is_started_again(self, seldom: int, how: str) -> None:
        if seldom == 0:
            for participant in (*self.visitors.values(), *self.operators.values(), self.watcher):
                participant.lose()
            if how == "kill":
                self.server.kill()
            self.server.restart()


def walk(floor: Machine) -> Iterator[None]:
    """Do each thing once where it is carried out: what chance seldom comes to in a short run."""
    yield floor.a_visitor_is_there_already(taken_by=None)
    yield floor.a_visitor_types(which=0)
    yield floor.an_operator_takes(who="dana", which=0)
    yield floor.a_visitor_speaks(which=0, text="Hello")
    yield floor.an_operator_speaks(who="dana", which=0, text="Zoë")
    yield floor.an_operator_notes(who="dana", which=0, text="two\nrows")
    yield floor.an_operator_sets_the_topic(who="dana", which=0, topic="Benefits")
    yield floor.a_visitor_loses_the_link(which=0)
    yield floor.an_operator_speaks_and_names_no_session(who="dana")
    yield floor.a_visitor_asks_for_the_transcript(which=0)
    yield floor.an_operator_transfers(who="dana", which=0, to="kim")
    yield floor.an_operator_loses_the_link(who="kim")
    yield floor.an_operator_transfers(who="kim", which=0, to=None)
    yield floor.an_operator_takes_who_waits_longest(who="dana")
    yield floor.the_server_ends_and_is_started_again(seldom=0, how="kill")
    yield floor.an_operator_speaks(who="dana", which=0, text="[red]")
    yield floor.an_operator_signs_out(who="dana", seldom=0)
    yield floor.an_operator_takes(who="kim", which=0)
    yield floor.an_operator_ends(who="kim", which=0, seldom=0)
    yield floor.an_operator_notes(who="kim", which=0, text="Hello")
    yield floor.a_visitor_answers_the_interview(which=0, text="Hello")
    yield floor.a_visitor_enters(known=True, remember=False)
    yield floor.an_operator_takes(who="kim", which=1)
    yield floor.an_operator_recalls(who="kim", which=1)
    yield floor.a_visitor_ends(which=1, seldom=0)


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Callable[[], Machine]]:
    """What makes a machine, on a server that all of them share."""
    with (
        ServerProcess(tmp_path, (*OPERATORS, WATCHER)) as server,
        closing(Archive.open(f"sqlite:///{server.database}", create=False)) as archive,
    ):
        yield partial(Machine, server, archive)


def test_each_thing_that_people_do_is_told_to_whom_it_concerns(
    floor: Callable[[], Machine],
) -> None:
    machine = floor()
    for _ in walk(machine):
        for each in machine.invariants:
            each.function(machine)
    machine.teardown()
    assert {entry[0] for visit in machine.visits for entry in visit.log} == KINDS


# 12 s; with other tests beside it four times as long.
@pytest.mark.timeout(0 if LONG_RUN else 180)
def test_whatever_people_do_everybody_is_told_what_is_stored(
    floor: Callable[[], Machine],
) -> None:
    # It wants something that it can call for a machine, whatever its types say.
    run_state_machine_as_test(cast("type[Machine]", floor), settings=SETTINGS)
