"""What a session's log adds up to: one visit as it is now.

Owns the record and how each event changes it. Must not know why an event was decided: a log that
was written under other rules still adds up the same.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from livehelp.wire.events import (
    AnyEvent,
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
from livehelp.wire.replies import Phase


class BrokenLogError(ValueError):
    """Events that are no log: one is missing, comes twice, or is of another session."""


class Session(Struct, frozen=True, kw_only=True, gc=False):
    """One visit after the event numbered ``seq``; one of these is made for every line.

    ``operators`` are those in it now, or who were when it closed. ``previous`` is the reference of
    the visit before. All moments are UTC; ``last_at`` is the latest event's. (``gc=False``: a
    session refers to nothing that could refer back, so the collector need not look at it.)
    """

    reference: str
    seq: int
    phase: Phase
    opened_at: datetime
    last_at: datetime
    name: str
    topic: str
    client: str
    version: str
    ip: str
    host: str | None = None
    place: str | None = None
    previous: str | None = None
    operators: tuple[str, ...] = ()
    interviewed: bool = False
    closed_at: datetime | None = None


def evolve(session: Session | None, event: AnyEvent) -> Session:
    """Return ``session`` after ``event``; the first event of a log evolves from None.

    Raises:
        BrokenLogError: ``event`` is not the next of this session's log.
    """
    if session is None:
        return _opened(event)
    if event.seq != session.seq + 1 or event.session != session.reference:
        raise BrokenLogError(
            f"Event {event.seq} of {event.session} cannot follow "
            f"event {session.seq} of {session.reference}."
        )
    return CHANGES[type(event)](session, event)


def replay(events: Iterable[AnyEvent]) -> Session:
    """Return what ``events``, a whole log in order, add up to.

    Raises:
        BrokenLogError: the log is empty, does not begin with ``opened``, or has a gap.
    """
    session: Session | None = None
    for event in events:
        session = evolve(session, event)
    if session is None:
        raise BrokenLogError("A log without events is no session.")
    return session


def _opened(event: AnyEvent) -> Session:
    if not isinstance(event, Opened) or event.seq != 1:
        raise BrokenLogError(
            f"A log begins with opened, number 1, not with {type(event).__name__} {event.seq}."
        )
    return Session(
        reference=event.session,
        seq=event.seq,
        phase="waiting",
        opened_at=event.at,
        last_at=event.at,
        name=event.name,
        topic=event.topic,
        client=event.client,
        version=event.version,
        ip=event.ip,
        host=event.host,
        place=event.place,
        previous=event.previous,
    )


def _opened_again(session: Session, event: Opened) -> Session:
    raise BrokenLogError(f"{session.reference} was opened twice, again at {event.seq}.")


def _noticed(session: Session, event: AnyEvent) -> Session:
    """Count an event that is in the transcript but changes nothing else."""
    return replace(session, seq=event.seq, last_at=event.at)


def _host_found(session: Session, event: HostFound) -> Session:
    return replace(session, seq=event.seq, last_at=event.at, host=event.host)


def _joined(session: Session, event: Joined) -> Session:
    operators = (*session.operators, event.operator)
    return replace(session, seq=event.seq, last_at=event.at, phase="active", operators=operators)


def _left(session: Session, event: Left) -> Session:
    operators = tuple(name for name in session.operators if name != event.operator)
    phase: Phase = "active" if operators else "waiting"
    return replace(session, seq=event.seq, last_at=event.at, phase=phase, operators=operators)


def _topic_set(session: Session, event: TopicSet) -> Session:
    return replace(session, seq=event.seq, last_at=event.at, topic=event.topic)


def _closed(session: Session, event: Closed) -> Session:
    return replace(session, seq=event.seq, last_at=event.at, phase="closed", closed_at=event.at)


def _interviewed(session: Session, event: InterviewAnswered) -> Session:
    return replace(session, seq=event.seq, last_at=event.at, interviewed=True)


# Every event of AnyEvent has its row; a test holds the two together. `Any` because each function
# takes its own event, which the key names.
CHANGES: dict[type[AnyEvent], Callable[[Session, Any], Session]] = {
    Opened: _opened_again,
    HostFound: _host_found,
    Line: _noticed,
    Joined: _joined,
    Left: _left,
    Transferred: _noticed,
    Noted: _noticed,
    TopicSet: _topic_set,
    Closed: _closed,
    InterviewAnswered: _interviewed,
    TranscriptRequested: _noticed,
}
