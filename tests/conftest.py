"""What all tests share: a whole server in a process of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from livehelp.testkit.server import ServerProcess

# tests/testkit/pytest runs pytest inside pytest; pytest wants this said here and nowhere deeper.
pytest_plugins = ["pytester"]


@pytest.fixture
def live_server(tmp_path: Path) -> Iterator[ServerProcess]:
    """A running ``livehelp serve`` with the operator ``dana``; its log is shown on a failure."""
    server = ServerProcess(tmp_path)
    try:
        server.start()
        yield server
    finally:
        server.close()
        print(server.output())
