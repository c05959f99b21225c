"""How a session's header follows from its events.

Pure: events in, column values out. Must not know SQL. Each event of a header kind is applied on
its own, in order; the others (a line, a note, a leave) change nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, cast

from storage.records import EventRecord


@dataclass(frozen=True, slots=True)
class Change:
    """What one event changes: columns of the header, who helped, the exit interview."""

    columns: Mapping[str, object] = field(default_factory=dict[str, object])
    joined: str | None = None
    interview: tuple[tuple[str, str], ...] | None = None


def change(event: EventRecord) -> Change:
    """Return what an event of one of the HEADER_KINDS changes in its session's header."""
    return _CHANGES[event.kind](event)


def _opened(event: EventRecord) -> Change:
    data = event.data
    return Change(
        {
            "visitor_name": data["name"],
            "topic": data["topic"],
            "client": data["client"],
            "version": data["version"],
            "ip": data["ip"],
            "host": data.get("host"),
            "place": data.get("place"),
            "previous": data.get("previous"),
            "started_at": event.at,
        }
    )


def _host_found(event: EventRecord) -> Change:
    return Change({"host": event.data["host"]})


def _topic_set(event: EventRecord) -> Change:
    return Change({"topic": event.data["topic"]})


def _joined(event: EventRecord) -> Change:
    return Change(joined=str(event.data["operator"]))


def _closed(event: EventRecord) -> Change:
    return Change({"ended_at": event.at, "ended_by": event.data["by"]})


def _interview_answered(event: EventRecord) -> Change:
    answers = cast("Sequence[Mapping[str, str]]", event.data["answers"])
    return Change(interview=tuple((each["question"], each["answer"]) for each in answers))


def _transcript_requested(event: EventRecord) -> Change:
    return Change({"email": event.data["email"]})


_CHANGES: Mapping[str, Callable[[EventRecord], Change]] = {
    "opened": _opened,
    "host_found": _host_found,
    "topic_set": _topic_set,
    "joined": _joined,
    "closed": _closed,
    "interview_answered": _interview_answered,
    "transcript_requested": _transcript_requested,
}
# An event of any other kind is only a row of its own: the usual case, and the fast one.
HEADER_KINDS: Final = frozenset(_CHANGES)
