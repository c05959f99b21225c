"""What one side said in a recording, and how much of it has come again.

Owns which recorded line a line of now is held against, what need not come at all, and the list of
differences. Pure: it is told what comes, and never waits.

Lines are held against each other in lanes. In a lane the order counts, between lanes it does not:

- a reply is found by its ``ref``, for replies may overtake each other [P-5.8]; one without ``ref``
  is the next of its type;
- the events of one session, and what is told of it after signing in, are in order; different
  sessions are not [P-5.19]; nor is ``resumed`` with what others say meanwhile;
- ``position``, ``presence`` and ``roster`` may come in any number and order, or not at all, and
  are not held against anything [P-5.22]; ``typing`` likewise, but it must be about somebody who
  typed in the recording on the same connection; and ``host_found``, for whether a name had to be
  looked up is chance;
- of a client: all that it says on one connection is one lane, but for ``ping`` and ``typing``.
"""

from collections import deque
from collections.abc import Iterable
from typing import Final, TypeAlias

from msgspec import Struct

from livehelp.testkit.recording.compare import Message, Names, differences, learn, read, write
from livehelp.testkit.recording.recording_file import Entry, Side

LOOSE: Final = frozenset({"position", "presence", "roster"})
HOST_FOUND: Final = "host_found"
UNCOUNTED: Final[dict[Side, frozenset[str]]] = {
    "server": LOOSE | {"typing", HOST_FOUND},
    "client": frozenset({"typing", "ping"}),
}
# What is told of one session, in order, when it is no answer to a command with a ref.
_OF_A_SESSION: Final = frozenset(
    {
        *("opened", "line", "joined", "left", "transferred", "noted", "topic_set", "closed"),
        *("interview_answered", "transcript_requested", "visit", "resumed"),
    }
)
_END: Final = "the end"

Lane: TypeAlias = tuple[object, ...]


class Difference(Struct, frozen=True):
    """One difference, with the recording's line number (from 1; 0 if it stands on none).

    Attributes:
        line: In the file.
        connection: The recording's number of it.
        what: In words.
        expected: The recorded line, "" for none.
        seen: The line of now, "" for none.
    """

    line: int
    connection: int
    what: str
    expected: str = ""
    seen: str = ""

    def __str__(self) -> str:
        """Return it as a diff shows it."""
        at = f"line {self.line}, " if self.line else ""
        rows = [f"@ {at}connection {self.connection}: {self.what}"]
        rows += [f"- {self.expected}"] if self.expected else []
        rows += [f"+ {self.seen}"] if self.seen else []
        return "\n".join(rows)


class Matching:
    """All that one side said, as it comes again.

    Args:
        entries: Of the whole recording.
        side: Whose lines.
        names: What stands for what; they are learned here.

    Attributes:
        found: The differences so far.
    """

    def __init__(self, entries: Iterable[Entry], side: Side, names: Names) -> None:
        self.found: list[Difference] = []
        self._side: Side = side
        self._names = names
        self._entries = tuple(entries)
        self._lanes: dict[tuple[int, Lane], deque[int]] = {}
        self._pending: set[int] = set()
        self._typists: set[tuple[int, str]] = set()
        self._first = 0
        self._place_all()

    def came(self, connection: int, line: bytes) -> Message | None:
        """Hold a line of now against its recorded one, and return that; None if it has none."""
        message = read(line)
        kind = message.get("type") if message else None
        if message is not None and kind in UNCOUNTED[self._side]:
            self._uncounted(connection, message, line)
            return None
        number = self._take(connection, message)
        if number is None:
            self._differ(None, connection, "this was not recorded", line)
            return None
        entry = self._entries[number]
        recorded = read(entry.data)
        if message is None or recorded is None:
            if entry.data.strip() != line.strip():
                self._differ(number, connection, "another line", line)
            return recorded
        if paths := differences(self._names, recorded, message, connection):
            kind = recorded.get("type")
            what = f"{kind}: {', '.join(paths)}"
            before, now = picked(recorded, paths), picked(message, paths)
            self.found.append(Difference(number + 2, connection, what, before, now))
        learn(self._names, recorded, message, connection)
        return recorded

    def ended(self, connection: int) -> None:
        """A connection was ended by this side."""
        lane = self._lanes.get((connection, (_END,)))
        if lane:
            self._pending.discard(lane.popleft())
        elif self._side == "server":
            self._differ(None, connection, f"the {self._side} ended the connection")

    def due(self, before: int) -> bool:
        """Return whether all that was recorded before entry number ``before`` has come."""
        while self._first < before and self._first not in self._pending:
            self._first += 1
        return self._first >= before

    def has_come(self, number: int) -> bool:
        """Return whether entry ``number`` has come, or need not."""
        return number not in self._pending

    def miss(self, before: int) -> None:
        """What was recorded before entry ``before`` and has not come is missing."""
        for number in sorted(n for n in self._pending if n < before):
            self._pending.discard(number)
            entry = self._entries[number]
            text = f"the {self._side} ends the connection" if entry.what else shown(entry.data)
            what = "this did not come"
            self.found.append(Difference(number + 2, entry.connection, what, text))

    def _place_all(self) -> None:
        """Put every line into its lane, and note what need not come."""
        gone: set[int] = set()
        for number, entry in enumerate(self._entries):
            if entry.side != self._side:
                if entry.what in {"closed", "cut"}:
                    gone.add(entry.connection)
                continue
            message = None if entry.what else read(entry.data)
            if entry.what == "opened" or (not entry.what and not entry.data.strip()):
                continue
            if message is not None and message.get("type") in UNCOUNTED[self._side]:
                if message["type"] == HOST_FOUND:
                    self._names.look_up(message.get("session"))
                if message["type"] == "typing":
                    self._typists.add((entry.connection, str(message.get("name"))))
                continue
            lane = (_END,) if entry.what else self._lane(message, None)
            self._lanes.setdefault((entry.connection, lane), deque()).append(number)
            # What is on its way to one who has gone may come or not, and so may half a line. When
            # a client goes, nobody need wait for it.
            optional = entry.connection in gone or entry.unfinished
            if not optional and not (entry.what and self._side == "client"):
                self._pending.add(number)

    def _lane(self, message: Message | None, connection: int | None) -> Lane:
        """Return the lane of a message: recorded if ``connection`` is None, else of now."""
        if self._side == "client" or message is None:
            return ("line",)
        kind = message.get("type")
        if isinstance(message.get("ref"), int):
            return ("ref", message["ref"])
        if kind in _OF_A_SESSION:
            session = message.get("session")
            if connection is not None:
                session = self._session_of(connection, message)
            return ("resumed" if kind == "resumed" else "session", session)
        return ("type", kind)

    def _session_of(self, connection: int, message: Message) -> object:
        """Return which recorded session a message of now is about.

        A session that is new is the first of this connection of which the like is to be told next,
        or at least something of that type: what tells its name may come later, on another
        connection.
        """
        known = self._names.recorded("session", message.get("session"))
        if known is not None:
            return known
        unlike: object = None
        for (where, lane), numbers in self._lanes.items():
            if where != connection or lane[0] != "session" or not numbers:
                continue
            recorded = read(self._entries[numbers[0]].data)
            if recorded is None or self._names.now("session", lane[1]) is not None:
                continue
            if not differences(self._names, recorded, message, connection):
                return lane[1]
            if recorded.get("type") == message.get("type"):
                unlike = unlike or lane[1]
        return unlike

    def _take(self, connection: int, message: Message | None) -> int | None:
        lane = self._lanes.get((connection, self._lane(message, connection)))
        if not lane and self._side == "server" and message and message.get("type") == "error":
            lane = self._refused_instead(connection)
        if not lane:
            return None
        number = lane.popleft()
        self._pending.discard(number)
        return number

    def _refused_instead(self, connection: int) -> deque[int] | None:
        """Return the lane of the reply that an error without ``ref`` came instead of."""
        waiting = [
            (numbers[0], numbers)
            for (where, lane), numbers in self._lanes.items()
            if where == connection and lane[0] == "type" and numbers
        ]
        return min(waiting)[1] if waiting else None

    def _uncounted(self, connection: int, message: Message, line: bytes) -> None:
        if message["type"] == HOST_FOUND:
            self._names.look_up(self._names.recorded("session", message.get("session")))
        typed = self._side == "server" and message["type"] == "typing"
        if typed and (connection, str(message.get("name"))) not in self._typists:
            self._differ(None, connection, "nobody of that name typed", line)

    def _differ(self, number: int | None, connection: int, what: str, line: bytes = b"") -> None:
        expected = "" if number is None else shown(self._entries[number].data)
        at = 0 if number is None else number + 2
        self.found.append(Difference(at, connection, what, expected, shown(line)))


def picked(message: Message, paths: Iterable[str]) -> str:
    """Return these fields of a message, for a person."""
    tops = dict.fromkeys(["type", *(path.partition(".")[0] for path in paths)])
    return shown(write({name: message[name] for name in tops if name in message}))


def shown(line: bytes) -> str:
    """Return a line for a person; what a terminal would obey is escaped."""
    text = line.decode(errors="backslashreplace").rstrip("\r\n")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
