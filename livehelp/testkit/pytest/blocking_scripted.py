"""``ScriptedOperator`` without ``await``. Owns nothing: each method is that one's."""

import re

from livehelp.client import MessageLog
from livehelp.client.client import PATIENCE
from livehelp.testkit.pytest.held import Held
from livehelp.testkit.pytest.scripted import ScriptedOperator
from livehelp.wire.events import Line


class BlockingScriptedOperator(Held[ScriptedOperator]):
    """An operator who works by rules, beside a test without an event loop."""

    @property
    def heard(self) -> list[Line]:
        """The lines of all visitors so far, in order."""
        return list(self._held.heard)

    @property
    def name(self) -> str | None:
        """The name it is signed in with."""
        return self._held.name

    @property
    def seen(self) -> MessageLog:
        """The record of all that came to it, and what it said, as it is now."""
        return self._do(self._held.seen.copy)

    def expect_line(
        self,
        text: str | None = None,
        *,
        match: str | re.Pattern[str] | None = None,
        name: str | None = None,
        session: str | None = None,
        within: float = PATIENCE,
    ) -> Line:
        """Return the next line that a visitor said to it, waiting for it."""
        return self._wait(
            self._held.expect_line, text, match=match, name=name, session=session, within=within
        )
