"""What a server answers to one command: replies carry the command's ``ref``.

Owns the shape of each reply and the list of error codes. Must not know when they are sent.
"""

from enum import StrEnum
from typing import Literal, TypeAlias

from msgspec import Struct

from livehelp.wire.base import Message, Moment

Phase: TypeAlias = Literal["waiting", "active", "closed"]


class ErrorCode(StrEnum):
    """Why a command was not carried out. The words beside it are for people."""

    # The bytes were not a message.
    LINE_TOO_LONG = "line_too_long"
    BAD_JSON = "bad_json"
    UNKNOWN_TYPE = "unknown_type"
    BAD_FIELD = "bad_field"
    TOO_MANY_ERRORS = "too_many_errors"
    # The message came at the wrong time, or from the wrong side of the desk.
    HELLO_FIRST = "hello_first"
    HELLO_TWICE = "hello_twice"
    PROTOCOL = "protocol"
    NOT_YOURS = "not_yours"
    LOGIN_FIRST = "login_first"
    OUT_OF_TURN = "out_of_turn"
    # The message was in order, but.
    NO_SESSION = "no_session"
    WHICH_SESSION = "which_session"
    ALREADY_STARTED = "already_started"
    ALREADY_TAKEN = "already_taken"
    NOBODY_WAITS = "nobody_waits"
    NO_OPERATOR = "no_operator"
    NO_EARLIER = "no_earlier"
    EMPTY_TEXT = "empty_text"
    LOGIN_FAILED = "login_failed"
    SLOW_DOWN = "slow_down"
    FULL = "full"
    NOT_STORED = "not_stored"
    # What an older client makes of a newer server's code; the words still tell the person.
    OTHER = "other"

    @classmethod
    def _missing_(cls, value: object) -> "ErrorCode":
        del value
        return cls.OTHER


class Earlier(Struct, frozen=True, kw_only=True):
    """The visit before, as the token remembers it; ``open`` if it can still be resumed."""

    session: str
    name: str
    topic: str
    at: Moment
    open: bool


class ServerHello(Message, frozen=True, tag="hello"):
    """The server's first message: what it is, what it offers, and what must not be typed.

    ``notice`` is the policy's warning, shown before anything is typed; ``topics`` what help is
    offered for; ``questions`` the exit interview. ``earlier`` is the visit the token names.
    """

    protocol: int
    server: str
    version: str
    at: Moment
    notice: str
    topics: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    operators: int = 0
    earlier: Earlier | None = None


class Started(Message, frozen=True):
    """The session is open and on disk. ``key`` resumes it; ``token`` is for the next visit."""

    session: str
    seq: int
    key: str
    token: str | None = None
    ref: int | None = None


class Resumed(Message, frozen=True):
    """All that was missed has been sent: ``seq`` is the last of the log; live from here."""

    session: str
    seq: int
    phase: Phase
    ref: int | None = None


class LoggedIn(Message, frozen=True):
    """Signed in. ``visits`` messages of type ``visit`` follow: who waits and who is in talk."""

    name: str
    ticket: str
    expires: Moment
    visits: int = 0
    ref: int | None = None


class Ack(Message, frozen=True):
    """Done, and on disk. ``seq`` is the number that the command's last event got in the log."""

    ref: int | None = None
    session: str | None = None
    seq: int | None = None


class Error(Message, frozen=True):
    """Not done, and why. ``code`` is for programs, ``message`` for the person."""

    code: ErrorCode
    message: str
    ref: int | None = None


class Pong(Message, frozen=True):
    """The answer to ``ping``."""


Reply: TypeAlias = ServerHello | Started | Resumed | LoggedIn | Ack | Error | Pong
