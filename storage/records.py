"""The plain frozen records that go in and out of the archive.

Owns their fields. Must not know tables or SQL. Every moment is an aware datetime and comes back
in UTC; every hash is a SHA-256 (32 bytes): a secret itself is never given to the archive.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias

Actor: TypeAlias = Literal["visitor", "operator", "system"]
TokenStatus: TypeAlias = Literal["live", "dead", "unknown"]


@dataclass(frozen=True, slots=True)
class EventRecord:
    """One entry of a session's log.

    Attributes:
        seq: 1, 2, 3, ... within the session.
        kind: The event's name on the wire, such as ``line`` or ``topic_set``.
        actor: Who made it happen: ``visitor``, ``operator`` or ``system``.
        name: Who said or noted ``text``; both only for a ``line`` and a ``noted``.
        data: The other fields of the event, JSON values only.
        run: Names the run of the client program whose command this was, with
        ref: the command's number in that run.
    """

    seq: int
    at: datetime
    kind: str
    actor: Actor
    name: str | None = None
    text: str | None = None
    data: Mapping[str, object] = field(default_factory=dict[str, object])
    run: str | None = None
    ref: int | None = None


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session to be opened, with the token that is minted for the visitor's next visit.

    Attributes:
        event: Of kind ``opened``, ``seq`` 1.
        reference: The session's short name; unique.
        key_hash: Of the key that resumes the session; unique.
        chain_id: The visits that this one belongs to, as ``present_token`` told; None begins a
            new chain if there is a token, and ties the session to no other if there is none.
        token_hash: Of the token; stored in the transaction that opens the session.
    """

    event: EventRecord
    reference: str
    key_hash: bytes
    chain_id: int | None = None
    token_hash: bytes | None = None


@dataclass(frozen=True, slots=True)
class Append:
    """Events for the end of one session's log: all of them are stored, or none."""

    session_id: int
    events: tuple[EventRecord, ...]


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """A session's header: what its events say about the visit as a whole.

    Attributes:
        id: The number that the archive knows it by; never given to another session.
        reference: The name that people know it by.
        operators: Everyone who ever joined, in the order of their first joining.
        previous: The reference of the visit before, when a token tied them.
        chain_id: The visits it belongs to, or None.
    """

    id: int
    reference: str
    visitor_name: str
    topic: str
    client: str
    version: str
    ip: str
    host: str | None
    place: str | None
    started_at: datetime
    ended_at: datetime | None
    ended_by: Actor | None
    email: str | None
    previous: str | None
    operators: tuple[str, ...]
    chain_id: int | None


@dataclass(frozen=True, slots=True)
class TranscriptRecord:
    """All that is kept of one session; ``interview`` is (question, answer), in order."""

    session: SessionRecord
    events: tuple[EventRecord, ...]
    interview: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class TokenState:
    """What a presented token is worth.

    Attributes:
        status: ``live``; ``dead`` if it was replaced or revoked; ``unknown`` if never minted.
        chain_id: The chain of a live token.
        session: The latest session of that chain. None for a token that is not live: whoever
            shows a dead one is told nothing.
    """

    status: TokenStatus
    chain_id: int | None = None
    session: SessionRecord | None = None


@dataclass(frozen=True, slots=True)
class OperatorRecord:
    """One operator's account."""

    id: int
    name: str
    password_hash: str
    created_at: datetime
    disabled_at: datetime | None


@dataclass(frozen=True, slots=True)
class TicketRecord:
    """One sign-in of an operator that still holds; ``operator`` is the name."""

    operator: str
    opened_at: datetime
    last_used_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """One line of the audit log: who (``actor``) did what (``action``) to what (``subject``)."""

    id: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: Mapping[str, object]
