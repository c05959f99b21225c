"""What came on a client's stream and what the client said, with times; for expectations.

Owns how far expectations have looked. Must not know the link, nor wait for anything.
"""

import reprlib
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any, Final, Generic, NamedTuple, TypeVar

import anyio
import msgspec
from msgspec import Struct

from livehelp.client.pending_commands import Pending
from livehelp.client.states import Incoming, LinkLost, LinkState
from livehelp.wire.base import tag_of
from livehelp.wire.events import Event

M = TypeVar("M", bound=Incoming)
# A script of an hour, or the last minutes of a busy desk; about a megabyte.
MAX_KEPT: Final = 2_000
# As much of it as a person reads when a test has failed.
MAX_SHOWN: Final = 30


class _Short(reprlib.Repr):
    """Values as a person reads them."""

    def repr_float(self, x: float, level: int) -> str:
        """Return seconds as exactly as the table's times are."""
        del level
        return repr(round(x, 3))


# A line may have 2,000 characters; its beginning and its end tell which one it was.
_SHORT: Final = _Short()
_SHORT.maxstring = _SHORT.maxother = 200
# What opens something, or is told by its place in the table already.
_NOT_SHOWN: Final = {"password", "ticket", "key", "token", "ref", "session", "seq", "at"}


class Entry(NamedTuple):
    """One message: when it came or went (seconds since the record began), and what it was."""

    number: int
    when: float
    message: Incoming | Pending

    def __str__(self) -> str:
        """Return it as a line of the table; what was asked with what has become of it."""
        if not isinstance(self.message, Pending):
            return f"{self.when:8.3f} <- {in_words(self.message)}"
        outcome = f" ({self.message.outcome})" if self.message.outcome else ""
        return f"{self.when:8.3f} -> {in_words(self.message.command)}{outcome}"


class Row(NamedTuple):
    """One line of the table: an entry, and the newest of the tries after a lost link, if any."""

    entry: Entry
    newest: Entry | None = None

    def __str__(self) -> str:
        """Return the line."""
        if self.newest is None or not isinstance(self.newest.message, LinkLost):
            return str(self.entry)
        return f"{self.entry} (tried again until {self.newest.when:.3f}: {self.newest.message.why})"


class Watch(Generic[M]):
    """Somebody who looks for a message.

    Attributes:
        kind: Its type.
        found: It, once it was found.
    """

    def __init__(self, kind: type[M], fits: Callable[[M], bool]) -> None:
        self.kind = kind
        self.found: M | None = None
        self._fits = fits
        self._error: Exception | None = None

    @property
    def done(self) -> bool:
        """Whether there is nothing more to look for; raises what ``fits`` has raised."""
        if self._error is not None:
            raise self._error
        return self.over

    @property
    def over(self) -> bool:
        """As ``done``, for who has the message: an error of ``fits`` is not theirs."""
        return self.found is not None or self._error is not None

    def takes(self, message: M) -> bool:
        """Look at a message; return whether it is the one."""
        try:
            if self._fits(message):
                self.found = message
        except Exception as error:  # of a script; it is not for who has taken the message
            self._error = error
        return self.found is not None


class MessageLog:
    """The record of one client.

    Iterating gives what came, oldest first; ``str()`` gives a table of both ways. What an
    expectation may still find: the events of one session are in order, so an expectation that has
    found one has done with those before it. Other sessions, and each kind of signal, come in no
    order to them ([P-5.19], [P-5.22]), and are looked through by themselves.

    Args:
        untaken: Tells what has come and nobody has taken yet, with times. It is a part of the
            record for whoever reads it; expectations take it first.
        clock: Of all times.
    """

    def __init__(
        self,
        untaken: Callable[[], Iterable[tuple[float, Incoming]]] = tuple,
        clock: Callable[[], float] = anyio.current_time,
    ) -> None:
        self._entries: deque[Entry] = deque(maxlen=MAX_KEPT)
        self._count = 0
        self._passed: dict[tuple[str, str], int] = {}
        self._watches: list[Watch[Any]] = []
        self._untaken = untaken
        self._clock = clock
        self._began = clock()
        self._who, self._since = "this client", "it began"

    def tell_as(self, who: str, *, since: float, of: str) -> None:
        """Give the record a name and a clock that it shares with others, before anything comes.

        Args:
            who: Whose record it is.
            since: From when its times are counted, on the loop's clock;
            of: and what was then, a clause.
        """
        self._who, self._began, self._since = who, since, of

    def copy(self) -> "MessageLog":
        """Return the record as it is now, for another thread: it and its clock stand still."""
        now = self._clock()
        copy = MessageLog(clock=lambda: now)
        copy.tell_as(self._who, since=self._began, of=self._since)
        copy._count = self._count
        for entry in self._all()[-MAX_KEPT:]:
            copy._entries.append(entry)
            copy._count = max(copy._count, entry.number)
        return copy

    def __iter__(self) -> Iterator[Incoming]:
        return iter([e.message for e in self._all() if not isinstance(e.message, Pending)])

    def __str__(self) -> str:
        """Return a table of the last ``MAX_SHOWN`` messages of both ways."""
        return "\n".join(map(str, self._rows()[-MAX_SHOWN:])) or "         (nothing)"

    @property
    def head(self) -> str:
        """What stands above the table: whose it is, and from when its times are counted."""
        part = f", the last of {self.dropped + len(self._all())}" if self.more else ""
        return f"What {self._who} saw (<-) and asked (->), in seconds since {self._since}{part}:"

    @property
    def more(self) -> int:
        """How many messages ``str()`` leaves out."""
        return max(0, self.dropped + len(self._rows()) - MAX_SHOWN)

    @property
    def dropped(self) -> int:
        """How many messages are not kept any more."""
        return self._count - len(self._entries)

    @property
    def now(self) -> float:
        """Seconds since the client began."""
        return self._clock() - self._began

    def came(self, message: Incoming, when: float) -> None:
        """Write down what came, and when (on the loop's clock)."""
        self._add(message, when - self._began)

    def said(self, pending: Pending) -> None:
        """Write down what the client asks of the server."""
        self._add(pending, self.now)

    @contextmanager
    def watching(self, kind: type[M], fits: Callable[[M], bool]) -> Generator["Watch[M]"]:
        """Look for the oldest message that fits and was not passed yet; it is passed once found.

        What is written down during the block is looked at too, by all who watch, in turn: nobody
        misses a message because somebody else has taken it, and the ones after it.

        Args:
            kind: Its type.
            fits: Whether it is the one.
        """
        watch = Watch(kind, fits)
        for entry in self._entries:
            self._show(entry, watch)
        self._watches.append(watch)
        try:
            yield watch
        finally:
            self._watches.remove(watch)

    def passed(self, kind: type[M], fits: Callable[[M], bool]) -> Entry | None:
        """Return the newest message that fits, but was passed before."""
        watch = Watch(kind, fits)  # `fits` may be for what comes, and fail on what was passed
        for entry in reversed(self._entries):
            if isinstance(entry.message, kind) and watch.takes(entry.message):
                return entry
        return None

    @property
    def count(self) -> int:
        """The number of the newest message."""
        return self._count

    def _all(self) -> list[Entry]:
        numbers = count(self._count + 1)
        untaken = [Entry(next(numbers), t - self._began, m) for t, m in self._untaken()]
        return [*self._entries, *untaken]

    def _rows(self) -> list[Row]:
        """Return the table in the order of time: what came may have waited to be looked at."""
        rows: list[Row] = []
        lost: int | None = None  # which row tells that the link was lost
        for entry in sorted(self._all(), key=lambda entry: entry.when):
            if isinstance(entry.message, LinkLost) and lost is not None:
                rows[lost] = Row(rows[lost].entry, entry)
                continue
            if isinstance(entry.message, LinkState):
                lost = len(rows) if isinstance(entry.message, LinkLost) else None
            rows.append(Row(entry))
        return rows

    def _add(self, message: Incoming | Pending, when: float) -> None:
        self._count += 1
        entry = Entry(self._count, when, message)
        self._entries.append(entry)
        for watch in self._watches:
            self._show(entry, watch)

    def _show(self, entry: Entry, watch: "Watch[Any]") -> None:
        message = entry.message
        if watch.over or isinstance(message, Pending) or not isinstance(message, watch.kind):
            return
        lane = _lane(message)
        if entry.number > self._passed.get(lane, 0) and watch.takes(message):
            self._passed[lane] = entry.number


def in_words(message: Struct) -> str:
    """Return a message as a person reads it: its name, its session and number, its fields."""
    values = msgspec.structs.asdict(message)
    words = [str(message.__struct_config__.tag or tag_of(type(message).__name__))]
    if values.get("session"):
        words.append(values["session"])
    if values.get("seq"):
        words.append(f"#{values['seq']}")
    for field in msgspec.structs.fields(message):
        value = values[field.name]
        if field.name not in _NOT_SHOWN and value != field.default:
            words.append(f"{field.name}={_SHORT.repr(value)}")
    return " ".join(words)


def _lane(message: Incoming) -> tuple[str, str]:
    """Return what is in order with ``message``."""
    if isinstance(message, Event):
        return "", message.session
    if isinstance(message, LinkState):
        return "link", ""
    return type(message).__name__, getattr(message, "session", "")
