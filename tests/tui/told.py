"""What clients are told in these tests, made short; and a clock that stands still."""

from datetime import UTC, datetime, timedelta
from typing import Any

from livehelp.wire.events import AnyEvent, Closed, Joined, Left, Line, Noted, Opened
from livehelp.wire.replies import Earlier, ServerHello
from livehelp.wire.signals import Visit
from tui.clock import Clock

NOW = datetime(2026, 11, 23, 14, 2, tzinfo=UTC)
REF = "K7P4-MXQ2"
OTHER = "M2W8-PPQ3"
NOTICE = "Please do not put confidential and personal information in your Live Help communications."
# What a terminal or a markup renderer would obey.
HOSTILE = "[red]x[/] [@click=app.quit]y[/] [b"
ESCAPES = "\x1b[31mred\x1b]0;title\x07 \x9b2J \u202eturned"


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def stopped_clock() -> Clock:
    return Clock(lambda: NOW, UTC)


def server_hello(earlier: Earlier | None = None, operators: int = 3) -> ServerHello:
    return ServerHello(
        protocol=1,
        server="livehelp",
        version="0.1.0",
        at=NOW,
        notice=NOTICE,
        topics=("Driver licences", "Taxes", "Something else"),
        questions=("Did you get the help you came for?", "What could we do better?"),
        operators=operators,
        earlier=earlier,
    )


def opened(session: str = REF, name: str = "Ann Lee", **more: Any) -> Opened:
    fields: dict[str, Any] = {
        "session": session,
        "seq": 1,
        "at": NOW - timedelta(minutes=4),
        "name": name,
        "topic": "Driver licences",
        "client": "livehelp",
        "version": "0.1.0",
        "ip": "192.0.2.17",
        "host": "kiosk-7.frankfort.example.gov",
        "place": "State office building, kiosk 7",
    }
    return Opened(**(fields | more))


def visit(session: str = REF, **more: Any) -> Visit:
    fields: dict[str, Any] = {
        "session": session,
        "seq": 1,
        "phase": "waiting",
        "at": NOW,
        "name": "Ann Lee",
        "topic": "Driver licences",
        "client": "livehelp",
        "version": "0.1.0",
        "ip": "192.0.2.17",
    }
    return Visit(**(fields | more))


def joined(seq: int = 2, operator: str = "dana", session: str = REF) -> Joined:
    return Joined(session=session, seq=seq, at=NOW, operator=operator)


def left(seq: int, operator: str = "dana", session: str = REF) -> Left:
    return Left(session=session, seq=seq, at=NOW, operator=operator, reason="transferred")


def said(seq: int, text: str, *, by: str = "visitor", name: str = "", session: str = REF) -> Line:
    who = name or ("Ann Lee" if by == "visitor" else "dana")
    at = later(seq)
    if by == "visitor":
        return Line(session=session, seq=seq, at=at, by="visitor", name=who, text=text)
    return Line(session=session, seq=seq, at=at, by="operator", name=who, text=text)


def noted(seq: int, text: str, operator: str = "eli") -> Noted:
    return Noted(session=REF, seq=seq, at=later(seq), operator=operator, text=text)


def closed(seq: int, by: str = "operator", session: str = REF) -> Closed:
    if by == "visitor":
        return Closed(session=session, seq=seq, at=later(seq), by="visitor", name="Ann Lee")
    return Closed(session=session, seq=seq, at=later(seq), by="operator", name="dana")


EARLIER_LOG: list[AnyEvent] = [
    opened("B222-CCCC", at=NOW - timedelta(days=3), topic="Change of address"),
    Line(
        session="B222-CCCC",
        seq=2,
        at=NOW - timedelta(days=3),
        by="visitor",
        name="Ann Lee",
        text="I would like to change the address on my licence.",
    ),
    Line(
        session="B222-CCCC",
        seq=3,
        at=NOW - timedelta(days=3),
        by="operator",
        name="eli",
        text="Please bring form TC 94-13 to the county clerk.",
    ),
]
