"""What the kernel knows of running processes: CPU time and memory, out of ``/proc``.

Owns the reading of ``stat``, ``smaps_rollup`` and the machine's steal time. Linux only, as the
benchmarks are. Must not know which process is the server.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PROC: Final = Path("/proc")
TICKS_PER_SECOND: Final = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class ProcessStat:
    """The fields of ``/proc/PID/stat`` that are used here (proc(5)).

    ``ticks`` is user and system time of all threads, with that of children already waited for.
    """

    pid: int
    parent: int
    ticks: int


@dataclass(frozen=True, slots=True)
class MachineTimes:
    """CPU seconds of all cores since boot: used by anyone, and kept from us by the hypervisor."""

    busy_s: float
    stolen_s: float


def parse_stat(text: str) -> ProcessStat:
    """Read one ``/proc/PID/stat``.

    The second field is the program's name in parentheses and may itself hold spaces and
    parentheses, so fields are counted from the last closing one.
    """
    head, _, tail = text.rpartition(")")
    fields = tail.split()
    # Field 3 of proc(5) is fields[0]: 4 is the parent; 14 to 17 utime, stime, cutime, cstime.
    return ProcessStat(
        pid=int(head.split(" ", 1)[0]),
        parent=int(fields[1]),
        ticks=sum(int(field) for field in fields[11:15]),
    )


def parse_pss(text: str) -> int:
    """Return the ``Pss`` of a ``smaps_rollup`` in KiB.

    PSS counts a page shared by k processes as 1/k page in each, so it may be summed over them.
    """
    for line in text.splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    raise ValueError("This smaps_rollup has no Pss line.")


def parse_machine(text: str) -> MachineTimes:
    """Read the first line of ``/proc/stat``: all cores together, since boot."""
    user, nice, system, _, _, irq, softirq, steal = (int(n) for n in text.split(maxsplit=9)[1:9])
    return MachineTimes(
        busy_s=(user + nice + system + irq + softirq) / TICKS_PER_SECOND,
        stolen_s=steal / TICKS_PER_SECOND,
    )


def family(root: int, processes: Mapping[int, ProcessStat]) -> set[int]:
    """Return ``root`` and the pids of all its descendants."""
    found: set[int] = {root}
    before = 0
    while len(found) > before:
        before = len(found)
        found |= {stat.pid for stat in processes.values() if stat.parent in found}
    return found


def cpu_s(root: int) -> float:
    """Return the CPU seconds that ``root`` and its descendants, all threads, have used."""
    processes = _all_processes()
    ticks = sum(processes[pid].ticks for pid in family(root, processes) if pid in processes)
    return ticks / TICKS_PER_SECOND


def pss_kib(root: int) -> int:
    """Return the memory (PSS) of ``root`` and its descendants, in KiB."""
    return sum(_pss(pid) for pid in family(root, _all_processes()))


def machine_times() -> MachineTimes:
    """Return what all processes together have used until now."""
    return parse_machine((PROC / "stat").read_text())


def _all_processes() -> dict[int, ProcessStat]:
    found: dict[int, ProcessStat] = {}
    for entry in PROC.iterdir():
        if not entry.name.isdigit():
            continue
        try:
            stat = parse_stat((entry / "stat").read_text())
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended since the folder was listed
        found[stat.pid] = stat
    return found


def _pss(pid: int) -> int:
    try:
        return parse_pss((PROC / str(pid) / "smaps_rollup").read_text())
    except (FileNotFoundError, ProcessLookupError):
        return 0
