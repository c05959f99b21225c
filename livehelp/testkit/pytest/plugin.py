"""The pytest plugin: options, fixtures, and what the report of a failed test shows.

Every pytest run where livehelp is installed loads this file. It imports nothing but pytest, and
does nothing until a test asks for a fixture (``livehelp.testing`` loads its names when they are
used).
"""

import random
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
# What a test has asked for, in whatever way: fixtures that others ask for, or `getfixturevalue`.
_SERVER: Final = pytest.StashKey["ServerProcess"]()
_LINKS: Final = pytest.StashKey["LinkMaker"]()
# How the seed is named among what pytest-xdist gives its processes.
_SEED: Final = "livehelp_seed"
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
    """Draw a random seed, once for all processes of the run; check the options."""
    if _SEED in (given := getattr(config, "workerinput", {})):
        config.option.livehelp_seed = given[_SEED]
    if config.option.livehelp_seed == "random":
        config.option.livehelp_seed = str(random.SystemRandom().randrange(_SEEDS))
    if not str(seed := _run_seed(config)).isdecimal():
        raise pytest.UsageError(f"The seed of Live Help's links is a number, not {seed!r}.")
    scope = config.getini("livehelp_server_scope")
    if scope not in _SCOPES:
        raise pytest.UsageError(
            f"livehelp_server_scope = {scope}: it is one of {', '.join(_SCOPES)}."
        )


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Give the seed to a process of pytest-xdist, which reads the command line anew."""
    node.workerinput[_SEED] = node.config.option.livehelp_seed


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show a failure where the test is, and with it the server's log and its failing links."""
    report = yield
    given: dict[str, Any] = getattr(item, "funcargs", None) or {}
    server = given.get("livehelp_server") or item.stash.get(_SERVER, None)
    if server is None and "livehelp_server" not in getattr(item, "fixturenames", ()):
        return report  # not a test of ours
    if report.failed and call.excinfo and not item.config.getoption("fulltrace", False):
        _shorten(item, report, call.excinfo.value)
    if server is not None:
        _tell_log(item, report, server)
    links = item.stash[_LINKS].report() if _LINKS in item.stash else ""
    if report.failed and links:
        words = f"With --livehelp-seed {_run_seed(item.config)} there were:\n{links}"
        report.sections.append(("Live Help links", words))
    return report


def _shorten(item: pytest.Item, report: pytest.TestReport, error: BaseException) -> None:
    from livehelp.testkit.pytest.tracebacks import IN_WORDS, shorten  # noqa: PLC0415 - as all of ours

    # Only what is shown is changed: what the error means for the test, `xfail` decides as ever.
    shown = shorten(error)
    if isinstance(shown, IN_WORDS):
        excinfo = pytest.ExceptionInfo[BaseException].from_exception(shown)
        report.longrepr = item.repr_failure(excinfo)


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


def _node(request: pytest.FixtureRequest) -> pytest.Item:
    """Return the test, or for a fixture of a wider scope what it is for."""
    return cast("Any", request).node


def _stash(request: pytest.FixtureRequest) -> pytest.Stash:
    return _node(request).stash


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
            _stash(request)[_SERVER] = server
            yield server
    except testing.ServerProcessError as error:
        raise pytest.fail.Exception(str(error), pytrace=False) from None


@pytest.fixture
def livehelp_seed(request: pytest.FixtureRequest) -> int:
    """A number of this test's own, drawn from ``--livehelp-seed`` and the test's name.

    It is the same whichever tests run beside this one.
    """
    name = _node(request).nodeid
    draw = random.Random(f"{_run_seed(request.config)}/{name}")  # noqa: S311 - no secret
    return draw.randrange(_SEEDS)


@pytest.fixture
def livehelp_visitor(
    request: pytest.FixtureRequest, livehelp_server: "ServerProcess"
) -> "VisitorMaker":
    """Give visitors who have connected.

    ``async with livehelp_visitor() as pat``.
    """
    _stash(request)[_SERVER] = livehelp_server
    return testing.VisitorMaker(livehelp_server)


@pytest.fixture
def livehelp_operator(
    request: pytest.FixtureRequest, livehelp_server: "ServerProcess"
) -> "OperatorMaker":
    """Give operators who have signed in.

    ``async with livehelp_operator("dana") as dana``.
    """
    _stash(request)[_SERVER] = livehelp_server
    return testing.OperatorMaker(livehelp_server)


@pytest.fixture
def livehelp_link(
    request: pytest.FixtureRequest, livehelp_server: "ServerProcess", livehelp_seed: int
) -> "LinkMaker":
    """Give failing links before the server.

    ``async with livehelp_link("train") as link``.
    """
    _stash(request)[_SERVER] = livehelp_server
    links = _stash(request)[_LINKS] = testing.LinkMaker(livehelp_server, livehelp_seed)
    return links


@pytest.fixture
def livehelp_scripted_operator(
    request: pytest.FixtureRequest, livehelp_server: "ServerProcess"
) -> "ScriptedOperatorMaker":
    """Give operators who work by rules.

    ``async with livehelp_scripted_operator({"hello": "Good morning"}) as dana``.
    """
    _stash(request)[_SERVER] = livehelp_server
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
