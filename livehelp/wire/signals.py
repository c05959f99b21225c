"""What a server tells unasked and never stores: presence, places in the queue, typing.

Owns the shape of each signal. A signal may be dropped under pressure and is out of date the
moment it is sent; whatever must not be lost is an event.
"""

from typing import TypeAlias

from livehelp.wire.base import Message, Moment
from livehelp.wire.events import AnyEvent, By
from livehelp.wire.replies import Phase, Reply


class Visit(Message, frozen=True):
    """One open session as an operator's list shows it; a snapshot, sent after ``logged_in``."""

    session: str
    seq: int
    phase: Phase
    at: Moment
    name: str
    topic: str
    client: str
    version: str
    ip: str
    host: str | None = None
    place: str | None = None
    previous: str | None = None
    operators: tuple[str, ...] = ()
    online: bool = True


class TypingSignal(Message, frozen=True, tag="typing"):
    """The other side is typing, or stopped."""

    session: str
    by: By
    name: str
    on: bool


class Position(Message, frozen=True):
    """A waiting visitor's place in the queue (1 is next), how many wait, how many operators."""

    session: str
    position: int
    waiting: int
    operators: int


class Presence(Message, frozen=True):
    """The link of one in the session was lost (``online`` false) or is back."""

    session: str
    by: By
    name: str
    online: bool


class Roster(Message, frozen=True):
    """The operators who are signed in, by name; sent to operators when it changes."""

    operators: tuple[str, ...]


class Bye(Message, frozen=True):
    """The server closes this connection, and why; ``retry`` is when to come back, in seconds."""

    reason: str
    message: str
    retry: int | None = None


Signal: TypeAlias = Visit | TypingSignal | Position | Presence | Roster | Bye
ServerMessage: TypeAlias = Reply | AnyEvent | Signal
