"""What many runs share: a server with its database, and operators who have signed in once.

Owns the server process and the reading of what is stored. Must not know what is played. A server
with thousands of old sessions would be another test, so a house is for some hundred runs.
"""

import tempfile
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import anyio

from livehelp.client import OperatorClient
from livehelp.stage import ServerProcess
from livehelp.wire.events import AnyEvent
from livehelp.wire.replies import LoggedIn
from server.records import to_event
from storage.archive import Archive
from tests.promise.plan import Who

OPERATORS: Final[tuple[Who, ...]] = ("dana", "kim")
# What a server logs that has met a defect of its own: its boundaries name it so.
_DEFECTS: Final = ("connection.failed", "Traceback", "server.failed", "database.failed")


class House:
    """A server, from ``with`` to the end of the block.

    Attributes:
        server: The process.
        tickets: What the operators' sign-ins brought.
    """

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._logged = 0

    def __enter__(self) -> Self:
        folder = Path(
            self._stack.enter_context(tempfile.TemporaryDirectory(prefix="livehelp-promise-"))
        )
        try:
            self.folder = folder
            self.server = self._stack.enter_context(ServerProcess(folder, OPERATORS))
            self._archive = Archive.open(f"sqlite:///{self.server.database}", create=False)
            self._stack.callback(self._archive.close)
            self.tickets = {name: anyio.run(self._sign_in, name) for name in OPERATORS}
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
        return [line for line in said.splitlines() if any(word in line for word in _DEFECTS)]

    async def _sign_in(self, name: str) -> LoggedIn:
        async with OperatorClient.connect(self.server.address) as operator:
            return await operator.login(name, self.server.password)
