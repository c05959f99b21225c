"""Decides at which byte of one direction of a connection each fault comes.

The same seed, connection and direction give the same faults at the same bytes, however the bytes
are split into reads. Each kind of fault has its own random numbers, so that a profile without its
stalls still cuts where it cut before: a failing test can be made smaller.
"""

import random
from typing import Final

from msgspec.structs import replace

from livehelp.testkit.faults.fault import Direction, Fault, Kind
from livehelp.testkit.faults.profile import Profile
from livehelp.testkit.faults.units import Sizes

# At the same byte the passing fault comes first, and of two that end a connection the quieter one.
ORDER: Final[tuple[Kind, ...]] = ("stall", "half-open", "cut")
# A slow drip falls so often: every 50 ms looks like a stream that flows, at 200 B/s as 10 bytes.
DRIP_SECONDS: Final = 0.05


class FaultSchedule:
    """The chances of one way.

    Args:
        profile: What may go wrong.
        seed: The link's.
        connection: The connection's number.
        direction: Which way.
        start: How many bytes have passed already: faults come after that.
    """

    def __init__(
        self, profile: Profile, *, seed: int, connection: int, direction: Direction, start: int = 0
    ) -> None:
        self.profile = profile
        self._seed, self._connection = seed, connection
        self._direction: Direction = direction
        self._chances = {kind: self._chance(kind) for kind in ORDER}
        self._next: dict[Kind, Fault] = {}
        self._jitter = self._chance("jitter")
        self._chunk = self._chance("chunk")
        self._piece_end = start
        for kind in ORDER:
            self._draw(kind, start)

    def due(self, passed: int) -> Fault | None:
        """Return the fault that is due after ``passed`` bytes, once."""
        for kind in ORDER:
            fault = self._next.get(kind)
            if fault is not None and fault.at <= passed:
                del self._next[kind]
                if kind == "stall":
                    # One more byte at least: a stall of 0 bytes is a slow link, not a dead loop.
                    self._draw(kind, passed, least=1)
                return fault
        return None

    def remaining_bytes(self, passed: int) -> int | None:
        """Return how many bytes may be written at once after ``passed``; None: all."""
        ends = [fault.at for fault in self._next.values()]
        if (size := self._piece_size()) is not None:
            while self._piece_end <= passed:
                self._piece_end += self._chunk.randint(*size)
            ends.append(self._piece_end)
        return min(ends) - passed if ends else None

    def delay(self) -> float:
        """Return how much later the next piece is to arrive, in seconds."""
        return self.profile.delay + self._jitter.uniform(0, self.profile.jitter)

    def _piece_size(self) -> Sizes | None:
        profile = self.profile
        if profile.chunk is not None or profile.rate is None:
            return profile.chunk
        drop = max(1, int(profile.rate * DRIP_SECONDS))
        return drop, drop

    def _draw(self, kind: Kind, after: int, least: int = 0) -> None:
        chance, profile = self._chances[kind], self.profile
        sizes = {"stall": profile.stall, "half-open": profile.half_open, "cut": profile.cut}[kind]
        if sizes is None:
            return
        at = after + max(least, chance.randint(*sizes))
        fault = Fault(
            kind=kind,
            connection=self._connection,
            seed=self._seed,
            direction=self._direction,
            at=at,
        )
        self._next[kind] = detailed(fault, profile, chance)

    def _chance(self, what: str) -> random.Random:
        # Not a secret: the point is to have it again.
        return random.Random(f"{self._seed}/{self._connection}/{self._direction}/{what}")  # noqa: S311


def detailed(fault: Fault, profile: Profile, chance: random.Random) -> Fault:
    """Return ``fault`` with the rest of its draws: how, and for how long."""
    match fault.kind:
        case "stall":
            return replace(fault, seconds=chance.uniform(*profile.pause))
        case "half-open":
            return replace(fault, side=profile.side)
        case "cut":
            reset = chance.random() < profile.reset
            double = chance.random() < profile.double
            down, late = chance.uniform(*profile.down), chance.uniform(*profile.late)
            return replace(fault, reset=reset, seconds=down, late=late if double else 0.0)
