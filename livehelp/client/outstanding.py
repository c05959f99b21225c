"""The commands that have no answer yet.

Owns their numbers (``ref``), their order, and the bound on how many there may be. Must not know
the connection: the link sends, and sends again.
"""

from collections.abc import Iterator
from typing import Final

import anyio
import msgspec

from livehelp.client.errors import LinkDown, LiveHelpError, Refused
from livehelp.wire.codec import encode
from livehelp.wire.commands import Command
from livehelp.wire.frames import MAX_CLIENT_LINE
from livehelp.wire.replies import Error, ErrorCode, Reply

# The protocol's window: a server keeps the answers of a few windows, to answer what is sent again.
MAX_UNANSWERED: Final = 64
# `,"ref":` and a number of 16 digits, the largest one the wire takes; and the line feed.
_ROOM_FOR_REF: Final = 24


class Pending:
    """One command that waits for its answer.

    Attributes:
        command: As it is sent, its ``ref`` included.
        sends: How many connections it was sent on; 0 until it left.
    """

    __slots__ = ("_done", "_failure", "_reply", "command", "ref", "sends")

    def __init__(self, command: Command, ref: int) -> None:
        self.command = command
        self.ref = ref
        self.sends = 0
        self._done = anyio.Event()
        self._reply: Reply | None = None
        self._failure: LiveHelpError | None = None

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


class Outstanding:
    """The window of commands without an answer, oldest first."""

    def __init__(self) -> None:
        self._last_ref = 0
        self._pending: dict[int, Pending] = {}
        self._free = anyio.Semaphore(MAX_UNANSWERED)

    def __iter__(self) -> Iterator[Pending]:
        return iter(tuple(self._pending.values()))

    async def add(self, command: Command) -> Pending:
        """Number ``command`` and take it in; waits while the window is full.

        Raises:
            Refused: it is longer than any server takes; sending it would end the connection.
        """
        if len(encode(command)) > MAX_CLIENT_LINE - _ROOM_FOR_REF:
            raise Refused(
                ErrorCode.LINE_TOO_LONG, "That is too long to be sent at once. Send it in parts."
            )
        await self._free.acquire()
        self._last_ref += 1
        pending = Pending(msgspec.structs.replace(command, ref=self._last_ref), self._last_ref)
        self._pending[pending.ref] = pending
        return pending

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
