"""Who is at the other end of a connection, and how to tell them something.

Owns what the server knows of one connected client. Must not read from the connection
(``connection`` does) nor know the rules (``desk`` does).
"""

import math
import secrets
from typing import TYPE_CHECKING, Final

import trio

from livehelp.wire.base import Message
from livehelp.wire.codec import encode
from livehelp.wire.commands import ClientHello
from livehelp.wire.replies import Error, ErrorCode
from livehelp.wire.signals import Bye
from server.net.send_queue import SendQueue
from server.rules.actors import Actor, Visitor

if TYPE_CHECKING:
    from server.sessions.room import Room

VISITOR: Final = Visitor()


class Peer:
    """One connected client.

    Attributes:
        ip: Its address as text; ``"local"`` on a Unix socket.
        hello: What it said of itself; None until then.
        operator: The name it signed in with; None for visitors and before signing in.
        actor: Who acts when a command comes: the visitor, or that operator.
        room: A visitor's session; None before it started.
        rooms: The open sessions whose events this connection gets live.
        heard_at: When the last bytes came (trio's clock, seconds).
        active_at: When the person did something last: a command but what programs send unasked.
        signed_in_until: When an operator's sign-in has lasted as long as it may.
        chain: The token chain that its hello named; None without a living token.
        earlier: The last visit of that chain, which can be resumed without a key: the one before,
            and once this connection has started one, that. None while there is none.
        told_roster: The names of the roster that this operator was told last.
    """

    __slots__ = (
        "_log_turn",
        "_run",
        "active_at",
        "actor",
        "chain",
        "earlier",
        "heard_at",
        "hello",
        "ip",
        "operator",
        "room",
        "rooms",
        "scope",
        "send_queue",
        "signed_in_until",
        "since",
        "ticket",
        "told_roster",
    )

    def __init__(self, ip: str, outbox: SendQueue, scope: trio.CancelScope) -> None:
        self.ip = ip
        self.send_queue = outbox
        self.scope = scope
        self.since = self.heard_at = self.active_at = trio.current_time()
        self.hello: ClientHello | None = None
        self.chain: int | None = None
        self.earlier: str | None = None
        self.operator: str | None = None
        self.actor: Actor = VISITOR
        self.ticket: bytes | None = None
        self.signed_in_until = math.inf
        self.told_roster: tuple[str, ...] = ()
        self.room: Room | None = None
        self.rooms: tuple[Room, ...] = ()
        self._log_turn: trio.Lock | None = None
        self._run: str | None = None

    @property
    def is_visitor(self) -> bool:
        """True when the hello said so."""
        return self.hello is not None and self.hello.role == "visitor"

    @property
    def run(self) -> str:
        """The name of this run of the client; without one, of this connection."""
        if self._run is None:
            named = self.hello.run if self.hello else None
            self._run = named or secrets.token_urlsafe(12)
        return self._run

    @property
    def log_turn(self) -> trio.Lock:
        """Held while a log is sent, so that no two are mixed. Most peers never need one."""
        if self._log_turn is None:
            self._log_turn = trio.Lock()
        return self._log_turn

    def tell(self, message: Message) -> None:
        """Send ``message``, at once or as soon as the peer takes it."""
        self.send_queue.push(encode(message))

    def refuse(self, code: ErrorCode, message: str, ref: int | None = None) -> None:
        """Answer that a command was not carried out, and why."""
        self.tell(Error(code=code, message=message, ref=ref))

    def abort(self) -> None:
        """End the connection without a word: for the client a lost link, which it mends itself.

        For when only coming back can put right what this connection knows.
        """
        self.send_queue.finish()
        self.scope.cancel()

    def close(self, reason: str, message: str, retry: int | None = None) -> None:
        """Say goodbye and end the connection."""
        self.tell(Bye(reason=reason, message=message, retry=retry))
        self.abort()
