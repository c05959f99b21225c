"""Host addresses by reverse DNS, which never delay a visit.

Owns the look-ups, their bounds and a small cache. The answer reaches the session as an event of
its own when it comes; the visit does not wait for it.
"""

import socket
from collections.abc import Callable
from typing import Final

import trio

# A resolver that hangs holds a thread until its own time-out; four are enough for a state's
# offices, whose addresses come from the cache after the first visit of the day.
LOOKUPS: Final = 4
# Look-ups that may wait for a thread. Beyond this the address is simply not looked up.
MAX_WAITING: Final = 200
# After this the answer comes too late to help anybody.
TIMEOUT: Final = 10.0
# Names of this many addresses are kept: every kiosk of the Commonwealth.
MAX_KNOWN: Final = 2_000
# For so long a name is believed, in seconds. Addresses are handed out anew (DHCP), and a transcript
# must not name the machine that had this one last month; an hour still spares most look-ups.
KNOWN_FOR: Final = 3_600.0


def look_up(ip: str) -> str | None:
    """Return the name of ``ip``, or None when it has none. Blocks."""
    try:
        name = socket.getnameinfo((ip, 0), socket.NI_NAMEREQD)[0]
    except (OSError, UnicodeError):
        return None
    return name.rstrip(".") or None


class Resolver:
    """Finds host names.

    Args:
        look_up: The blocking look-up; run in a thread.
    """

    def __init__(self, look_up: Callable[[str], str | None] = look_up) -> None:
        self._look_up = look_up
        self._limiter = trio.CapacityLimiter(LOOKUPS)
        self._known: dict[str, tuple[str, float]] = {}

    def known(self, ip: str) -> str | None:
        """Return the name of ``ip`` if it was found in the last hour."""
        name, found_at = self._known.get(ip, (None, 0.0))
        return name if trio.current_time() - found_at <= KNOWN_FOR else None

    async def find(self, ip: str) -> str | None:
        """Look the name of ``ip`` up; None when there is none, or when it takes too long."""
        if ip == "local":
            return socket.gethostname()
        if self._limiter.statistics().tasks_waiting >= MAX_WAITING:
            return None
        with trio.move_on_after(TIMEOUT):
            # A read: it may be abandoned, its thread ends by itself.
            name = await trio.to_thread.run_sync(
                self._look_up, ip, limiter=self._limiter, abandon_on_cancel=True
            )
            if name is not None:
                self._remember(ip, name)
            return name
        return None

    def _remember(self, ip: str, name: str) -> None:
        self._known.pop(ip, None)
        self._known[ip] = (name, trio.current_time())
        if len(self._known) > MAX_KNOWN:
            del self._known[next(iter(self._known))]
