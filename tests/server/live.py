"""A real ``livehelp serve`` in a process of its own, for every test that wants a whole server.

Owns starting it, its port, stopping it in three ways, and showing what it logged. Must not know
what a test does with it. Imports nothing heavy, for tests of the client and the wire load it too.
"""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

OPERATOR: Final = "dana"
PASSWORD: Final = "correct horse battery staple"
ANNOUNCEMENT: Final = "Live Help listens on "
# The server gives its peers 5 s by default, and then its journal is flushed.
STOP_SECONDS: Final = 20.0


class LiveServer:
    """A server process with a database of its own.

    Attributes:
        address: Where it listens, as ``host:port``; the same after ``restart``.
        host, port: The same, apart.
        database: The SQLite file.
        operator, password: The one account that can sign in.
    """

    operator: Final = OPERATOR
    password: Final = PASSWORD

    def __init__(self, folder: Path, options: Sequence[str] = ()) -> None:
        self.database = folder / "livehelp.db"
        self.log = folder / "server.log"
        # Bound, but not listening, for as long as the test runs: while the server is down nothing
        # else gets the port, not even a client that reconnects and would be given it as its own
        # end (a loopback connection can reach itself). The server may still bind it, for both set
        # SO_REUSEADDR.
        self._reserved = socket.socket()
        self._reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._reserved.bind(("127.0.0.1", 0))
        self.host, self.port = self._reserved.getsockname()
        self.address = f"{self.host}:{self.port}"
        self._options = tuple(options)
        self._process: subprocess.Popen[str] | None = None
        add_operator(self.database)

    @property
    def pid(self) -> int:
        """The number of the process, running or ended."""
        assert self._process is not None, "not started"
        return self._process.pid

    def start(self) -> None:
        """Start the server; returns once it accepts connections."""
        assert self._process is None, "it runs already"
        with self.log.open("a") as log:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "livehelp", "serve"),
                    *("--listen", self.address, "--database", str(self.database)),
                    "--no-resolve-hosts",  # an answer of the machine's resolver is no test's matter
                    *self._options,
                ],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=environment(),
            )
        stdout = self._process.stdout
        assert stdout is not None
        first = stdout.readline()
        if first != f"{ANNOUNCEMENT}{self.address}\n":
            self.kill()
            raise AssertionError(f"The server said {first!r}.\n{self.output()}")

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """End it as a service manager does (or as Ctrl-C does); return its exit code."""
        process = self._process
        assert process is not None, "it does not run"
        process.send_signal(how)
        try:
            code = process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"The server did not stop.\n{self.output()}") from None
        self._forget(process)
        return code

    def kill(self) -> None:
        """End it as a power cut does; nothing happens when it does not run."""
        process = self._process
        if process is not None:
            process.kill()
            process.wait()
            self._forget(process)

    def restart(self) -> None:
        """Start it again on the same port and database; a running one is stopped first."""
        if self._process is not None:
            self.stop()
        self.start()

    def close(self) -> None:
        """End everything."""
        self.kill()
        self._reserved.close()

    def output(self) -> str:
        """Return what it has logged so far, in all its runs."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def _forget(self, process: subprocess.Popen[str]) -> None:
        self._process = None
        if process.stdout is not None:
            process.stdout.close()


def environment() -> dict[str, str]:
    """Return this process's environment without the settings that a developer may have there."""
    return {name: value for name, value in os.environ.items() if not name.startswith("LIVEHELP_")}


def add_operator(database: Path, name: str = OPERATOR, password: str = PASSWORD) -> None:
    """Make the database if it is not there, and an account in it."""
    # Not above: they load SQLModel, and every test run loads this file.
    from server.passwords import hash_password  # noqa: PLC0415
    from storage.archive import Archive  # noqa: PLC0415

    archive = Archive.open(f"sqlite:///{database}")
    try:
        archive.add_operator(name, hash_password(password), datetime.now(UTC))
    finally:
        archive.close()
