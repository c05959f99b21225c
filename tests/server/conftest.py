"""The house that every test of this folder gets, with its accounts dana and lee."""

import io
import shutil
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Final

import pytest
import trio
from pytest_trio import (  # pyright: ignore[reportMissingTypeStubs] - it has no types
    trio_fixture,  # pyright: ignore[reportUnknownVariableType]
)

from livehelp.testkit.server import database_with
from server.log import set_up_log
from tests.server.gate import Gate
from tests.server.house import House

# Real seconds after which a test is told that what it waits for does not come. The clock of trio
# may stand still (MockClock), so a thread counts them.
PATIENCE: Final = 40.0
# What the boundaries log when they caught what should not have been raised.
DEFECTS: Final = ("connection.failed", "background.failed")


@pytest.fixture(scope="session")
def template() -> Path:
    """A database with two accounts; copied for each test, for making one takes half a second."""
    return database_with(("dana", "lee"))


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Gate:
    """A gate before every write of a log."""
    return Gate(monkeypatch)


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What the server logs, as ``serve`` would write it; a defect in it fails the test."""
    written = io.StringIO()
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", written)
        set_up_log("debug", "json")
    yield written
    print(written.getvalue())
    for defect in DEFECTS:
        assert defect not in written.getvalue()


@trio_fixture
async def house(
    template: Path,
    tmp_path: Path,
    nursery: trio.Nursery,
    monkeypatch: pytest.MonkeyPatch,
    log: io.StringIO,
) -> AsyncIterator[House]:
    """Where servers run on a database of their own."""
    database = tmp_path / "livehelp.db"
    shutil.copy(template, database)
    house = House(nursery, database, monkeypatch)
    token = trio.lowlevel.current_trio_token()
    watchdog = threading.Timer(PATIENCE, token.run_sync_soon, [nursery.start_soon, _give_up, house])
    watchdog.start()
    yield house
    watchdog.cancel()
    await house.close()


async def _give_up(house: House) -> None:
    await trio.lowlevel.checkpoint()
    raise AssertionError(f"Waited {PATIENCE:g} s for what does not come.\n{house.overheard()}")
