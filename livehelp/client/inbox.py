"""What has come and was not taken yet.

Owns the bound between a server that tells and a program that does not listen. Must not know what
the messages mean, but which may be lost.
"""

from collections import deque
from typing import Final

import anyio

from livehelp.client.connection_lost import ConnectionLost
from livehelp.client.states import Incoming, LinkEnded, LinkLost, LinkUp
from livehelp.wire.events import Event

# Replies and messages come on one connection. If reading stopped while nobody takes the messages,
# a program that waits for an ack could wait for itself; so reading goes on, and this is the end
# of patience: a long working day of one busy office, about 5 MB.
MAX_UNTAKEN: Final = 10_000


class Inbox:
    """A queue of messages: put without waiting, taken one by one.

    When it is full, signals are left out, for they are out of date the moment they are sent. An
    event must not be lost, nor that the link is up again; so one too many of these ends the link,
    with a clear word.
    """

    def __init__(self) -> None:
        self._messages: deque[tuple[float, Incoming]] = deque()
        self._news = anyio.Event()
        self._closed = False

    def put(self, message: Incoming) -> None:
        """Append ``message``.

        Raises:
            Broken: an event or ``LinkUp``, and the inbox is full.
        """
        if self._closed:
            return
        if len(self._messages) >= MAX_UNTAKEN and not isinstance(message, LinkLost):
            if isinstance(message, Event | LinkUp):
                raise ConnectionLost(
                    f"{MAX_UNTAKEN} messages came that the program did not take",
                    "Read the client in a loop: async for message in client.",
                    final=True,
                )
            return
        if isinstance(message, LinkLost) and self._ends_with_a_try():
            self._messages.pop()  # the loss and the newest try tell all; a night fills no inbox
        self._messages.append((anyio.current_time(), message))
        self._news.set()

    def close(self, last: LinkEnded | None = None) -> None:
        """Let the taker have what is there, then ``last``, then nothing more."""
        if self._closed:
            return
        if last is not None:
            self._messages.append((anyio.current_time(), last))
        self._closed = True
        self._news.set()

    @property
    def untaken(self) -> tuple[tuple[float, Incoming], ...]:
        """What is here: each message, and when it came."""
        return tuple(self._messages)

    def take_now(self) -> tuple[float, Incoming] | None:
        """Return the oldest message and when it came (on the loop's clock), None without any."""
        return self._messages.popleft() if self._messages else None

    async def more(self) -> None:
        """Wait until a message comes. Everybody who waits is told, whoever takes it.

        Raises:
            EndOfStream: none will, it is closed.
        """
        if self._closed:
            raise anyio.EndOfStream
        if self._news.is_set():
            self._news = anyio.Event()
        await self._news.wait()

    def _ends_with_a_try(self) -> bool:
        """Return whether the last message is a try to connect again, behind the loss itself."""
        return len(self._messages) > 1 and all(
            isinstance(self._messages[at][1], LinkLost) for at in (-1, -2)
        )

    async def take(self) -> tuple[float, Incoming]:
        """Return the oldest message, waiting for one, and when it came (on the loop's clock).

        Raises:
            EndOfStream: it is closed and empty.
        """
        # No full checkpoint for each message: a busy operator's program spent a third of its time
        # on them. What is here is bounded, and then this waits.
        await anyio.lowlevel.checkpoint_if_cancelled()
        while (taken := self.take_now()) is None:
            await self.more()
        return taken
