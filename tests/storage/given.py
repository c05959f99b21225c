"""Short ways to make what the archive is given in the tests."""

import hashlib
from datetime import UTC, datetime, timedelta

from storage import Append, Archive, EventRecord, NewSession

NOON = datetime(2005, 12, 19, 12, 0, 0, 250_000, UTC)


def at(seconds: float) -> datetime:
    """The moment so many seconds after noon."""
    return NOON + timedelta(seconds=seconds)


def sha(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def opened(**data: object) -> EventRecord:
    usual: dict[str, object] = {
        "name": "Ann Visitor",
        "topic": "Driver's licence",
        "client": "livehelp",
        "version": "0.1.0",
        "ip": "192.0.2.7",
    }
    return EventRecord(1, NOON, "opened", "visitor", data={**usual, **data})


def opening(
    reference: str, *, chain_id: int | None = None, token: str | None = None, **data: object
) -> NewSession:
    """A session to open whose key is its reference."""
    token_hash = None if token is None else sha(token)
    return NewSession(opened(**data), reference, sha(reference), chain_id, token_hash)


def line(seq: int, text: str = "Hello", *, name: str = "Ann Visitor") -> EventRecord:
    return EventRecord(seq, at(seq), "line", "visitor", name, text, run="run-1", ref=seq)


def joined(seq: int, operator: str) -> EventRecord:
    return EventRecord(seq, at(seq), "joined", "operator", data={"operator": operator})


def closed(seq: int, by: str = "visitor") -> EventRecord:
    return EventRecord(seq, at(seq), "closed", "visitor", data={"by": by, "reason": "ended"})


def start(
    archive: Archive,
    reference: str = "K7P4-MXQ2",
    *,
    chain_id: int | None = None,
    token: str | None = None,
    **data: object,
) -> int:
    """Open a session; returns its number."""
    [session_id] = archive.write([opening(reference, chain_id=chain_id, token=token, **data)])
    assert session_id is not None
    return session_id


def add(archive: Archive, session_id: int, *events: EventRecord) -> int | None:
    """Append events; returns what the archive answered."""
    [answer] = archive.write([Append(session_id, events)])
    return answer
