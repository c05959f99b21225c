"""Something asynchronous, held open for a program without an event loop.

Owns the way between the two threads. Must not know what is held.
"""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, ExitStack
from functools import partial
from types import TracebackType
from typing import Generic, ParamSpec, Self, TypeVar

from anyio.from_thread import BlockingPortal

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")


class Held(Generic[T]):
    """What an async context manager gave, until ``close`` or the end of a ``with`` block.

    Args:
        portal: To the event loop that it lives in.
        manager: Is entered at once.
    """

    def __init__(self, portal: BlockingPortal, manager: AbstractAsyncContextManager[T]) -> None:
        self._portal = portal
        self._open = ExitStack()
        self._held = self._open.enter_context(portal.wrap_async_context_manager(manager))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Leave, as a program that ends; a second time does nothing."""
        self._open.close()

    def _wait(self, what: Callable[P, Awaitable[R]], *args: P.args, **named: P.kwargs) -> R:
        """Await ``what(...)`` there, which must not take for ever, and return its answer."""
        return self._portal.call(partial(what, *args, **named))

    def _do(self, what: Callable[P, R], *args: P.args, **named: P.kwargs) -> R:
        """Call ``what(...)`` there, between two steps of what is held, and return its answer."""
        return self._portal.call(partial(what, *args, **named))
