"""The JSON Schema says what the decoders do, and reads well."""

import json
import re
from collections.abc import Iterator
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livehelp.wire.codec import decode_command, encode
from livehelp.wire.commands import Command
from livehelp.wire.connection import PROTOCOL
from livehelp.wire.errors import RemoteProtocolError
from livehelp.wire.replies import ErrorCode
from livehelp.wire.schema import json_schema
from livehelp.wire.signals import ServerMessage
from tests.wire.schema_reader import fits
from tests.wire.strategies import COMMANDS, SERVER_MESSAGES, commands, server_messages, tag_on_wire

SCHEMA = json_schema()
CLIENT = SCHEMA["$defs"]["client"]
SERVER = SCHEMA["$defs"]["server"]


def nodes(node: object) -> Iterator[dict[str, Any]]:
    """Give every object in the schema."""
    if isinstance(node, dict):
        fields = cast("dict[str, Any]", node)
        yield fields
        for inner in fields.values():
            yield from nodes(inner)
    elif isinstance(node, list):
        for inner in cast("list[object]", node):
            yield from nodes(inner)


@given(commands)
def test_every_command_fits_the_clients_half(command: Command) -> None:
    value = json.loads(encode(command))
    assert fits(value, CLIENT, SCHEMA)
    assert fits(value, SCHEMA, SCHEMA)


@given(server_messages)
def test_every_server_message_fits_the_servers_half(message: ServerMessage) -> None:
    value = json.loads(encode(message))
    assert fits(value, SERVER, SCHEMA)
    assert fits(value, SCHEMA, SCHEMA)


small_values: st.SearchStrategy[object] = st.sampled_from(
    [None, True, 0, 1, 5, -1, 301, 2**53, "", "x", "a@b", "visitor", "k" * 22, "k" * 90, [], {}]
)


@given(commands, st.data())
def test_schema_and_decoder_agree_about_a_command_with_a_field_changed(
    command: Command, data: st.DataObject
) -> None:
    value = json.loads(encode(command))
    fields = list(type(command).__struct_fields__)
    field = data.draw(st.sampled_from([*fields, "type"]))
    value[field] = data.draw(small_values)
    if data.draw(st.booleans()):
        del value[data.draw(st.sampled_from(sorted(value)))]
    try:
        decode_command(json.dumps(value).encode())
        accepted = True
    except RemoteProtocolError:
        accepted = False
    assert fits(value, CLIENT, SCHEMA) is accepted


@pytest.mark.parametrize(
    ("half", "messages"), [(CLIENT, COMMANDS), (SERVER, SERVER_MESSAGES)], ids=["client", "server"]
)
def test_each_half_lists_every_message_once_by_its_type(half: Any, messages: list[Any]) -> None:
    names = [choice["$ref"].removeprefix("#/$defs/") for choice in half["anyOf"]]
    assert names == [each.__name__ for each in messages]
    for each in messages:
        definition = SCHEMA["$defs"][each.__name__]
        assert definition["properties"]["type"] == {"const": tag_on_wire(each)}
        assert "type" in definition["required"]


def test_the_error_codes_are_listed() -> None:
    assert set(SCHEMA["$defs"]["ErrorCode"]["enum"]) == set(ErrorCode)


def test_the_schema_names_its_draft_and_its_protocol() -> None:
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert SCHEMA["$id"] == f"urn:livehelp:protocol:{PROTOCOL}"


def test_every_reference_leads_somewhere_and_nothing_is_left_unused() -> None:
    used = {node["$ref"] for node in nodes(SCHEMA) if "$ref" in node}
    assert used == {f"#/$defs/{name}" for name in SCHEMA["$defs"]}


def test_every_message_is_described_in_plain_text() -> None:
    for name, definition in SCHEMA["$defs"].items():
        words = definition["description"]
        assert words, name
        assert "``" not in words, name
        assert not re.search(r"\n +", words), name


def test_unknown_fields_are_allowed_as_the_decoders_allow_them() -> None:
    assert not any("additionalProperties" in node for node in nodes(SCHEMA))


def test_the_schema_is_plain_json_and_the_same_each_time() -> None:
    assert json.loads(json.dumps(SCHEMA)) == SCHEMA == json_schema()
