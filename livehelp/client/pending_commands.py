"""The commands that have no answer yet.

Owns their numbers (``ref``), their order, and the bound on how many there may be. Must not know
the connection: the link sends, and sends again.
"""

from collections.abc import Iterator
from typing import Final

import anyio
import msgspec

from livehelp.client.errors import LinkDown, LiveHelpError, Refused
from livehelp.wire.base import tag_of
from livehelp.wire.codec import encode
from livehelp.wire.commands import Command, Say
from livehelp.wire.frames import MAX_CLIENT_LINE
from livehelp.wire.replies import Ack, Error, ErrorCode, Reply

# The protocol's window: a server keeps the answers of a few windows, to answer what is sent again.
MAX_UNANSWERED: Final = 64
# `,"ref":` and a number of 16 digits, the largest one the wire takes; and the line feed.
_ROOM_FOR_REF: Final = 24


class Pending:
    """One command that waits for its answer.

    Attributes:
        command: As it is sent; its ``ref`` included, once it is among the outstanding.
        ref: Its number, 0 before.
        sends: How many connections it was sent on; 0 until it left.
    """

    __slots__ = ("_done", "_failure", "_reply", "command", "ref", "sends")

    def __init__(self, command: Command) -> None:
        self.command = command
        self.ref = 0
        self.sends = 0
        self._done = anyio.Event()
        self._reply: Reply | None = None
        self._failure: LiveHelpError | None = None

    @property
    def outcome(self) -> str:
        """What has become of it so far, in a word or two; empty while the answer is awaited."""
        reply = self._reply
        if isinstance(reply, Error):
            return f"refused: {reply.code}"
        if isinstance(reply, Ack):
            return "acked" if reply.seq is None else f"acked #{reply.seq}"
        if reply is not None:
            return tag_of(type(reply).__name__)
        return "" if self.sends else "not sent"

    def answer(self, reply: Reply) -> None:
        """The server answered."""
        if isinstance(reply, Error):
            self._failure = Refused(reply.code, reply.message)
        self._reply = reply
        self._done.set()

    def fail(self, failure: LiveHelpError) -> None:
        """There will be no answer."""
        self._failure = failure
        self._done.set()

    async def wait(self) -> Reply:
        """Return the reply; raises ``Refused`` for an error reply, ``LinkDown`` without any."""
        await self._done.wait()
        if self._failure is not None:
            raise self._failure
        if self._reply is None:
            raise LinkDown("There was no answer.")
        return self._reply


class PendingCommands:
    """The window of commands without an answer, oldest first."""

    def __init__(self) -> None:
        self._last_ref = 0
        self._pending: dict[int, Pending] = {}
        self._free = anyio.Semaphore(MAX_UNANSWERED)

    def __iter__(self) -> Iterator[Pending]:
        return iter(tuple(self._pending.values()))

    async def add(self, pending: Pending) -> None:
        """Number a command and take it in; waits while the window is full.

        Raises:
            Refused: no server takes it; sending it would end the connection.
        """
        try:
            length = len(encode(pending.command))
        except UnicodeEncodeError:
            raise Refused(
                ErrorCode.BAD_FIELD, "There is half a character in it, which cannot be sent."
            ) from None
        if length > MAX_CLIENT_LINE - _ROOM_FOR_REF:
            raise Refused(
                ErrorCode.LINE_TOO_LONG, "That is too long to be sent at once. Send it in parts."
            )
        await self._free.acquire()
        self._last_ref += 1
        pending.ref = self._last_ref
        pending.command = msgspec.structs.replace(pending.command, ref=pending.ref)
        self._pending[pending.ref] = pending

    def says_at_risk(self, session: str | None = None) -> list[int]:
        """Return the refs of the lines that left and were not acked: a log may hold them.

        Args:
            session: As it stands in the command: a visitor names none.
        """
        return [
            p.ref
            for p in self
            if p.sends and isinstance(p.command, Say) and p.command.session == session
        ]

    def get(self, ref: int) -> Pending | None:
        """Return the command of that number, None if it has been answered."""
        return self._pending.get(ref)

    def remove(self, pending: Pending) -> None:
        """Take a command out, and let the next one in."""
        if self._pending.pop(pending.ref, None) is not None:
            self._free.release()

    def fail_all(self, why: str) -> None:
        """There will be no link any more: everybody who waits is told."""
        for pending in self:
            pending.fail(LinkDown(why))
            self.remove(pending)
