"""The machine: which cores the two processes get, how many files they may open, what disk it is.

Owns what the operating system is asked about itself. Must not know what is measured.
"""

import os
import platform
import resource
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Final

# How long the disk is tried, and with how much: the write-ahead log gets about a page a commit.
_DISK_S: Final = 0.5
_DISK_BYTES: Final = 4096


@dataclass(frozen=True, slots=True)
class Cores:
    """The core of the server and the core of the load; the same one if there is no other."""

    server: int
    load: int


@dataclass(frozen=True, slots=True)
class Machine:
    """What a reader of figures must know of where they come from."""

    at: datetime
    processor: str
    cores: int
    memory_mib: int
    system: str
    python: str
    sqlite: str
    filesystem: str
    syncs_per_s: int


def cores() -> Cores:
    """Return the first and the last core this process may use."""
    mine = sorted(os.sched_getaffinity(0))
    return Cores(server=mine[0], load=mine[-1])


@contextmanager
def running_on(core: int) -> Generator[None]:
    """Run this thread, and processes started meanwhile, on ``core`` alone."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def raise_file_limit() -> int:
    """Allow as many open files as the system lets us, for children too; return how many."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def describe(folder: Path) -> Machine:
    """Return the machine, and the disk below ``folder``, where the databases will be."""
    return Machine(
        at=datetime.now(UTC).replace(microsecond=0),
        processor=_processor(),
        cores=len(os.sched_getaffinity(0)),
        memory_mib=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20,
        system=f"{platform.system()} {platform.release()}",
        python=f"{platform.python_implementation()} {platform.python_version()}",
        sqlite=sqlite3.sqlite_version,
        filesystem=filesystem_of(folder, Path("/proc/mounts").read_text()),
        syncs_per_s=_syncs_per_second(folder),
    )


def filesystem_of(folder: Path, mounts: str) -> str:
    """Return the type of file system that holds ``folder``, out of ``/proc/mounts``.

    On ``tmpfs`` a commit costs nothing and the figures say nothing about a real disk.
    """
    best, kind = "", "unknown"
    for line in mounts.splitlines():
        _, point, this_kind, *_ = line.split(" ")
        if folder.is_relative_to(point) and len(point) >= len(best):
            best, kind = point, this_kind
    return kind


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _syncs_per_second(folder: Path) -> int:
    """Return how often a second this disk takes a page and says that it is safe."""
    path = folder / "disk"
    descriptor = os.open(path, os.O_CREAT | os.O_WRONLY, 0o600)
    try:
        count, began = 0, monotonic()
        while monotonic() - began < _DISK_S:
            os.write(descriptor, bytes(_DISK_BYTES))
            os.fdatasync(descriptor)
            count += 1
        return round(count / (monotonic() - began))
    finally:
        os.close(descriptor)
        path.unlink()
