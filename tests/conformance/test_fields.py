"""Chapters 6 and 7: every field of every command, at both sides of its limits."""

import json
from typing import Any, Final

import pytest

from tests.conformance import document
from tests.conformance.desk import Desk
from tests.conformance.values import KINDS, LIMITS
from tests.conformance.wire import Client, Message

COMMANDS: Final = document.messages(document.COMMANDS)
# What is sent besides the field that is tested.
USUAL: Final[dict[str, Message]] = {
    "hello": {"protocol": 1, "role": "visitor"},
    "start": {"name": "Pat", "topic": "Taxes"},
    "resume": {"session": "K7P4-MXQ2"},
    "say": {"text": "hello"},
    "typing": {"on": True},
    "interview": {"answers": [{"question": "Why?", "answer": "So."}]},
    "request_transcript": {"email": "pat@example.org"},
    "login": {"ticket": "t" * 43},
    "note": {"text": "a note"},
    "set_topic": {"topic": "Benefits"},
}
OPERATORS: Final = {"note", "set_topic", "take", "transfer", "recall", "logout", "login"}
FIELDS: Final = [
    pytest.param(command, field, id=f"{command}-{field.name}")
    for command, fields in COMMANDS.items()
    for field in fields
]
NEEDED: Final = [
    pytest.param(command, field, id=f"{command}-{field.name}")
    for command, fields in COMMANDS.items()
    for field in fields
    if field.needed
]


def sender(desk: Desk, command: str) -> Client:
    """Return a connection on which it is this command's turn, as far as one can say."""
    if command == "hello":
        return desk.connect()
    if command == "start":
        return desk.guest()
    if command == "login":
        return desk.guest(role="operator")
    visitor, operator = desk.pair()
    if command == "interview":
        visitor.do("end")
    return operator if command in OPERATORS else visitor


@pytest.mark.rule("chapter 6", "chapter 7")
@pytest.mark.parametrize(("command", "field"), FIELDS)
def test_a_value_outside_its_kind_is_a_bad_field(
    desk: Desk, command: str, field: document.Field
) -> None:
    client = sender(desk, command)
    outside = [*KINDS[field.kind].refused, *([None] if field.needed else [])]
    for value in outside:
        client.refused_raw(
            "bad_field", encode(command, USUAL.get(command, {}) | {field.name: value})
        )


@pytest.mark.rule("chapter 7")
@pytest.mark.parametrize(("command", "field"), NEEDED)
def test_a_field_that_is_needed_may_not_be_left_out(
    desk: Desk, command: str, field: document.Field
) -> None:
    fields = {name: value for name, value in USUAL[command].items() if name != field.name}
    error = sender(desk, command).refused_raw("bad_field", encode(command, fields))
    assert error["message"]


@pytest.mark.rule("chapter 6", "chapter 7")
@pytest.mark.parametrize(("command", "field"), FIELDS)
def test_a_value_at_the_limit_is_taken(desk: Desk, command: str, field: document.Field) -> None:
    for value in KINDS[field.kind].taken:
        client = sender(desk, command)
        client.raw(encode(command, USUAL.get(command, {}) | {field.name: value}))
        if command == "typing":
            client.settle()
            assert not client.all("error"), client.exchange()
        else:
            answer = client.answer()
            if answer["type"] == "started":
                desk.own(client, answer)
            # Whatever it is answered: it was understood.
            assert answer.get("code") != "bad_field", client.exchange()


def test_the_limits_that_are_tested_are_the_documents() -> None:
    written = document.limits()
    assert {kind: written[kind] for kind in LIMITS} == LIMITS
    assert {field.kind for fields in COMMANDS.values() for field in fields} == set(KINDS)


def encode(command: str, fields: Message) -> bytes:
    """Return a command as a line; a field that is None is there, as ``null``."""
    message: dict[str, Any] = {"type": command} | fields
    return json.dumps(message, ensure_ascii=False).encode() + b"\n"
