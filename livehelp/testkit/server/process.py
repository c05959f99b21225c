"""Starts, stops, kills and restarts a ``livehelp serve`` with a database of its own."""

import atexit
import resource
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from livehelp.testkit.server.forkserver_client import Command, ServerProcessError, launch

OPERATOR: Final = "dana"
# For tests and scenarios: nobody but this machine can reach their servers.
PASSWORD: Final = "correct horse battery staple"  # noqa: S105
ANNOUNCEMENT: Final = "Live Help listens on "
# It begins at once; the time is for a machine that is busy with other things.
START_SECONDS: Final = 20.0
# The server gives its peers 5 s by default, and then its journal is flushed.
STOP_SECONDS: Final = 20.0
# Making a database and hashing a password: half a second here.
COMMAND_SECONDS: Final = 30.0


class ServerProcess:
    """A server with a database of its own, from ``with`` to the end of the block.

    For example::

        with ServerProcess(folder) as server:
            ...  # connect to server.address

    Args:
        folder: Where the database and the log are kept.
        operators: Who can sign in, all with the same password.
        options: More options of ``livehelp serve``.
        password: Of all of them. The default is known to everybody who has read this.

    Attributes:
        address: Where it listens, as ``host:port``; the same after ``restart``.
        host, port: The same, apart.
        database: The SQLite file.
        log: What it says.
        operator: The first of the operators.
        password: Of all of them.
    """

    def __init__(
        self,
        folder: Path,
        operators: Sequence[str] = (OPERATOR,),
        options: Sequence[str] = (),
        password: str = PASSWORD,
    ) -> None:
        self.password = password
        self.database = folder / "livehelp.db"
        self.log = folder / "server.log"
        self.operator = operators[0] if operators else ""
        # Bound, but not listening, as long as this lives: while the server is down nothing else
        # gets the port, not even a client that tries again and would be given it as its own end
        # (a loopback connection can reach itself). The server may still bind it, for both set
        # SO_REUSEADDR.
        self._reserved = socket.socket()
        self._reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._reserved.bind(("127.0.0.1", 0))
        self.host, self.port = self._reserved.getsockname()
        self.address = f"{self.host}:{self.port}"
        self._options = tuple(options)
        self._process: Command | None = None
        if operators:
            shutil.copy(database_with(tuple(operators), password), self.database)

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def running(self) -> bool:
        """True between a start and an end."""
        return self._process is not None

    @property
    def pid(self) -> int:
        """The number of the running process."""
        return self._started().pid

    def start(self) -> None:
        """Start the server; returns once it accepts connections.

        Raises:
            ServerProcessError: it did not begin to listen.
        """
        if self._process is not None:
            raise ServerProcessError("the server runs already")
        self._process = launch(
            [
                *("serve", "--listen", self.address, "--database", str(self.database)),
                "--no-resolve-hosts",  # what this machine's resolver answers is nobody's matter
                *self._options,
            ],
            self.log,
        )
        said = self._process.line(START_SECONDS)
        if said != ANNOUNCEMENT + self.address:
            self.kill()
            raise ServerProcessError(
                f"the server did not start; it said {said!r}.\n{self.output()}"
            )

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """End it as a service manager does (or as Ctrl-C does); return its exit code.

        Raises:
            ServerProcessError: it did not end.
        """
        process = self._started()
        process.send(how)
        code = process.wait(STOP_SECONDS)
        if code is None:
            self.kill()
            raise ServerProcessError(f"the server did not stop.\n{self.output()}")
        self._process = None
        return code

    def kill(self) -> None:
        """End it as a power cut does; nothing happens when it does not run."""
        process, self._process = self._process, None
        if process is not None:
            process.send(signal.SIGKILL)
            process.wait(STOP_SECONDS)

    def restart(self) -> None:
        """Start it again on the same port and database; a running one is stopped first."""
        if self._process is not None:
            self.stop()
        self.start()

    def fill_disk(self) -> None:
        """Let every write of the running server fail as on a full disk, its log included.

        The kernel refuses them (``RLIMIT_FSIZE`` of 0), as it would on a disk without room. A
        server that is started again has room.

        Raises:
            ServerProcessError: only Linux can change the limits of a process that runs.
        """
        self._limit_files(0)

    def free_disk(self) -> None:
        """Let its writes succeed again."""
        self._limit_files(resource.getrlimit(resource.RLIMIT_FSIZE)[0])

    def close(self) -> None:
        """End everything."""
        self.kill()
        self._reserved.close()

    def output(self) -> str:
        """Return what it has logged so far, in all its runs."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def add_operator(self, name: str) -> None:
        """Make another account; the server may run meanwhile."""
        _add_operator(self.database, name, self.password, self.log)

    def command(self, *words: str) -> str:
        """Return what another command prints about this server's database.

        For example ``server.command("transcript", "K7P4-MXQ2", "--json")``.

        Raises:
            ServerProcessError: it failed; with its words.
        """
        return _run([*words, "--database", str(self.database)], self.log)

    def _limit_files(self, size: int) -> None:
        if sys.platform != "linux":
            raise ServerProcessError("a full disk can be had on Linux only")
        hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
        resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (size, hard))

    def _started(self) -> Command:
        if self._process is None:
            raise ServerProcessError("the server does not run")
        return self._process


@cache
def database_with(operators: tuple[str, ...], password: str = PASSWORD) -> Path:
    """Return an SQLite file with these accounts, to be copied: making one takes half a second."""
    folder = Path(_scratch().name)
    database = folder / f"{len(list(folder.iterdir()))}.db"
    for name in operators:
        _add_operator(database, name, password, folder / "log")
    return database


@cache
def _scratch() -> tempfile.TemporaryDirectory[str]:
    """Return the folder of this program's templates; it goes when the program ends."""
    folder = tempfile.TemporaryDirectory(prefix="livehelp-test-server-")
    atexit.register(folder.cleanup)
    return folder


def _add_operator(database: Path, name: str, password: str, log: Path) -> None:
    """Make the database if it is not there, and an account in it."""
    _run(
        ["operators", "add", "--password-stdin", "--database", str(database), "--", name],
        log,
        f"{password}\n".encode(),
    )


def _run(arguments: list[str], log: Path, stdin: bytes = b"") -> str:
    before = log.stat().st_size if log.exists() else 0
    command = launch(arguments, log, stdin)
    if command.wait(COMMAND_SECONDS) != 0:
        said = log.read_bytes()[before:].decode(errors="replace").strip()
        raise ServerProcessError(f"`livehelp {' '.join(arguments[:2])}` failed: {said}")
    return command.printed.decode()
