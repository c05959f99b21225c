"""A visitor's side of the link: what is said of the visit, and what is known of it.

Owns the session's key, the token, and how far the session's log has come. Must not know sockets;
``visitor`` is what people use.
"""

from collections.abc import Iterable

from livehelp.client.address import Address
from livehelp.client.client_info import ClientInfo
from livehelp.client.connection_lost import ConnectionLost
from livehelp.client.errors import Refused
from livehelp.client.log_cursor import LogCursor
from livehelp.client.pending_commands import Pending
from livehelp.client.reconnecting import ReconnectingConnection
from livehelp.client.states import Incoming
from livehelp.client.timing import Timing
from livehelp.client.tokens import TokenFile
from livehelp.wire.commands import ClientHello, Resume, Say
from livehelp.wire.events import AnyEvent, Event
from livehelp.wire.replies import Ack, Error, Reply, Resumed, Started
from livehelp.wire.signals import ServerMessage, Signal


class VisitorRole:
    """The ``Role`` of a visitor.

    Attributes:
        link: The link it speaks on; set right after both are made.
        session: The session's reference; None before it started.
    """

    link: ReconnectingConnection

    def __init__(
        self, caller: ClientInfo, address: Address, timing: Timing, tokens: TokenFile | None
    ) -> None:
        self.session: str | None = None
        self._caller = caller
        self._address = address
        self._timing = timing
        self._tokens = tokens
        self._token = tokens.load(address) if tokens else None
        self._key: str | None = None
        self._progress = LogCursor("")
        # Of an earlier visit that is to be gone on with: not ours before the server says so.
        self._expected: LogCursor | None = None
        self._asked_for_log = False

    @property
    def seq(self) -> int:
        """The number of the last event that was told, or was our own line."""
        return self._progress.seq

    def expect_log(self, session: str) -> None:
        """The log of ``session`` is to be asked for: tell its events when all have come."""
        if session == self._progress.session:
            self._progress.hold(self.link.outstanding.says_at_risk())
            return
        if self._expected is None or self._expected.session != session:
            self._expected = LogCursor(session)
        self._expected.hold()

    def hello(self) -> ClientHello:
        """Return the hello: with the token until there is a key, which then says more.

        A token that is presented kills the older ones, so it is not shown without need.
        """
        return self._caller.hello(self._timing, self._token if self._key is None else None)

    async def recover(self) -> bool:
        """Resume the session, if there is one."""
        self._asked_for_log = False
        if self.session is None:
            return False
        session = self.session
        progress = self._progress_of(session)
        progress.hold(self.link.outstanding.says_at_risk())
        resume = Resume(session=session, after=progress.reached(gaps=True), key=self._key)
        try:
            await self.link.ask(resume, lambda m: isinstance(m, Resumed) and m.session == session)
        except Refused as refused:
            raise ConnectionLost(refused.message.removesuffix("."), final=True) from refused
        return True

    def heard(self, message: ServerMessage) -> Iterable[Incoming]:
        """Let each event through once, and every signal.

        Raises:
            Broken: a log that was asked for cannot be had on this connection.
        """
        if isinstance(message, Event):
            return self._progress_of(message.session).event(message)
        if isinstance(message, Resumed):
            self._asked_for_log = False
            return self._progress_of(message.session).resumed()
        if isinstance(message, Error) and self._asked_for_log:
            raise ConnectionLost(message.message.removesuffix("."))
        return [message] if isinstance(message, Signal) else []

    def answered(self, pending: Pending, reply: Reply) -> Iterable[Incoming]:
        """Note what the reply says of the session."""
        command = pending.command
        if isinstance(reply, Started):
            self._started(reply, again=pending.sends > 1)
        elif isinstance(reply, Resumed):
            self.session = reply.session
            self._progress, self._expected = self._progress_of(reply.session), None
            return self._progress.resumed()
        elif isinstance(command, Resume):
            self._expected = None
            if command.session == self._progress.session and not self._asked_for_log:
                return self._progress.resumed()  # there is none: what was held may be told
        elif isinstance(command, Say):
            return self._say_answered(pending, reply)
        return []

    def ended(self) -> None:
        """The link has ended: nobody waits for anything but replies."""

    def _started(self, started: Started, *, again: bool) -> None:
        self.session = started.session
        self._key = started.key
        progress = self._progress_of(started.session)
        if started.token and self._tokens:
            self._token = started.token
            self._tokens.store(self._address, started.token)
        if again:
            # If the first sending opened the session, things have happened in it since; if it did
            # not, no log comes by itself. Asking for it is right either way.
            progress.hold()
            self._asked_for_log = True
            self.link.post(Resume(session=started.session, after=progress.seq, key=started.key))

    def _say_answered(self, pending: Pending, reply: Reply) -> list[AnyEvent]:
        # A line of the visit before may be acked when an earlier one is gone on with already.
        ours = isinstance(reply, Ack) and reply.session in {None, self._progress.session}
        if isinstance(reply, Ack) and ours and reply.seq is not None:
            self._progress.own(reply.seq)
        return self._progress.answered(pending.ref)

    def _progress_of(self, session: str) -> LogCursor:
        """Return the progress of ``session``; a visitor has one session at a time."""
        if self._expected is not None and self._expected.session == session:
            return self._expected
        if self._progress.session != session:
            self._progress = LogCursor(session)
        return self._progress
