"""Ctrl-C, and what a service manager sends: the first one asks for an end, the second wants it now.

Owns the signals of the commands that run until they are told to stop. Must not know what runs.
"""

import signal
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

import anyio

from livehelp.background import background


class Stopped:
    """What has been asked for.

    Attributes:
        by: The number of the last signal; 0: none came.
    """

    def __init__(self) -> None:
        self.by = 0


@asynccontextmanager
async def stopping(stop: Callable[[], object]) -> AsyncGenerator[Stopped]:
    """Call ``stop`` at the first signal while the block lasts; at the second, cancel the block."""
    stopped = Stopped()
    with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async with background() as tasks:

            async def heed() -> None:
                async for number in signals:
                    if stopped.by:
                        tasks.cancel_scope.cancel()
                    stopped.by = number
                    stop()

            tasks.start_soon(heed)
            yield stopped
