"""What became of the last commands of a session, so that one that comes again is not done again.

Owns the bounds on what is remembered ([P-5.5]). Must not know what a command means.
"""

from collections.abc import Sequence
from typing import Final, Protocol, Self, TypeAlias

from server.delivery.peer import Peer
from storage.records import EventRecord

# A client sends at most 64 commands ahead of their answers, so only those can be sent again; twice
# as many are kept of each run, whatever the others say meanwhile.
MAX_REFS: Final = 128
# Runs that are remembered of one session: its visitor, some operators, and their programs started
# again, which makes a new run each time.
MAX_RUNS: Final = 32

RequestId: TypeAlias = tuple[str, int]


class InFlight(Protocol):
    """A command that is on its way to the disk."""

    def answer_to(self, peer: Peer) -> None:
        """Send the reply to this connection: the one that asked first may be gone."""
        ...


class IdempotencyWindow:
    """What became of the last commands: ``(run, ref)`` to the entry in flight, or its ``seq``."""

    __slots__ = ("_runs",)

    def __init__(self) -> None:
        self._runs: dict[str, dict[int, InFlight | int]] = {}

    @classmethod
    def of(cls, records: Sequence[EventRecord]) -> Self:
        """Return those of the commands that are stored in a log."""
        receipts = cls()
        for record in records:
            if record.run is not None and record.ref is not None:
                receipts.put((record.run, record.ref), record.seq)
        return receipts

    def get(self, receipt: RequestId) -> InFlight | int | None:
        """Return what is known of the command, None when it is new."""
        run, ref = receipt
        refs = self._runs.get(run)
        return None if refs is None else refs.get(ref)

    def is_behind(self, receipt: RequestId) -> bool:
        """Return whether a later command of the run was taken, and this one, which is new, was not.

        It was refused when it came first, for a run counts up and a connection keeps the order.
        """
        run, ref = receipt
        refs = self._runs.get(run)
        return bool(refs) and ref < next(reversed(refs))

    def put(self, receipt: RequestId, what: InFlight | int) -> None:
        """Remember a command; the oldest of its run is forgotten when there are too many."""
        run, ref = receipt
        refs = self._runs.pop(run, None)
        if refs is None:
            refs = {}
        self._runs[run] = refs  # last, as the one used last
        if len(self._runs) > MAX_RUNS:
            del self._runs[next(iter(self._runs))]
        refs[ref] = what
        if len(refs) > MAX_REFS:
            del refs[next(iter(refs))]

    def settle(self, receipt: RequestId, seq: int) -> None:
        """The command in flight is on disk; one that was forgotten meanwhile stays so."""
        run, ref = receipt
        refs = self._runs.get(run)
        if refs is not None and ref in refs:
            refs[ref] = seq

    def drop(self, receipt: RequestId) -> None:
        """Forget a command that was not stored."""
        run, ref = receipt
        refs = self._runs.get(run, {})
        refs.pop(ref, None)
        if not refs:
            self._runs.pop(run, None)
