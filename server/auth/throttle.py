"""Slowing down whoever guesses passwords.

Owns the count of failures and the waiting time that follows from it; a pure value, no clock. Owns
also what counts as one address.
"""

from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import Final

# A minute a guess is 1,440 a day: hopeless against 15 characters, bearable for a forgetful person.
LONGEST: Final = 60.0
# Failures are forgotten after a quarter of an hour without one.
MEMORY: Final = 900.0
# What one customer gets of IPv6 (RFC 6177 section 2: a /64 at least), and chooses from at will.
IPV6_PREFIX: Final = 64
# Remembered names and addresses; the oldest are forgotten first, so an attacker with more
# addresses than this is slowed by the hashing alone.
MAX_KNOWN: Final = 10_000


def wait_after(failures: int, free: int) -> float:
    """Return how many seconds must pass after so many failures, of which ``free`` cost nothing."""
    return 0.0 if failures < free else min(2.0 ** (failures - free), LONGEST)


def network_of(ip: str) -> str:
    """Return what ``ip`` is counted as: an IPv4 address itself, an IPv6 address its network.

    An IPv4 address that is written as an IPv6 one counts as what it is; ``local``, of a Unix
    socket, as itself.
    """
    try:
        address = ip_address(ip)
    except ValueError:
        return ip
    if not isinstance(address, IPv6Address):
        return ip
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(IPv6Network((int(address), IPV6_PREFIX), strict=False))


class Throttle:
    """Counts failures by key (a name with an address, say).

    Args:
        free: From this failure on one has to wait, twice as long each time.
    """

    def __init__(self, free: int) -> None:
        self._free = free
        self._failures: dict[str, tuple[int, float]] = {}

    def wait(self, key: str, now: float) -> float:
        """Return how many seconds ``key`` still has to wait; 0 when it may try."""
        failures, last = self._failures.get(key, (0, now))
        if now - last > MEMORY:
            del self._failures[key]
            return 0.0
        return max(0.0, last + wait_after(failures, self._free) - now)

    def failed(self, key: str, now: float) -> None:
        """Count one more failure."""
        failures, _ = self._failures.pop(key, (0, now))
        self._failures[key] = (failures + 1, now)
        if len(self._failures) > MAX_KNOWN:
            del self._failures[next(iter(self._failures))]

    def forgive(self, key: str) -> None:
        """Take one failure back."""
        failures, last = self._failures.get(key, (0, 0.0))
        if failures > 1:
            self._failures[key] = (failures - 1, last)
        else:
            self.forget(key)

    def forget(self, key: str) -> None:
        """Take all failures back."""
        self._failures.pop(key, None)
