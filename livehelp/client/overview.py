"""What an operator sees of all open sessions, kept up to date.

Owns the fold of snapshots and events into visits. Must not know the link; it does not wait, and
takes the same event twice without harm.
"""

from collections.abc import Mapping
from types import MappingProxyType

from msgspec.structs import replace

from livehelp.wire.events import (
    AnyEvent,
    Closed,
    HostFound,
    Joined,
    Left,
    Opened,
    TopicSet,
)
from livehelp.wire.signals import Presence, Roster, Visit


class Overview:
    """The open sessions. Values are frozen; the mapping shows the present, always.

    Attributes:
        visits: Every open session, by reference.
        roster: The operators who are signed in, by name.
        me: The operator whose floor this is; None before signing in.
    """

    def __init__(self) -> None:
        self._visits: dict[str, Visit] = {}
        self.visits: Mapping[str, Visit] = MappingProxyType(self._visits)
        self.roster: tuple[str, ...] = ()
        self.me: str | None = None

    @property
    def waiting(self) -> tuple[Visit, ...]:
        """Who waits for an operator, who came first first."""
        return self._ordered([v for v in self._visits.values() if v.phase == "waiting"])

    @property
    def mine(self) -> tuple[Visit, ...]:
        """The open sessions that this operator is in, oldest first."""
        return self._ordered([v for v in self._visits.values() if self.me in v.operators])

    def begin(self, me: str | None) -> None:
        """Signed in, perhaps again: every open session is about to be told. None: signed out."""
        self.me = me
        self._visits.clear()
        if me is None:
            self.roster = ()

    def signal(self, message: Visit | Presence | Roster) -> None:
        """Take in a snapshot, a lost or regained link, or the list of operators."""
        if isinstance(message, Visit):
            self._snapshot(message)
        elif isinstance(message, Roster):
            self.roster = message.operators
        elif message.by == "visitor" and (visit := self._visits.get(message.session)):
            self._visits[visit.session] = replace(visit, online=message.online)

    def event(self, event: AnyEvent) -> bool:
        """Take in an event; return whether it was news (not part of a log that is told again)."""
        visit = self._visits.get(event.session)
        if visit is None:
            if isinstance(event, Opened):
                self._visits[event.session] = _visit(event)
            return isinstance(event, Opened)
        if event.seq <= visit.seq:
            return False
        if isinstance(event, Closed):
            del self._visits[event.session]
        else:
            self._visits[event.session] = replace(_changed(visit, event), seq=event.seq)
        return True

    def own_line(self, session: str, seq: int) -> None:
        """A line of ours was stored: its ack has come instead of the event."""
        visit = self._visits.get(session)
        if visit is not None and seq > visit.seq:
            self._visits[session] = replace(visit, seq=seq)

    def _snapshot(self, visit: Visit) -> None:
        known = self._visits.get(visit.session)
        if visit.phase == "closed":
            self._visits.pop(visit.session, None)  # it closed while the floor was being told
        elif known is None or known.seq <= visit.seq:
            self._visits[visit.session] = visit

    @staticmethod
    def _ordered(visits: list[Visit]) -> tuple[Visit, ...]:
        return tuple(sorted(visits, key=lambda v: (v.at, v.session)))


def _visit(event: Opened) -> Visit:
    return Visit(
        session=event.session,
        seq=event.seq,
        phase="waiting",
        at=event.at,
        name=event.name,
        topic=event.topic,
        client=event.client,
        version=event.version,
        ip=event.ip,
        host=event.host,
        place=event.place,
        previous=event.previous,
    )


def _changed(visit: Visit, event: AnyEvent) -> Visit:
    if isinstance(event, HostFound):
        return replace(visit, host=event.host)
    if isinstance(event, TopicSet):
        return replace(visit, topic=event.topic)
    if isinstance(event, Joined):
        others = tuple(name for name in visit.operators if name != event.operator)
        return replace(visit, phase="active", operators=(*others, event.operator))
    if isinstance(event, Left):
        stay = tuple(name for name in visit.operators if name != event.operator)
        return replace(visit, phase="active" if stay else "waiting", operators=stay)
    return visit
