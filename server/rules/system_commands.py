"""What the system itself commands: things that happen to a session without anybody asking.

Owns the shape of each order. Must not know when one is due; the server's timers and lookups do.
An order is never refused: one that comes too late changes nothing.
"""

from typing import TypeAlias

from msgspec import Struct


class HostResolved(Struct, frozen=True, gc=False):
    """Reverse DNS has answered with ``host``, which whoever owns the address block chose."""

    host: str


class CloseAbandoned(Struct, frozen=True, gc=False):
    """The visitor's link was lost, and did not come back in time: close the session.

    The wire calls the reason ``idle``.
    """


class OperatorTimedOut(Struct, frozen=True, gc=False):
    """The operator's link was lost, and did not come back in time."""

    operator: str


class OperatorLoggedOut(Struct, frozen=True, gc=False):
    """The operator signed out."""

    operator: str


SystemCommand: TypeAlias = HostResolved | CloseAbandoned | OperatorTimedOut | OperatorLoggedOut
