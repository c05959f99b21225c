"""The server that is tested: where it is, who may sign in, how patient one has to be.

Owns what the tests may know of a server beyond its address. Must not know how one is started.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from tests.conformance.wire import WITHIN

# The times of a server, in seconds, with what the document says that they are by default (chapter
# 6 and [P-4.7]). Each is an option of this suite and of our own server: visit_grace is
# --visit-grace.
TIMES: Final[Mapping[str, float]] = {
    "hello_timeout": 30.0,
    "half_line_timeout": 60.0,
    "idle_timeout": 1800.0,
    "operator_idle_timeout": 1800.0,
    "visit_grace": 1800.0,
    "operator_grace": 120.0,
}


class Machine(Protocol):
    """What can be done to a server that is ours."""

    def kill(self) -> None:
        """End it as a power cut does."""
        ...

    def stop(self) -> object:
        """End it in order."""
        ...

    def restart(self) -> None:
        """Start it again, at the same address and with the same database."""
        ...

    def fill_disk(self) -> None:
        """Let nothing be stored any more."""
        ...

    def free_disk(self) -> None:
        """Let it be stored again."""
        ...


@dataclass(frozen=True, kw_only=True)
class Target:
    """One server.

    Attributes:
        host, port: Where it listens.
        passwords: Two operators at least, by their accounts' names.
        times: Its times in seconds, by the names of TIMES.
        within: How long an answer may take, in seconds.
        machine: The server itself, if it is ours to kill.
        tickets: Of operators who have signed in once, so that a test need not wait for the slow
            hash of a password.
    """

    host: str
    port: int
    passwords: Mapping[str, str]
    times: Mapping[str, float] = field(default_factory=lambda: dict(TIMES))
    within: float = WITHIN
    machine: Machine | None = None
    tickets: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def operators(self) -> tuple[str, str]:
        """The names of the two accounts."""
        first, second, *_ = self.passwords
        return first, second


def named(
    address: str,
    operators: Sequence[str],
    environment: Mapping[str, str],
    *,
    times: Mapping[str, float] = TIMES,
    within: float = WITHIN,
) -> Target:
    """Return somebody else's server, as it was named.

    Args:
        address: ``host:port`` or ``[v6]:port``.
        operators: The names of two accounts there, or more.
        environment: Where their passwords are.
        times: Its times.
        within: How long its answers may take.

    Raises:
        ValueError: says what is missing, and what would be right.
    """
    host, colon, port = address.rpartition(":")
    if not colon or not port.isdecimal():
        raise ValueError(f"--server {address}: name it as host:port.")
    if len(set(operators)) < 2:
        raise ValueError("Two operators are needed: --operator NAME --operator NAME.")
    return Target(
        host=host.strip("[]"),
        port=int(port),
        passwords={name: _password(name, environment) for name in operators},
        times=times,
        within=within,
    )


def _password(name: str, environment: Mapping[str, str]) -> str:
    own = f"LIVEHELP_PASSWORD_{name.upper()}"
    password = environment.get(own) or environment.get("LIVEHELP_PASSWORD")
    if not password:
        raise ValueError(f"Put the password of {name} into the environment, as {own}.")
    return password
