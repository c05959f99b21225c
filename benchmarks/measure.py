"""One measurement from start to end: database, server, arrival, the measured time, count of rows.

Owns the order of these and the arithmetic on their figures. Must not know how they are shown.
"""

import tempfile
from pathlib import Path
from time import monotonic, process_time
from typing import Final

from benchmarks.arrivals import seat_pair, stay_silent, wait_in_queue
from benchmarks.database import add_operators, count_stored
from benchmarks.errors import LoadError
from benchmarks.generator import Load, no_collector
from benchmarks.machine import Cores, running_on
from benchmarks.peers import Peer
from benchmarks.procfs import cpu_s, pss_kib, stolen_s
from benchmarks.results import Result, SilenceResult, TalkResult
from benchmarks.server_process import ServerProcess
from benchmarks.workloads import Silence, Talk, Workload

# Each of N operators is told of all N sessions, so arriving costs N x N messages.
_ARRIVAL_S: Final = 300.0
_ARRIVAL_PAUSE_S: Final = 0.01
# For the last lines and acks after the measured time; they take milliseconds.
_LAST_ACKS_S: Final = 10.0
_US: Final = 1e6


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


def _talk(workload: Talk, server: ServerProcess, database: Path) -> TalkResult:
    tickets = add_operators(database, workload.pairs)
    peers: list[Peer] = []
    with server, Load() as load:
        memory_before = pss_kib(server.pid)
        arrival_s = load.admit(
            (seat_pair(server.address, n, ticket, peers) for n, ticket in enumerate(tickets)),
            within_s=_ARRIVAL_S,
            pause_s=_ARRIVAL_PAUSE_S,
        )
        visitors = [peer for peer in peers if peer.role == "visitor"]
        with no_collector():
            load.begin(visitors, workload.thought_s)
            load.run(workload.warm_up_s)
            load.latencies.clear()
            server_before, load_before, stolen_before = (
                cpu_s(server.pid),
                process_time(),
                stolen_s(),
            )
            began = monotonic()
            load.run(workload.measure_s)
            seconds = monotonic() - began
            server_s, load_s = cpu_s(server.pid) - server_before, process_time() - load_before
            stolen = stolen_s() - stolen_before
            lines = len(load.latencies)
            p50_ms, p99_ms, max_ms = load.latencies.percentiles_ms(0.5, 0.99, 1.0)
            load.finish(_LAST_ACKS_S)
        memory = pss_kib(server.pid)
        counts, connections = load.counts, len(peers)
    stored = count_stored(database)
    return TalkResult(
        name=workload.name,
        pairs=workload.pairs,
        thought_s=workload.thought_s,
        seconds=seconds,
        lines=lines,
        lines_per_s=lines / seconds,
        p50_ms=p50_ms,
        p99_ms=p99_ms,
        max_ms=max_ms,
        server_us_per_line=server_s * _US / max(lines, 1),
        server_percent=100 * server_s / seconds,
        load_percent=100 * load_s / seconds,
        steal_percent=100 * stolen / seconds,
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
