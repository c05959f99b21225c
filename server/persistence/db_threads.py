"""Reading the database without holding up the event loop.

Owns the bound on reading threads.
"""

from collections.abc import Callable
from functools import partial
from typing import Final, ParamSpec, TypeVar

import trio

# SQLite reads in parallel with the writer under WAL; more threads than this only fight for the
# interpreter's lock.
READERS: Final = 4

P = ParamSpec("P")
T = TypeVar("T")


class DatabaseThreads:
    """Runs read calls of the archive in at most READERS threads."""

    def __init__(self) -> None:
        self._limiter = trio.CapacityLimiter(READERS)

    async def __call__(self, read: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return ``read(*args, **kwargs)``, run in a thread."""
        return await trio.to_thread.run_sync(partial(read, *args, **kwargs), limiter=self._limiter)
