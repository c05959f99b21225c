"""What came on a client's stream and what the client said, with times; for expectations.

Owns how far expectations have looked. Must not know the link, nor wait for anything.
"""

import reprlib
from collections import deque
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple, TypeVar, cast

import anyio
import msgspec
from msgspec import Struct

from livehelp.client.states import Incoming, LinkState
from livehelp.wire.base import tag_of
from livehelp.wire.commands import Command
from livehelp.wire.events import Event

M = TypeVar("M", bound=Incoming)
# A script of an hour, or the last minutes of a busy desk; about a megabyte.
MAX_KEPT: Final = 2_000
# As much of it as a person reads when a test has failed.
MAX_SHOWN: Final = 30
# A line may have 2,000 characters; its beginning and its end tell which one it was.
_SHORT: Final = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxother = 200
# What opens something, or is told by its place in the table already.
_NOT_SHOWN: Final = {"password", "ticket", "key", "token", "ref", "session", "seq", "at"}


class Entry(NamedTuple):
    """One message: when it came or went (seconds since the client began), and what it was."""

    number: int
    when: float
    message: Incoming | Command
    came: bool

    def __str__(self) -> str:
        """Return it as a line of the table."""
        return f"{self.when:8.3f} {'<-' if self.came else '->'} {in_words(self.message)}"


class Seen:
    """The record of one client.

    Iterating gives what came, oldest first; ``str()`` gives a table of both ways. What an
    expectation may still find: the events of one session are in order, so an expectation that has
    found one has done with those before it. Other sessions, and each kind of signal, come in no
    order to them ([P-5.19], [P-5.22]), and are looked through by themselves.
    """

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=MAX_KEPT)
        self._count = 0
        self._passed: dict[tuple[str, str], int] = {}
        self._began = anyio.current_time()

    def __iter__(self) -> Iterator[Incoming]:
        for entry in self._entries:
            if entry.came:
                yield cast("Incoming", entry.message)

    def __str__(self) -> str:
        """Return a table of the last ``MAX_SHOWN`` messages of both ways."""
        # What came may have waited to be looked at, while something was asked.
        shown = sorted(self._entries, key=lambda entry: entry.when)[-MAX_SHOWN:]
        return "\n".join(map(str, shown)) or "         (nothing)"

    @property
    def more(self) -> int:
        """How many messages ``str()`` leaves out."""
        return max(0, self._count - MAX_SHOWN)

    @property
    def now(self) -> float:
        """Seconds since the client began."""
        return anyio.current_time() - self._began

    def came(self, message: Incoming, when: float) -> None:
        """Write down what came, and when (on the loop's clock)."""
        self._add(message, when - self._began, came=True)

    def said(self, command: Command) -> None:
        """Write down what the client asks of the server."""
        self._add(command, self.now, came=False)

    def find(self, kind: type[M], fits: Callable[[M], bool], after: int = 0) -> M | None:
        """Return the oldest message that fits and was not passed yet; it is passed now.

        Args:
            kind: Its type.
            fits: Whether it is the one.
            after: Only among those with greater numbers.
        """
        for entry in self._entries:
            message = entry.message
            if entry.number <= after or not entry.came or not isinstance(message, kind):
                continue
            lane = _lane(message)
            if entry.number > self._passed.get(lane, 0) and fits(message):
                self._passed[lane] = entry.number
                return message
        return None

    def passed(self, kind: type[M], fits: Callable[[M], bool]) -> Entry | None:
        """Return the newest message that fits, but was passed before."""
        for entry in reversed(self._entries):
            if entry.came and isinstance(entry.message, kind) and fits(entry.message):
                return entry
        return None

    @property
    def count(self) -> int:
        """The number of the newest message."""
        return self._count

    def _add(self, message: Incoming | Command, when: float, *, came: bool) -> None:
        self._count += 1
        self._entries.append(Entry(self._count, when, message, came))


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
