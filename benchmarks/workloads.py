"""What is measured: W1 (as fast as it goes), W2 (a fixed pace), W3 (silence).

Owns the sizes and times of the workloads. Must not know how they are measured.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias


@dataclass(frozen=True, slots=True)
class Talk:
    """Pairs in talk. ``thought_s`` is how long each waits before it answers; 0 is full speed."""

    name: str
    pairs: int
    thought_s: float
    warm_up_s: float
    measure_s: float

    @property
    def size(self) -> int:
        """How many pairs."""
        return self.pairs


@dataclass(frozen=True, slots=True)
class Silence:
    """Connections that say nothing: after their ``hello``, or as visitors in the queue."""

    name: str
    connections: int
    until: Literal["hello", "waiting"]
    hold_s: float

    @property
    def size(self) -> int:
        """How many connections."""
        return self.connections


Workload: TypeAlias = Talk | Silence


def workloads(*, quick: bool) -> tuple[Workload, ...]:
    """Return all workloads; the ``quick`` ones tell whether it works, not how well."""
    warm_up_s, measure_s, hold_s = (0.5, 2.0, 1.0) if quick else (2.0, 8.0, 5.0)
    sizes = (50, 200) if quick else (50, 500, 2000)
    connections = 500 if quick else 5000
    return (
        *(Talk("W1", pairs, 0.0, warm_up_s, measure_s) for pairs in sizes),
        # 200 pairs, each with a second of thought: 200 lines a second.
        Talk("W2", 200, 1.0, warm_up_s, measure_s),
        Silence("W3", connections, "hello", hold_s),
        Silence("W3", connections, "waiting", hold_s),
    )
