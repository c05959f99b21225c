"""The figures of one measurement, and whether the server kept its promise meanwhile.

Owns the records that go into the report and the JSON. Must not know how they were measured.
"""

from dataclasses import dataclass
from typing import TypeAlias

from benchmarks.machine import Machine


@dataclass(frozen=True, slots=True)
class TalkResult:
    """One measurement of pairs in talk.

    Latencies are one-way, in milliseconds. CPU is the server's, in microseconds a line. The per
    cents are of one core: what the server, the load and all other processes used, and what the
    hypervisor kept. ``said``, ``acked``, ``delivered`` and ``stored`` count all lines, warm-up
    included.
    """

    name: str
    pairs: int
    thought_s: float
    seconds: float
    lines: int
    lines_per_s: float
    p50_ms: float
    p99_ms: float
    max_ms: float
    server_us_per_line: float
    server_percent: float
    load_percent: float
    others_percent: float
    steal_percent: float
    server_mib: float
    kib_per_connection: float
    arrival_s: float
    said: int
    acked: int
    delivered: int
    stored: int
    stored_different: int
    broken_logs: int
    faults: int
    fault_texts: tuple[str, ...]

    @property
    def kept_the_promise(self) -> bool:
        """True when every line said was acked, delivered and stored, each once and in order."""
        counts = {self.said, self.acked, self.delivered, self.stored, self.stored_different}
        return len(counts) == 1 and not self.broken_logs and not self.faults


@dataclass(frozen=True, slots=True)
class SilenceResult:
    """One measurement of silent connections. Memory is PSS; ``idle_percent`` of one core."""

    name: str
    connections: int
    until: str
    kib_per_connection: float
    server_mib: float
    arrivals_per_s: float
    server_us_per_arrival: float
    idle_percent: float
    stored_sessions: int

    @property
    def kept_the_promise(self) -> bool:
        """True when exactly the sessions that were started are stored."""
        return self.stored_sessions == (self.connections if self.until == "waiting" else 0)


Result: TypeAlias = TalkResult | SilenceResult


@dataclass(frozen=True, slots=True)
class Report:
    """All of one call of ``python -m benchmarks``."""

    machine: Machine
    results: tuple[Result, ...]
