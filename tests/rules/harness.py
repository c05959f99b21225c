"""Given these events, when this command, then these events: the desk's tests read as scripts.

    given(enters(), joins("Dana")).when(End(), DANA).then(closes("operator", "Dana"))

Every happening is an event without its number and time; the script numbers them on, one a minute.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Literal, TypeAlias

from hypothesis import settings

from livehelp.wire.commands import Answer, SessionCommand
from livehelp.wire.events import (
    AnyEvent,
    By,
    Closed,
    HostFound,
    InterviewAnswered,
    Joined,
    Left,
    Line,
    Noted,
    Opened,
    TopicSet,
    TranscriptRequested,
    Transferred,
)
from livehelp.wire.replies import ErrorCode
from server.rules.actors import Actor, Operator, System, Visitor
from server.rules.decide import decide
from server.rules.refused import Refused
from server.rules.session import Session, evolve, replay
from server.rules.system_commands import SystemCommand

REFERENCE = "K7P4-MXQ2"
NOON = datetime(2005, 12, 19, 12, 0, tzinfo=UTC)
ANN = Visitor()
DANA = Operator("Dana")
LEE = Operator("Lee")
SYSTEM = System()
# The same examples at every run, on every machine: a red test stays red.
STEADY = settings(derandomize=True, deadline=None, database=None)

Happening: TypeAlias = Callable[[int, datetime], AnyEvent]


def minute(n: int) -> datetime:
    return NOON + timedelta(minutes=n)


def given(*happenings: Happening) -> Script:
    return Script(replay(h(n, minute(n)) for n, h in enumerate(happenings, start=1)))


class Script:
    """A session, and what was tried on it last."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._events: list[AnyEvent] = []
        self._refused: Refused | None = None
        self._now = session.last_at

    def when(self, command: SessionCommand | SystemCommand, actor: Actor) -> Script:
        self._now = self.session.last_at + timedelta(minutes=1)
        self._events, self._refused = [], None
        try:
            self._events = decide(self.session, command, actor, self._now)
        except Refused as why:
            self._refused = why
        return self

    def then(self, *happenings: Happening) -> Script:
        """Hold what happened to ``happenings``, and go on from there."""
        assert self._refused is None, self._refused
        first = self.session.seq + 1
        assert self._events == [h(n, self._now) for n, h in enumerate(happenings, start=first)]
        for event in self._events:
            self.session = evolve(self.session, event)
        return self

    def then_nothing(self) -> Script:
        return self.then()

    def refused(self, code: ErrorCode, words: str) -> None:
        assert self._refused is not None, self._events
        assert (self._refused.code, self._refused.message) == (code, words)


def enters(
    *,
    name: str = "Ann",
    topic: str = "Taxes",
    client: str = "livehelp",
    version: str = "0.1",
    ip: str = "192.0.2.7",
    host: str | None = None,
    place: str | None = "Frankfort office, kiosk 3",
    previous: str | None = None,
) -> Happening:
    return lambda seq, at: Opened(
        session=REFERENCE,
        seq=seq,
        at=at,
        name=name,
        topic=topic,
        client=client,
        version=version,
        ip=ip,
        host=host,
        place=place,
        previous=previous,
    )


def line(by: By, name: str, text: str) -> Happening:
    return lambda seq, at: Line(session=REFERENCE, seq=seq, at=at, by=by, name=name, text=text)


def host_found(host: str) -> Happening:
    return lambda seq, at: HostFound(session=REFERENCE, seq=seq, at=at, host=host)


def joins(operator: str) -> Happening:
    return lambda seq, at: Joined(session=REFERENCE, seq=seq, at=at, operator=operator)


def leaves(operator: str, reason: Literal["transferred", "logged_out", "gone"]) -> Happening:
    return lambda seq, at: Left(session=REFERENCE, seq=seq, at=at, operator=operator, reason=reason)


def transfers(operator: str, to: str | None = None) -> Happening:
    return lambda seq, at: Transferred(session=REFERENCE, seq=seq, at=at, operator=operator, to=to)


def notes(operator: str, text: str) -> Happening:
    return lambda seq, at: Noted(session=REFERENCE, seq=seq, at=at, operator=operator, text=text)


def topic_set(operator: str, topic: str) -> Happening:
    return lambda seq, at: TopicSet(
        session=REFERENCE, seq=seq, at=at, operator=operator, topic=topic
    )


def closes(
    by: By, name: str | None = None, *, reason: Literal["ended", "idle"] = "ended"
) -> Happening:
    return lambda seq, at: Closed(
        session=REFERENCE, seq=seq, at=at, by=by, name=name, reason=reason
    )


def answers(*given_answers: tuple[str, str]) -> Happening:
    said = tuple(Answer(question=q, answer=a) for q, a in given_answers)
    return lambda seq, at: InterviewAnswered(session=REFERENCE, seq=seq, at=at, answers=said)


def asks_transcript(email: str) -> Happening:
    return lambda seq, at: TranscriptRequested(session=REFERENCE, seq=seq, at=at, email=email)
