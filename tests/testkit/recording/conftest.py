"""Two real servers, and the loop that the players run under."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from livehelp.testkit.server import ServerProcess


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    return request.param


def _server(folder: Path, *options: str) -> Iterator[ServerProcess]:
    folder.mkdir()
    with ServerProcess(folder, ("dana", "kim"), options) as server:
        yield server
    print(server.output())


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    """The server that is recorded."""
    yield from _server(tmp_path / "first")


@pytest.fixture
def second(tmp_path: Path) -> Iterator[ServerProcess]:
    """Another one, fresh, to replay to."""
    yield from _server(tmp_path / "second")


@pytest.fixture
def looking_up(tmp_path: Path) -> Iterator[ServerProcess]:
    """One that finds out the names of hosts, each once."""
    yield from _server(tmp_path / "looking-up", "--resolve-hosts")


@pytest.fixture
def other(tmp_path: Path) -> Iterator[ServerProcess]:
    """One that offers other topics."""
    yield from _server(tmp_path / "other", "--topics", "Cows; Taxes")
