"""The server that a scenario is played on: a fresh one of its own, or one that runs already."""

import json
import re
import tempfile
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final, Protocol

import anyio
from anyio import to_thread

from livehelp.testkit.scenario.model import Scenario, ServerAct
from livehelp.testkit.scenario.playing.outcome import NotHere, StepFailed
from livehelp.testkit.scenario.playing.transcript import read_log, transcript_of
from livehelp.testkit.server import ServerProcess, ServerProcessError

# What a server says when nothing is wrong; what is no line of its log is wrong.
_MERE: Final = re.compile(r'"level": ?"(debug|info)"')


class ServerUnderTest(Protocol):
    """A server, from the scenario's side.

    Attributes:
        address: Where it is.
        own: It is this scenario's alone.
    """

    address: str
    own: bool

    def password(self, account: str) -> str:
        """Return an operator's password."""
        ...

    async def transcript(self, session: str) -> Mapping[str, Any]:
        """Return the stored transcript of a session, as ``livehelp transcript --json``."""
        ...

    async def does(self, what: ServerAct) -> None:
        """Let this happen to the server."""
        ...

    def complaints(self) -> list[str]:
        """Return the lines of its log in which something is wrong."""
        ...


class ServerFactory(Protocol):
    """Where servers come from."""

    def open(self, scenario: Scenario) -> AbstractAsyncContextManager[ServerUnderTest]:
        """Return a server for ``scenario``, for a block."""
        ...


class FreshServer:
    """A fresh server for one scenario."""

    own = True

    def __init__(self, server: ServerProcess) -> None:
        self._server = server
        self.address = server.address

    def password(self, account: str) -> str:
        """Return the password, which is the same for all of them."""
        del account
        return self._server.password

    async def transcript(self, session: str) -> Mapping[str, Any]:
        """Return what ``livehelp transcript`` prints; raises ``StepFailed``."""
        ask = partial(self._server.command, "transcript", session, "--json")
        try:
            return json.loads(await to_thread.run_sync(ask))
        except ServerProcessError as why:
            raise StepFailed(str(why)) from None

    async def does(self, what: ServerAct) -> None:
        """Let this happen to it; raises ``StepFailed``."""
        acts: Mapping[ServerAct, Callable[[], object]] = {
            "kill": self._server.kill,
            "stop": self._stop,
            "start": self._server.start,
            "restart": self._restart,
            "disk full": self._server.fill_disk,
            "disk free": self._server.free_disk,
        }
        try:
            await to_thread.run_sync(acts[what])
        except ServerProcessError as why:
            raise StepFailed(str(why)) from None

    def complaints(self) -> list[str]:
        """Return what of its log is no mere information."""
        return [line for line in self._server.output().splitlines() if not _MERE.search(line)]

    def _stop(self) -> None:
        if code := self._server.stop():
            raise ServerProcessError(f"the server ended with code {code}, and 0 is right")

    def _restart(self) -> None:
        if self._server.running:
            self._stop()
        self._server.start()


class RunningServer:
    """A server that runs already, with others on it.

    Args:
        address: Where it is.
        accounts: The scenario's operators there; one of them must have been in a visit whose
            transcript is asked for.
        passwords: By account.
    """

    own = False

    def __init__(
        self, address: str, accounts: tuple[str, ...], passwords: Mapping[str, str]
    ) -> None:
        self.address = address
        self._accounts = accounts
        self._passwords = passwords

    def password(self, account: str) -> str:
        """Return an operator's password."""
        return self._passwords[account]

    async def transcript(self, session: str) -> Mapping[str, Any]:
        """Return it as an operator who was in the visit may read it; raises ``NotHere``."""
        for account in self._accounts:
            log = await read_log(self.address, account, self.password(account), session)
            if log:
                return transcript_of(log)
        raise NotHere(
            "a transcript of a visit in which no operator of the scenario was is in the "
            "database only, and a running server's database is not ours to read"
        )

    def complaints(self) -> list[str]:
        """Return nothing: its log is not ours to read."""
        return []

    async def does(self, what: ServerAct) -> None:
        """Refuse to do it; raises ``NotHere``."""
        raise NotHere(f"a server that others use is not ours to {what}")


class FreshServerFactory:
    """Fresh servers for scenarios, one each."""

    def __init__(self) -> None:
        # A set of accounts is made once for all servers of this program; by one at a time.
        self._making = anyio.Lock()

    @asynccontextmanager
    async def open(self, scenario: Scenario) -> AsyncGenerator[ServerUnderTest]:
        """Start a server for ``scenario``, and end it after the block.

        Raises:
            StepFailed: this machine cannot start one.
        """
        with tempfile.TemporaryDirectory(prefix="livehelp-scenario-") as folder:
            make = partial(ServerProcess, Path(folder), scenario.accounts, options=scenario.options)
            try:
                async with self._making:
                    server = await to_thread.run_sync(make)
                try:
                    await to_thread.run_sync(server.start)
                    yield FreshServer(server)
                finally:
                    with anyio.CancelScope(shield=True):
                        await to_thread.run_sync(server.close)
            except ServerProcessError as why:
                raise StepFailed(str(why)) from None


class RunningServerFactory:
    """The running server for all scenarios that can do with it.

    Args:
        address: Where it is.
        passwords: Of all operators, by account.
    """

    def __init__(self, address: str, passwords: Mapping[str, str]) -> None:
        self._address = address
        self._passwords = passwords

    @asynccontextmanager
    async def open(self, scenario: Scenario) -> AsyncGenerator[ServerUnderTest]:
        """Let ``scenario`` have it for the block; raises ``NotHere``."""
        if (reason := scenario.own_server) is not None:
            raise NotHere(reason)
        yield RunningServer(self._address, scenario.accounts, self._passwords)
