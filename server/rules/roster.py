"""Which operators are signed in.

Owns the count of each operator's connections, as one immutable value: somebody with two terminals
open is there until both are closed. Must not know accounts or sessions.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from msgspec import Struct

from livehelp.wire.replies import ErrorCode
from livehelp.wire.text import clean_name
from server.rules.refused import Refused

_NOBODY: Final[Mapping[str, int]] = MappingProxyType({})


class Roster(Struct, frozen=True, gc=False):
    """The operators who are there; ``Roster()`` is nobody. Its length is how many people."""

    _connections: Mapping[str, int] = _NOBODY

    def sign_in(self, name: str) -> Roster:
        """Return the roster with one more connection of ``name``."""
        return Roster({**self._connections, name: self._connections.get(name, 0) + 1})

    def sign_out(self, name: str) -> Roster:
        """Return the roster with one connection of ``name`` less; without one, as it is."""
        left = self._connections.get(name, 0) - 1
        others = {other: n for other, n in self._connections.items() if other != name}
        return Roster({**others, name: left} if left > 0 else others)

    @property
    def names(self) -> tuple[str, ...]:
        """Who is there, in alphabetical order."""
        return tuple(sorted(self._connections))

    def require(self, name: str) -> None:
        """Do nothing if ``name`` is there.

        Raises:
            Refused: ``NO_OPERATOR``, nobody of that name is signed in.
        """
        if name not in self._connections:
            raise Refused(
                ErrorCode.NO_OPERATOR,
                f"No operator called {clean_name(name)!r} is signed in. Choose one who is.",
            )

    def __len__(self) -> int:
        return len(self._connections)
