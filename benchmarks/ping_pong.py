"""The ping-pong: N pairs, in each exactly one line on its way, answered as soon as it is read.

Owns the loop that is under way while the server is measured, and the counts of what was said,
acked and delivered. One thread and one epoll; bytes are searched, not parsed, so that the load
takes less of a core than the server does. Must not know what the figures are for.
"""

import gc
import select
from collections import deque
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic_ns
from types import TracebackType
from typing import Final, Self

from benchmarks.arrivals import Arrivals, Script, type_of
from benchmarks.errors import LoadError
from benchmarks.peers import Peer
from livehelp.testkit.load.latency import Latencies

# A line, or an ack and a line: what comes at once while nobody says two lines in a row.
_READ_SIZE: Final = 4096
_EVENTS: Final = 1024
_LINE: Final = b'{"type":"line"'
_ACK: Final = b'{"type":"ack"'
_SECOND: Final = 1_000_000_000
# How often the loop looks whether its time is over when nothing comes.
_TICK_S: Final = 0.05
# Faults kept to be shown; the count goes on.
_FAULTS_SHOWN: Final = 5
# Arrivals are over when nobody is told anything for so long.
_QUIET_S: Final = 0.3
_SETTLE_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Counts:
    """What the pairs have done since they met: all lines, warm-up and end included."""

    said: int
    acked: int
    delivered: int
    faults: int


class Load:
    """Every connection of one run, from arrival to the last ack.

    Attributes:
        latencies: One-way, from the sender's write to the receiver's read.
        fault_texts: The first things that went wrong, for people.
    """

    def __init__(self) -> None:
        self._poll = select.epoll()
        self._peers: dict[int, Peer] = {}
        self._arrivals = Arrivals(self._poll, self._peers)
        self._thought_ns = 0
        self._thinking: deque[tuple[int, Peer]] = deque()
        self._answering = True
        self._said = 0
        self._acked = 0
        self._delivered = 0
        self._faults = 0
        self.fault_texts: list[str] = []
        self.latencies = Latencies()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for peer in self._peers.values():
            peer.close()
        self._poll.close()

    @property
    def counts(self) -> Counts:
        """What was done until now."""
        return Counts(self._said, self._acked, self._delivered, self._faults)

    @property
    def connections(self) -> int:
        """How many connections are open."""
        return len(self._peers)

    def admit(self, scripts: Iterable[Script], *, within_s: float) -> float:
        """Let everybody arrive and wait for quiet; return the seconds of arriving.

        Raises:
            LoadError: the server refused or dropped somebody, or took too long.
        """
        seconds = self._arrivals.play(scripts, within_s=within_s)
        self._arrivals.settle(quiet_s=_QUIET_S, within_s=_SETTLE_S)
        return seconds

    def hold(self, seconds: float) -> None:
        """Let everybody be silent for ``seconds``, reading what they are told.

        Raises:
            LoadError: the server dropped somebody.
        """
        until = monotonic_ns() + int(seconds * _SECOND)
        while monotonic_ns() < until:
            self._arrivals.read(_TICK_S)

    def begin(self, visitors: Sequence[Peer], thought_s: float) -> None:
        """Let each of ``visitors`` say the first line.

        With a ``thought_s`` everybody thinks that long before answering, and the first lines are
        spread over one such time, so that lines come evenly and not in volleys.
        """
        self._thought_ns = int(thought_s * _SECOND)
        now = monotonic_ns()
        for number, visitor in enumerate(visitors):
            if self._thought_ns:
                due = now + self._thought_ns * number // len(visitors)
                self._thinking.append((due, visitor))
            else:
                self._say(visitor)

    def run(self, seconds: float) -> None:
        """Let the ping-pong go on for ``seconds``."""
        until = monotonic_ns() + int(seconds * _SECOND)
        while (now := monotonic_ns()) < until:
            for fd, _ in self._poll.poll(self._timeout(now), _EVENTS):
                self._receive(fd)
            if self._thinking:
                self._say_what_is_due()

    def finish(self, within_s: float) -> None:
        """Say no more, and wait at most ``within_s`` for the lines and acks still on their way."""
        self._answering = False
        self._thinking.clear()
        until = monotonic_ns() + int(within_s * _SECOND)
        while monotonic_ns() < until and not self._all_came():
            for fd, _ in self._poll.poll(_TICK_S, _EVENTS):
                self._receive(fd)

    def _all_came(self) -> bool:
        return self._delivered >= self._said and self._acked >= self._said

    def _timeout(self, now: int) -> float:
        if self._thinking:
            return min(_TICK_S, max(0, self._thinking[0][0] - now) / _SECOND)
        return _TICK_S

    def _say_what_is_due(self) -> None:
        thinking = self._thinking
        now = monotonic_ns()
        while thinking and thinking[0][0] <= now:
            self._say(thinking.popleft()[1])

    def _say(self, peer: Peer) -> None:
        try:
            peer.say(monotonic_ns())
        except LoadError as why:
            self._fault(str(why))
        else:
            self._said += 1

    def _receive(self, fd: int) -> None:
        peer = self._peers.get(fd)
        if peer is None:
            return  # lost earlier in this turn
        try:
            data = peer.receive(_READ_SIZE)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        now = monotonic_ns()
        if not data:
            self._lose(peer)
            return
        lines = (peer.held + data if peer.held else data).split(b"\n")
        peer.held = lines.pop()
        for line in lines:
            if line.startswith(_LINE):
                self._delivery(peer, line, now)
            elif line.startswith(_ACK):
                self._ack(peer, line)
            elif type_of(line) in {b"error", b"bye"}:
                self._fault(f"The {peer.role} of pair {peer.pair} was told: {line.decode()}")

    def _delivery(self, peer: Peer, line: bytes, now: int) -> None:
        expected = peer.expected
        if not expected or expected not in line:
            self._fault(f"Pair {peer.pair} got a line out of turn: {line.decode()}")
            return
        peer.expected = b""
        self._delivered += 1
        self.latencies.add(now - peer.expected_since)
        if not self._answering:
            return
        if self._thought_ns:
            self._thinking.append((now + self._thought_ns, peer))
        else:
            self._say(peer)

    def _ack(self, peer: Peer, line: bytes) -> None:
        unacked = peer.unacked
        if unacked and unacked in line:
            peer.unacked = b""
            self._acked += 1
        else:
            self._fault(f"Pair {peer.pair} got an ack out of turn: {line.decode()}")

    def _lose(self, peer: Peer) -> None:
        self._fault(f"The server closed on the {peer.role} of pair {peer.pair}.")
        self._poll.unregister(peer.fd)
        del self._peers[peer.fd]
        peer.close()

    def _fault(self, text: str) -> None:
        self._faults += 1
        if len(self.fault_texts) < _FAULTS_SHOWN:
            self.fault_texts.append(text)


@contextmanager
def no_collector() -> Generator[None]:
    """Keep the garbage collector out of a measured time: nothing on the hot path makes cycles."""
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()
