"""Tracebacks of errors that say all in words: they end where the test called.

Owns what is cut off. Must not know pytest.
"""

from collections.abc import Iterator
from itertools import takewhile
from types import TracebackType
from typing import Final, cast

from livehelp.client import LiveHelpError
from livehelp.stage import StageError

# A ValueError that is raised in here says what was written wrongly, and what is right.
IN_WORDS: Final = LiveHelpError, StageError, ValueError


def shorten(error: BaseException) -> BaseException:
    """Cut what is below the caller of this package off the traceback, and return what to show.

    That is ``error``, or the one error in its group: some runners of async tests make a group of
    everything. An error that does not say all in words is left whole: it is a fault of ours.
    """
    if isinstance(error, BaseExceptionGroup):
        group = cast("BaseExceptionGroup[BaseException]", error)
        inner = [shorten(one) for one in group.exceptions]
        return inner[0] if len(inner) == 1 and isinstance(inner[0], IN_WORDS) else group
    if isinstance(error, IN_WORDS):
        entries = list(_entries(error.__traceback__))
        callers = list(takewhile(_is_the_callers, entries))
        if callers and not _is_the_callers(entries[-1]):
            callers[-1].tb_next = None
    return error


def _entries(trace: TracebackType | None) -> Iterator[TracebackType]:
    while trace is not None:
        yield trace
        trace = trace.tb_next


def _is_the_callers(entry: TracebackType) -> bool:
    module = str(entry.tb_frame.f_globals.get("__name__"))
    # An `async with` of ours enters it by way of contextlib.
    return module != "contextlib" and not module.startswith("livehelp.")
