"""Which server is tested, who works there, and the report at the end; see README.md.

Owns the options and the fixtures. The only file of this folder that knows our own server, and it
loads it only when no other one is named.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import pytest

from tests.conformance.desk import Desk
from tests.conformance.report import not_tried, note_rules, summary, verdicts
from tests.conformance.target import TIMES, Target, named
from tests.conformance.wire import WITHIN

OPERATORS: Final = ("dana", "kim")
# A rule that takes longer than this to show itself is not tried, unless one has more patience.
PATIENCE: Final = 60.0
# What a test may take besides that wait, in seconds.
SPARE: Final = 60.0
MakeDesk = Callable[..., Desk]
FOREIGN: Final = pytest.StashKey[Target | None]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options that name somebody else's server."""
    group = parser.getgroup("conformance", "conformance to the Live Help protocol")
    group.addoption("--server", metavar="HOST:PORT", help="a running server; none: start our own")
    group.addoption(
        "--operator",
        metavar="NAME",
        action="append",
        help="an account there; two are needed. Passwords: LIVEHELP_PASSWORD_<NAME>, or "
        "LIVEHELP_PASSWORD for both",
    )
    group.addoption(
        "--patience",
        metavar="SECONDS",
        type=float,
        default=PATIENCE,
        help="a rule that needs a longer wait is not tried (default: %(default)g)",
    )
    group.addoption(
        "--within",
        metavar="SECONDS",
        type=float,
        default=WITHIN,
        help="how long an answer of that server may take (default: %(default)g)",
    )
    for name, usual in TIMES.items():
        group.addoption(
            f"--{name.replace('_', '-')}",
            metavar="SECONDS",
            type=float,
            default=usual,
            help="this time of that server (default: %(default)g)",
        )


def pytest_configure(config: pytest.Config) -> None:
    """Register the mark of a rule, and understand the options before anything is run."""
    config.addinivalue_line("markers", "rule(*marks): the rules of docs/protocol.md that it tests")
    config.stash[FOREIGN] = _foreign(config)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Let every report say which rules it is about, and long waits be as long as is allowed."""
    note_rules(items)
    if config.stash[FOREIGN] is not None:
        limit = pytest.mark.timeout(_seconds(config, "patience", PATIENCE) + SPARE)
        for item in items:
            item.add_marker(limit)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which rules held."""
    reports = [
        report
        for outcome in ("passed", "failed", "error", "skipped")
        for report in terminalreporter.getreports(outcome)
        if isinstance(report, pytest.TestReport)
    ]
    if found := verdicts(reports):
        terminalreporter.section("Live Help protocol")
        for line in summary(found):
            terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def target(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Target]:
    """The server that is tested: somebody else's, or one of ours with the usual settings."""
    foreign = request.config.stash[FOREIGN]
    if foreign is not None:
        yield foreign
        return
    with ExitStack() as stack:
        yield _our_own(stack, tmp_path_factory.mktemp("server"), {})


@pytest.fixture
def desk(target: Target) -> Iterator[Desk]:
    """The people of one test."""
    desk = Desk(target)
    try:
        yield desk
    finally:
        desk.close()


@pytest.fixture
def hasty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MakeDesk]:
    """Make a desk on a server with short times, as in ``hasty(visit_grace=1)``.

    A server of somebody else's has the times that it has: what takes too long is not tried.
    """
    foreign = request.config.stash[FOREIGN]
    patience = _seconds(request.config, "patience", PATIENCE)
    with ExitStack() as stack:

        def make(**times: float) -> Desk:
            for name in times:
                if foreign is not None and foreign.times[name] > patience:
                    not_tried(f"{name} of {foreign.times[name]:g} s; see --patience")
            server = foreign or _our_own(stack, tmp_path, times)
            desk = Desk(server)
            stack.callback(desk.close)
            return desk

        yield make


@pytest.fixture
def own(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MakeDesk]:
    """Make a desk on a server that may be killed, with any option; only ours may."""
    if request.config.stash[FOREIGN] is not None:
        not_tried("it takes a server that may be stopped and configured")
    with ExitStack() as stack:

        def make(**options: float) -> Desk:
            desk = Desk(_our_own(stack, tmp_path, options))
            stack.callback(desk.close)
            return desk

        yield make


def _foreign(config: pytest.Config) -> Target | None:
    address: str | None = config.getoption("server", None)
    if address is None:
        return None
    if config.getoption("numprocesses", None):
        raise pytest.UsageError("One server, two operators: --server goes without -n.")
    try:
        return named(
            address,
            config.getoption("operator", None) or OPERATORS,
            os.environ,
            times={name: _seconds(config, name, usual) for name, usual in TIMES.items()},
            within=_seconds(config, "within", WITHIN),
        )
    except ValueError as why:
        raise pytest.UsageError(str(why)) from None


def _seconds(config: pytest.Config, name: str, usual: float) -> float:
    # Without --server this file may be found late, when the options have been read already.
    value: float | None = config.getoption(name, None)
    return usual if value is None else value


def _our_own(stack: ExitStack, folder: Path, options: Mapping[str, float]) -> Target:
    # Not above: with --server nothing of ours need be installed.
    from livehelp.testkit.server import ServerProcess  # noqa: PLC0415

    words = [word for name, value in options.items() for word in _option(name, value)]
    process = stack.enter_context(ServerProcess(folder, operators=OPERATORS, options=words))
    return Target(
        host=process.host,
        port=process.port,
        passwords=dict.fromkeys(OPERATORS, process.password),
        times={name: options.get(name, usual) for name, usual in TIMES.items()},
        machine=process,
    )


def _option(name: str, value: float) -> list[str]:
    option = f"--{name.replace('_', '-')}"
    return [option] if value is True else [option, f"{value:g}"]
