"""What one run of a client program said and was told, with times.

Owns the record and how it is printed. Must not check it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from livehelp.client import Incoming, LinkUp
from livehelp.wire.commands import Resume
from livehelp.wire.events import AnyEvent, Event, Line, Noted
from livehelp.wire.signals import ServerMessage
from tests.durability.plan import Who

# `unknown`: the program ended before the answer came. It may have been carried out, or not.
Outcome: TypeAlias = Literal["open", "acked", "refused", "unknown"]
# What the server sent. A ``resume`` of the client stands where it was answered, or at the end.
Passed: TypeAlias = ServerMessage | Resume
# The same, in a list for each connection.
Sent: TypeAlias = list[list[Passed]]


@dataclass(slots=True)
class Said:
    """A line or a note, and what became of it.

    Attributes:
        ref, seq: As in its ack; None without one.
        why: The words of a refusal.
    """

    kind: type[Line | Noted]
    text: str
    outcome: Outcome = "open"
    ref: int | None = None
    seq: int | None = None
    why: str = ""

    def __str__(self) -> str:
        short = self.text if len(self.text) < 40 else f"{self.text[:30]}... ({len(self.text)})"
        return f"{short!r} {self.outcome} ref={self.ref} seq={self.seq} {self.why}".rstrip()


@dataclass(slots=True)
class Handover:
    """A transfer by this program, and what became of it."""

    outcome: Outcome = "open"
    seq: int | None = None
    why: str = ""

    def __str__(self) -> str:
        return f"transfer {self.outcome} seq={self.seq} {self.why}".rstrip()


@dataclass(slots=True)
class Record:
    """One run of one person's program.

    Attributes:
        who: The person.
        number: 1 for the person's first program, 2 for the next.
        said: In the order in which it was given to the client.
        told: What the client's stream gave, with seconds since the run began.
        sent: What the server sent for that.
        problems: What must not happen to a program, such as the end of its link.
        current: False once the person's program was ended and begun anew.
    """

    who: Who
    number: int
    said: list[Said] = field(default_factory=list[Said])
    handovers: list[Handover] = field(default_factory=list[Handover])
    told: list[tuple[float, Incoming]] = field(default_factory=list[tuple[float, Incoming]])
    sent: Sent = field(default_factory=list[list[Passed]])
    problems: list[str] = field(default_factory=list[str])
    current: bool = True

    @property
    def name(self) -> str:
        """The person, and which of their programs."""
        return f"{self.who} ({self.number})"

    def events(self, session: str) -> list[AnyEvent]:
        """What was told of ``session``, in the order of telling."""
        return [m for _, m in self.told if isinstance(m, Event) and m.session == session]

    def is_up(self) -> bool:
        """Whether the program was ever connected, with all that it was in before taken up."""
        return any(isinstance(message, LinkUp) for _, message in self.told)

    def acked(self) -> list[Said]:
        """What was acked, in the order in which the client sent it."""
        return sorted((s for s in self.said if s.outcome == "acked"), key=lambda s: s.ref or 0)

    def __str__(self) -> str:
        return "\n".join(self._rows())

    def _rows(self) -> Iterator[str]:
        yield f"--- {self.name}{'' if self.current else ', ended'} said"
        yield from (f"  {said}" for said in (*self.said, *self.handovers))
        yield f"--- {self.name} was told"
        yield from (f"  {at:7.3f} {shown(message)}" for at, message in self.told)


def shown(message: Incoming) -> str:
    """Return a message as one row."""
    text = str(message)
    return text if len(text) < 200 else f"{text[:180]}... ({len(text)})"


def shown_log(log: Sequence[AnyEvent]) -> str:
    """Return a stored log as rows."""
    return "\n".join(f"  {shown(event)}" for event in log)
