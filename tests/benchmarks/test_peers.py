"""The bytes of a line are those that our own codec would make, and no two are alike."""

import socket
from collections.abc import Iterator

import pytest

from benchmarks.peers import LINE_SIZE, Peer
from livehelp.wire.codec import decode_command
from livehelp.wire.commands import Say


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


@pytest.fixture
def pair(listener: socket.socket) -> Iterator[tuple[Peer, Peer, socket.socket, socket.socket]]:
    address = listener.getsockname()
    visitor = Peer(address, "visitor", 1234)
    visitor_end, _ = listener.accept()
    operator = Peer(address, "operator", 1234)
    operator_end, _ = listener.accept()
    visitor.meet(operator, "K7P4-MXQ2")
    operator.meet(visitor, "K7P4-MXQ2")
    with visitor_end, operator_end:
        yield visitor, operator, visitor_end, operator_end
    visitor.close()
    operator.close()


def test_a_line_is_a_say_of_a_hundred_bytes_and_its_partner_expects_it(
    pair: tuple[Peer, Peer, socket.socket, socket.socket],
) -> None:
    visitor, operator, visitor_end, operator_end = pair
    visitor.ref = 41

    visitor.say(1_000)
    operator.say(2_000)

    said = decode_command(visitor_end.recv(4096))
    answered = decode_command(operator_end.recv(4096))
    assert isinstance(said, Say)
    assert isinstance(answered, Say)
    assert len(said.text) == len(answered.text) == LINE_SIZE
    assert (said.ref, said.session) == (42, None)
    assert (answered.ref, answered.session) == (1, "K7P4-MXQ2")
    assert said.text.encode().startswith(operator.expected)
    assert answered.text.encode().startswith(visitor.expected)
    assert (operator.expected_since, visitor.expected_since) == (1_000, 2_000)
    assert visitor.unacked == b'"ref":42,'


def test_no_two_lines_of_a_pair_are_alike(
    pair: tuple[Peer, Peer, socket.socket, socket.socket],
) -> None:
    visitor, operator, *_ = pair
    marks: list[bytes] = []
    for _ in range(3):
        visitor.say(0)
        operator.say(0)
        marks += [visitor.expected, operator.expected]

    assert len(set(marks)) == len(marks)
