"""The server that is measured: the same ``livehelp serve`` that anyone runs, as a process.

Owns starting it on its core, waiting until it listens, and ending it, and nothing that it does.
"""

import os
import shlex
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from benchmarks.database import url_of
from benchmarks.errors import LoadError
from benchmarks.machine import running_on
from benchmarks.peers import Address

# The installed command beside the Python that runs this.
LIVEHELP: Final = Path(sys.executable).parent / "livehelp"
# A start imports for two seconds on a slow machine.
_START_S: Final = 30.0
_LOOK_AGAIN_S: Final = 0.05
# The server gives its own peers and its journal some seconds; after this it is killed.
_STOP_S: Final = 30.0
# How much of its log is shown when it fails.
_LOG_SHOWN: Final = 2_000


class ServerProcess:
    """A server with a database in ``folder``, from ``with`` to the end of the block.

    Attributes:
        address: Where it listens: the loopback, at a port that was free.
    """

    def __init__(self, command: Path, folder: Path, database: Path, core: int) -> None:
        self.address: Address = ("127.0.0.1", _free_port())
        self._log = folder / "server.log"
        self._command = [
            str(command),
            "serve",
            "--listen",
            f"{self.address[0]}:{self.address[1]}",
            "--database",
            url_of(database),
        ]
        self._core = core
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process's number.

        Raises:
            LoadError: it was not started.
        """
        if self._process is None:
            raise LoadError("The server was not started.")
        return self._process.pid

    def __enter__(self) -> Self:
        # The log goes to a file, as a service's does; a pipe nobody reads would stop the server.
        with self._log.open("wb") as log, running_on(self._core):
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=_environment(),
            )
        try:
            self._wait_until_it_listens(self._process)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """End the server as a service manager does, and wait; may be called twice."""
        process = self._process
        if process is None or process.poll() is not None:
            return
        process.terminate()
        try:
            process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def log_end(self) -> str:
        """Return the last of what the server has logged."""
        return self._log.read_bytes()[-_LOG_SHOWN:].decode(errors="replace")

    def _wait_until_it_listens(self, process: subprocess.Popen[bytes]) -> None:
        give_up = time.monotonic() + _START_S
        while time.monotonic() < give_up:
            if process.poll() is not None:
                raise LoadError(
                    f"`{shlex.join(self._command)}` ended with {process.returncode}:\n"
                    f"{self.log_end()}"
                )
            try:
                socket.create_connection(self.address, timeout=_START_S).close()
            except OSError:
                time.sleep(_LOOK_AGAIN_S)
            else:
                return
        raise LoadError(f"The server did not listen after {_START_S:.0f} s:\n{self.log_end()}")


def _environment() -> dict[str, str]:
    """Return ours without the settings of a server: the defaults are what is measured."""
    return {name: value for name, value in os.environ.items() if not name.startswith("LIVEHELP_")}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
