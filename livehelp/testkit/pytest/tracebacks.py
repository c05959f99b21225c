"""Cuts tracebacks of errors that need no traceback: they end at the line of the test."""

from collections.abc import Iterator
from itertools import takewhile
from types import TracebackType
from typing import Final, cast

from livehelp.client import LiveHelpError
from livehelp.testkit.server import ServerProcessError

_OURS: Final = "livehelp"
# What stands between a caller and us: it runs their tasks and groups, and enters what is ours.
_BETWEEN: Final = frozenset({_OURS, "anyio", "asyncio", "contextlib", "outcome", "trio"})
# A ValueError that is raised in here says what was written wrongly, and what is right.
IN_WORDS: Final = LiveHelpError, ServerProcessError, ValueError


def shorten(error: BaseException) -> BaseException:
    """Cut what is below the caller of this package off the traceback, and return what to show.

    That is ``error``, or the one error in its group: some runners of async tests make a group of
    everything. Only what was raised in this package and says all in words is cut, or taken out of
    its group; anything else is a fault of ours, or somebody else's, and is left whole.
    """
    inner, groups = error, list[BaseException]()
    while isinstance(inner, BaseExceptionGroup):
        group = cast("BaseExceptionGroup[BaseException]", inner)
        groups.append(group)
        inner, *others = group.exceptions
        if others:
            return error
    entries = list(_entries(inner.__traceback__))
    if not isinstance(inner, IN_WORDS) or not entries or _package(entries[-1]) != _OURS:
        return error
    callers = list(takewhile(lambda entry: _package(entry) != _OURS, entries))
    if not _end_at_the_caller(callers) and groups:
        return _at_the_end_of_a_group(inner, groups) or error
    return inner


def _at_the_end_of_a_group(
    inner: BaseException, groups: list[BaseException]
) -> BaseException | None:
    """Show ``inner`` where the caller's innermost task group ended; None if there is none.

    A task that is a method of a client, as in ``start_soon(pat.say, "Hello")``, has no line of the
    caller's in its traceback.
    """
    for group in reversed(groups):
        if _end_at_the_caller(list(_entries(group.__traceback__))):
            return inner.with_traceback(group.__traceback__)
    return None


def _end_at_the_caller(entries: list[TracebackType]) -> bool:
    """Cut off what is below the last line of the caller's; return whether there is one."""
    for entry in reversed(entries):
        if _package(entry) not in _BETWEEN:
            entry.tb_next = None
            return True
    return False


def _entries(trace: TracebackType | None) -> Iterator[TracebackType]:
    while trace is not None:
        yield trace
        trace = trace.tb_next


def _package(entry: TracebackType) -> str:
    return str(entry.tb_frame.f_globals.get("__name__")).partition(".")[0]
