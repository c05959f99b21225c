"""What a desk should do, in plain Python: the protocol's chapter 4 and its table, and no more.

Owns the model of the visits. Written from docs/protocol.md; imports nothing of the server.
An entry of a log is a tuple: the event's name on the wire, and what it says.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from livehelp.wire.base import tag_of
from livehelp.wire.events import (
    Closed,
    Event,
    InterviewAnswered,
    Joined,
    Left,
    Line,
    Noted,
    Opened,
    TopicSet,
    TranscriptRequested,
    Transferred,
)

Entry: TypeAlias = tuple[str | None, ...]
Phase: TypeAlias = Literal["waiting", "active", "closed"]
VISITOR: Final = "the visitor"
# P-5.20: what every operator is told of every session.
FLOOR: Final = {"opened", "joined", "left", "transferred", "topic_set", "closed"}
_FIELDS: Final[dict[type[Event], tuple[str, ...]]] = {
    Opened: ("name", "topic", "previous"),
    Line: ("by", "name", "text"),
    Joined: ("operator",),
    Left: ("operator", "reason"),
    Transferred: ("operator", "to"),
    Noted: ("operator", "text"),
    TopicSet: ("operator", "topic"),
    Closed: ("by", "name", "reason"),
    InterviewAnswered: (),
    TranscriptRequested: ("email",),
}

# Every kind of entry.
KINDS: Final = {tag_of(kind.__name__) for kind in _FIELDS}


class No(Exception):
    """The command is refused, with this code."""


@dataclass(slots=True)
class Visit:
    """One visit.

    Attributes:
        session: The reference.
        name: The visitor's.
        log: What has happened; the first entry has number 1.
    """

    session: str
    name: str
    log: list[Entry] = field(default_factory=list[Entry])

    @property
    def operators(self) -> list[str | None]:
        """Who is in it."""
        inside: list[str | None] = []
        for kind, *rest in self.log:
            if kind == "joined":
                inside.append(rest[0])
            elif kind == "left":
                inside.remove(rest[0])
        return inside

    @property
    def phase(self) -> Phase:
        """P-4.1."""
        if any(entry[0] == "closed" for entry in self.log):
            return "closed"
        return "active" if self.operators else "waiting"

    @property
    def topic(self) -> str | None:
        """As it was set last."""
        return next(e[2] for e in reversed(self.log) if e[0] in {"opened", "topic_set"})

    def seen_by_visitor(self) -> dict[int, Entry]:
        """Everything but notes, by number."""
        return {n: entry for n, entry in self.numbered().items() if entry[0] != "noted"}

    def of_the_floor(self, after: int) -> dict[int, Entry]:
        """What every operator is told of it once it is past ``after``, by number."""
        return {n: entry for n, entry in self.numbered().items() if n > after and entry[0] in FLOOR}

    def numbered(self) -> dict[int, Entry]:
        """The log by number."""
        return dict(enumerate(self.log, 1))

    # What the table of P-4.2 says of each command. Each adds to the log, or raises No.

    def say(self, who: str, text: str) -> None:
        """A line by the visitor or an operator."""
        self._speaks(who)
        self._filled(text)
        by = ("visitor", self.name) if who == VISITOR else ("operator", who)
        self.log.append(("line", *by, text))

    def end(self, who: str) -> None:
        """The end, by the visitor or an operator."""
        self._speaks(who)
        by = ("visitor", self.name) if who == VISITOR else ("operator", who)
        self.log.append(("closed", *by, "ended"))

    def interview(self, answer: str) -> None:
        """The exit interview, once."""
        if self.phase != "closed" or any(e[0] == "interview_answered" for e in self.log):
            raise No("out_of_turn")
        self._filled(answer)
        self.log.append(("interview_answered",))

    def request_transcript(self, email: str) -> None:
        """At any time."""
        self.log.append(("transcript_requested", email))

    def take(self, who: str) -> None:
        """By an operator."""
        if self.phase != "waiting":
            raise No("already_taken" if self.phase == "active" else "out_of_turn")
        self.log.append(("joined", who))

    def note(self, who: str, text: str) -> None:
        """By an operator who is in it, or was when it ended."""
        if self.phase == "waiting":
            raise No("out_of_turn")
        self._inside(who)
        self._filled(text)
        self.log.append(("noted", who, text))

    def set_topic(self, who: str, topic: str) -> None:
        """By an operator in it."""
        self._works(who)
        self._filled(topic)
        self.log.append(("topic_set", who, topic))

    def transfer(self, who: str, to: str | None, present: Callable[[str], bool]) -> None:
        """By an operator in it, to one who is signed in, or into the queue."""
        if to is not None and not present(to):
            raise No("no_operator")
        self._works(who)
        if to is not None and to in self.operators:
            raise No("already_taken")
        self.log += [("transferred", who, to), ("left", who, "transferred")]
        if to is not None:
            self.log.append(("joined", to))

    def recall(self, who: str) -> None:
        """The visit before: by an operator in it, or who was when it ended."""
        self._inside(who)
        if self.log[0][3] is None:
            raise No("no_earlier")

    def logged_out(self, who: str) -> None:
        """An operator signed out."""
        if self.phase == "active" and who in self.operators:
            self.log.append(("left", who, "logged_out"))

    def _speaks(self, who: str) -> None:
        if who == VISITOR:
            if self.phase == "closed":
                raise No("out_of_turn")
        else:
            self._works(who)

    def _works(self, who: str) -> None:
        if self.phase != "active":
            raise No("out_of_turn")
        self._inside(who)

    def _inside(self, who: str) -> None:
        if who not in self.operators:
            raise No("not_yours")

    @staticmethod
    def _filled(text: str) -> None:
        if not text.strip():
            raise No("empty_text")


def entry(event: Event) -> Entry:
    """Return an event as the model has it."""
    kind = type(event)
    return (tag_of(kind.__name__), *(getattr(event, name) for name in _FIELDS[kind]))
