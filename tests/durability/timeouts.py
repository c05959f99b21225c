"""Repeats a command until a full disk has room again."""

from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import anyio

from livehelp.client import Refused
from livehelp.wire.replies import ErrorCode

T = TypeVar("T")
# In seconds. The server itself waits for longer before it tries its disk again.
PAUSE: Final = 0.01


async def persist(ask: Callable[[], Awaitable[T]]) -> T:
    """Ask until it is stored; return what that brought.

    Raises:
        Refused: for another reason.
    """
    while True:
        try:
            return await ask()
        except Refused as refused:
            if refused.code is not ErrorCode.NOT_STORED:
                raise
        await anyio.sleep(PAUSE)
