"""Who waits, and in what order.

Owns the order of the waiting visitors as one immutable value. Must not know who is told about it.
Whoever came first is next. A visitor who was transferred back, or whose operator is gone, keeps
the place of their arrival, which is at the front: nobody pays twice for our hand-over.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final

from msgspec import Struct

from server.rules.session import Session

_NOBODY: Final[Mapping[str, datetime]] = MappingProxyType({})


class Queue(Struct, frozen=True, gc=False):
    """The waiting sessions, longest wait first; ``Queue()`` is the empty one.

    Two servers that saw the same sessions have the same queue: the order is by the moment of
    opening, then by reference, whatever order they were seen in.
    """

    _places: tuple[tuple[datetime, str], ...] = ()
    _opened: Mapping[str, datetime] = _NOBODY

    def observe(self, session: Session) -> Queue:
        """Return the queue after ``session`` became what it is: in when it waits, out if not.

        Observing the same session again changes nothing. A session that waits is let in however
        long the queue is: it is open already, and nobody may be lost.
        """
        waits = session.phase == "waiting"
        if waits == (session.reference in self._opened):
            return self
        place = (session.opened_at, session.reference)
        at = bisect_left(self._places, place)
        opened = dict(self._opened)
        if waits:
            opened[session.reference] = session.opened_at
            return Queue((*self._places[:at], place, *self._places[at:]), opened)
        del opened[session.reference]
        return Queue(self._places[:at] + self._places[at + 1 :], opened)

    def position(self, reference: str) -> int | None:
        """Return the place of the session, 1 is next; None if it does not wait.

        To tell everybody their place, count through ``references``: that is one pass, not many.
        """
        opened_at = self._opened.get(reference)
        if opened_at is None:
            return None
        return bisect_left(self._places, (opened_at, reference)) + 1

    def next(self) -> str | None:
        """Return the reference of the session that has waited longest; None if nobody waits."""
        return self._places[0][1] if self._places else None

    @property
    def references(self) -> tuple[str, ...]:
        """All who wait, next first."""
        return tuple(reference for _, reference in self._places)

    def __len__(self) -> int:
        return len(self._places)
