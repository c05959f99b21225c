"""The client of the fork server: starts ``livehelp`` commands in processes that begin at once."""

import atexit
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Final, NoReturn

from livehelp.testkit.server.forkserver import MAX_MESSAGE, READY

# Importing takes 1.3 s of processor time here; a busy or slow machine gets twenty times that.
FORKSERVER_TIMEOUT: Final = 30.0
_CHUNK: Final = 65_536
_FORKSERVER: Final = Path(__file__).with_name("forkserver.py")
_MAKING: Final = threading.Lock()


class ServerProcessError(Exception):
    """A server process or the fork server failed; the message has what it printed."""


class Command:
    """A running ``livehelp``.

    Attributes:
        pid: Its process number.
        printed: What it has printed so far, without the lines that were taken.
    """

    def __init__(self, client: "_ForkserverClient", pid: int, stdout: int) -> None:
        self.pid = pid
        self._client = client  # whose child it is: nobody else can reap it
        self.printed = b""
        self._stdout = stdout

    def line(self, within: float) -> str:
        """Return the next line that it prints, without its end; "" if none comes in time."""
        self._read(within, until=lambda: b"\n" in self.printed)
        line, _, self.printed = self.printed.partition(b"\n")
        return line.decode(errors="replace")

    def send(self, how: signal.Signals) -> None:
        """Send it a signal."""
        os.kill(self.pid, how)

    def wait(self, within: float) -> int | None:
        """Return its exit code (negative: the signal that ended it); None if it runs on."""
        if not self._read(within, until=lambda: False):
            return None
        os.close(self._stdout)
        return self._client.ask({"reap": self.pid})

    def _read(self, within: float, until: Callable[[], bool]) -> bool:
        """Take what it prints; return whether that has ended, which a process does with it."""
        end = time.monotonic() + within
        while not until():
            if not select.select([self._stdout], [], [], max(0.0, end - time.monotonic()))[0]:
                return False
            data = os.read(self._stdout, _CHUNK)
            if not data:
                return True
            self.printed += data
        return False


def launch(arguments: list[str], log: Path, stdin: bytes = b"") -> Command:
    """Start ``livehelp`` with these arguments; what it says on standard error goes to ``log``.

    Args:
        arguments: As in the shell, without the program's name.
        log: Appended to.
        stdin: What it can read; short enough for a pipe's buffer.

    Raises:
        ServerProcessError: this machine cannot start one.
    """
    reading, writing = os.pipe()
    given, giving = os.pipe()
    try:
        os.write(giving, stdin)
        client = _client()
        with log.open("ab") as errors:
            pid = client.ask({"run": arguments}, given, writing, errors.fileno())
    except BaseException:
        os.close(reading)
        raise
    finally:
        for channel in (writing, given, giving):
            os.close(channel)
    return Command(client, pid, reading)


class _ForkserverClient:
    """The warm process of this program, and whose turn it is to ask."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._asked = ours
        self._turn = threading.Lock()
        self._last = ""
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own module, no shell
                # As a file, and without the current folder on its path: it is for warm to say
                # which Live Help it imports.
                [sys.executable, "-P", str(_FORKSERVER), str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                env=environment(),
                pass_fds=[theirs.fileno()],
                start_new_session=True,  # Ctrl-C is for whoever is in the terminal
            )
        atexit.register(self.close)
        ours.settimeout(FORKSERVER_TIMEOUT)
        try:
            if self._answer() != READY:
                self._fail()
        except KeyboardInterrupt:
            self._process.kill()  # it has started nothing, and imports for a long time yet
            raise

    def ask(self, request: object, *channels: int) -> int:
        """Send a request and return the number in its answer; raises ``ServerProcessError``."""
        with self._turn:
            try:
                socket.send_fds(self._asked, [json.dumps(request).encode()], channels)
            except OSError:
                self._fail()
            answer = self._answer()
            if not answer:
                self._fail()
        match json.loads(answer):
            case int(number):
                return number
            case words:
                raise ServerProcessError(f"no process can be started or ended here: {words}.")

    def close(self) -> None:
        """End the warm process; it ends what it has started."""
        self._asked.close()
        with self._process:  # waits, and closes its standard error
            pass

    def _answer(self) -> bytes:
        try:
            return self._asked.recv(MAX_MESSAGE)
        except OSError:
            return b""

    def _fail(self) -> NoReturn:
        if self._process.returncode is None:
            _make_client.cache_clear()
            atexit.unregister(self.close)
            self._process.kill()
            said = self._process.communicate()[1].decode(errors="replace").strip()
            self._last = said.rpartition("\n")[2] or "it gave no reason"
        raise ServerProcessError(
            f"no server can be started here: {self._last}. Is livehelp[server] installed?"
        )


def _client() -> _ForkserverClient:
    """Return the one of this program; threads that ask at once get the same."""
    with _MAKING:
        return _make_client()


@cache
def _make_client() -> _ForkserverClient:
    return _ForkserverClient()


def environment() -> dict[str, str]:
    """Return this process's environment without the settings that a developer may have there."""
    return {name: value for name, value in os.environ.items() if not name.startswith("LIVEHELP_")}
