"""A gate that is closed for a time, so that a link stalls or refuses new connections."""

import math

import anyio


class Gate:
    """Open at first."""

    def __init__(self) -> None:
        self._closed_until = -math.inf
        self._opened = anyio.Event()

    def close_for(self, seconds: float) -> None:
        """Close it for so long from now; a present time that ends later stays."""
        self._closed_until = max(self._closed_until, anyio.current_time() + seconds)

    def open(self) -> None:
        """Open it before its time."""
        self._closed_until = -math.inf
        self._opened.set()
        self._opened = anyio.Event()

    @property
    def is_closed(self) -> bool:
        """Whether nothing passes now."""
        return self._closed_until > anyio.current_time()

    async def wait_open(self) -> None:
        """Wait until it is open."""
        while self.is_closed:
            with anyio.CancelScope(deadline=self._closed_until):
                await self._opened.wait()
