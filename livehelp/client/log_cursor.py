"""How far one session's log has come: each event once, in order.

Owns the numbers that were told, and the events that must wait for their turn. Pure. Must not
know whose session it is.

Why events have to wait. After a reconnect the log from the last known event on is sent again, and
with it may come our own lines: stored, but their acks were lost with the link. Which lines those
are is known only when the commands, sent again, are acked. And while an operator is sent the log
of a session, news of the same session may come between. So from ``hold`` until the log has come
and every such command is answered, events are kept by number, and then told in order.
"""

from collections.abc import Iterable

from livehelp.wire.events import AnyEvent


class LogCursor:
    """What was told of one session.

    Attributes:
        session: Its reference.
        seq: Every event up to this number was told, or was our own line.
        previous: The reference of the visit before, once it is known.
    """

    __slots__ = ("_at_risk", "_held", "_left", "_streaming", "_told", "previous", "seq", "session")

    def __init__(self, session: str) -> None:
        self.session = session
        self.seq = 0
        self.previous: str | None = None
        self._told: set[int] = set()
        self._held: dict[int, AnyEvent] | None = None
        self._streaming = False
        self._left = False
        self._at_risk: set[int] = set()

    def reached(self, *, gaps: bool) -> int:
        """Return up to which number the log is here, told or held: what comes after is missing.

        A connection that is lost while the log is on its way has brought a part of it. Over a link
        that is always lost before the whole log has come, asking for all of it would never end.

        Args:
            gaps: A visitor's log has gaps, where the notes are, and nothing else comes before it is
                whole. An operator's has none, and news from the floor may come ahead of it.
        """
        held = self._held or {}
        if gaps:
            return max((self.seq, *held))
        seq = self.seq
        while seq + 1 in held or seq + 1 in self._told:
            seq += 1
        return seq

    def hold(self, at_risk: Iterable[int] = ()) -> None:
        """The log is on its way: keep events until ``resumed``.

        Args:
            at_risk: The refs of our lines that were sent and not acked.
        """
        self._held = self._held if self._held is not None else {}
        self._streaming = True
        self._left = False
        self._at_risk = set(at_risk)

    def event(self, event: AnyEvent) -> list[AnyEvent]:
        """Return what may be told now that ``event`` has come: it, or nothing."""
        if event.seq <= self.seq or event.seq in self._told:
            return []
        if self._held is not None:
            self._held[event.seq] = event
            return []
        self._advance(event.seq)
        return [event]

    def news(self, event: AnyEvent) -> list[AnyEvent]:
        """As ``event``, for a session that we do not follow: its other events were not told."""
        if event.seq <= self.seq or event.seq in self._told:
            return []
        self._told.add(event.seq)
        return [event]

    def own(self, seq: int) -> None:
        """Our line was stored as ``seq``: it is told by its ack.

        In a session that was left, others may have spoken before it while our link was lost.
        """
        if self._held is None and not self._left:
            self._advance(seq)
        else:
            self._told.add(seq)

    def answered(self, ref: int) -> list[AnyEvent]:
        """A command was answered; return what may be told now."""
        self._at_risk.discard(ref)
        return self._release()

    def resumed(self) -> list[AnyEvent]:
        """The log has come; return what may be told now."""
        self._streaming = False
        return self._release()

    def leave(self) -> list[AnyEvent]:
        """The session is ours no longer, and no log will come; return what may be told now.

        The log may have gaps now; they are told if it is sent again.
        """
        self._streaming = False
        self._left = True
        return self._release()

    def _release(self) -> list[AnyEvent]:
        if self._held is None or self._streaming or self._at_risk:
            return []
        held, self._held = self._held, None
        ready = [held[seq] for seq in sorted(held) if seq not in self._told]
        if self._left:
            self._told.update(held)
        elif held or self._told:
            self._advance(max((*held, *self._told)))
        return ready

    def _advance(self, seq: int) -> None:
        self.seq = max(self.seq, seq)
        self._told = {told for told in self._told if told > self.seq}
