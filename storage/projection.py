"""How a session's header follows from its events.

Pure: events in, column values out. Must not know SQL. Each event of a header kind is applied on
its own, in order; the others (a line, a note, a leave) change nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from storage.records import EventRecord

# An event of any other kind is only a row of its own: the usual case, and the fast one.
HEADER_KINDS = frozenset(
    {
        "opened",
        "host_found",
        "topic_set",
        "joined",
        "closed",
        "interview_answered",
        "transcript_requested",
    }
)


@dataclass(frozen=True, slots=True)
class Change:
    """What one event changes: columns of the header, who helped, the exit interview."""

    columns: Mapping[str, object] = field(default_factory=dict[str, object])
    joined: str | None = None
    interview: tuple[tuple[str, str], ...] | None = None


def change(event: EventRecord) -> Change:
    """Return what ``event`` changes in its session's header."""
    data = event.data
    match event.kind:
        case "opened":
            return Change(_opened(event))
        case "host_found":
            return Change({"host": data["host"]})
        case "topic_set":
            return Change({"topic": data["topic"]})
        case "joined":
            return Change(joined=str(data["operator"]))
        case "closed":
            return Change({"ended_at": event.at, "ended_by": data["by"]})
        case "interview_answered":
            return Change(interview=_interview(data["answers"]))
        case "transcript_requested":
            return Change({"email": data["email"]})
        case _:
            return Change()


def _opened(event: EventRecord) -> dict[str, object]:
    data = event.data
    return {
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


def _interview(answers: object) -> tuple[tuple[str, str], ...]:
    pairs = cast("Sequence[Mapping[str, str]]", answers)
    return tuple((pair["question"], pair["answer"]) for pair in pairs)
