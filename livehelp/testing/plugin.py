"""The pytest plugin: fixtures for tests that talk with a real Live Help server.

Owns the options, the fixtures, and what the report of a failed test says. Every pytest run where
livehelp is installed loads this file: it imports nothing but pytest, and changes nothing until a
test asks for a fixture (``livehelp.testing`` loads its names when they are used).
"""

import random
import sys
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any, Final, Literal, cast

import pytest

import livehelp
from livehelp import testing

if TYPE_CHECKING:
    from livehelp.testing import (
        Blocking,
        LinkMaker,
        OperatorMaker,
        ScriptedOperatorMaker,
        ServerProcess,
        VisitorMaker,
    )

_Scope = Literal["function", "class", "module", "session"]
_SCOPES: Final[tuple[_Scope, ...]] = ("function", "class", "module", "session")
# `--livehelp-seed random` draws one of so many: easy to type again.
_SEEDS: Final = 1_000_000
# A server that serves many tests says much; the end is what a failure is about.
_MAX_LOG_LINES: Final = 100
# The server that the last test used, and how much it had logged when that test ended.
_LOGGED: Final = pytest.StashKey[tuple["ServerProcess", int]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options; all names begin with ``livehelp``."""
    parser.getgroup("livehelp", "Live Help").addoption(
        "--livehelp-seed",
        metavar="N",
        help="seed of the failing links: a number, or `random`; a failure names it",
    )
    parser.addini("livehelp_seed", "seed of the failing links, as --livehelp-seed", default="0")
    parser.addini(
        "livehelp_server_scope",
        f"how long a livehelp_server lives: {', '.join(_SCOPES)}",
        default="function",
    )
    parser.addini("livehelp_operators", "who can sign in", type="args", default=["dana", "kim"])
    parser.addini(
        "livehelp_server_options", "more options of `livehelp serve`", type="args", default=[]
    )


def pytest_configure(config: pytest.Config) -> None:
    """Draw a random seed once, before other processes of the run are started; check the options."""
    if config.option.livehelp_seed == "random":
        config.option.livehelp_seed = str(random.SystemRandom().randrange(_SEEDS))
    if not str(seed := _run_seed(config)).isdecimal():
        raise pytest.UsageError(f"The seed of Live Help's links is a number, not {seed!r}.")
    scope = config.getini("livehelp_server_scope")
    if scope not in _SCOPES:
        raise pytest.UsageError(
            f"livehelp_server_scope = {scope}: it is one of {', '.join(_SCOPES)}."
        )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show a failure where the test is, and with it the server's log and its failing links."""
    if call.excinfo and not item.config.getoption("fulltrace", False):
        _shorten(call)
    report = yield
    used: dict[str, Any] = getattr(item, "funcargs", None) or {}
    if "livehelp_server" in used:
        _tell_log(item, report, used["livehelp_server"])
    if "livehelp_link" in used and report.failed and (links := used["livehelp_link"].report()):
        words = f"With --livehelp-seed {_run_seed(item.config)} there were:\n{links}"
        report.sections.append(("Live Help links", words))
    return report


def _shorten(call: pytest.CallInfo[None]) -> None:
    # Without this module nothing of ours can have failed.
    if call.excinfo and "livehelp.client.errors" in sys.modules:
        shown = testing.shorten(call.excinfo.value)
        if shown is not call.excinfo.value:
            call.excinfo = pytest.ExceptionInfo[BaseException].from_exception(shown)


def _tell_log(item: pytest.Item, report: pytest.TestReport, server: object) -> None:
    if not isinstance(server, testing.ServerProcess):
        return  # the project's own fixture of this name
    if not report.failed and report.when != "teardown":
        return
    log = server.output()
    last, logged = item.config.stash.get(_LOGGED, (server, 0))
    new = log[logged if last is server else 0 :].splitlines()
    if report.failed and new:
        report.sections.append(("Live Help server log", "\n".join(new[-_MAX_LOG_LINES:])))
    if report.when == "teardown":
        item.config.stash[_LOGGED] = (server, len(log))


def _run_seed(config: pytest.Config) -> str:
    return config.option.livehelp_seed or config.getini("livehelp_seed")


def _scope(fixture_name: str, config: pytest.Config) -> _Scope:
    del fixture_name
    return config.getini("livehelp_server_scope")


@pytest.fixture(scope=_scope)
def livehelp_server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> "Iterator[ServerProcess]":
    """A real server on a free port, with a fresh database, which can be killed and restarted.

    The ini option ``livehelp_server_scope`` says for how long; a failed test shows its log.
    """
    try:
        with testing.ServerProcess(
            tmp_path_factory.mktemp("livehelp"),
            operators=request.config.getini("livehelp_operators"),
            options=request.config.getini("livehelp_server_options"),
        ) as server:
            yield server
    except testing.StageError as error:
        raise pytest.fail.Exception(str(error), pytrace=False) from None


@pytest.fixture
def livehelp_seed(request: pytest.FixtureRequest) -> int:
    """A number of this test's own, drawn from ``--livehelp-seed`` and the test's name.

    It is the same whichever tests run beside this one.
    """
    name = cast("Any", request).node.nodeid
    draw = random.Random(f"{_run_seed(request.config)}/{name}")  # noqa: S311 - no secret
    return draw.randrange(_SEEDS)


@pytest.fixture
def livehelp_visitor(livehelp_server: "ServerProcess") -> "VisitorMaker":
    """Give visitors who have connected.

    ``async with livehelp_visitor() as pat``.
    """
    return testing.VisitorMaker(livehelp_server)


@pytest.fixture
def livehelp_operator(livehelp_server: "ServerProcess") -> "OperatorMaker":
    """Give operators who have signed in.

    ``async with livehelp_operator("dana") as dana``.
    """
    return testing.OperatorMaker(livehelp_server)


@pytest.fixture
def livehelp_link(livehelp_server: "ServerProcess", livehelp_seed: int) -> "LinkMaker":
    """Give failing links before the server.

    ``async with livehelp_link("train") as link``.
    """
    return testing.LinkMaker(livehelp_server, livehelp_seed)


@pytest.fixture
def livehelp_scripted_operator(livehelp_server: "ServerProcess") -> "ScriptedOperatorMaker":
    """Give operators who work by rules.

    ``async with livehelp_scripted_operator({"hello": "Good morning"}) as dana``.
    """
    return testing.ScriptedOperatorMaker(livehelp_server)


@pytest.fixture
def livehelp_blocking(
    livehelp_visitor: "VisitorMaker",
    livehelp_operator: "OperatorMaker",
    livehelp_link: "LinkMaker",
    livehelp_scripted_operator: "ScriptedOperatorMaker",
) -> "Iterator[Blocking]":
    """Give the same to tests without an event loop: ``pat = livehelp_blocking.visitor()``."""
    try:
        with testing.Blocking(
            livehelp_visitor, livehelp_operator, livehelp_link, livehelp_scripted_operator
        ) as blocking:
            yield blocking
    except livehelp.LiveHelpError as error:
        raise pytest.fail.Exception(str(error), pytrace=False) from None
