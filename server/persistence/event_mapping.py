"""Events as the wire has them, and as the storage keeps them.

Owns the translation, both ways, and nothing else.
"""

from typing import Final

import msgspec

from livehelp.wire.base import tag_of
from livehelp.wire.events import (
    AnyEvent,
    By,
    Closed,
    HostFound,
    InterviewAnswered,
    Left,
    Line,
    Noted,
    Opened,
    TranscriptRequested,
)
from storage.records import EventRecord

_EMPTY: Final[dict[str, object]] = {}
# What has a column of its own; everything else of an event goes into ``data``.
_COLUMNS: Final = ("type", "session", "seq", "at")


def to_record(event: AnyEvent, run: str | None = None, ref: int | None = None) -> EventRecord:
    """Return ``event`` as a row; ``run`` and ``ref`` name the command that caused it."""
    if type(event) is Line:  # nearly all of them
        return EventRecord(
            event.seq, event.at, "line", event.by, event.name, event.text, _EMPTY, run, ref
        )
    if isinstance(event, Noted):
        return EventRecord(
            event.seq, event.at, "noted", "operator", event.operator, event.text, _EMPTY, run, ref
        )
    # Defaults, which the wire leaves out, are written: a row must explain itself to an SQL shell.
    fields = msgspec.to_builtins(msgspec.structs.asdict(event))
    data = {k: v for k, v in fields.items() if k not in _COLUMNS and v is not None}
    kind = tag_of(type(event).__name__)
    return EventRecord(event.seq, event.at, kind, _actor(event), data=data, run=run, ref=ref)


def to_event(reference: str, record: EventRecord) -> AnyEvent:
    """Return the event that ``record`` is a row of."""
    fields: dict[str, object] = {
        "type": record.kind,
        "session": reference,
        "seq": record.seq,
        "at": record.at,
        **record.data,
    }
    if record.kind == "line":
        fields |= {"by": record.actor, "name": record.name, "text": record.text}
    elif record.kind == "noted":
        fields |= {"operator": record.name, "text": record.text}
    return msgspec.convert(fields, AnyEvent)


def _actor(event: AnyEvent) -> By:
    """Return whose doing it was."""
    match event:
        case Closed():
            return event.by
        case Opened() | InterviewAnswered() | TranscriptRequested():
            return "visitor"
        case HostFound() | Left(reason="gone"):
            return "system"
        case _:
            return "operator"
