"""How long the link waits, and for what.

Owns the times and the back-off. Must not know sockets; takes its chance from the caller.
"""

import math
from typing import Final

from msgspec import Struct

# The wire lets a client promise a heartbeat of 5 to 300 s.
_SHORTEST_PROMISE: Final = 5
_LONGEST_PROMISE: Final = 300
# The watch looks this often in a heartbeat, so that none is later than one and a half.
TICKS: Final = 2
# Two and a half heartbeats of silence, then the server is lost, though its connection may still be
# there: two may be late or lost on a bad link, half of one more is for the way back. The server
# drops a client after the same silence.
SILENT_TICKS: Final = 5
# 2**16 times the first delay is over any cap; the power need not grow for ever.
_MOST_DOUBLINGS: Final = 16


class Timing(Struct, frozen=True, kw_only=True):
    """All times of a link, in seconds. The defaults are for people; tests make them short.

    Attributes:
        connect: How long one try to connect, hello included, may take. A host that answers at
            all does within 3 s (one lost SYN is sent again after 1 s, two after 3 s).
        answer: How long signing in again, or the log of one resumed session, may take.
        heartbeat: A sign of life is sent at least this often; more than 300 s are 300 s. Phone
            networks forget a silent connection after 30 s and more.
        first_retry: The longest wait before the first new try: a restarted server is back
            within a second.
        longest_retry: The longest wait at all. A person who sees the screen will not wait more.
        stable: A link that lived this long was a good one; the back-off begins anew.
    """

    connect: float = 10.0
    answer: float = 30.0
    heartbeat: float = 20.0
    first_retry: float = 0.5
    longest_retry: float = 20.0
    stable: float = 5.0

    @property
    def pulse(self) -> float:
        """The heartbeat that is kept: as wished, but none that cannot be promised."""
        return min(self.heartbeat, _LONGEST_PROMISE)

    @property
    def promise(self) -> int:
        """The heartbeat that ``hello`` promises: whole seconds, never shorter than is kept."""
        return max(_SHORTEST_PROMISE, math.ceil(self.pulse))

    def retry_delay(self, attempt: int, chance: float) -> float:
        """Return how long to wait before try ``attempt`` (0 is the first after a loss).

        Full jitter (AWS Architecture Blog, "Exponential Backoff And Jitter"): anything between
        nothing and the bound, so that a thousand clients of a restarted server come spread out.

        Args:
            attempt: How many tries have failed since the link was last a good one.
            chance: A random number, at least 0 and less than 1.
        """
        bound = self.first_retry * 2 ** min(attempt, _MOST_DOUBLINGS)
        return min(bound, self.longest_retry) * chance
