"""Whatever comes down the line: any cut gives the same, and nothing but the protocol error."""

import contextlib
import json
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from livehelp.wire.codec import decode_command, decode_server_message, encode
from livehelp.wire.commands import Command
from livehelp.wire.connection import MAX_ERRORS, PROTOCOL, ClientConnection, ServerConnection
from livehelp.wire.errors import RemoteProtocolError
from livehelp.wire.frames import MAX_CLIENT_LINE
from livehelp.wire.replies import Error, ErrorCode, ServerHello
from livehelp.wire.signals import ServerMessage
from tests.wire.harness import HELLO_LINE, Fault, cut, greeted_server, read
from tests.wire.strategies import COMMANDS, commands, server_messages, tag_on_wire, valid

places = st.lists(st.integers(min_value=0), max_size=12)
blank_lines = st.sampled_from([b"\n", b"\r\n", b"  \n"])
long_line = st.just(b"x" * (MAX_CLIENT_LINE + 1) + b"\n")
broken_lines = st.binary(max_size=40).map(lambda data: data.replace(b"\n", b"") + b"\n")
valid_lines = commands.map(encode)

# JSON that is nearly a message: a known type, and anything at all in the known fields.
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
known_types = st.sampled_from([tag_on_wire(each) for each in COMMANDS])
known_fields = st.sampled_from(sorted({name for c in COMMANDS for name in c.__struct_fields__}))


def _as_line(kind: str, fields: dict[str, Any]) -> bytes:
    return json.dumps({"type": kind, **fields}).encode() + b"\n"


nearly_messages = st.builds(_as_line, known_types, st.dictionaries(known_fields, json_values))


@st.composite
def damaged_lines(draw: st.DrawFn) -> bytes:
    """A valid command with a few bytes overwritten, doubled or dropped."""
    data = bytearray(draw(valid_lines))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data) - 1))
        data[at : at + draw(st.integers(0, 2))] = draw(st.binary(max_size=2))
        data = data or bytearray(b"{")
    return bytes(data) + b"\n"


anything = st.one_of(
    valid_lines, valid_lines, blank_lines, broken_lines, nearly_messages, damaged_lines(), long_line
)


@given(st.lists(anything, max_size=12).map(b"".join), places)
def test_any_cut_of_the_bytes_gives_the_server_the_same_items(data: bytes, at: list[int]) -> None:
    stream = HELLO_LINE + data
    assert read(ServerConnection(), *cut(stream, at)) == read(ServerConnection(), stream)


@given(st.lists(valid_lines | blank_lines, max_size=6).map(b"".join))
def test_one_byte_at_a_time_gives_the_server_the_same_items(data: bytes) -> None:
    single = [data[i : i + 1] for i in range(len(data))]
    assert read(greeted_server(), *single) == read(greeted_server(), data)


@given(valid(ServerHello), st.lists(server_messages, max_size=6), places)
def test_any_cut_of_the_bytes_gives_the_client_the_same_messages(
    hello: ServerHello, messages: list[ServerMessage], at: list[int]
) -> None:
    hello = msgspec.structs.replace(hello, protocol=PROTOCOL)
    sent = [hello, *(message for message in messages if type(message) is not ServerHello)]
    client = ClientConnection()
    received: list[ServerMessage] = []
    for chunk in cut(b"".join(encode(each) for each in sent), at):
        received.extend(client.receive(chunk))
    assert received == sent


@given(st.lists(anything | st.binary()), st.booleans())
def test_the_server_end_never_raises_and_every_error_makes_a_reply(
    chunks: list[bytes], greeted: bool
) -> None:
    server = greeted_server() if greeted else ServerConnection()
    found = [fault for fault in read(server, *chunks) if isinstance(fault, Fault)]
    assert len(found) <= MAX_ERRORS + 1
    assert not any(fault.fatal for fault in found[:-1])
    assert server.closed is bool(found and found[-1].fatal)
    assert server.pending <= MAX_CLIENT_LINE + 1
    for fault in found:
        reply = Error(code=fault.code, message=fault.message, ref=fault.ref)
        assert decode_server_message(encode(reply)) == reply
        assert fault.message.isprintable()
        assert len(fault.message) < 300


@given(st.lists(anything | st.binary()), st.booleans())
def test_the_client_end_raises_nothing_but_the_protocol_error(
    chunks: list[bytes], greeted: bool
) -> None:
    client = ClientConnection()
    if greeted:
        client.receive(
            b'{"type":"hello","protocol":1,"server":"s","version":"1",'
            b'"at":"2005-12-19T15:04:05Z","notice":""}\n'
        )
    for chunk in chunks:
        with contextlib.suppress(RemoteProtocolError):
            client.receive(chunk)


@given(nearly_messages)
def test_what_is_accepted_is_valid_and_survives_a_round_trip(data: bytes) -> None:
    try:
        command: Command = decode_command(data)
    except RemoteProtocolError:
        return
    assert decode_command(encode(command)) == command


@given(st.lists(commands, min_size=1, max_size=5))
def test_the_commands_before_an_over_long_line_are_heard(sent: list[Command]) -> None:
    heard = [each for each in sent if tag_on_wire(type(each)) != "hello"]
    data = b"".join(encode(each) for each in heard) + b"x" * (MAX_CLIENT_LINE + 2)
    items = read(greeted_server(), data)
    assert items[:-1] == heard
    assert isinstance(items[-1], Fault)
    assert items[-1].code is ErrorCode.LINE_TOO_LONG
