"""The people of a test: visitors and operators, each with a connection, all gone afterwards.

Owns the usual beginnings (hello, sign in, start, take) and the tidying up: every visit that a test
began is ended, for another test, or another visitor of a busy server, must not find it. Must not
know what is tested.
"""

import secrets
import time
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, Final

from tests.conformance.report import not_tried
from tests.conformance.target import Machine, Target
from tests.conformance.wire import Broken, Client, Message

PROTOCOL: Final = 1
TOPIC: Final = "Taxes"
# Events that a server may add to a log at any time: a test that counts numbers leaves them out.
UNASKED: Final = frozenset({"host_found"})
# What chapter 9 lists; an event is known by its type, for replies have a seq too.
EVENTS: Final = frozenset(
    {
        *("opened", "host_found", "line", "joined", "left", "transferred", "noted"),
        *("topic_set", "closed", "interview_answered", "transcript_requested"),
    }
)


class Desk:
    """Makes people on one server.

    Args:
        target: The server.
    """

    def __init__(self, target: Target) -> None:
        self.target = target
        self._clients: list[Client] = []
        self._visits: dict[str, str] = {}

    @property
    def machine(self) -> Machine:
        """The server, to be killed and started again; only where it is ours."""
        assert self.target.machine is not None, "the fixture would have passed over the test"
        return self.target.machine

    # --- connections --------------------------------------------------------------------------

    def connect(self, window: int | None = None) -> Client:
        """Return a connection on which nothing was said yet."""
        client = Client(self.target.host, self.target.port, self.target.within, window)
        self._clients.append(client)
        return client

    def guest(self, role: str = "visitor", window: int | None = None, **hello: Any) -> Client:
        """Return a connection that has said hello."""
        client = self.connect(window)
        self.greet(client, role=role, **hello)
        return client

    def greet(self, client: Client, /, role: str = "visitor", **hello: Any) -> Message:
        """Say hello; return the server's."""
        client.send("hello", **{"protocol": PROTOCOL, "role": role} | hello)
        return client.wait("hello")

    # --- visitors -----------------------------------------------------------------------------

    def visitor(self, name: str = "Pat", topic: str = TOPIC, **hello: Any) -> Client:
        """Return a visitor who has started a session and seen its ``opened``."""
        client = self.guest(**hello)
        self.start(client, name=name, topic=topic)
        return client

    def start(self, client: Client, /, **fields: Any) -> Message:
        """Start a session with a key of its own, or the given one; return ``started``."""
        started = client.do("start", **{"name": "Pat", "topic": TOPIC, "key": new_key()} | fields)
        if started["type"] != "started":
            raise client.broken("'start' was not answered with 'started'")
        self.own(client, started)
        client.wait("opened", session=client.session)
        return started

    def own(self, client: Client, started: Message) -> None:
        """Take a session that was started for one of this test, which ends it."""
        client.session, client.key = started["session"], started["key"]
        self._visits[client.session] = client.key

    def back(self, visitor: Client, after: int = 0, **hello: Any) -> Client:
        """Return a new connection of this visitor that has resumed the session."""
        client = self.guest(**hello)
        client.do("resume", session=visitor.session, after=after, key=visitor.key)
        client.session, client.key = visitor.session, visitor.key
        return client

    # --- operators ----------------------------------------------------------------------------

    def operator(self, **hello: Any) -> Client:
        """Return the first operator, signed in."""
        return self.sign_in(self.target.operators[0], **hello)

    def colleague(self, **hello: Any) -> Client:
        """Return the second operator, signed in."""
        return self.sign_in(self.target.operators[1], **hello)

    def sign_in(self, name: str, **hello: Any) -> Client:
        """Return an operator who is signed in and has seen the floor."""
        client = self.guest(role="operator", **hello)
        ticket = self.target.tickets.get(name)
        if ticket is None or client.ask("login", ticket=ticket)["type"] == "error":
            self.login(client, name)
            self.target.tickets[name] = client.ticket
        client.name, client.ticket = name, self.target.tickets[name]
        client.wait("roster")
        return client

    def login(self, client: Client, name: str) -> Message:
        """Sign in with the password; return ``logged_in``. A ``slow_down`` is waited for."""
        until = time.monotonic() + 4 * self.target.within
        password = self.target.passwords[name]
        while (reply := client.ask("login", name=name, password=password)).get(
            "code"
        ) == "slow_down":
            if time.monotonic() > until:
                break
            client.listen(1.0)
        if reply["type"] != "logged_in":
            raise client.broken(f"{name!r} could not sign in")
        client.name, client.ticket = reply["name"], reply["ticket"]
        return reply

    def operator_of_an_empty_queue(self) -> Client:
        """Return the first operator if nobody waits; on a busy server the test is not tried."""
        operator = self.operator()
        if operator.all("visit", phase="waiting"):
            assert self.target.machine is None, "a test has left a visit behind"
            not_tried("other visitors wait on this server")
        return operator

    # --- together -----------------------------------------------------------------------------

    def pair(self, **hello: Any) -> tuple[Client, Client]:
        """Return a visitor, and the first operator, who has taken them and has the log."""
        operator = self.operator()
        visitor = self.visitor(**hello)
        self.take(operator, visitor)
        return visitor, operator

    def take(self, operator: Client, visitor: Client) -> None:
        """Let an operator take a visitor; both have seen it afterwards."""
        operator.do("take", session=visitor.session)
        operator.wait("resumed", session=visitor.session)
        visitor.wait("joined", session=visitor.session, operator=operator.name)

    def close(self) -> None:
        """End every visit, and close every connection."""
        for session, key in self._visits.items():
            with suppress(OSError, Broken):
                self._end_visit(session, key)
        for client in self._clients:
            client.leave()

    def _end_visit(self, session: str, key: str) -> None:
        with self.guest() as client:
            if client.do("resume", session=session, key=key).get("phase") != "closed":
                client.do("end")


def new_key() -> str:
    """Return a secret as a client makes it up."""
    return secrets.token_urlsafe(16)


def log(messages: Iterable[Message], session: str) -> list[Message]:
    """Return the events of a session as they came, without those that come by themselves."""
    return [
        message
        for message in messages
        if message["type"] in EVENTS - UNASKED and message.get("session") == session
    ]


def kinds(events: Iterable[Message]) -> list[str]:
    """Return the types of events."""
    return [event["type"] for event in events]


def seqs(events: Iterable[Message]) -> list[int]:
    """Return the numbers of events."""
    return [event["seq"] for event in events]


def texts(events: Iterable[Message]) -> list[str]:
    """Return the texts of the lines among events."""
    return [event["text"] for event in events if event["type"] == "line"]
