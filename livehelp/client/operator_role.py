"""An operator's side of the link: signing in, and following sessions.

Owns the ticket, the floor, and how far each session's log has come. Must not know sockets;
``operator`` is what people use.

A session that the operator is not in is seen as news on the floor. From the moment the operator
joins it its whole log is followed: it is sent from event 1, what was told as news is not told
again, and from there on everything comes as it happens.
"""

from collections.abc import Iterable
from typing import Final

import anyio

from livehelp.client.client_info import ClientInfo
from livehelp.client.connection_lost import ConnectionLost
from livehelp.client.errors import Refused
from livehelp.client.log_cursor import LogCursor
from livehelp.client.overview import Overview
from livehelp.client.pending_commands import Pending
from livehelp.client.reconnecting import PASSING, ReconnectingConnection
from livehelp.client.states import Incoming
from livehelp.client.timing import Timing
from livehelp.wire.commands import ClientHello, Login, Logout, Recall, Resume, Say
from livehelp.wire.events import AnyEvent, Closed, Event, Joined, Left, Opened
from livehelp.wire.replies import Ack, Error, ErrorCode, LoggedIn, Reply, Resumed
from livehelp.wire.signals import Presence, Roster, ServerMessage, Signal, Visit

# Closed sessions whose numbers are still known, so that what comes late is not told twice. A
# floor closes some hundreds of sessions a day.
MAX_CLOSED: Final = 1_000


class OperatorRole:
    """The ``Role`` of an operator.

    Attributes:
        link: The link it speaks on; set right after both are made.
        floor: All open sessions.
        complete: Set when the floor has been told whole after signing in, or never will be.
        recalls: For each earlier visit that is asked for: which it is, and its events by number.
    """

    link: ReconnectingConnection

    def __init__(self, caller: ClientInfo, timing: Timing) -> None:
        self.floor = Overview()
        self.complete = anyio.Event()
        self.recalls: dict[Pending, tuple[str, dict[int, AnyEvent]]] = {}
        self._caller = caller
        self._timing = timing
        self._ticket: str | None = None
        self._visits_due = 0
        self._sessions: dict[str, LogCursor] = {}
        self._followed: set[str] = set()

    @property
    def followed(self) -> tuple[str, ...]:
        """The sessions that the operator is in."""
        return tuple(sorted(self._followed))

    def seq(self, session: str) -> int:
        """The number of the last event of ``session`` that is known here."""
        progress = self._sessions.get(session)
        return progress.seq if progress else 0

    def previous(self, session: str) -> str | None:
        """The reference of the visit before ``session``, if it is known."""
        progress = self._sessions.get(session)
        return progress.previous if progress else None

    def hello(self) -> ClientHello:
        """Return the hello."""
        return self._caller.hello(self._timing)

    async def recover(self) -> bool:
        """Sign in with the ticket, and resume every session."""
        if self._ticket is None:
            return False
        for session in self._followed:
            self._progress(session).hold(self.link.outstanding.says_at_risk(session))
        try:
            await self.link.ask(Login(ticket=self._ticket), lambda m: isinstance(m, LoggedIn))
        except Refused as refused:
            self._ticket = None
            if any(isinstance(p.command, Logout) for p in self.link.outstanding):
                return False  # the ticket died as it should; the logout will be answered
            raise ConnectionLost(refused.message.removesuffix("."), final=True) from refused
        await self.link.within_answer_time(self.complete)
        for session in self.followed:
            await self._resume(session)
        return True

    def unfollow(self, session: str) -> list[AnyEvent]:
        """The operator is in ``session`` no longer."""
        self._followed.discard(session)
        return self._progress(session).leave()

    def heard(self, message: ServerMessage) -> Iterable[Incoming]:
        """Keep the floor, and let each event through once."""
        if isinstance(message, Event):
            return self._event(message)
        if isinstance(message, Resumed):
            return self._tell(self._progress(message.session).resumed())
        if isinstance(message, LoggedIn):
            self._signed_in(message)
        if isinstance(message, Visit | Presence | Roster):
            self.floor.signal(message)
        if isinstance(message, Visit):
            self._snapshot(message)
        return [message] if isinstance(message, Signal) else []

    def answered(self, pending: Pending, reply: Reply) -> Iterable[Incoming]:
        """Note what the reply says of the floor and of its session."""
        command = pending.command
        if isinstance(reply, LoggedIn):
            self._signed_in(reply)
        elif isinstance(reply, Resumed):
            return self._tell(self._progress(reply.session).resumed())
        elif isinstance(command, Resume):
            return self._tell(self._resume_refused(command.session, reply))
        elif isinstance(command, Recall):
            self.recalls.pop(pending, None)
        elif isinstance(command, Logout):
            self._logout_answered(reply)
        elif isinstance(command, Say) and command.session is not None:
            progress = self._progress(command.session)
            if isinstance(reply, Ack) and reply.seq is not None:
                progress.own(reply.seq)
                self.floor.own_line(command.session, reply.seq)
            return self._tell(progress.answered(pending.ref))
        return []

    def ended(self) -> None:
        """The link has ended: nobody need wait for the floor."""
        self.complete.set()

    async def _resume(self, session: str) -> None:
        after = self._progress(session).reached(gaps=False)
        resume = Resume(session=session, after=after)
        try:
            await self.link.ask(resume, lambda m: isinstance(m, Resumed) and m.session == session)
        except Refused:
            # While we were away the session was closed or given to somebody else.
            for event in self.unfollow(session):
                self.link.inbox.put(event)

    def _resume_refused(self, session: str, reply: Reply) -> list[AnyEvent]:
        if isinstance(reply, Error) and reply.code in PASSING:
            return []  # it may be had later
        return self.unfollow(session)

    def _signed_in(self, reply: LoggedIn) -> None:
        self._ticket = reply.ticket
        self._visits_due = reply.visits
        if self.complete.is_set():
            self.complete = anyio.Event()
        self.floor.begin(reply.name)
        if not reply.visits:
            self._complete()

    def _logout_answered(self, reply: Reply) -> None:
        if isinstance(reply, Error) and reply.code is not ErrorCode.LOGIN_FIRST:
            return
        self._ticket = None
        self._sessions.clear()
        self._followed.clear()
        self.floor.begin(None)

    def _snapshot(self, visit: Visit) -> None:
        progress = self._progress(visit.session)
        progress.previous = visit.previous
        if visit.phase != "closed" and self.floor.me in visit.operators:
            self._follow(progress)
        self._visits_due -= 1
        if self._visits_due == 0:
            self._complete()

    def _complete(self) -> None:
        self._forget_closed()
        self.complete.set()

    def _event(self, event: AnyEvent) -> list[AnyEvent]:
        session = event.session
        known = session in self.floor.visits or session in self._followed
        recalled = [events for previous, events in self.recalls.values() if previous == session]
        for events in recalled:
            events[event.seq] = event
        if recalled and not known:
            return []
        # A visit that is known and no longer on the floor is closed: its log is only told again.
        closed = session in self._sessions and session not in self.floor.visits
        is_news = not closed and self.floor.event(event)
        progress = self._progress(session)
        if isinstance(event, Opened):
            progress.previous = event.previous
        if is_news and isinstance(event, Joined) and event.operator == self.floor.me:
            self._follow(progress)
        followed = session in self._followed
        told = progress.event(event) if followed else progress.news(event)
        if is_news and isinstance(event, Left) and event.operator == self.floor.me:
            told += self.unfollow(session)
        return self._tell(told)

    def _tell(self, events: list[AnyEvent]) -> list[AnyEvent]:
        """Return ``events``; a session whose end is told is followed no longer."""
        for event in events:
            if isinstance(event, Closed):
                self._followed.discard(event.session)
                self._forget_closed()
        return events

    def _follow(self, progress: LogCursor) -> None:
        """The log of the session is on its way, or will be asked for."""
        if progress.session not in self._followed:
            self._followed.add(progress.session)
            progress.hold(self.link.outstanding.says_at_risk(progress.session))

    def _progress(self, session: str) -> LogCursor:
        progress = self._sessions.get(session)
        if progress is None:
            progress = self._sessions[session] = LogCursor(session)
        return progress

    def _forget_closed(self) -> None:
        if len(self._sessions) <= len(self.floor.visits) + MAX_CLOSED:
            return
        in_use = self.floor.visits.keys() | self._followed
        closed = [session for session in self._sessions if session not in in_use]
        for session in closed[: -MAX_CLOSED // 2]:
            del self._sessions[session]
