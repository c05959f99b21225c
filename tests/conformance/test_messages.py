"""Chapters 8 to 10: everything that a server sends has the fields that the document lists.

One long visit brings every message out; each is then looked at by its own test.
"""

from collections.abc import Iterator
from typing import Any, Final

import pytest

from tests.conformance import document
from tests.conformance.conftest import MakeDesk
from tests.conformance.desk import Desk
from tests.conformance.target import Target
from tests.conformance.values import is_of
from tests.conformance.wire import Client, Message

TABLES: Final = {
    chapter: document.messages(chapter)
    for chapter in (document.REPLIES, document.EVENTS, document.SIGNALS)
}
FIELDS: Final = {name: fields for chapter in TABLES.values() for name, fields in chapter.items()}
CODES: Final = list(document.error_codes())
DEFAULTS: Final[dict[str, Any]] = {
    "`true`": True,
    "`false`": False,
    "none": [],
    "`ended`": "ended",
    "`0`": 0,
}
# It takes a server that looks up the addresses of its visitors; it has a test of its own.
HOST_FOUND: Final = "host_found"
TYPES: Final = [
    pytest.param(
        name, marks=[pytest.mark.rule(f"chapter {chapter}", "P-2.9", *more)], id=f"{chapter}-{name}"
    )
    for chapter, messages in TABLES.items()
    for name in messages
    if name != HOST_FOUND
    for more in [["P-5.22"] if chapter == document.SIGNALS else []]
]


@pytest.fixture(scope="module")
def heard(target: Target) -> Iterator[list[Message]]:
    """Everything that everybody heard in one long visit."""
    desk = Desk(target)
    try:
        yield [message for client in long_visit(desk) for message in client.heard]
    finally:
        desk.close()


def long_visit(desk: Desk) -> list[Client]:
    """Play a visit in which everything happens; return everybody who was there."""
    before = desk.guest(place="Kiosk 7")
    token = desk.start(before, remember=True)["token"]
    before.do("end")
    visitor = desk.guest(token=token, client="kiosk", version="2", place="Kiosk 7")
    desk.start(visitor, remember=True)
    visitor.wait("position")
    operator, colleague = desk.operator(), desk.colleague()
    desk.take(operator, visitor)
    visitor.do("say", text="How do I file late?")
    operator.wait("line")
    operator.do("say", text="For which year?")
    visitor.wait("line")
    for one, other in ((visitor, operator), (operator, visitor)):
        one.send("typing", on=True)
        other.wait("typing")
    operator.do("note", text="a note")
    operator.do("set_topic", topic="Benefits")
    operator.do("recall")
    visitor.cut()
    operator.wait("presence", online=False)
    late = desk.operator()
    back = desk.back(visitor)
    operator.wait("presence", online=True)
    operator.do("transfer", session=visitor.session, to=colleague.name)
    colleague.wait("resumed")
    second = desk.back(visitor)
    back.end()
    second.refused("not_yours", "note", text="not mine to write")
    second.do("end")
    second.do("interview", answers=[{"question": "Why?", "answer": "So."}])
    second.do("request_transcript", email="pat@example.org")
    second.settle()
    return [before, visitor, operator, colleague, late, back, second]


@pytest.mark.parametrize("kind", TYPES)
def test_a_message_has_its_fields_of_their_kinds(heard: list[Message], kind: str) -> None:
    found = [message for message in heard if message["type"] == kind]
    assert found, f"no {kind!r} came in a whole visit"
    for message in found:
        assert_well_formed(message)


@pytest.mark.rule("chapter 9")
def test_a_host_address_is_told_when_it_is_found_and_at_once_when_it_is_known(
    own: MakeDesk,
) -> None:
    desk = own(resolve_hosts=True)
    operator = desk.operator()
    first = desk.visitor()
    assert "host" not in first.all("opened")[0]
    found = first.wait(HOST_FOUND)
    assert_well_formed(found)
    assert operator.wait(HOST_FOUND) == found
    assert desk.visitor().all("opened")[0]["host"] == found["host"]


@pytest.mark.rule("P-2.9")
def test_a_server_leaves_out_what_is_at_its_default(heard: list[Message]) -> None:
    for message in heard:
        for field in FIELDS.get(message["type"], []):
            at_default = DEFAULTS.get(field.otherwise)
            assert field.needed or message.get(field.name, ...) != at_default, message


@pytest.mark.rule("chapter 9", "P-5.19")
def test_every_event_has_its_session_its_number_and_its_time(heard: list[Message]) -> None:
    events = [message for message in heard if message["type"] in TABLES[document.EVENTS]]
    assert events
    assert all(message["seq"] >= 1 for message in events)
    # One event is the same for everybody who sees it.
    told: dict[tuple[str, int], Message] = {}
    for event in events:
        assert told.setdefault((event["session"], event["seq"]), event) == event


@pytest.mark.rule("chapter 10")
def test_a_visit_says_that_its_visitor_is_away(heard: list[Message]) -> None:
    visits = [message for message in heard if message["type"] == "visit"]
    assert any(visit.get("online", True) is False for visit in visits)
    assert any(visit.get("online", True) for visit in visits)


def assert_well_formed(message: Message) -> None:
    """Hold a message to the table of its fields."""
    for field in FIELDS[message["type"]]:
        if field.name in message:
            value = message[field.name]
            assert is_of(field.kind, value, CODES), f"{field.name} is no {field.kind}: {message}"
        else:
            assert not field.needed, f"{field.name} is missing: {message}"
