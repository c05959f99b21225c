"""A server, and commands in pipes that talk with it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from livehelp.testkit.server import ServerProcess
from tests.streams.program import Programs


@pytest.fixture
def programs(live_server: ServerProcess, tmp_path: Path) -> Iterator[Programs]:
    running = Programs(live_server, tmp_path)
    try:
        yield running
    finally:
        running.close()


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    return request.param
