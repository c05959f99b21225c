"""The header follows from the events, and a transcript holds all that the policy lists."""

from dataclasses import fields
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage import Archive, EventRecord, SessionRecord, TranscriptRecord
from tests.storage.given import NOON, add, at, closed, joined, line, opened, start

# PostgreSQL stores every character but NUL and lone surrogates; the server lets neither through.
WORDS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
OPERATORS = st.sampled_from(["Bo", "Al", "Cy"])
ANSWERS = st.lists(st.fixed_dictionaries({"question": WORDS, "answer": WORDS}), max_size=3)
LATER = st.one_of(
    st.tuples(st.just("line"), st.fixed_dictionaries({})),
    st.tuples(st.just("host_found"), st.fixed_dictionaries({"host": WORDS})),
    st.tuples(st.just("topic_set"), st.fixed_dictionaries({"operator": OPERATORS, "topic": WORDS})),
    st.tuples(st.just("joined"), st.fixed_dictionaries({"operator": OPERATORS})),
    st.tuples(
        st.just("left"), st.fixed_dictionaries({"operator": OPERATORS, "reason": st.just("gone")})
    ),
    st.tuples(st.just("interview_answered"), st.fixed_dictionaries({"answers": ANSWERS})),
    st.tuples(st.just("transcript_requested"), st.fixed_dictionaries({"email": WORDS})),
    st.tuples(
        st.just("closed"),
        st.fixed_dictionaries({"by": st.sampled_from(["visitor", "operator", "system"])}),
    ),
)
_count = iter(range(10**9))


@given(later=st.lists(LATER, max_size=8), whole=st.booleans())
# The archive stays open from example to example; each opens a session of its own.
@settings(
    max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
def test_the_header_is_the_fold_of_the_events(
    archive: Archive, later: list[tuple[str, dict[str, object]]], whole: bool
) -> None:
    reference = f"R{next(_count)}"
    session_id = start(archive, reference)
    events = [
        EventRecord(seq, at(seq), kind, "system", data=data)
        for seq, (kind, data) in enumerate(later, start=2)
    ]
    if whole:
        add(archive, session_id, *events)
    else:
        for event in events:
            add(archive, session_id, event)
    transcript = archive.transcript(reference)
    assert transcript == folded(session_id, reference, [opened(), *events])


def folded(session_id: int, reference: str, events: list[EventRecord]) -> TranscriptRecord:
    """What a person would read out of the events."""

    def last(kind: str, field: str) -> Any:
        said = [event.data[field] for event in events if event.kind == kind]
        return said[-1] if said else None

    ends = [event for event in events if event.kind == "closed"]
    answers: list[dict[str, str]] = last("interview_answered", "answers") or []
    header: dict[str, Any] = {
        "id": session_id,
        "reference": reference,
        "visitor_name": "Ann Visitor",
        "topic": [e.data["topic"] for e in events if "topic" in e.data][-1],
        "client": "livehelp",
        "version": "0.1.0",
        "ip": "192.0.2.7",
        "host": last("host_found", "host"),
        "place": None,
        "started_at": NOON,
        "ended_at": ends[-1].at if ends else None,
        "ended_by": ends[-1].data["by"] if ends else None,
        "email": last("transcript_requested", "email"),
        "previous": None,
        "operators": tuple(
            dict.fromkeys(str(e.data["operator"]) for e in events if e.kind == "joined")
        ),
        "chain_id": None,
    }
    return TranscriptRecord(
        session=SessionRecord(**header),
        events=tuple(events),
        interview=tuple((answer["question"], answer["answer"]) for answer in answers),
    )


def test_a_transcript_holds_all_that_the_policy_lists(archive: Archive) -> None:
    session_id = start(archive, place="https://kentucky.example/licence", host="h.example.org")
    answers = [{"question": "Were you helped?", "answer": "Yes"}]
    add(
        archive,
        session_id,
        joined(2, "Bo"),
        line(3, "Where do I renew my licence?"),
        closed(4),
        EventRecord(5, at(5), "interview_answered", "visitor", data={"answers": answers}),
        EventRecord(6, at(6), "transcript_requested", "visitor", data={"email": "ann@example.org"}),
    )
    transcript = archive.transcript("K7P4-MXQ2")
    assert transcript is not None
    session = transcript.session
    listed = {
        "Session date": session.started_at.date(),
        "Session start and end time": (session.started_at, session.ended_at),
        "Operator name": session.operators,
        "Visitor name as entered": session.visitor_name,
        "Browser type and version": (session.client, session.version),
        "Host IP number": session.ip,
        "Host address": session.host,
        "The text of the discussion": [e.text for e in transcript.events if e.kind == "line"],
        "Exit interview responses": transcript.interview,
        "Topic": session.topic,
        "Email address if a transcript was requested": session.email,
        "The referring webpage": session.place,
    }
    assert listed == {
        "Session date": NOON.date(),
        "Session start and end time": (NOON, at(4)),
        "Operator name": ("Bo",),
        "Visitor name as entered": "Ann Visitor",
        "Browser type and version": ("livehelp", "0.1.0"),
        "Host IP number": "192.0.2.7",
        "Host address": "h.example.org",
        "The text of the discussion": ["Where do I renew my licence?"],
        "Exit interview responses": (("Were you helped?", "Yes"),),
        "Topic": "Driver's licence",
        "Email address if a transcript was requested": "ann@example.org",
        "The referring webpage": "https://kentucky.example/licence",
    }


def test_every_field_of_a_header_is_a_field_of_the_policy_or_a_name_of_the_session() -> None:
    ours = {"id", "reference", "previous", "chain_id", "ended_by"}
    policy = {"visitor_name", "topic", "client", "version", "ip", "host", "place"}
    policy |= {"started_at", "ended_at", "operators", "email"}
    assert {field.name for field in fields(SessionRecord)} == ours | policy
