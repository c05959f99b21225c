"""When a stream is over before its input is: a signal, or nobody who reads the output.

Owns the two reasons and the exit codes that go with them. Must not know what is to be done before
leaving.
"""

import signal
from collections.abc import AsyncGenerator, AsyncIterator, Generator
from contextlib import asynccontextmanager, contextmanager
from typing import Final

import anyio
from anyio.abc import TaskGroup

from livehelp.background import background
from livehelp.client.errors import LiveHelpError
from livehelp.streams.stdio import Output

# Ctrl-C, and what a service manager and `timeout` send. The exit code is the shell's: 128 and the
# signal's number.
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)
# How long the server may take to hear the farewell. Somebody waits for the prompt of the shell.
FAREWELL_SECONDS: Final = 5.0


class Shutdown:
    """Tells the work when to stop.

    Attributes:
        work: The scope of the work: cancelled when it is time to go.
        code: The exit code: 0, unless something went wrong or somebody was impatient.
        failure: Why the output cannot be written, if that is not its reader's wish.
    """

    def __init__(self) -> None:
        self.work = anyio.CancelScope()
        self.code = 0
        self.failure: OSError | None = None

    def now(self, code: int) -> None:
        """Stop the work; the first reason is the one that counts."""
        if not self.work.cancel_called:
            self.code = code
            self.work.cancel()

    def result(self) -> int:
        """Return the exit code, when all is done.

        Raises:
            OSError: the output could not be written.
        """
        if self.failure is not None:
            raise self.failure
        return self.code

    @contextmanager
    def minding_output(self) -> Generator[None]:
        """Leave when the output cannot be written.

        A reader who goes away has had enough, as in ``| head -3``: that is code 0. A full disk is
        a failure.
        """
        try:
            yield
        except BrokenPipeError:
            self.now(0)
        except OSError as why:
            self.failure = why
            self.now(1)


@asynccontextmanager
async def watched(out: Output) -> AsyncGenerator[Shutdown]:
    """Heed signals, and the reader of ``out``, while the block runs."""
    leaving = Shutdown()
    with anyio.open_signal_receiver(*_SIGNALS) as signals:
        async with background() as watchers:
            watchers.start_soon(_heed_signals, signals, leaving)
            watchers.start_soon(_heed_reader, out, leaving)
            yield leaving


@asynccontextmanager
async def task_group() -> AsyncGenerator[TaskGroup]:
    """A task group that lets an error of its block out as it is, in no group.

    It does so for the client's errors and for an output that cannot be written, and other than
    ``background`` it waits for its tasks.
    """
    failed: LiveHelpError | OSError | None = None
    async with anyio.create_task_group() as tasks:
        try:
            yield tasks
        except (LiveHelpError, OSError) as why:
            failed = why
    if failed is not None:
        raise failed


async def _heed_signals(signals: AsyncIterator[signal.Signals], leaving: Shutdown) -> None:
    async for number in signals:
        leaving.now(128 + number)


async def _heed_reader(out: Output, leaving: Shutdown) -> None:
    await out.reader_gone()
    leaving.now(0)
