"""The floor of the state machine: who is on it, and what must hold after every step."""

import time
from collections.abc import Callable
from typing import Final

from hypothesis.stateful import RuleBasedStateMachine, invariant

from livehelp.testkit.server import ServerProcess
from livehelp.wire.commands import End
from livehelp.wire.replies import Ack, Reply
from livehelp.wire.signals import Visit as VisitSignal
from server.persistence.event_mapping import to_event
from storage.archive import Archive
from tests.durability.caller import code_of
from tests.durability.desk import OperatorAtDesk, VisitorAtDesk
from tests.durability.model import No, Visit, entry

OPERATORS: Final = ("dana", "kim")
# Only looks, so that what a sign-in is shown is seen without anybody's help.
WATCHER: Final = "lee"
PATIENCE: Final = 10.0


class Floor(RuleBasedStateMachine):
    """A server, its visits as the model has them, and the participants.

    Args:
        server: Where.
        archive: What it stores.

    Attributes:
        visits: As the model has them, in the order of their beginning.
        visitors: By the session.
        operators: By name.
        watcher: Only looks.
        token: Of the visit that asked for one last, and
        before: its session.
    """

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
    def an_operator_was_told_what_every_operator_is(self) -> None:
        for operator in self.operators.values():
            if not operator.connected:
                continue
            operator.barrier()
            shown = {visit.session: visit.seq for visit in operator.shown}
            for visit in self.visits:
                if visit.phase == "closed" and visit.session not in shown:
                    continue  # perhaps it was so when they signed in
                newer = visit.of_the_floor(after=shown.get(visit.session, 0))
                assert newer.items() <= operator.known(visit.session).items()

    @invariant()
    def an_operators_floor_is_the_models(self) -> None:
        for operator in self.operators.values():
            if operator.connected:
                open_visits = [visit for visit in self.visits if visit.phase != "closed"]
                assert {v.session: _floor_row(v) for v in operator.overview.visits.values()} == {
                    v.session: (v.phase, v.topic, tuple(v.operators)) for v in open_visits
                }
                waiting = [v.session for v in open_visits if v.phase == "waiting"]
                assert [v.session for v in operator.overview.waiting] == waiting

    def teardown(self) -> None:
        for visit in self.visits:
            if visit.phase != "closed":
                visitor = self._back(self.visitors[visit.session])
                visitor.ask(End())
        for participant in (*self.visitors.values(), *self.operators.values(), self.watcher):
            participant.lose()

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
