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
    everything. Only what was raised in this package and says all in words is cut, or taken out of
    its group; anything else is a fault of ours, or somebody else's, and is left whole.
    """
    inner = error
    while isinstance(inner, BaseExceptionGroup):
        group = cast("BaseExceptionGroup[BaseException]", inner)
        inner, *others = group.exceptions
        if others:
            return error
    entries = list(_entries(inner.__traceback__))
    if not isinstance(inner, IN_WORDS) or not entries or _is_the_callers(entries[-1]):
        return error
    if callers := list(takewhile(_is_the_callers, entries)):
        callers[-1].tb_next = None
    return inner


def _entries(trace: TracebackType | None) -> Iterator[TracebackType]:
    while trace is not None:
        yield trace
        trace = trace.tb_next


def _is_the_callers(entry: TracebackType) -> bool:
    module = str(entry.tb_frame.f_globals.get("__name__"))
    # An `async with` of ours enters it by way of contextlib.
    return module != "contextlib" and not module.startswith("livehelp.")
