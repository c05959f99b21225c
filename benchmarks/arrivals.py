"""How the load comes in: connections are opened, say hello, and are led to their places.

Owns the scripts of arriving (what to send, which message to wait for) and the loop that plays
many of them at once, reading what everybody else is sent meanwhile. Nothing here is timed: the
measuring starts when all have arrived. Must not know the ping-pong.
"""

import select
from collections.abc import Generator, Iterable, Iterator
from time import monotonic
from typing import Final, TypeAlias

from benchmarks.errors import LoadError
from benchmarks.peers import Address, Peer
from livehelp.wire.codec import decode_server_message
from livehelp.wire.commands import Login, Start, Take
from livehelp.wire.replies import Error, Started
from livehelp.wire.signals import Bye

# A script waits for a message of this type to come to this peer, and is sent the line.
Waiting: TypeAlias = tuple[Peer, bytes]
Script: TypeAlias = Generator[Waiting, bytes, None]

# Scripts played at once. More would make the server's queue longer and nothing quicker: it
# commits all of them in one transaction anyway.
AT_ONCE: Final = 32
# While N operators arrive, each is told of all others: read much at a time.
_READ_SIZE: Final = 128 * 1024
_EVENTS: Final = 1024
# How often the loop looks whether its time is over when nothing comes.
_POLL_S: Final = 0.1
_TYPE: Final = b'{"type":"'
# Refusals end the run, whoever gets them.
_REFUSALS: Final = (b"error", b"bye")


def seat_pair(address: Address, number: int, ticket: str, peers: list[Peer]) -> Script:
    """A visitor starts a session; its operator signs in and takes exactly that one.

    The two peers are added to ``peers``. A pair arrives as a whole before the next one does, so
    that the queue stays short and each sign-in is shown as few visits as possible.
    """
    visitor = Peer(address, "visitor", number)
    peers.append(visitor)
    visitor.write(visitor.hello())
    yield visitor, b"hello"
    visitor.write(Start(name=f"v{number}", topic="Benchmark", ref=visitor.next_ref()))
    session = _session(decode_server_message((yield visitor, b"started")))

    operator = Peer(address, "operator", number)
    peers.append(operator)
    operator.write(operator.hello())
    yield operator, b"hello"
    operator.write(Login(ticket=ticket, ref=operator.next_ref()))
    yield operator, b"logged_in"
    operator.write(Take(session=session, ref=operator.next_ref()))
    yield operator, b"resumed"

    visitor.meet(operator, session)
    operator.meet(visitor, session)


def stay_silent(address: Address, number: int, peers: list[Peer]) -> Script:
    """A visitor's client connects and says hello; the person has not asked for help yet."""
    visitor = Peer(address, "visitor", number)
    peers.append(visitor)
    visitor.write(visitor.hello())
    yield visitor, b"hello"


def wait_in_queue(address: Address, number: int, peers: list[Peer]) -> Script:
    """A visitor starts a session, and nobody takes it."""
    visitor = Peer(address, "visitor", number)
    peers.append(visitor)
    visitor.write(visitor.hello())
    yield visitor, b"hello"
    visitor.write(Start(name=f"v{number}", topic="Benchmark", ref=visitor.next_ref()))
    yield visitor, b"started"


def _session(message: object) -> str:
    if not isinstance(message, Started):
        raise LoadError(f"A start was answered with {message}.")
    return message.session


def type_of(line: bytes) -> bytes:
    """Return the ``type`` of a message, which our server writes first in the object."""
    if not line.startswith(_TYPE):
        raise LoadError(f"This is no message as our server writes them: {line[:200]!r}")
    return line[len(_TYPE) : line.index(b'"', len(_TYPE))]


class Arrivals:
    """Plays arriving scripts, and reads for everybody while it does.

    Args:
        poll: Where new peers are registered for reading.
        peers: Every peer by its descriptor; new ones are added.
    """

    def __init__(self, poll: select.epoll, peers: dict[int, Peer]) -> None:
        self._poll = poll
        self._peers = peers
        self._waiting: dict[int, tuple[Script, bytes]] = {}
        self._buffer = memoryview(bytearray(_READ_SIZE))

    def play(self, scripts: Iterable[Script], *, within_s: float) -> float:
        """Play all ``scripts`` to their ends; return how many seconds it took.

        Raises:
            LoadError: a peer was refused or dropped, or it took longer than ``within_s``.
        """
        began = monotonic()
        coming = iter(scripts)
        while self._let_in(coming):
            self.read(_POLL_S)
            if monotonic() - began > within_s:
                raise LoadError(
                    f"After {within_s:.0f} s {len(self._peers)} peers had begun to arrive, "
                    f"{len(self._waiting)} of them still wait for an answer."
                )
        return monotonic() - began

    def settle(self, *, quiet_s: float, within_s: float) -> None:
        """Read until nothing has come for ``quiet_s``.

        Raises:
            LoadError: it was not quiet after ``within_s``.
        """
        give_up = monotonic() + within_s
        while self.read(quiet_s):
            if monotonic() > give_up:
                raise LoadError(f"The server was still talking {within_s:.0f} s after arrival.")

    def read(self, timeout_s: float) -> int:
        """Read once from all who have something, at most ``timeout_s`` from now; return how many.

        Raises:
            LoadError: a peer was refused or dropped.
        """
        ready = self._poll.poll(timeout_s, _EVENTS)
        for fd, _ in ready:
            peer = self._peers[fd]
            try:
                size = peer.receive_into(self._buffer)
            except BlockingIOError:
                continue
            except OSError as why:
                raise LoadError(f"The {peer.role} of pair {peer.pair} was cut: {why}.") from why
            if not size:
                raise LoadError(
                    f"The server closed on the {peer.role} of pair {peer.pair}: {peer.held!r}"
                )
            self._take_in(peer, self._buffer[:size])
        return len(ready)

    def _let_in(self, coming: Iterator[Script]) -> bool:
        """Start scripts as there is room; return False when all have ended."""
        while len(self._waiting) < AT_ONCE:
            script = next(coming, None)
            if script is None:
                break
            self._wait(script, next(script))
        return bool(self._waiting)

    def _wait(self, script: Script, waiting: Waiting) -> None:
        peer, wanted = waiting
        if peer.fd not in self._peers:
            self._peers[peer.fd] = peer
            self._poll.register(peer.fd, select.EPOLLIN)
        self._waiting[peer.fd] = script, wanted

    def _take_in(self, peer: Peer, data: memoryview) -> None:
        lines = (peer.held + bytes(data)).split(b"\n")
        peer.held = lines.pop()
        for line in lines:
            kind = type_of(line)
            if kind in _REFUSALS:
                raise LoadError(_refusal(peer, line))
            waiting = self._waiting.get(peer.fd)
            if waiting is not None and waiting[1] == kind:
                del self._waiting[peer.fd]
                self._go_on(waiting[0], line)

    def _go_on(self, script: Script, line: bytes) -> None:
        try:
            waiting = script.send(line)
        except StopIteration:
            return
        self._wait(script, waiting)


def _refusal(peer: Peer, line: bytes) -> str:
    message = decode_server_message(line)
    words = message.message if isinstance(message, Error | Bye) else repr(line)
    return f"The server refused the {peer.role} of pair {peer.pair}: {words}"
