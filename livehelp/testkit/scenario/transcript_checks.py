"""What a scenario can check in a transcript (as ``livehelp transcript --json`` prints it)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple, cast

from livehelp.testkit.scenario.matcher import NONE, Each, Matcher, Same, asked
from livehelp.testkit.scenario.message_types import ENTERED, FieldKind
from livehelp.testkit.scenario.yaml_text import as_yaml
from livehelp.wire.base import tag_of
from livehelp.wire.events import Opened


class TranscriptField(NamedTuple):
    """One thing to ask: what kind of value it is, and how to find it."""

    kind: FieldKind
    find: Callable[[Mapping[str, Any]], object]


def _field(kind: FieldKind, name: str) -> TranscriptField:
    def find(transcript: Mapping[str, Any]) -> object:
        return transcript[name]

    return TranscriptField(kind, find)


def _texts(of: str, form: str) -> TranscriptField:
    """Return the fact of all events of a kind, each as ``form`` says."""

    def find(transcript: Mapping[str, Any]) -> object:
        return [form.format_map(each) for each in transcript["discussion"] if each["event"] == of]

    return TranscriptField("list", find)


def _interview(transcript: Mapping[str, Any]) -> object:
    return {each["question"]: each["answer"] for each in transcript["exit_interview"]}


def _events(transcript: Mapping[str, Any]) -> object:
    return [each["event"] for each in transcript["discussion"]]


# By name. `operator` and `note` are `operators` and `notes` where there is one.
TRANSCRIPT_FIELDS: Final[Mapping[str, TranscriptField]] = {
    "lines": _texts("line", "{text}"),
    "talk": _texts("line", "{name}: {text}"),
    "operators": _field("list", "operator_names"),
    "notes": _texts("noted", "{text}"),
    "visitor": _field("text", "visitor_name"),
    "topic": _field("text", "topic"),
    "ended by": _field("maybe", "ended_by"),
    "interview": TranscriptField("answers", _interview),
    "email": _field("maybe", "email"),
    "place": _field("maybe", "referring_page"),
    "client": _field("text", "client"),
    "version": _field("text", "client_version"),
    "ip": _field("text", "host_ip"),
    "host": _field("maybe", "host_address"),
    "earlier": _field("maybe", "earlier_session"),
    "events": TranscriptField("list", _events),
}
ALIASES: Final = {"operator": "operators", "note": "notes"}


def differences(
    transcript: Mapping[str, Any], wanted: Mapping[str, Matcher], questions: Sequence[str]
) -> list[str]:
    """Return what of ``wanted`` is not so, a sentence each.

    Args:
        transcript: What is.
        wanted: What should be.
        questions: Of the server's exit interview: answers may be asked for by number.
    """
    found: list[str] = []
    for name, given in wanted.items():
        matcher = asked(given, questions)
        if name == "events":
            matcher = _as_stored(matcher)
        actual = TRANSCRIPT_FIELDS[name].find(transcript)
        if not matcher.fits(actual):
            found.append(_difference(name, matcher, actual))
    return found


def _difference(name: str, matcher: Matcher, actual: object) -> str:
    if isinstance(matcher, Each) and isinstance(actual, list) and len(matcher.items) > 1:
        values = cast("list[object]", actual)
        if len(values) == len(matcher.items):
            pairs = enumerate(zip(matcher.items, values, strict=True), 1)
            number, item, value = next((n, i, v) for n, (i, v) in pairs if not i.fits(v))
            return f"number {number} of `{name}` should be {item}, and is {as_yaml(value)}"
    shown = NONE if actual in (None, [], {}) else as_yaml(actual)
    return f"`{name}` should be {matcher}, and is {shown}"


def _as_stored(events: Matcher) -> Matcher:
    """Return ``events`` with the name under which logs have what steps call `entered`."""
    if not isinstance(events, Each):
        return events
    stored = Same(tag_of(Opened.__name__))
    return Each(tuple(stored if item == Same(ENTERED) else item for item in events.items))


def as_text(transcript: Mapping[str, Any]) -> str:
    """Return the discussion for somebody who looks for what went wrong."""
    lines: list[str] = []
    for event in transcript["discussion"]:
        rest = {k: v for k, v in event.items() if k not in {"seq", "at", "event"}}
        words = " ".join(f"{name}={value!r}" for name, value in rest.items())
        lines.append(f"{event['seq']:4} {event['event']} {words}".rstrip())
    return "\n".join(lines)
