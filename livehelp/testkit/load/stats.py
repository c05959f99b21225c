"""Counts and latencies of a load, and the check that no acked line is lost or duplicated.

Times are in seconds of one monotonic clock, which the caller reads.
"""

import re
from collections import Counter
from typing import Final

from livehelp.testkit.load.latency import Latencies

# A line begins with its own name, so that whoever is told it knows which one it is.
_NAME: Final = re.compile(r"#(\d+) ")
_SECOND_NS: Final = 1e9
# A line that leaves the plan later than this is the load's own slowness, not the server's: the
# event loop was busy, or the machine was. Timers are exact to a millisecond or two.
LATE_SECONDS: Final = 0.02


class Stats:
    """The books of one load.

    Attributes:
        ack_times: From when a line was due until its speaker has the ack, or until the end if there
            never was an answer.
        delivery_times: From when a line was due until the other side has it, or until the end.
        lags: From when a line was due until the load came round to it.
        said, acked, delivered: Lines.
        late: Lines that the load came round to more than ``LATE_SECONDS`` late.
        waited: Lines that were due before their visit was in talk.
        unsaid: Lines of the plan that were never said.
        lost, duplicated, reordered: Lines that were acked and never delivered; delivered twice;
            delivered after a later one.
        unconfirmed: Lines that were acked and not yet delivered when the load stopped waiting: it
            is not known whether they are lost.
        links_lost: Connections that broke.
        visits: Visits that were in talk.
        errors: What else went wrong, by kind: commands that were refused by their code.
    """

    def __init__(self) -> None:
        self.ack_times = Latencies()
        self.delivery_times = Latencies()
        self.lags = Latencies()
        self.said = self.acked = self.delivered = 0
        self.late = self.waited = self.unsaid = 0
        self.lost = self.duplicated = self.reordered = 0
        self.unconfirmed = 0
        self.links_lost = 0
        self.visits = 0
        self.errors: Counter[str] = Counter()

    def dispatched(self, lag: float) -> None:
        """The load came round to a line, ``lag`` seconds after it was due."""
        self.lags.add(int(max(0.0, lag) * _SECOND_NS))
        self.late += lag > LATE_SECONDS

    def never_said(self, age: float) -> None:
        """A line that was due ``age`` seconds ago will not be said any more."""
        self.unsaid += 1
        self.ack_times.add(int(age * _SECOND_NS))
        self.delivery_times.add(int(age * _SECOND_NS))


class LineTracker:
    """The lines of one speaker in one visit, numbered 1, 2, 3, ...

    Args:
        stats: The books it is kept in.
    """

    __slots__ = ("_acked", "_due", "_last_delivered", "_said", "_skipped", "_stats")

    def __init__(self, stats: Stats) -> None:
        self._stats = stats
        self._said = 0
        self._last_delivered = 0
        self._due: dict[int, float] = {}
        self._acked: set[int] = set()
        self._skipped: set[int] = set()

    def say(self, words: str, due: float) -> tuple[int, str]:
        """Return the number and the text of the next line."""
        self._said += 1
        self._stats.said += 1
        self._due[self._said] = due
        return self._said, f"#{self._said} {words}"

    def acked(self, number: int, now: float) -> None:
        """The speaker has the ack."""
        self._stats.acked += 1
        self._stats.ack_times.add(int((now - self._due[number]) * _SECOND_NS))
        if self._is_delivered(number):
            del self._due[number]
        else:
            self._acked.add(number)

    def refused(self, number: int) -> None:
        """The server did not take it: there is nothing to wait for."""
        self._due.pop(number, None)

    def delivered(self, text: str, now: float) -> None:
        """The other side has a line, which must be the next one."""
        found = _NAME.match(text)
        number = int(found[1]) if found else 0
        if not 1 <= number <= self._said:
            self._stats.errors["a line that nobody said"] += 1
            return
        if self._is_delivered(number):
            self._stats.duplicated += 1
            return
        if number < self._last_delivered:
            self._stats.reordered += 1
            self._skipped.remove(number)
        else:
            self._skipped.update(range(self._last_delivered + 1, number))
            self._last_delivered = number
        self._stats.delivered += 1
        if number in self._due:
            self._stats.delivery_times.add(int((now - self._due[number]) * _SECOND_NS))
        if number in self._acked:
            self._acked.remove(number)
            del self._due[number]

    def close(self, now: float, *, heard_out: bool) -> None:
        """The visit is over: what was acked and not told is lost, if the listener heard the end.

        What has had no answer enters the times as old as it is: left out, a server that died would
        look fast ("coordinated omission").
        """
        for number, due in self._due.items():
            age = int((now - due) * _SECOND_NS)
            if number not in self._acked:
                self._stats.ack_times.add(age)
            if not self._is_delivered(number):
                self._stats.delivery_times.add(age)
        self._due.clear()
        if heard_out:
            self._stats.lost += len(self._acked)
        else:
            self._stats.unconfirmed += len(self._acked)
        self._acked.clear()

    def _is_delivered(self, number: int) -> bool:
        return number <= self._last_delivered and number not in self._skipped
