"""Messages of a server, with the fields that no test is about filled in."""

from datetime import timedelta

from livehelp.wire.events import Closed, Joined, Left, Line, Opened, Transferred
from livehelp.wire.replies import LoggedIn, Resumed, Started
from livehelp.wire.signals import Visit
from tests.client.peer import AT

SESSION = "K7P4-MXQ2"
OTHER = "B3CD-9FGH"
KEY = "k" * 43
TOKEN = "t" * 43
TICKET = "i" * 43


def opened(seq: int = 1, session: str = SESSION, *, previous: str | None = None) -> Opened:
    return Opened(
        session=session,
        seq=seq,
        at=AT,
        name="Ann",
        topic="Taxes",
        client="livehelp",
        version="1",
        ip="10.0.0.9",
        previous=previous,
    )


def line(seq: int, text: str = "Hello", session: str = SESSION, *, name: str = "Dana") -> Line:
    by = "visitor" if name == "Ann" else "operator"
    return Line(session=session, seq=seq, at=AT, by=by, name=name, text=text)


def joined(seq: int, operator: str = "Dana", session: str = SESSION) -> Joined:
    return Joined(session=session, seq=seq, at=AT, operator=operator)


def left(seq: int, operator: str = "Dana", session: str = SESSION) -> Left:
    return Left(session=session, seq=seq, at=AT, operator=operator, reason="transferred")


def transferred(seq: int, to: str | None, session: str = SESSION) -> Transferred:
    return Transferred(session=session, seq=seq, at=AT, operator="Eve", to=to)


def closed(seq: int, session: str = SESSION) -> Closed:
    return Closed(session=session, seq=seq, at=AT, by="visitor", name="Ann")


def started(ref: int | None, *, key: str | None = KEY, token: str | None = None) -> Started:
    return Started(session=SESSION, seq=1, key=key or KEY, token=token, ref=ref)


def resumed(seq: int, session: str = SESSION, *, ref: int | None = None) -> Resumed:
    return Resumed(session=session, seq=seq, phase="active", ref=ref)


def logged_in(ref: int | None, visits: int = 0) -> LoggedIn:
    return LoggedIn(
        name="Dana", ticket=TICKET, expires=AT + timedelta(hours=12), visits=visits, ref=ref
    )


def visit(
    session: str = SESSION,
    seq: int = 1,
    operators: tuple[str, ...] = (),
    *,
    minutes: int = 0,
    previous: str | None = None,
) -> Visit:
    return Visit(
        session=session,
        seq=seq,
        phase="active" if operators else "waiting",
        at=AT + timedelta(minutes=minutes),
        name="Ann",
        topic="Taxes",
        client="livehelp",
        version="1",
        ip="10.0.0.9",
        operators=operators,
        previous=previous,
    )
