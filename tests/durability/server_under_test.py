"""The server that many runs share, with its database and signed-in operators.

A database with thousands of old sessions would be another test, so each serves some hundred runs.
"""

import json
import sys
import tempfile
from collections.abc import AsyncGenerator, Iterable
from contextlib import ExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TypeAlias

import anyio

from livehelp.client import OperatorClient
from livehelp.testkit.server import ServerProcess
from livehelp.wire.events import AnyEvent
from livehelp.wire.replies import LoggedIn
from server.persistence.event_mapping import to_event
from storage.archive import Archive
from tests.durability.plan import Who

Period: TypeAlias = tuple[datetime, datetime]
OPERATORS: Final[tuple[Who, ...]] = ("dana", "kim")
# The levels at which a server logs that it has met a defect, of its own or of its disk.
DEFECTS: Final = {"error", "critical"}
# What it may log of those while its disk is full,
OF_THE_DISK: Final = {"database.write_failed", "database.failed"}
# and so long afterwards, in seconds: what was refused by the disk is logged on a busy machine.
AFTERWARDS: Final = 2.0


class ServerUnderTest:
    """A server, from ``with`` to the end of the block.

    Attributes:
        server: The process.
        tickets: What the operators' sign-ins brought.
    """

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._logged = 0
        self.tickets: dict[Who, LoggedIn] = {}
        self._full: list[Period] = []

    def __enter__(self) -> Self:
        folder = Path(
            self._stack.enter_context(tempfile.TemporaryDirectory(prefix="livehelp-durability-"))
        )
        try:
            self.folder = folder
            self.server = self._stack.enter_context(ServerProcess(folder, OPERATORS))
            self._archive = Archive.open(f"sqlite:///{self.server.database}", create=False)
            self._stack.callback(self._archive.close)
            self.tickets |= {name: anyio.run(self._sign_in, name) for name in OPERATORS}
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def log(self, session: str) -> list[AnyEvent]:
        """Return what is stored of a session."""
        record = self._archive.session(session)
        if record is None:
            return []
        return [to_event(session, row) for row in self._archive.events(record.id)]

    def defects(self) -> list[str]:
        """Return what the server has logged since the last call that it should never log."""
        said = self.server.output()[self._logged :]
        self._logged += len(said)
        return [line for line in said.splitlines() if is_defect(line, self._full)]

    @asynccontextmanager
    async def full_disk(self) -> AsyncGenerator[None]:
        """Let the server write nothing for the block; elsewhere than on Linux it may."""
        if sys.platform != "linux":
            yield
            return
        began = datetime.now(UTC)
        self.server.fill_disk()
        try:
            yield
        finally:
            self.server.free_disk()
            self._full.append((began, datetime.now(UTC) + timedelta(seconds=AFTERWARDS)))

    async def _sign_in(self, name: str) -> LoggedIn:
        async with OperatorClient.connect(self.server.address) as operator:
            return await operator.login(name, self.server.password)


def is_defect(line: str, full: Iterable[Period]) -> bool:
    """Return whether a server without a defect would never log this line.

    Args:
        line: A line of its log. What is none, is Python's own last words.
        full: When its disk was full, from and to.
    """
    try:
        logged = json.loads(line)
    except ValueError:
        return True
    at = datetime.fromisoformat(logged["timestamp"])
    excused = logged["event"] in OF_THE_DISK and any(a <= at <= b for a, b in full)
    return logged["level"] in DEFECTS and not excused
