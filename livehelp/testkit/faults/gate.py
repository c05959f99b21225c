"""A valve: shut for a time, then everything passes.

Owns a wait that can be ended early. Must not know what passes.
"""

import math

import anyio


class Valve:
    """Open at first."""

    def __init__(self) -> None:
        self._shut_until = -math.inf
        self._moved = anyio.Event()

    def shut(self, seconds: float) -> None:
        """Let nothing pass for so long from now, or for as long as before if that is longer."""
        self._shut_until = max(self._shut_until, anyio.current_time() + seconds)

    def open(self) -> None:
        """Let everything pass."""
        self._shut_until = -math.inf
        self._moved.set()
        self._moved = anyio.Event()

    @property
    def is_shut(self) -> bool:
        """Whether nothing passes just now."""
        return self._shut_until > anyio.current_time()

    async def passed(self) -> None:
        """Wait until it is open."""
        while self.is_shut:
            with anyio.CancelScope(deadline=self._shut_until):
                await self._moved.wait()
