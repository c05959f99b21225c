"""A real server with three operators, and the loop that the load runs under."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from livehelp.testkit.server import ServerProcess
from tests.cli.command import Command

NAMES = ("load1", "load2", "load3")


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    with ServerProcess(tmp_path, NAMES) as server:
        yield server
        print(server.output())


@pytest.fixture
def livehelp(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    """The command, in this process."""
    return Command(tmp_path, monkeypatch, capsys)
