"""A transcript for people, and for programs.

Owns the two forms of a transcript: plain text with the fields that the privacy statement lists (in
its order and close to its words), and JSON. Must not know where the result goes; every way out
uses these functions, so that nothing is shown in one and hidden in another.

What somebody typed cannot pass for what somebody else said: each entry of the text begins with its
time and whose it is, a word of ours that stands before any name, and further lines of a text stand
behind a bar. In JSON every event says ``by`` whom it is.
"""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, tzinfo
from typing import Any, Final
from unicodedata import category

from storage.records import EventRecord, SessionRecord, TranscriptRecord

# As wide as the longest label, "E-mail address".
_LABEL: Final = 15
# As wide as "operator", the longest word for whose an entry is.
_WHOSE: Final = 8
# Under the text of an entry, past its time and whose it is.
_BAR: Final = " " * (8 + 2 + _WHOSE) + "| "
# Controls, format characters (bidi overrides among them) and surrogates; not the two joiners that
# scripts and emoji need.
_OBEYED: Final = {"Cc", "Cf", "Cs"}
_JOINERS: Final = {"\u200c", "\u200d"}


def session_line(session: SessionRecord, zone: tzinfo | None = None) -> str:
    """Return one session as a line of a list; times in ``zone`` (default: this machine's)."""
    begun = session.started_at.astimezone(zone)
    ended = f"{session.ended_at.astimezone(zone):%H:%M}" if session.ended_at else "open "
    nobody = "nobody" if session.ended_at else "nobody yet"
    helpers = ", ".join(map(_one_line, session.operators)) or nobody
    what = f"{_one_line(session.visitor_name)} with {helpers}: {_one_line(session.topic)}"
    return f"{session.reference}  {begun:%Y-%m-%d %H:%M} - {ended}  {what}"


def session_json(session: SessionRecord) -> dict[str, Any]:
    """Return one session's header with the policy's fields; the date and the times are in UTC."""
    return {
        "session": session.reference,
        "session_date": session.started_at.astimezone(UTC).date().isoformat(),
        "start_time": iso(session.started_at),
        "end_time": iso(session.ended_at),
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
    title = f"Live Help transcript {session.reference}"
    lines = [title, "=" * len(title)]
    for label, value in _header(session, zone):
        lines.append(f"{label:<{_LABEL}}  {_one_line(value)}")
    lines += ["", "Discussion", "----------"]
    day = session.started_at.astimezone(zone).date()
    for event in transcript.events:
        today = event.at.astimezone(zone).date()
        if today != day:
            lines.append(f"--------  {today:%Y-%m-%d}")
            day = today
        lines += _event_lines(event, zone)
    lines += ["", "Exit interview", "--------------"]
    for question, answer in transcript.interview:
        lines += [_one_line(question), *(f"    {line}" for line in _lines(answer))]
    if not transcript.interview:
        lines.append("Not answered.")
    return "\n".join(lines) + "\n"


def _header(session: SessionRecord, zone: tzinfo | None) -> list[tuple[str, str]]:
    begun = session.started_at.astimezone(zone)
    fields = [
        ("Session date", f"{begun:%Y-%m-%d}"),
        ("Start time", f"{begun:%H:%M:%S %Z}"),
        ("End time", _end(session.ended_at, begun.date(), zone)),
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


def _end(at: datetime | None, begun: date, zone: tzinfo | None) -> str:
    """Return the time, with its date if that is another than the session's."""
    if at is None:
        return "not ended yet"
    ended = at.astimezone(zone)
    return f"{ended:%H:%M:%S %Z}" if ended.date() == begun else f"{ended:%Y-%m-%d %H:%M:%S %Z}"


def _event_lines(event: EventRecord, zone: tzinfo | None) -> list[str]:
    whose, text = _entry(event)
    first, *rest = _lines(text)
    head = f"{event.at.astimezone(zone):%H:%M:%S}  {whose:<{_WHOSE}}  "
    return [(head + first).rstrip(), *((_BAR + line).rstrip() for line in rest)]


def _entry(event: EventRecord) -> tuple[str, str]:
    """Return whose an entry is, and what it says."""
    name = _one_line(event.name or "")
    if event.kind == "line":
        return event.actor, f"{name}: {event.text or ''}"
    if event.kind == "noted":
        return "note", f"{name} (not shown to the visitor): {event.text or ''}"
    try:
        return "*", _one_line(_SAYINGS[event.kind](event.data))
    except KeyError:  # of a later version, or of another make: shown as it is, and not left out
        data = json.dumps(dict(event.data), ensure_ascii=False, default=str)
        return "*", _one_line(f"{event.kind} {data}")


def _event_json(event: EventRecord) -> dict[str, Any]:
    shown = {"seq": event.seq, "at": iso(event.at), "event": event.kind, "by": event.actor}
    if event.name is not None:
        shown["name"] = event.name
    if event.text is not None:
        shown["text"] = event.text
    # Ours come first, and are not replaced by a field of the same name.
    return {**shown, **event.data, **shown}


def _closed(data: Mapping[str, Any]) -> str:
    if data.get("reason") == "idle":
        return "Closed, because the visitor did not come back"
    return f"Ended by {data.get('name') or 'the ' + str(data['by'])}"


def _left(data: Mapping[str, Any]) -> str:
    why = {
        "transferred": "handed the visitor over",
        "logged_out": "signed out",
        "gone": "was away for too long",
    }
    return f"{data['operator']} left: {why.get(str(data['reason']), data['reason'])}"


_SAYINGS: Final[dict[str, Callable[[Mapping[str, Any]], str]]] = {
    "opened": lambda data: f"{data['name']} entered and asked about: {data['topic']}",
    "host_found": lambda data: f"Host address found: {data['host']}",
    "joined": lambda data: f"{data['operator']} joined",
    "left": _left,
    "transferred": lambda data: (
        f"{data['operator']} handed the visitor to {data.get('to') or 'the queue'}"
    ),
    "topic_set": lambda data: f"{data['operator']} set the topic: {data['topic']}",
    "closed": _closed,
    "interview_answered": lambda _: "The visitor answered the exit interview",
    "transcript_requested": lambda data: f"The transcript was requested by e-mail: {data['email']}",
}


def _lines(text: str) -> list[str]:
    """Return ``text`` line by line, at every character that some program ends a line at."""
    return [_visible(line) for line in text.splitlines()] or [""]


def _one_line(text: str) -> str:
    return " ".join(_lines(text))


def _visible(text: str) -> str:
    """Return ``text`` with what a terminal would obey written out.

    The server stores no such character; a row may have come into the table by another way.
    """
    if text.isprintable():
        return text
    return "".join(
        ascii(char)[1:-1] if category(char) in _OBEYED and char not in _JOINERS else char
        for char in text
    )


def iso(at: datetime | None) -> str | None:
    """Return the moment as the wire writes it: ISO 8601, in UTC, with a Z."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else None
