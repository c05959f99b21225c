"""Clients without an event loop: what the fixture ``livehelp_blocking`` gives."""

from collections.abc import Mapping
from contextlib import ExitStack
from types import TracebackType
from typing import Self, Unpack

from anyio.from_thread import start_blocking_portal

from livehelp.client import TokenFile
from livehelp.testkit.faults import Profile
from livehelp.testkit.pytest.blocking_link import BlockingLink
from livehelp.testkit.pytest.blocking_operator import BlockingOperator
from livehelp.testkit.pytest.blocking_scripted import BlockingScriptedOperator
from livehelp.testkit.pytest.blocking_visitor import BlockingVisitor
from livehelp.testkit.pytest.makers import (
    Connecting,
    Endpoint,
    LinkMaker,
    OperatorMaker,
    ScriptedOperatorMaker,
    VisitorMaker,
)
from livehelp.testkit.pytest.waiting import ANSWER


class Blocking:
    """Opens clients and links that stay open until the test ends, or until their ``close``.

    Each is a context manager too: ``with livehelp_blocking.visitor() as pat`` leaves at the end of
    the block. The arguments are those of the makers.

    Args:
        visitor: Makes visitors,
        operator: and operators,
        link: and failing links,
        scripted_operator: and operators who work by rules.
        answer: How long a command may wait for its answer, in seconds, until it fails.
    """

    def __init__(
        self,
        visitor: VisitorMaker,
        operator: OperatorMaker,
        link: LinkMaker,
        scripted_operator: ScriptedOperatorMaker,
        *,
        answer: float = ANSWER,
    ) -> None:
        self._visitor = visitor
        self._operator = operator
        self._link = link
        self._scripted_operator = scripted_operator
        self._answer = answer
        self._open = ExitStack()

    def __enter__(self) -> Self:
        # asyncio comes with Python; which loop it is nobody can tell from outside.
        self._portal = self._open.enter_context(start_blocking_portal("asyncio"))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._open.close()

    def visitor(
        self, *, tokens: TokenFile | None = None, **how: Unpack[Connecting]
    ) -> BlockingVisitor:
        """Return a visitor who has connected; as ``livehelp_visitor``."""
        manager = self._visitor(tokens=tokens, **how)
        return self._open.enter_context(BlockingVisitor(self._portal, manager, self._answer))

    def operator(
        self, name: str | None = None, *, password: str | None = None, **how: Unpack[Connecting]
    ) -> BlockingOperator:
        """Return an operator who has signed in; as ``livehelp_operator``."""
        manager = self._operator(name, password=password, **how)
        return self._open.enter_context(BlockingOperator(self._portal, manager, self._answer))

    def link(self, profile: str | Profile = "good", *, seed: int | None = None) -> BlockingLink:
        """Return a failing link before the server; as ``livehelp_link``."""
        return self._open.enter_context(BlockingLink(self._portal, self._link(profile, seed=seed)))

    def scripted_operator(
        self,
        answers: Mapping[str, str] | None = None,
        *,
        name: str | None = None,
        greeting: str | None = None,
        ends_on: str | None = None,
        through: Endpoint | None = None,
    ) -> BlockingScriptedOperator:
        """Return an operator who works by rules; as ``livehelp_scripted_operator``."""
        manager = self._scripted_operator(
            answers, name=name, greeting=greeting, ends_on=ends_on, through=through
        )
        return self._open.enter_context(BlockingScriptedOperator(self._portal, manager))
