"""One conversation as the entries a screen shows.

Owns the order of the entries (by ``seq``; what is not acked comes last) and the fate of one's own
lines: sending, sent, not sent. Pure: no screen, no socket, no clock. Must not know the wire, which
is not loaded before the first screen is painted: ``hearing`` makes entries of events.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum, auto
from typing import Final


class Kind(Enum):
    """What an entry is, and so how it looks."""

    LINE = auto()
    NOTE = auto()
    EVENT = auto()


class DeliveryStatus(Enum):
    """What became of an entry. What came from the server is STORED."""

    SENDING = auto()
    SENT = auto()
    NOT_SENT = auto()
    STORED = auto()


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a conversation.

    ``seq`` is its number in the session's log, ``None`` until the server has it. ``number`` is
    the screen's own number for a line typed here, 0 for what others did. ``why`` says why a line
    was not sent.
    """

    kind: Kind
    at: datetime
    who: str
    text: str
    seq: int | None = None
    mine: bool = False
    fate: DeliveryStatus = DeliveryStatus.STORED
    number: int = 0
    why: str = ""


# After every real seq: what the server has not numbered yet stands at the end, in typing order.
_LAST: Final = float("inf")


def _place(entry: Entry) -> tuple[float, int]:
    return (_LAST if entry.seq is None else entry.seq, entry.number)


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation; every change gives a new one.

    Events may come twice or in any order (a log is streamed after live events): the same ``seq``
    is shown once.
    """

    entries: tuple[Entry, ...] = ()
    seen: frozenset[int] = field(default_factory=frozenset[int])

    def told(self, seq: int, entry: Entry | None) -> "Conversation":
        """Return the conversation after event ``seq``, with its entry if it has one to show."""
        if seq in self.seen:
            return self
        seen = self.seen | {seq}
        if entry is None:
            return replace(self, seen=seen)
        return Conversation(_sorted((*self.entries, entry)), seen)

    def typed(
        self, number: int, text: str, who: str, at: datetime, kind: Kind = Kind.LINE
    ) -> "Conversation":
        """Return the conversation with an own line on its way, named by ``number``."""
        entry = Entry(kind, at, who, text, mine=True, fate=DeliveryStatus.SENDING, number=number)
        return replace(self, entries=(*self.entries, entry))

    def acked(self, number: int, seq: int | None) -> "Conversation":
        """Return the conversation with the own line ``number`` stored as ``seq``."""
        if seq is not None and seq in self.seen:
            # A resumed log had the line before its ack came: it is shown already.
            return replace(self, entries=tuple(e for e in self.entries if e.number != number))
        changed = tuple(
            replace(e, seq=seq, fate=DeliveryStatus.SENT) if e.number == number else e
            for e in self.entries
        )
        return Conversation(_sorted(changed), self.seen if seq is None else self.seen | {seq})

    def refused(self, number: int, why: str) -> "Conversation":
        """Return the conversation with the own line ``number`` marked as not sent, and why."""
        return replace(
            self,
            entries=tuple(
                replace(e, fate=DeliveryStatus.NOT_SENT, why=why) if e.number == number else e
                for e in self.entries
            ),
        )

    @property
    def unsent(self) -> int:
        """How many own lines the server has not answered for yet."""
        return sum(e.fate is DeliveryStatus.SENDING for e in self.entries)


def _sorted(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    if len(entries) < 2 or _place(entries[-2]) <= _place(entries[-1]):
        return entries  # the usual case: the newest comes last
    return tuple(sorted(entries, key=_place))
