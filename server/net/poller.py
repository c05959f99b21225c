"""One look at all sockets: which of them have something to read.

Owns a selector of its own inside trio's, and the one task that asks it. With a task waiting on
each socket, waking that task for one line cost more than everything done with the line; here one
task is woken for all lines that have come, and calls a plain function for each socket (measured:
docs/architecture.md). Must not know what is read.
"""

import selectors
from collections.abc import Callable
from socket import socket
from typing import Final, TypeAlias

import trio

from server.persistence.journal import Journal

Ready: TypeAlias = Callable[[], None]
_READ: Final = selectors.EVENT_READ


class Poller:
    """Calls back whoever watches a socket, whenever there is something to read.

    Args:
        journal: While its queue is full nothing is read, from nobody; the kernel's buffers fill,
            and the peers wait.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._selector = selectors.DefaultSelector()
        self._stopped = False

    def watch(self, sock: socket, ready: Ready) -> None:
        """Call ``ready`` each time ``sock`` is readable or broken; it must not wait, nor raise."""
        self._selector.register(sock, _READ, ready)

    def forget(self, sock: socket) -> None:
        """Stop watching ``sock``; to be called before it is closed."""
        watched = self._selector.get_map()
        # None: it has been closed, for everything is cancelled at once.
        if watched is not None and sock.fileno() in watched:  # pyright: ignore[reportUnnecessaryComparison]
            self._selector.unregister(sock)

    def stop(self) -> None:
        """Read no more, from nobody."""
        self._stopped = True

    async def run(self) -> None:
        """Look and call back, for ever."""
        with self._selector as selector:
            while True:
                await trio.lowlevel.wait_readable(selector.fileno())
                for key, _ in selector.select(0):
                    if self._journal.full or self._stopped:
                        break  # who has not been read is found again at the next look
                    key.data()
                if self._stopped:
                    await trio.sleep_forever()  # the connections still have to be forgotten
                await self._journal.wait_for_space()
