"""What happened in a session: the entries of its append-only log, as the wire shows them.

Owns the shape of each event. A session's transcript is these events, numbered ``seq`` = 1, 2, ...
Must not know how they are decided (the desk) or kept (the storage).
"""

from typing import Final, Literal, TypeAlias

from livehelp.wire.base import Message, Moment
from livehelp.wire.commands import Answer

By: TypeAlias = Literal["visitor", "operator", "system"]


class Event(Message, frozen=True):
    """One entry: ``session`` is the session's reference, ``at`` when it happened (UTC)."""

    session: str
    seq: int
    at: Moment


class Opened(Event, frozen=True):
    """A visitor entered. What the policy lets operators see: client, host address, host IP.

    ``host`` is absent until reverse DNS has answered (``host_found``). ``previous`` is the
    reference of the visit before, when a token tied them.
    """

    name: str
    topic: str
    client: str
    version: str
    ip: str
    host: str | None = None
    place: str | None = None
    previous: str | None = None


class HostFound(Event, frozen=True):
    """Reverse DNS gave the host address of the visitor's IP."""

    host: str


class Line(Event, frozen=True):
    """A line of the discussion."""

    by: By
    name: str
    text: str


class Joined(Event, frozen=True):
    """An operator took the visitor, or was handed the session."""

    operator: str


class Left(Event, frozen=True):
    """An operator left; with no other operator there, the visitor waits again, at the front."""

    operator: str
    reason: Literal["transferred", "logged_out", "gone"]


class Transferred(Event, frozen=True):
    """An operator handed the session to another (``to``), or back to the queue."""

    operator: str
    to: str | None = None


class Noted(Event, frozen=True):
    """A note among operators. Visitors are never sent this event."""

    operator: str
    text: str


class TopicSet(Event, frozen=True):
    """An operator corrected the topic."""

    operator: str
    topic: str


class Closed(Event, frozen=True):
    """The session ended."""

    by: By
    name: str | None = None
    reason: Literal["ended", "idle"] = "ended"


class InterviewAnswered(Event, frozen=True):
    """The visitor answered the exit interview."""

    answers: tuple[Answer, ...]


class TranscriptRequested(Event, frozen=True):
    """The visitor asked for the transcript by e-mail."""

    email: str


AnyEvent: TypeAlias = (
    Opened
    | HostFound
    | Line
    | Joined
    | Left
    | Transferred
    | Noted
    | TopicSet
    | Closed
    | InterviewAnswered
    | TranscriptRequested
)

# Sent to every signed-in operator, in the session or not: who waits, and who is being helped.
FLOOR_EVENTS: Final = (Opened, HostFound, Joined, Left, Transferred, TopicSet, Closed)
# Never sent to a visitor.
STAFF_EVENTS: Final = (Noted,)
