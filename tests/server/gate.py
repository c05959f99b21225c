"""A gate around the real ``Archive.write``: a disk that is slow, or full, when the test says so.

What goes through is stored by the real archive in the real file; the gate only decides when, and
which calls fail first as a full disk would.
"""

import threading
from collections import deque
from collections.abc import Sequence
from typing import Final, TypeAlias

import pytest
import trio

from storage.archive import Archive
from storage.errors import OutcomeUnknown, RuleBroken
from storage.records import Append, EventRecord, NewSession

Batch: TypeAlias = Sequence[NewSession | Append]
# A gate that a failing test leaves shut opens by itself, so that the server's thread can end.
PATIENCE: Final = 5.0
REAL_WRITE: Final = Archive.write


class Gate:
    """Stands before and behind the archive's write; open until shut.

    Attributes:
        batches: What was handed over to be written, batch by batch, empty ones left out.
        written: Those of them that are on the disk.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.batches: list[Batch] = []
        self.written: list[Batch] = []
        self._front, self._back = threading.Event(), threading.Event()
        self.open()
        self._changed = trio.Event()
        self._failures: deque[Exception | None] = deque()
        self._poison: str | None = None
        self._break: str | None = None

        def write(archive: Archive, items: Batch) -> list[int | None]:
            if not items:
                return REAL_WRITE(archive, items)
            trio.from_thread.run_sync(self._note, self.batches, items)
            assert self._front.wait(PATIENCE), "the gate was left shut"
            failure = self._failures.popleft() if self._failures else None
            if failure is not None:
                raise failure
            if self._poison is not None and self._poison in texts(items):
                raise RuleBroken("A row breaks a rule of the tables: CHECK constraint failed")
            if self._break == "before":
                self._break = None
                raise OutcomeUnknown("The database failed: the link is broken")
            outcomes = REAL_WRITE(archive, items)
            if self._break == "behind":
                self._break = None
                raise OutcomeUnknown("The database failed: the link is broken")
            trio.from_thread.run_sync(self._note, self.written, items)
            assert self._back.wait(PATIENCE), "the gate was left shut"
            return outcomes

        monkeypatch.setattr(Archive, "write", write)

    def shut(self) -> None:
        """Hold back every write from now on."""
        self._front.clear()

    def shut_behind(self) -> None:
        """Let writes reach the disk, and hold back the news of it."""
        self._back.clear()

    def open(self) -> None:
        """Let them all go on."""
        self._front.set()
        self._back.set()

    def fail(self, *failures: Exception | None) -> None:
        """Let the next writes fail with these; None lets one through."""
        self._failures.extend(failures)

    def break_link(self, *, stored: bool) -> None:
        """Let the link to the database break in the next write, with the batch stored or not."""
        self._break = "behind" if stored else "before"

    def poison(self, text: str) -> None:
        """From now on refuse every batch with this line, as a constraint of the tables would."""
        self._poison = text

    @property
    def is_clean(self) -> bool:
        """True when no failure is left."""
        return not self._failures

    async def holds(self, text: str) -> None:
        """Wait until a batch with this line has been handed over."""
        while not any(text in texts(batch) for batch in self.batches):
            await self._changed.wait()

    async def passed(self, text: str) -> None:
        """Wait until a batch with this line is on the disk."""
        while not any(text in texts(batch) for batch in self.written):
            await self._changed.wait()

    async def sees(self, kind: str) -> None:
        """Wait until a batch with an event of this kind has been handed over."""
        while not _has(kind, self.batches):
            await self._changed.wait()

    async def stored(self, kind: str) -> None:
        """Wait until a batch with an event of this kind is on the disk."""
        while not _has(kind, self.written):
            await self._changed.wait()

    def _note(self, where: list[Batch], items: Batch) -> None:
        where.append(list(items))
        self._changed.set()
        self._changed = trio.Event()


def _has(kind: str, batches: Sequence[Batch]) -> bool:
    return any(event.kind == kind for batch in batches for event in events(batch))


def texts(batch: Batch) -> list[str]:
    """Return the texts of the lines and notes of a batch, in order."""
    return [event.text for event in events(batch) if event.text is not None]


def events(batch: Batch) -> list[EventRecord]:
    """Return the events of a batch, in order."""
    found: list[EventRecord] = []
    for item in batch:
        found += item.events if isinstance(item, Append) else [item.event]
    return found
