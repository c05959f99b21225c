"""What a blocking visitor and a blocking operator share. Owns nothing: ``livehelp.client`` does."""

import re
from collections.abc import Callable
from typing import Any, TypeVar

from livehelp.client import Incoming, OperatorClient, Seen, VisitorClient
from livehelp.client.client import PATIENCE
from livehelp.testing.held import Held
from livehelp.wire.events import Line
from livehelp.wire.replies import ServerHello

C = TypeVar("C", VisitorClient, OperatorClient)
M = TypeVar("M", bound=Incoming)


class BlockingClient(Held[C]):
    """A client without ``await``. Its stream is there for expectations only."""

    @property
    def seen(self) -> Seen:
        """What came so far, and what was asked."""
        return self._held.seen

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
