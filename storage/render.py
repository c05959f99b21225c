"""A transcript for people, and for programs.

Owns the two forms of a transcript: plain text with the fields that the privacy statement lists (in
its order and close to its words), and JSON. Must not know where the result goes; every way out
uses these functions, so that nothing is shown in one and hidden in another.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, tzinfo
from typing import Any, Final

from storage.records import EventRecord, SessionRecord, TranscriptRecord

_LABEL: Final = 16


def session_line(session: SessionRecord, zone: tzinfo | None = None) -> str:
    """Return one session as a line of a list; times in ``zone`` (default: this machine's)."""
    begun = f"{session.started_at.astimezone(zone):%Y-%m-%d %H:%M}"
    ended = f"{session.ended_at.astimezone(zone):%H:%M}" if session.ended_at else "open "
    helpers = ", ".join(session.operators) or "nobody yet"
    what = f"{session.visitor_name} with {helpers}: {session.topic}"
    return f"{session.reference}  {begun} - {ended}  {what}"


def session_json(session: SessionRecord) -> dict[str, Any]:
    """Return one session's header with the policy's fields; times are ISO 8601 in UTC."""
    return {
        "session": session.reference,
        "session_date": session.started_at.date().isoformat(),
        "start_time": _iso(session.started_at),
        "end_time": _iso(session.ended_at),
        "ended_by": session.ended_by,
        "operator_names": list(session.operators),
        "visitor_name": session.visitor_name,
        "client": session.client,
        "client_version": session.version,
        "host_ip": session.ip,
        "host_address": session.host,
        "referring_page": session.place,
        "topic": session.topic,
        "email": session.email,
        "earlier_session": session.previous,
    }


def transcript_json(transcript: TranscriptRecord) -> dict[str, Any]:
    """Return a whole transcript; ``discussion`` holds every event, in order."""
    return {
        **session_json(transcript.session),
        "exit_interview": [
            {"question": question, "answer": answer} for question, answer in transcript.interview
        ],
        "discussion": [_event_json(event) for event in transcript.events],
    }


def transcript_text(transcript: TranscriptRecord, zone: tzinfo | None = None) -> str:
    """Return a whole transcript as plain text, with a line feed at the end.

    Args:
        transcript: What to show.
        zone: The time zone of the times; this machine's when left out.
    """
    session = transcript.session
    begun = session.started_at.astimezone(zone)
    title = f"Live Help transcript {session.reference}"
    lines = [title, "=" * len(title)]
    for label, value in _header(session, begun, zone):
        lines.append(f"{label:<{_LABEL}}  {value}")
    lines += ["", "Discussion", "----------"]
    for event in transcript.events:
        lines += _event_lines(event, zone)
    lines += ["", "Exit interview", "--------------"]
    for question, answer in transcript.interview:
        lines += [question, *(f"    {line}" for line in answer.splitlines())]
    if not transcript.interview:
        lines.append("Not answered.")
    return "\n".join(lines) + "\n"


def _header(session: SessionRecord, begun: datetime, zone: tzinfo | None) -> list[tuple[str, str]]:
    ended = session.ended_at and session.ended_at.astimezone(zone)
    fields = [
        ("Session date", f"{begun:%Y-%m-%d}"),
        ("Start time", f"{begun:%H:%M:%S %Z}"),
        ("End time", f"{ended:%H:%M:%S %Z}" if ended else "not ended yet"),
        ("Operator name", ", ".join(session.operators) or "nobody joined"),
        ("Visitor name", session.visitor_name),
        ("Client, version", f"{session.client} {session.version}"),
        ("Host IP number", session.ip),
        ("Host address", session.host or "not known"),
        ("Referring page", session.place or "not given"),
        ("Topic", session.topic),
        ("E-mail address", session.email or "no transcript was requested"),
    ]
    if session.previous:
        fields.append(("Earlier visit", session.previous))
    return fields


def _event_lines(event: EventRecord, zone: tzinfo | None) -> list[str]:
    at = f"{event.at.astimezone(zone):%H:%M:%S}"
    if event.kind == "line":
        head, text = f"{at}  {event.name}: ", event.text or ""
    elif event.kind == "noted":
        head, text = f"{at}  [note by {event.name}, not shown to the visitor] ", event.text or ""
    else:
        head, text = f"{at}  * ", _SAYINGS[event.kind](event.data)
    first, *rest = text.split("\n")
    # The lines of one text stand under each other, so that nobody can type a line that looks as
    # if another had said it.
    return [head + first, *(" " * 10 + line for line in rest)]


def _event_json(event: EventRecord) -> dict[str, Any]:
    shown = {"seq": event.seq, "at": _iso(event.at), "event": event.kind, "by": event.actor}
    if event.name is not None:
        shown["name"] = event.name
    if event.text is not None:
        shown["text"] = event.text
    return {**shown, **event.data}


def _closed(data: Mapping[str, Any]) -> str:
    if data.get("reason") == "idle":
        return "Closed, because the visitor did not come back"
    return f"Ended by {data.get('name') or 'the system'}"


def _left(data: Mapping[str, Any]) -> str:
    why = {
        "transferred": "handed the visitor over",
        "logged_out": "signed out",
        "gone": "lost the connection and did not come back",
    }
    return f"{data['operator']} left: {why.get(str(data['reason']), data['reason'])}"


_SAYINGS: Final[dict[str, Callable[[Mapping[str, Any]], str]]] = {
    "opened": lambda data: f"{data['name']} entered and asked about: {data['topic']}",
    "host_found": lambda data: f"Host address found: {data['host']}",
    "joined": lambda data: f"{data['operator']} joined",
    "left": _left,
    "transferred": lambda data: (
        f"{data['operator']} transfers the visitor to {data.get('to') or 'the queue'}"
    ),
    "topic_set": lambda data: f"{data['operator']} set the topic: {data['topic']}",
    "closed": _closed,
    "interview_answered": lambda _: "The visitor answered the exit interview",
    "transcript_requested": lambda data: f"The transcript was requested by e-mail: {data['email']}",
}


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
