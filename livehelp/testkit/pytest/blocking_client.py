"""What a blocking visitor and a blocking operator share. Owns nothing: ``livehelp.client`` does."""

import re
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import Any, ParamSpec, TypeVar

from anyio.from_thread import BlockingPortal

from livehelp.client import Incoming, MessageLog, OperatorClient, VisitorClient
from livehelp.client.client import LISTENING, PATIENCE
from livehelp.testkit.pytest.held import Held
from livehelp.testkit.pytest.waiting import answered
from livehelp.wire.events import Line
from livehelp.wire.replies import ServerHello

C = TypeVar("C", VisitorClient, OperatorClient)
M = TypeVar("M", bound=Incoming)
P = ParamSpec("P")
R = TypeVar("R")


class BlockingClient(Held[C]):
    """A client without ``await``. Its stream is there for expectations only.

    Args:
        portal: To the event loop that it lives in.
        manager: Is entered at once.
        answer: How long a command may wait for its answer, in seconds. Expectations have times of
            their own.
    """

    def __init__(
        self, portal: BlockingPortal, manager: AbstractAsyncContextManager[C], answer: float
    ) -> None:
        super().__init__(portal, manager)
        self._answer = answer

    @property
    def seen(self) -> MessageLog:
        """The record of all that came so far, and of what was asked, as it is now."""
        return self._do(self._held.seen.copy)

    @property
    def server(self) -> ServerHello | None:
        """As of the client."""
        return self._held.server

    @property
    def connected(self) -> bool:
        """As of the client."""
        return self._held.connected

    def expect(
        self,
        kind: type[M],
        *,
        session: str | None = None,
        where: Callable[[M], bool] | None = None,
        within: float = PATIENCE,
        **fields: Any,
    ) -> M:
        """Return the next message of a kind, waiting for it; as of the client."""
        return self._wait(
            self._held.expect, kind, session=session, where=where, within=within, **fields
        )

    def never(
        self,
        kind: type[M],
        *,
        within: float = LISTENING,
        session: str | None = None,
        where: Callable[[M], bool] | None = None,
        **fields: Any,
    ) -> None:
        """Hold that a message has not come since the last expectation, and does not come now."""
        self._wait(self._held.never, kind, within=within, session=session, where=where, **fields)

    def expect_line(
        self,
        text: str | None = None,
        *,
        match: str | re.Pattern[str] | None = None,
        name: str | None = None,
        session: str | None = None,
        within: float = PATIENCE,
    ) -> Line:
        """Return the next line that somebody else said, waiting for it; as of the client."""
        return self._wait(
            self._held.expect_line, text, match=match, name=name, session=session, within=within
        )

    def _ask(self, what: Callable[P, Awaitable[R]], *args: P.args, **named: P.kwargs) -> R:
        """Give a command and return its answer; raises ``LiveHelpError`` if none comes in time."""
        return self._wait(answered, self._held, partial(what, *args, **named), self._answer)
