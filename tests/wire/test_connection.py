"""The order of things on a connection: hello first and once, one protocol, so many errors."""

from datetime import UTC, datetime

import pytest

from livehelp.wire.codec import encode
from livehelp.wire.commands import ClientHello, Ping, Say, Start
from livehelp.wire.connection import (
    MAX_ERRORS,
    PROTOCOL,
    ClientConnection,
    ServerConnection,
    State,
)
from livehelp.wire.errors import LocalProtocolError, ProtocolError, RemoteProtocolError
from livehelp.wire.frames import MAX_CLIENT_LINE, MAX_SERVER_LINE
from livehelp.wire.replies import Ack, Error, ErrorCode, Pong, ServerHello
from livehelp.wire.signals import Bye
from tests.wire.harness import HELLO_LINE, VISITOR_HELLO, Fault, Pair, faults, greeted_server, read

SERVER_HELLO = ServerHello(
    protocol=PROTOCOL,
    server="Live Help",
    version="0.1.0",
    at=datetime(2005, 12, 19, 15, 4, 5, tzinfo=UTC),
    notice="Please type no social security number.",
)
NEWER_HELLO = ServerHello(
    protocol=PROTOCOL + 1,
    server="Live Help",
    version="9",
    at=SERVER_HELLO.at,
    notice="",
)
SAY = Say(text="Hello?", ref=7)


def test_two_ends_say_hello_and_then_talk() -> None:
    pair = Pair()
    pair.greet(SERVER_HELLO)
    assert pair.server.hello == VISITOR_HELLO
    assert pair.client.hello == SERVER_HELLO
    assert pair.client_sends(SAY, Ping()) == [SAY, Ping()]
    ack = Ack(ref=7, session="K7P4-MXQ2", seq=3)
    assert pair.server_sends(ack, Pong()) == [ack, Pong()]


# --- the server's end -------------------------------------------------------------------------


def test_a_command_before_hello_is_refused_with_its_ref_and_hello_may_still_come() -> None:
    server = ServerConnection()
    [fault] = faults(read(server, encode(SAY)))
    assert (fault.code, fault.ref, fault.fatal) == (ErrorCode.HELLO_FIRST, 7, False)
    assert '{"type":"hello","protocol":1,"role":"visitor"}' in fault.message
    assert read(server, HELLO_LINE) == [VISITOR_HELLO]


def test_the_hello_that_the_refusal_offers_can_be_copied_as_it_stands() -> None:
    server = ServerConnection()
    [fault] = faults(read(server, b'{"type":"ping"}\n'))
    assert fault.ref is None
    offered = fault.message.removeprefix("Say hello first: ")
    assert read(server, offered.encode() + b"\n") == [VISITOR_HELLO]


def test_a_second_hello_is_refused_and_the_first_one_stands() -> None:
    server = greeted_server()
    second = ClientHello(protocol=PROTOCOL, role="operator")
    assert faults(read(server, encode(second)))[0].code is ErrorCode.HELLO_TWICE
    assert server.hello == VISITOR_HELLO
    assert read(server, encode(SAY)) == [SAY]


def test_another_protocol_is_refused_for_good_with_both_numbers() -> None:
    server = ServerConnection()
    [fault] = faults(read(server, encode(ClientHello(protocol=PROTOCOL + 1, role="visitor"))))
    assert (fault.code, fault.fatal) == (ErrorCode.PROTOCOL, True)
    assert f"speaks protocol {PROTOCOL}, you asked for {PROTOCOL + 1}" in fault.message
    assert server.closed
    assert server.hello is None


def test_errors_stand_where_their_message_stood() -> None:
    data = encode(SAY) + b"oops\n" + encode(Ping()) + b'{"type":"shout"}\n' + encode(SAY)
    first, bad, ping, unknown, last = read(greeted_server(), data)
    assert (first, ping, last) == (SAY, Ping(), SAY)
    assert isinstance(bad, Fault)
    assert bad.code is ErrorCode.BAD_JSON
    assert isinstance(unknown, Fault)
    assert unknown.code is ErrorCode.UNKNOWN_TYPE


def test_nineteen_errors_are_forgiven_and_the_twentieth_is_the_last() -> None:
    server = greeted_server()
    for _ in range(MAX_ERRORS - 1):
        assert [fault.code for fault in faults(read(server, b"oops\n"))] == [ErrorCode.BAD_JSON]
        assert read(server, encode(SAY)) == [SAY]
    assert not server.closed
    last, goodbye = faults(read(server, b"oops\n"))
    assert (last.code, last.fatal) == (ErrorCode.BAD_JSON, False)
    assert (goodbye.code, goodbye.fatal) == (ErrorCode.TOO_MANY_ERRORS, True)
    assert str(MAX_ERRORS) in goodbye.message
    assert server.closed


def test_errors_count_from_the_first_byte_and_blank_lines_never() -> None:
    server = ServerConnection()
    read(server, encode(SAY) * 10, b"\n" * 1_000, HELLO_LINE, HELLO_LINE * 9)
    assert not server.closed
    assert faults(read(server, HELLO_LINE))[-1].code is ErrorCode.TOO_MANY_ERRORS


def test_after_a_fatal_error_nothing_more_is_read_in_that_chunk_or_later() -> None:
    server = greeted_server()
    items = read(server, b"oops\n" * 50 + encode(SAY), encode(SAY))
    assert len(items) == MAX_ERRORS + 1
    assert SAY not in items


def test_an_over_long_line_is_fatal_and_comes_after_what_stood_before_it() -> None:
    server = greeted_server()
    say, fault = read(server, encode(SAY) + b"x" * (MAX_CLIENT_LINE + 2))
    assert say == SAY
    assert isinstance(fault, Fault)
    assert (fault.code, fault.fatal) == (ErrorCode.LINE_TOO_LONG, True)
    assert server.closed
    assert server.pending == 0
    assert read(server, encode(SAY)) == []


def test_a_command_of_exactly_the_longest_line_is_accepted() -> None:
    bare = encode(SAY).rstrip(b"\n")
    padded = bare + b" " * (MAX_CLIENT_LINE - len(bare))
    server = greeted_server()
    assert read(server, padded + b"\r\n") == [SAY]
    assert faults(read(server, padded + b" \n"))[0].code is ErrorCode.LINE_TOO_LONG


def test_half_a_line_is_held_and_counted() -> None:
    server = greeted_server()
    data = encode(SAY)
    assert read(server, data[:10]) == []
    assert server.pending == 10
    assert read(server, data[10:]) == [SAY]
    assert server.pending == 0


# --- the client's end -------------------------------------------------------------------------


def test_the_client_must_send_hello_first_and_only_once() -> None:
    client = ClientConnection()
    with pytest.raises(LocalProtocolError, match="begins with one hello"):
        client.send(SAY)
    client.send(VISITOR_HELLO)
    client.send(Start(name="Pat", topic="Other"))
    with pytest.raises(LocalProtocolError):
        client.send(VISITOR_HELLO)


def test_a_server_that_does_not_say_hello_is_none_of_ours() -> None:
    client = ClientConnection()
    with pytest.raises(RemoteProtocolError, match="did not say hello") as caught:
        client.receive(encode(Pong()))
    assert (caught.value.code, caught.value.fatal) == (ErrorCode.HELLO_FIRST, True)


def test_some_other_service_is_none_of_ours() -> None:
    with pytest.raises(RemoteProtocolError, match="not a JSON object"):
        ClientConnection().receive(b"SSH-2.0-OpenSSH_9.2\r\n")


def test_what_cannot_become_a_message_is_foreign_before_its_line_ends() -> None:
    client = ClientConnection()
    assert not client.is_foreign
    client.receive(b" ")
    assert not client.is_foreign
    client.receive(b'{"type":"hel')
    assert not client.is_foreign
    tls = ClientConnection()
    tls.receive(bytes.fromhex("15030100020246"))
    assert tls.is_foreign


@pytest.mark.parametrize(
    "refusal",
    [
        Error(code=ErrorCode.PROTOCOL, message="Update."),
        Bye(reason="full", message="Come back later.", retry=30),
    ],
)
def test_a_refusal_may_come_instead_of_hello(refusal: Error | Bye) -> None:
    client = ClientConnection()
    assert client.receive(encode(refusal)) == [refusal]
    assert client.theirs is State.HELLO


def test_a_server_that_says_hello_twice_is_broken() -> None:
    pair = Pair()
    pair.greet(SERVER_HELLO)
    with pytest.raises(RemoteProtocolError, match="hello twice") as caught:
        pair.server_sends(SERVER_HELLO)
    assert (caught.value.code, caught.value.fatal) == (ErrorCode.HELLO_TWICE, True)


def test_a_server_of_another_protocol_is_refused_with_both_numbers() -> None:
    client = ClientConnection()
    with pytest.raises(RemoteProtocolError, match="speaks protocol 2, this program 1") as caught:
        client.receive(encode(NEWER_HELLO))
    assert (caught.value.code, caught.value.fatal) == (ErrorCode.PROTOCOL, True)
    assert client.hello is None


def test_the_client_bounds_what_it_holds_too() -> None:
    pair = Pair()
    pair.greet(SERVER_HELLO)
    with pytest.raises(RemoteProtocolError) as caught:
        pair.client.receive(b"x" * (MAX_SERVER_LINE + 2))
    assert (caught.value.code, caught.value.fatal) == (ErrorCode.LINE_TOO_LONG, True)


def test_both_kinds_of_error_are_protocol_errors_and_carry_their_words() -> None:
    assert issubclass(LocalProtocolError, ProtocolError)
    error = RemoteProtocolError(ErrorCode.BAD_JSON, "No JSON.", ref=4)
    assert isinstance(error, ProtocolError)
    assert str(error) == error.message == "No JSON."


def test_a_client_passes_over_what_only_a_newer_server_tells() -> None:
    client = ClientConnection()
    client.receive(encode(SERVER_HELLO))
    told = client.receive(b'{"type":"weather","sky":"blue"}\n' + encode(Pong()))
    assert told == [Pong()]


def test_a_server_that_begins_with_an_unknown_message_is_none() -> None:
    with pytest.raises(RemoteProtocolError) as fault:
        ClientConnection().receive(b'{"type":"weather"}\n')
    assert fault.value.code is ErrorCode.UNKNOWN_TYPE


def test_a_newer_servers_error_code_leaves_its_words_readable() -> None:
    client = ClientConnection()
    client.receive(encode(SERVER_HELLO))
    line = b'{"type":"error","code":"too_early","message":"We open at eight.","ref":3}\n'
    assert client.receive(line) == [Error(code=ErrorCode.OTHER, message="We open at eight.", ref=3)]
