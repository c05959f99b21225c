"""What became of every line: said, acked, told to the other side, how fast; what went wrong.

Owns the counts, the latencies and the check of the promise. Knows no client and no clock: times
come in, in seconds of one monotonic clock.
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


class Tally:
    """The books of one load.

    Attributes:
        ack_times: From when a line was due until its speaker has the ack, or until the end if there
            never was an answer.
        told_times: From when a line was due until the other side has it, or until the end.
        lags: From when a line was due until the load came round to it.
        said, acked, told: Lines.
        late: Lines that the load came round to more than ``LATE_SECONDS`` late.
        waited: Lines that were due before their visit was in talk.
        unsaid: Lines of the plan that were never said.
        lost, doubled, disordered: Lines that were acked and never told; told twice; told after a
            later one.
        unheard: Lines that were acked, and whose listener had not come so far when the load stopped
            waiting: nobody knows whether they are lost.
        links_lost: Connections that broke.
        visits: Visits that were in talk.
        errors: What else went wrong, by kind: commands that were refused by their code.
    """

    def __init__(self) -> None:
        self.ack_times = Latencies()
        self.told_times = Latencies()
        self.lags = Latencies()
        self.said = self.acked = self.told = 0
        self.late = self.waited = self.unsaid = 0
        self.lost = self.doubled = self.disordered = 0
        self.unheard = 0
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
        self.told_times.add(int(age * _SECOND_NS))


class Thread:
    """The lines of one speaker in one visit, numbered 1, 2, 3, ...

    Args:
        tally: The books it is kept in.
    """

    __slots__ = ("_acked", "_due", "_last_told", "_said", "_skipped", "_tally")

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._said = 0
        self._last_told = 0
        self._due: dict[int, float] = {}
        self._acked: set[int] = set()
        self._skipped: set[int] = set()

    def say(self, words: str, due: float) -> tuple[int, str]:
        """Return the number and the text of the next line."""
        self._said += 1
        self._tally.said += 1
        self._due[self._said] = due
        return self._said, f"#{self._said} {words}"

    def acked(self, number: int, now: float) -> None:
        """The speaker has the ack."""
        self._tally.acked += 1
        self._tally.ack_times.add(int((now - self._due[number]) * _SECOND_NS))
        if self._is_told(number):
            del self._due[number]
        else:
            self._acked.add(number)

    def refused(self, number: int) -> None:
        """The server did not take it: there is nothing to wait for."""
        self._due.pop(number, None)

    def told(self, text: str, now: float) -> None:
        """The other side has a line, which must be the next one."""
        found = _NAME.match(text)
        number = int(found[1]) if found else 0
        if not 1 <= number <= self._said:
            self._tally.errors["a line that nobody said"] += 1
            return
        if self._is_told(number):
            self._tally.doubled += 1
            return
        if number < self._last_told:
            self._tally.disordered += 1
            self._skipped.remove(number)
        else:
            self._skipped.update(range(self._last_told + 1, number))
            self._last_told = number
        self._tally.told += 1
        if number in self._due:
            self._tally.told_times.add(int((now - self._due[number]) * _SECOND_NS))
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
                self._tally.ack_times.add(age)
            if not self._is_told(number):
                self._tally.told_times.add(age)
        self._due.clear()
        if heard_out:
            self._tally.lost += len(self._acked)
        else:
            self._tally.unheard += len(self._acked)
        self._acked.clear()

    def _is_told(self, number: int) -> bool:
        return number <= self._last_told and number not in self._skipped
