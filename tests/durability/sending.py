"""What one connection is sent of a session's log, and what of it was not due.

Owns the order on the wire. Must not know what clients make of it.
"""

from livehelp.wire.commands import Resume
from livehelp.wire.events import AnyEvent, Event, Joined
from livehelp.wire.replies import Resumed, Started
from tests.durability.record import Passed, Who

_START = 0  # among the numbers of events


class Sending:
    """Follows one connection.

    P-5.14: behind a ``resumed``, nothing comes twice or out of order. Before it operators may be
    told twice, P-5.10. A log begins anew when it is due, and ends with a ``resumed``: once for each
    ``start`` and for each ``joined`` of one's own, for then it comes by itself, P-5.7 and P-5.18,
    and once for each ``resume``. A client that cannot know the one may ask for the other at the
    same moment.

    Args:
        who: To whom.
        session: Of which session.
    """

    def __init__(self, who: Who, session: str) -> None:
        self._who = who
        self._session = session
        self._asked: list[int] = []
        self._by_itself = set[int]()  # what makes a log come: numbers of events, or _START
        self._whole = 0
        self._in_log = False
        # None: a log is on its way among other news, until its `resumed`.
        self._last = self._before = 0 if who == "visitor" else None

    def wrong(self, message: Passed) -> str | None:
        """Take in what was sent, or was asked for; return what is wrong with it, in words."""
        if isinstance(message, Started):
            self._by_itself.add(_START)
        elif getattr(message, "session", None) != self._session:
            return None
        elif isinstance(message, Resume):
            self._asked.append(message.after)
        elif isinstance(message, Resumed):
            return self._resumed(message)
        elif isinstance(message, Event):
            return self._event(message)
        return None

    @property
    def _due(self) -> int:
        """How many logs may still begin."""
        return len(self._asked) + len(self._by_itself) - self._whole - self._in_log

    def _resumed(self, message: Resumed) -> str | None:
        self._last, self._in_log = message.seq, False
        wrong = None if self._due else f"{message}, the end of a log that was not due"
        self._whole += 1
        return wrong

    def _event(self, event: AnyEvent) -> str | None:
        wrong, seq = None, event.seq
        if self._last is not None and seq <= self._last:
            begins = (seq == 1 and self._by_itself) or any(after < seq for after in self._asked)
            if not begins or not self._due:
                wrong = f"{event} after {self._last}"
            self._last, self._in_log = self._before, True
        elif self._who == "visitor" and self._due and not self._by_itself:
            self._in_log = True  # a visitor who comes back is in no session before the `resumed`
        own = isinstance(event, Joined) and event.operator == self._who
        if own:
            self._by_itself.add(seq)
        self._last = None if own or self._last is None else seq
        return wrong
