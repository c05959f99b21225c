"""Processor time that the load and the server have used."""

import os
import time
from pathlib import Path
from typing import Self

from msgspec import Struct


class Clocks(Struct, frozen=True):
    """What had been used at one moment, or between two, in seconds.

    ``server`` is None for a server that is not ours, and where there is no ``/proc``.
    """

    wall: float
    load: float
    server: float | None

    @classmethod
    def now(cls, server: int | None) -> Self:
        """Return the present; ``server`` is its process's number."""
        return cls(time.monotonic(), time.process_time(), server and _used_by(server))

    def since(self, before: "Clocks") -> "Clocks":
        """Return what was used after ``before``."""
        known = self.server is not None and before.server is not None
        return Clocks(
            wall=self.wall - before.wall,
            load=self.load - before.load,
            server=(self.server or 0) - (before.server or 0) if known else None,
        )


def _used_by(process: int) -> float | None:
    """Return user and system time of all threads; None if the kernel does not tell (proc(5))."""
    try:
        text = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return None
    # The second field is the program's name in parentheses, and may hold spaces and parentheses.
    fields = text.rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
