"""What happens when somebody does something in a session: a command in, events out.

Owns what each command and order means, one small function each. Must not know how events are
kept or told, what time it is, or who may do what when (``table`` is asked first). The caller
stores the events; if another server was faster, it loads the session again and decides again.
"""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, Literal

from livehelp.wire.commands import (
    Answer,
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
from livehelp.wire.text import clean_name, clean_text
from server.rules.actors import Actor, ClientDetails, Operator, System, Visitor
from server.rules.refused import Refused
from server.rules.session import Session
from server.rules.system_commands import (
    CloseAbandoned,
    HostResolved,
    OperatorLoggedOut,
    OperatorTimedOut,
    SystemCommand,
)
from server.rules.table import permit

# Events of one session: a line every second for more than a day. Without an end to it a program
# that writes 10,000 lines a second makes a log that takes minutes to read again.
MAX_EVENTS: Final = 100_000
# What people may say without end; what ends a session or hands it on is never too much.
_UNENDING: Final = (Say, Note, SetTopic, RequestTranscript)
# RFC 1035 section 3.1 allows a name 255 octets on the wire, which is 253 characters as text.
# Whoever answers for an address block may send anything; what is longer is no host name.
MAX_HOST: Final = 253
# The wire's own shape of an address, held to again: cleaning may have emptied one side of the @.
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+")


def open_session(
    reference: str, start: Start, caller: ClientDetails, previous: str | None, now: datetime
) -> Opened:
    """Return the first event of a new session.

    Args:
        reference: The new session's name; that it is free is for the storage to say.
        start: What the visitor entered.
        caller: What the connection knows of the visitor.
        previous: The reference of the visit before, when a token ties this one to it.
        now: When, in UTC.

    Raises:
        Refused: ``EMPTY_TEXT``, when nothing of the name or the topic can be shown.
    """
    return Opened(
        session=reference,
        seq=1,
        at=now,
        name=_filled(clean_name(start.name), "Your name has nothing that can be shown. Enter one."),
        topic=_filled(
            clean_name(start.topic), "The topic has nothing that can be shown. Name one."
        ),
        client=clean_name(caller.client) or "unknown",
        version=clean_name(caller.version) or "unknown",
        ip=caller.ip,
        host=_host(caller.host or ""),
        place=clean_name(caller.place or "") or None,
        previous=previous,
    )


def decide(
    session: Session, command: SessionCommand | SystemCommand, actor: Actor, now: datetime
) -> list[AnyEvent]:
    """Return what happens when ``actor`` gives ``command``, numbered on from ``session.seq``.

    A command that is carried out makes at least one event. An order may make none: it came too
    late, or told nothing new. The events of one command belong together: store all or none.

    Raises:
        Refused: nothing happens, and why. The codes of ``table.permit``, and ``EMPTY_TEXT`` for a
            text of which nothing can be shown, ``BAD_FIELD`` for an address that is none, ``FULL``
            for a log that is as long as it may be.
    """
    if not permit(session, command, actor):
        return []
    if session.seq >= MAX_EVENTS and isinstance(command, _UNENDING):
        raise Refused(
            ErrorCode.FULL,
            f"This visit has {MAX_EVENTS:,} entries, and no more fit. Start a new one.",
        )
    return HANDLERS[type(command)](session, command, actor, now)


def _say(session: Session, say: Say, actor: Visitor | Operator, now: datetime) -> list[AnyEvent]:
    text = _filled(clean_text(say.text), "There is nothing in that line that can be shown.")
    by, name = _signature(session, actor)
    return [
        Line(session=session.reference, seq=session.seq + 1, at=now, by=by, name=name, text=text)
    ]


def _end(session: Session, _: End, actor: Visitor | Operator, now: datetime) -> list[AnyEvent]:
    by, name = _signature(session, actor)
    return [Closed(session=session.reference, seq=session.seq + 1, at=now, by=by, name=name)]


def _interview(session: Session, interview: Interview, _: Visitor, now: datetime) -> list[AnyEvent]:
    if session.interviewed:
        raise Refused(
            ErrorCode.OUT_OF_TURN, "You have answered the exit interview already. Thank you."
        )
    # Every question is voluntary: those left blank are left out.
    answers = tuple(_answered(given) for given in interview.answers if clean_text(given.answer))
    if not answers:
        raise Refused(
            ErrorCode.EMPTY_TEXT, "No question is answered. Answer one, or leave the interview out."
        )
    return [
        InterviewAnswered(session=session.reference, seq=session.seq + 1, at=now, answers=answers)
    ]


def _request_transcript(
    session: Session, request: RequestTranscript, _: Visitor, now: datetime
) -> list[AnyEvent]:
    email = clean_name(request.email)
    if not _EMAIL.fullmatch(email):
        raise Refused(
            ErrorCode.BAD_FIELD, "That is no e-mail address. It looks like name@example.org."
        )
    return [
        TranscriptRequested(session=session.reference, seq=session.seq + 1, at=now, email=email)
    ]


def _take(session: Session, _: Take, actor: Operator, now: datetime) -> list[AnyEvent]:
    return [Joined(session=session.reference, seq=session.seq + 1, at=now, operator=actor.name)]


def _note(session: Session, note: Note, actor: Operator, now: datetime) -> list[AnyEvent]:
    text = _filled(clean_text(note.text), "There is nothing in that note that can be shown.")
    return [
        Noted(
            session=session.reference, seq=session.seq + 1, at=now, operator=actor.name, text=text
        )
    ]


def _set_topic(
    session: Session, command: SetTopic, actor: Operator, now: datetime
) -> list[AnyEvent]:
    topic = _filled(clean_name(command.topic), "The topic has nothing that can be shown. Name one.")
    return [
        TopicSet(
            session=session.reference, seq=session.seq + 1, at=now, operator=actor.name, topic=topic
        )
    ]


def _transfer(
    session: Session, transfer: Transfer, actor: Operator, now: datetime
) -> list[AnyEvent]:
    reference, seq = session.reference, session.seq
    to = None if transfer.to is None else _successor(session, transfer.to, actor)
    events: list[AnyEvent] = [
        Transferred(session=reference, seq=seq + 1, at=now, operator=actor.name, to=to),
        Left(session=reference, seq=seq + 2, at=now, operator=actor.name, reason="transferred"),
    ]
    if to is not None:
        events.append(Joined(session=reference, seq=seq + 3, at=now, operator=to))
    return events


def _found_host(session: Session, order: HostResolved, _: System, now: datetime) -> list[AnyEvent]:
    host = _host(order.host)
    if host is None or host == session.host:
        return []
    return [HostFound(session=session.reference, seq=session.seq + 1, at=now, host=host)]


def _close_abandoned(
    session: Session, _: CloseAbandoned, __: System, now: datetime
) -> list[AnyEvent]:
    return [
        Closed(session=session.reference, seq=session.seq + 1, at=now, by="system", reason="idle")
    ]


def _operator_gone(
    session: Session, order: OperatorTimedOut, _: System, now: datetime
) -> list[AnyEvent]:
    return _leave(session, order.operator, "gone", now)


def _operator_logged_out(
    session: Session, order: OperatorLoggedOut, _: System, now: datetime
) -> list[AnyEvent]:
    return _leave(session, order.operator, "logged_out", now)


# Every command and order has its function; a test holds this to the table. `Any` because each
# function takes its own command, which the key names, and only actors that the table lets through.
HANDLERS: Final[
    dict[
        type[SessionCommand | SystemCommand],
        Callable[[Session, Any, Any, datetime], list[AnyEvent]],
    ]
] = {
    Say: _say,
    End: _end,
    Interview: _interview,
    RequestTranscript: _request_transcript,
    Take: _take,
    Note: _note,
    SetTopic: _set_topic,
    Transfer: _transfer,
    HostResolved: _found_host,
    CloseAbandoned: _close_abandoned,
    OperatorTimedOut: _operator_gone,
    OperatorLoggedOut: _operator_logged_out,
}


def _filled(cleaned: str, otherwise: str) -> str:
    if not cleaned:
        raise Refused(ErrorCode.EMPTY_TEXT, otherwise)
    return cleaned


def _signature(
    session: Session, actor: Visitor | Operator
) -> tuple[Literal["visitor", "operator"], str]:
    """Return how a line or an end is signed: the side of the desk, and the name shown."""
    if isinstance(actor, Operator):
        return "operator", actor.name
    return "visitor", session.name


def _answered(given: Answer) -> Answer:
    question = _filled(clean_name(given.question), "An answer came without its question.")
    return Answer(question=question, answer=clean_text(given.answer))


def _successor(session: Session, name: str, actor: Operator) -> str:
    """Return who a session is handed to; that they are signed in is the roster's to say."""
    to = _filled(
        clean_name(name),
        "Name the operator, or leave the name out to put the visitor in the queue.",
    )
    if to == actor.name:
        raise Refused(
            ErrorCode.ALREADY_TAKEN,
            "You are helping this visitor already. Name another operator, "
            "or none to put the visitor back in the queue.",
        )
    if to in session.operators:
        raise Refused(ErrorCode.ALREADY_TAKEN, f"{to} is helping this visitor already.")
    return to


def _leave(
    session: Session, operator: str, reason: Literal["gone", "logged_out"], now: datetime
) -> list[AnyEvent]:
    if operator not in session.operators:
        return []
    return [
        Left(
            session=session.reference,
            seq=session.seq + 1,
            at=now,
            operator=operator,
            reason=reason,
        )
    ]


def _host(name: str) -> str | None:
    """Return a host name that is safe to show, or None if there is none in ``name``."""
    host = clean_name(name)
    return host if 0 < len(host) <= MAX_HOST else None
