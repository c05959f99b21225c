"""The participants of the state machine: a connection at a time, and what each was told so far.

Owns what somebody knows of each session, through lost links. Raw connections, step by step.
"""

from msgspec.structs import replace

from livehelp.client import Overview
from livehelp.testkit.server import PASSWORD, ServerProcess
from livehelp.wire.commands import Command, Login, Logout, Recall, Resume, Say, Start
from livehelp.wire.events import AnyEvent, Event
from livehelp.wire.replies import Ack, Earlier, LoggedIn, Reply, Resumed, Started
from livehelp.wire.signals import Presence, Roster, Visit
from tests.durability.caller import Caller, code_of
from tests.durability.model import Entry, entry


class AtDesk:
    """Somebody with a connection, or without one just now.

    Args:
        server: Where.
        name: Theirs.
    """

    def __init__(self, server: ServerProcess, name: str, role: str) -> None:
        self.name = name
        self._server = server
        self._role = role
        self._ref = 0
        self._caller: Caller | None = None
        self._taken_in = 0
        self._known: dict[str, dict[int, Entry]] = {}

    @property
    def connected(self) -> bool:
        """Whether they have a link."""
        return self._caller is not None

    @property
    def caller(self) -> Caller:
        """The connection."""
        assert self._caller is not None, "connected"
        return self._caller

    def known(self, session: str) -> dict[int, Entry]:
        """Return what they know of a session's log, by number."""
        self._take_in()
        return self._known.get(session, {})

    def ask(self, command: Command) -> Reply:
        """Send a command; what was said and stored is known by its ack."""
        self._ref += 1
        reply = self.caller.ask(replace(command, ref=self._ref))
        if isinstance(command, Say) and isinstance(reply, Ack):
            assert reply.session is not None
            assert reply.seq is not None
            self._take_in()
            by = "visitor" if self._role == "visitor" else "operator"
            own = ("line", by, self.name, command.text)
            self._known.setdefault(reply.session, {})[reply.seq] = own
        return reply

    def post(self, command: Command) -> None:
        """Send a command that is not answered."""
        self.caller.post(command)

    def barrier(self) -> None:
        """Hear everything that was sent so far."""
        self.caller.barrier()

    def lose(self) -> None:
        """Lose the link; nothing happens without one."""
        if self._caller is not None:
            self._take_in()
            self._caller.close()
            self._caller = None

    def _connect(self, **hello: str) -> Caller:
        address = self._server.host, self._server.port
        self._caller = Caller(address, role=self._role, run=f"{id(self)}", **hello)
        self._taken_in = 0
        return self._caller

    def _take_in(self) -> None:
        if self._caller is None:
            return
        heard = self._caller.heard
        for message in heard[self._taken_in :]:
            if isinstance(message, Event):
                self._learn(message)
            elif isinstance(message, Visit | Presence | Roster):
                self._see(message)
        self._taken_in = len(heard)

    def _learn(self, event: AnyEvent) -> None:
        known = self._known.setdefault(event.session, {})
        assert known.get(event.seq, entry(event)) == entry(event)
        known[event.seq] = entry(event)

    def _see(self, signal: Visit | Presence | Roster) -> None:
        """Only operators look at the floor."""


class VisitorAtDesk(AtDesk):
    """A visitor."""

    def __init__(self, server: ServerProcess, name: str) -> None:
        super().__init__(server, name, "visitor")
        self._session = self._key = ""

    def connect(self, token: str | None) -> Earlier | None:
        """Connect, with the token of an earlier visit; return what the server knows of that."""
        caller = self._connect(**({} if token is None else {"token": token}))
        return caller.server.earlier

    def start(self, *, remember: bool) -> Started:
        """Start a visit."""
        started = self.ask(Start(name=self.name, topic="Taxes", remember=remember))
        assert isinstance(started, Started), started
        self._session, self._key = started.session, started.key
        return started

    def come_back(self) -> None:
        """Connect again and resume, with what is known."""
        last = max(self.known(self._session))
        self._connect()
        resumed = self.ask(Resume(session=self._session, after=last, key=self._key))
        assert isinstance(resumed, Resumed), resumed

    def _learn(self, event: AnyEvent) -> None:
        known = self._known.get(event.session, {})
        assert event.seq > max(known, default=0), "a visitor is told in order, and once"
        super()._learn(event)


class OperatorAtDesk(AtDesk):
    """An operator.

    Attributes:
        overview: What the client library makes of what was told.
        shown: The visits that the last sign-in showed.
        roster: Who is signed in, as told last.
    """

    def __init__(self, server: ServerProcess, name: str) -> None:
        super().__init__(server, name, "operator")
        self.overview = Overview()
        self.shown: list[Visit] = []
        self.roster: tuple[str, ...] = ()
        self._ticket: str | None = None

    def sign_in(self) -> None:
        """Connect and sign in: with the ticket, if there is one."""
        caller = self._connect()
        how = Login(name=self.name, password=PASSWORD)
        if self._ticket is not None:
            how = Login(ticket=self._ticket)
        reply = self.ask(how)
        assert isinstance(reply, LoggedIn), reply
        self._ticket = reply.ticket
        self.overview.begin(self.name)
        caller.until(Roster)
        self.shown = [message for message in caller.heard if isinstance(message, Visit)]
        assert len(self.shown) == reply.visits
        self._take_in()

    def resume(self, session: str) -> None:
        """Take up a session again, after what is known without a gap."""
        known = self.known(session)
        last = next(number for number in range(len(known) + 1) if number + 1 not in known)
        resumed = self.ask(Resume(session=session, after=last))
        assert isinstance(resumed, Resumed), resumed

    def joined(self, session: str) -> None:
        """Wait for the log that comes with a joining."""
        self.caller.until(Resumed, lambda resumed: resumed.session == session)

    def recall(self, command: Recall) -> tuple[Reply, list[AnyEvent]]:
        """Recall; return the reply, and the events that came before it."""
        self.barrier()
        self._take_in()
        first = len(self.caller.heard)
        reply = self.ask(command)
        events = [message for message in self.caller.heard[first:] if isinstance(message, Event)]
        self._taken_in = len(self.caller.heard)  # of another log, and not of the floor
        return reply, events

    def sign_out(self) -> None:
        """Sign out, and leave."""
        assert code_of(self.ask(Logout())) == "ack"
        self._ticket = None
        self.lose()

    def _learn(self, event: AnyEvent) -> None:
        super()._learn(event)
        self.overview.event(event)

    def _see(self, signal: Visit | Presence | Roster) -> None:
        self.overview.signal(signal)
        if isinstance(signal, Roster):
            self.roster = signal.operators
