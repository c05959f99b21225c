"""Waits for an answer, with a timeout."""

from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import anyio

from livehelp.client import LiveHelpError, OperatorClient, VisitorClient

R = TypeVar("R")
# Whoever waits longer than any passing trouble of a test's link lasts waits for nothing.
ANSWER: Final = 20.0


async def answered(
    client: VisitorClient | OperatorClient, command: Callable[[], Awaitable[R]], within: float
) -> R:
    """Give a command of ``client`` and return its answer.

    Raises:
        LiveHelpError: it did not come within so many seconds; the words say what did.
    """
    with anyio.move_on_after(within):
        return await command()
    why = "the server says nothing" if client.connected else "the link is lost"
    raise LiveHelpError(f"no answer within {within:g} s; {why}\n{client.seen}")
