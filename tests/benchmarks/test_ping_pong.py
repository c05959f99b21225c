"""The load sees what a server does wrong: it answers bytes that are written here by hand."""

import socket
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from benchmarks.arrivals import Script, type_of
from benchmarks.errors import LoadError
from benchmarks.peers import Peer
from benchmarks.ping_pong import Counts, Load
from livehelp.wire.base import Message
from livehelp.wire.codec import decode_command, encode
from livehelp.wire.commands import Say
from livehelp.wire.events import Line
from livehelp.wire.replies import Ack, Error, ErrorCode, Pong

SESSION = "K7P4-MXQ2"
# Everything that is awaited is on the socket already: this is only how long a broken test hangs.
WITHIN_S = 5.0


class Desk:
    """The server's ends of one pair, in the hands of the test."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.ends: list[socket.socket] = []
        self.peers: list[Peer] = []

    def close(self) -> None:
        for closing in (self._listener, *self.ends):
            closing.close()

    def seat(self) -> Script:
        """Let a visitor and an operator arrive, each greeted with a pong."""
        for role in ("visitor", "operator"):
            peer = Peer(self._listener.getsockname(), role, 0)
            end, _ = self._listener.accept()
            self.peers.append(peer)
            self.ends.append(end)
            end.sendall(encode(Pong()))
            yield peer, b"pong"
        visitor, operator = self.peers
        visitor.meet(operator, SESSION)
        operator.meet(visitor, SESSION)

    def heard(self, number: int = 0) -> Say:
        """Return what the peer said."""
        command = decode_command(self.ends[number].recv(4096))
        assert isinstance(command, Say)
        return command

    def tell(self, number: int, *messages: Message) -> None:
        """Write ``messages`` to a peer in one go."""
        self.ends[number].sendall(b"".join(encode(message) for message in messages))


@pytest.fixture
def desk() -> Iterator[Desk]:
    made = Desk()
    yield made
    made.close()


@pytest.fixture
def load(desk: Desk) -> Iterator[Load]:
    with Load() as made:
        made.admit([desk.seat()], within_s=WITHIN_S)
        made.begin(desk.peers[:1], 0.0)
        yield made


def ack(said: Say) -> Ack:
    return Ack(ref=said.ref, session=SESSION, seq=3)


def line(said: Say) -> Line:
    now = datetime.now(UTC)
    return Line(session=SESSION, seq=3, at=now, by="visitor", name="v0", text=said.text)


def test_a_line_that_is_acked_and_delivered_is_counted(desk: Desk, load: Load) -> None:
    said = desk.heard()
    desk.tell(0, ack(said))
    desk.tell(1, line(said))

    load.finish(WITHIN_S)

    assert load.counts == Counts(said=1, acked=1, delivered=1, faults=0)
    assert len(load.latencies) == 1


def test_a_line_cut_in_two_is_counted_once_it_is_whole(desk: Desk, load: Load) -> None:
    said = desk.heard()
    desk.tell(1, line(said))
    whole = encode(ack(said))
    desk.ends[0].sendall(whole[:30])
    load.finish(0.0)
    desk.ends[0].sendall(whole[30:])

    load.finish(WITHIN_S)

    assert load.counts == Counts(said=1, acked=1, delivered=1, faults=0)


def test_a_line_delivered_twice_is_a_fault(desk: Desk, load: Load) -> None:
    said = desk.heard()
    desk.tell(1, line(said), line(said))
    desk.tell(0, ack(said))

    load.finish(WITHIN_S)

    assert load.counts.faults == 1
    assert "out of turn" in load.fault_texts[0]


def test_a_line_that_comes_back_to_its_sender_is_a_fault(desk: Desk, load: Load) -> None:
    said = desk.heard()
    desk.tell(1, line(said))
    desk.tell(0, line(said), ack(said))

    load.finish(WITHIN_S)

    assert load.counts == Counts(said=1, acked=1, delivered=1, faults=1)


def test_an_ack_for_another_line_is_a_fault_and_no_ack(desk: Desk, load: Load) -> None:
    said = desk.heard()
    desk.tell(1, line(said))
    desk.tell(0, Ack(ref=999, session=SESSION, seq=3), ack(said))

    load.finish(WITHIN_S)

    assert load.counts == Counts(said=1, acked=1, delivered=1, faults=1)


def test_an_error_is_a_fault_that_is_shown(desk: Desk, load: Load) -> None:
    said = desk.heard()
    desk.tell(1, line(said))
    desk.tell(0, Error(code=ErrorCode.NOT_STORED, message="The disk is full."), ack(said))

    load.finish(WITHIN_S)

    assert load.counts.faults == 1
    assert "The disk is full." in load.fault_texts[0]


def test_a_peer_refused_on_arrival_ends_the_run_with_the_servers_words(desk: Desk) -> None:
    def refused() -> Script:
        seating = desk.seat()
        peer, _ = next(seating)
        desk.tell(0, Error(code=ErrorCode.FULL, message="We are full."))
        yield peer, b"hello"

    with Load() as load, pytest.raises(LoadError, match="We are full"):
        load.admit([refused()], within_s=WITHIN_S)
    desk.peers[0].close()


def test_the_type_of_a_message_is_read_without_parsing_it() -> None:
    assert type_of(encode(Pong())) == b"pong"


def test_what_is_no_message_of_ours_is_refused() -> None:
    with pytest.raises(LoadError, match="no message"):
        type_of(b"HTTP/1.1 400 Bad Request")
