"""One measurement from start to end: database, server, arrival, the measured time, count of rows.

Owns the order of these and the arithmetic on their figures. Must not know how they are shown.
"""

import tempfile
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from time import monotonic, process_time
from typing import Final

from benchmarks.arrivals import seat_pair, stay_silent, wait_in_queue
from benchmarks.database import add_operators, count_stored
from benchmarks.errors import LoadError
from benchmarks.machine import Cores, running_on
from benchmarks.peers import Peer
from benchmarks.ping_pong import Load, no_collector
from benchmarks.procfs import cpu_s, machine_times, pss_kib
from benchmarks.results import Result, SilenceResult, TalkResult
from benchmarks.server_process import ServerProcess
from benchmarks.workloads import Silence, Talk, Workload

# Each of N operators is told of all N sessions and operators, so arriving costs some 2 N x N
# messages: for N = 2,000 that is 8 million, some minutes.
_ARRIVAL_S: Final = 600.0
# For the last lines and acks after the measured time; they take milliseconds.
_LAST_ACKS_S: Final = 10.0
_US: Final = 1e6


@dataclass(frozen=True, slots=True)
class Clocks:
    """What had been used at one moment, or between two: seconds of each kind of time."""

    wall_s: float
    server_s: float
    load_s: float
    busy_s: float
    stolen_s: float

    def since(self, before: "Clocks") -> "Clocks":
        """Return what was used after ``before``."""
        return Clocks(
            wall_s=self.wall_s - before.wall_s,
            server_s=self.server_s - before.server_s,
            load_s=self.load_s - before.load_s,
            busy_s=self.busy_s - before.busy_s,
            stolen_s=self.stolen_s - before.stolen_s,
        )

    def percent(self, seconds: float) -> float:
        """Return ``seconds`` of CPU as per cent of one core."""
        return 100 * seconds / self.wall_s


def measure(workload: Workload, command: Path, cores: Cores) -> Result:
    """Measure one workload against a server of its own, in a folder that is removed after.

    Args:
        workload: What to do.
        command: The ``livehelp`` command whose server is measured.
        cores: Where the server and the load run.

    Raises:
        LoadError: the server did not start, refused or dropped somebody, or took too long.
    """
    with tempfile.TemporaryDirectory(prefix="livehelp-bench-") as folder:
        database = Path(folder) / "livehelp.db"
        server = ServerProcess(command, Path(folder), database, cores.server)
        with running_on(cores.load):
            try:
                if isinstance(workload, Talk):
                    return _talk(workload, server, database)
                return _silence(workload, server, database)
            except LoadError as why:
                raise LoadError(f"{why}\n{server.log_end()}") from why


def _clocks(server: int) -> Clocks:
    machine = machine_times()
    return Clocks(
        wall_s=monotonic(),
        server_s=cpu_s(server),
        load_s=process_time(),
        busy_s=machine.busy_s,
        stolen_s=machine.stolen_s,
    )


def _talk(workload: Talk, server: ServerProcess, database: Path) -> TalkResult:
    tickets = add_operators(database, workload.pairs)
    peers: list[Peer] = []
    with server, Load() as load:
        arrivals = (seat_pair(server.address, n, t, peers) for n, t in enumerate(tickets))
        # What the server loads for the first pair is not what a connection costs.
        load.admit(islice(arrivals, 1), within_s=_ARRIVAL_S)
        memory_before, connections_before = pss_kib(server.pid), len(peers)
        arrival_s = load.admit(arrivals, within_s=_ARRIVAL_S)
        visitors = [peer for peer in peers if peer.role == "visitor"]
        with no_collector():
            load.begin(visitors, workload.thought_s)
            load.run(workload.warm_up_s)
            load.latencies.clear()
            before = _clocks(server.pid)
            load.run(workload.measure_s)
            used = _clocks(server.pid).since(before)
            lines = len(load.latencies)
            p50_ms, p99_ms, max_ms = load.latencies.percentiles_ms(0.5, 0.99, 1.0)
            load.finish(_LAST_ACKS_S)
        memory = pss_kib(server.pid)
        counts, connections = load.counts, len(peers) - connections_before
    stored = count_stored(database)
    return TalkResult(
        name=workload.name,
        pairs=workload.pairs,
        thought_s=workload.thought_s,
        seconds=used.wall_s,
        lines=lines,
        lines_per_s=lines / used.wall_s,
        p50_ms=p50_ms,
        p99_ms=p99_ms,
        max_ms=max_ms,
        server_us_per_line=used.server_s * _US / max(lines, 1),
        server_percent=used.percent(used.server_s),
        load_percent=used.percent(used.load_s),
        others_percent=used.percent(max(0.0, used.busy_s - used.server_s - used.load_s)),
        steal_percent=used.percent(used.stolen_s),
        server_mib=memory / 1024,
        kib_per_connection=(memory - memory_before) / connections,
        arrival_s=arrival_s,
        said=counts.said,
        acked=counts.acked,
        delivered=counts.delivered,
        stored=stored.lines,
        stored_different=stored.different,
        broken_logs=stored.broken_logs,
        faults=counts.faults,
        fault_texts=tuple(load.fault_texts),
    )


def _silence(workload: Silence, server: ServerProcess, database: Path) -> SilenceResult:
    # Made before the start, as for the talks, so that the server begins with the same work done.
    add_operators(database, 1)
    script = stay_silent if workload.until == "hello" else wait_in_queue
    peers: list[Peer] = []
    with server, Load() as load:
        # One who came and went: what the server loads at the first visit is not a connection's.
        with Load() as first:
            first.admit([script(server.address, workload.connections, [])], within_s=_ARRIVAL_S)
        memory_before, cpu_before = pss_kib(server.pid), cpu_s(server.pid)
        arrival_s = load.admit(
            (script(server.address, n, peers) for n in range(workload.connections)),
            within_s=_ARRIVAL_S,
        )
        arrivals_cpu_s = cpu_s(server.pid) - cpu_before
        cpu_before = cpu_s(server.pid)
        load.hold(workload.hold_s)
        idle_s = cpu_s(server.pid) - cpu_before
        memory = pss_kib(server.pid)
    stored = count_stored(database)
    first_one = 1 if workload.until == "waiting" else 0
    return SilenceResult(
        name=workload.name,
        connections=workload.connections,
        until=workload.until,
        kib_per_connection=(memory - memory_before) / workload.connections,
        server_mib=memory / 1024,
        arrivals_per_s=workload.connections / arrival_s,
        server_us_per_arrival=arrivals_cpu_s * _US / workload.connections,
        idle_percent=100 * idle_s / workload.hold_s,
        stored_sessions=stored.sessions - first_one,
    )
