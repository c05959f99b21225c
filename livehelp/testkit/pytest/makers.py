"""What the async fixtures give: callables that open clients and links to the test's server.

Each call gives an async context manager, so that the fixtures work with any runner of trio or
asyncio tests.
"""

from collections import deque
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Final, Protocol, TypedDict, Unpack

from livehelp.client import (
    OperatorClient,
    Refused,
    Timing,
    TokenFile,
    VisitorClient,
)
from livehelp.testkit.faults import Fault, FlakyLink, Profile, TurnedAway, flaky_link
from livehelp.testkit.pytest.scripted import ScriptedOperator
from livehelp.testkit.pytest.waiting import ANSWER, answered
from livehelp.testkit.server import ServerProcess
from livehelp.wire.replies import ErrorCode

# A link that is lost is there again at once, and one that went silent is given up after 2.5 s:
# within the 5 s that an expectation waits.
QUICK: Final = Timing(connect=5.0, answer=10.0, heartbeat=1.0, first_retry=0.05, longest_retry=0.5)
# A report is read by a person; a link that fails all the time fails often.
MAX_FAULTS_TOLD: Final = 20


class Endpoint(Protocol):
    """A way to the server, such as a failing link."""

    @property
    def address(self) -> str:
        """Where clients connect, ``host:port``."""
        ...


class Connecting(TypedDict, total=False):
    """How a client connects; every part may be left out.

    Attributes:
        through: The failing link to come by; without it straight to the server.
        client: What the other side sees as the program, as of ``VisitorClient.connect``; so are the
            others.
        version: Of that program.
        place: Where the visitor comes from, or the operator works.
        reconnect: False: the link's first loss is its end.
        wait: Begin before there is a link; by default only ``through`` one that may fail, which may
            not let the first try pass.
        timing: How long to wait for what; ``QUICK`` by default.
    """

    through: Endpoint | None
    client: str
    version: str | None
    place: str | None
    reconnect: bool
    wait: bool
    timing: Timing


class VisitorMaker:
    """``livehelp_visitor``: ``async with livehelp_visitor() as pat``."""

    def __init__(self, server: ServerProcess) -> None:
        self._server = server

    @asynccontextmanager
    async def __call__(
        self, *, tokens: TokenFile | None = None, **how: Unpack[Connecting]
    ) -> AsyncGenerator[VisitorClient]:
        """A visitor who has connected, until the block ends.

        Args:
            tokens: Where to keep the token that ties this visit to the next; None: nowhere.
            how: See ``Connecting``.
        """
        address, options = _endpoint(self._server, how)
        async with VisitorClient.connect(address, tokens=tokens, **options) as visitor:
            yield visitor


class OperatorMaker:
    """``livehelp_operator``: ``async with livehelp_operator("dana") as dana``."""

    def __init__(self, server: ServerProcess) -> None:
        self._server = server

    @asynccontextmanager
    async def __call__(
        self, name: str | None = None, *, password: str | None = None, **how: Unpack[Connecting]
    ) -> AsyncGenerator[OperatorClient]:
        """An operator who has signed in, until the block ends.

        Args:
            name: Who; None: the first of the server's operators.
            password: None: the server's own, which is the same for all its operators.
            how: See ``Connecting``.
        """
        address, options = _endpoint(self._server, how)
        async with OperatorClient.connect(address, **options) as operator:
            try:
                await answered(
                    operator,
                    partial(
                        operator.login,
                        self._server.operator if name is None else name,
                        self._server.password if password is None else password,
                    ),
                    ANSWER,
                )
            except Refused as refused:
                raise _with_advice(refused) from None
            yield operator


class LinkMaker:
    """``livehelp_link``: ``async with livehelp_link(profile="train") as link``.

    Args:
        server: Where its links lead.
        seed: Of the first link; the next one gets the next number.
    """

    def __init__(self, server: ServerProcess, seed: int) -> None:
        self._server = server
        self._seed = seed
        self._told: list[tuple[str, deque[Fault | TurnedAway]]] = []

    @asynccontextmanager
    async def __call__(
        self, profile: str | Profile = "good", *, seed: int | None = None
    ) -> AsyncGenerator[FlakyLink]:
        """A failing link before the server, until the block ends; for one client.

        Args:
            profile: What goes wrong, as ``Profile.parse`` reads it.
            seed: Of what is drawn; None: this test's own, from ``livehelp_seed``.
        """
        seed = self._seed + len(self._told) if seed is None else seed
        faults: deque[Fault | TurnedAway] = deque(maxlen=MAX_FAULTS_TOLD)
        self._told.append((f'profile="{profile}", seed={seed}', faults))
        async with flaky_link(
            self._server.address, profile=Profile.parse(profile), seed=seed, tell=faults.append
        ) as link:
            yield link

    def report(self) -> str:
        """Return what a person needs to have these links again, and what went wrong on them."""
        return "\n".join(
            line
            for written, faults in self._told
            for line in (written, *map("    {}".format, faults))
        )


class ScriptedOperatorMaker:
    """``livehelp_scripted_operator``: an operator who works by rules."""

    def __init__(self, server: ServerProcess) -> None:
        self._server = server

    @asynccontextmanager
    async def __call__(
        self,
        answers: Mapping[str, str] | None = None,
        *,
        name: str | None = None,
        greeting: str | None = None,
        ends_on: str | None = None,
        through: Endpoint | None = None,
    ) -> AsyncGenerator[ScriptedOperator]:
        """An operator who takes whoever waits, and answers by rules, until the block ends.

        Args:
            answers: Answers by pattern, in order; None: it listens.
            name: Who; None: the first of the server's operators.
            greeting: Said to every visitor first.
            ends_on: A pattern; a line in which it is found ends the visit.
            through: The failing link to come by; None: straight to the server.
        """
        try:
            async with ScriptedOperator.connect(
                _address(self._server, through),
                name or self._server.operator,
                self._server.password,
                answers=answers or {},
                greeting=greeting,
                ends_on=ends_on,
                wait=through is not None,
                timing=QUICK,
            ) as operator:
                yield operator
        except Refused as refused:
            raise _with_advice(refused) from None


def _address(server: ServerProcess, through: Endpoint | None) -> str:
    return server.address if through is None else through.address


def _endpoint(server: ServerProcess, how: Connecting) -> tuple[str, Any]:
    """Return where to connect, and with which arguments of ``connect``."""
    through = how.pop("through", None)
    return _address(server, through), {"wait": through is not None, "timing": QUICK, **how}


def _with_advice(refused: Refused) -> Refused:
    if refused.code is ErrorCode.LOGIN_FAILED:
        refused.add_note(
            "The server's operators are those of the ini option livehelp_operators; "
            "livehelp_server.add_operator(name) makes another."
        )
    return refused
