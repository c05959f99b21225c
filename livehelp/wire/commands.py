"""What a client may send: the commands of visitors and operators.

Owns the shape of each command. Must not know who may send which one when: that is the
desk's table. Every command but ``typing`` and ``ping`` may carry a ``ref``, a number the client
counts up; its reply repeats it, and the same ``ref`` again gets the same reply and is stored once.
"""

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, Struct

from livehelp.wire.base import (
    MAX_ANSWERS,
    Email,
    Message,
    Name,
    Password,
    Place,
    Question,
    Ref,
    Reference,
    Run,
    Secret,
    Seq,
    Text,
    Topic,
)

# A client that promises a heartbeat is dropped after a silence of two and a half of them. Under
# 5 s a phone link would flap; over 300 s the promise tells less than TCP keep-alive does.
Heartbeat = Annotated[int, Meta(ge=5, le=300)]
Protocol = Annotated[int, Meta(ge=1, le=1_000)]


class ClientHello(Message, frozen=True, tag="hello"):
    """The first message of a connection: who is calling, and with what.

    ``client`` and ``version`` are what the policy calls browser type and version; ``place`` is
    the referring page, or the kiosk. ``token`` ties this visit to the one before (the policy's
    cookie). ``run`` names this run of the client program, so that a command sent again after a
    reconnect is known by its ``ref``. ``heartbeat`` promises a message at least every so many
    seconds.
    """

    protocol: Protocol
    role: Literal["visitor", "operator"]
    client: Name = "unknown"
    version: Name = "unknown"
    place: Place | None = None
    token: Secret | None = None
    run: Run | None = None
    heartbeat: Heartbeat | None = None


class Start(Message, frozen=True):
    """A visitor asks for help; opens a session.

    ``key`` is a secret the client makes up (128 bits or more) and keeps in memory: with it the
    session is resumed after a lost link, and the same ``start`` sent twice opens one session.
    ``remember`` asks for a token for the next visit.
    """

    name: Name
    topic: Topic
    remember: bool = False
    key: Secret | None = None
    ref: Ref | None = None


class Resume(Message, frozen=True):
    """Go on with a session after a lost link: send what came after ``after``, then go live.

    A visitor shows the session's ``key``, or came with its token; an operator is in it already.
    """

    session: Reference
    after: Seq = 0
    key: Secret | None = None
    ref: Ref | None = None


class Say(Message, frozen=True):
    """A line of the discussion. ``session`` may be left out by whoever is in just one."""

    text: Text
    session: Reference | None = None
    ref: Ref | None = None


class Typing(Message, frozen=True):
    """The person began (``on``) or stopped typing. Never stored, never answered."""

    on: bool
    session: Reference | None = None


class End(Message, frozen=True):
    """End the session."""

    session: Reference | None = None
    ref: Ref | None = None


class Answer(Struct, frozen=True, kw_only=True):
    """One question of the exit interview with what the visitor chose to answer."""

    question: Question
    answer: Text


class Interview(Message, frozen=True):
    """A visitor's answers to the exit interview, once, after the end; always voluntary."""

    answers: Annotated[tuple[Answer, ...], Meta(min_length=1, max_length=MAX_ANSWERS)]
    session: Reference | None = None
    ref: Ref | None = None


class RequestTranscript(Message, frozen=True):
    """A visitor asks for the transcript by e-mail."""

    email: Email
    session: Reference | None = None
    ref: Ref | None = None


class Login(Message, frozen=True):
    """An operator signs in with name and password, or after a lost link with a ``ticket``."""

    name: Name | None = None
    password: Password | None = None
    ticket: Secret | None = None
    ref: Ref | None = None


class Logout(Message, frozen=True):
    """An operator signs out; the ticket dies. Sessions go back to the queue."""

    ref: Ref | None = None


class Take(Message, frozen=True):
    """An operator takes a waiting visitor: the named session, or who has waited longest."""

    session: Reference | None = None
    ref: Ref | None = None


class Note(Message, frozen=True):
    """A note in the log for operators; the visitor never sees it."""

    text: Text
    session: Reference | None = None
    ref: Ref | None = None


class SetTopic(Message, frozen=True):
    """An operator corrects the topic of a session."""

    topic: Topic
    session: Reference | None = None
    ref: Ref | None = None


class Transfer(Message, frozen=True):
    """An operator hands the session to another one, or without ``to`` back to the queue."""

    session: Reference | None = None
    to: Name | None = None
    ref: Ref | None = None


class Recall(Message, frozen=True):
    """An operator asks for the visit before ``session`` (same token): its events, then an ack."""

    session: Reference | None = None
    ref: Ref | None = None


class Ping(Message, frozen=True):
    """Sign of life; answered with ``pong``."""


# What one session's rules decide about; the others concern the connection or the floor.
SessionCommand: TypeAlias = (
    Say | End | Interview | RequestTranscript | Take | Note | SetTopic | Transfer
)
Command: TypeAlias = (
    ClientHello
    | Start
    | Resume
    | Say
    | Typing
    | End
    | Interview
    | RequestTranscript
    | Login
    | Logout
    | Take
    | Note
    | SetTopic
    | Transfer
    | Recall
    | Ping
)
