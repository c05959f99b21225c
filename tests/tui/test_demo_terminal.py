"""``livehelp demo`` in a real terminal, from the command to the printed transcript."""

import re
import sys
from collections.abc import Iterator

import pexpect
import pyte
import pytest

from livehelp.testkit.server import environment

ROWS, COLUMNS = 24, 80
# A cold start imports SQLModel and Textual and runs argon2, each in seconds on a busy machine.
PATIENCE = 45.0
# What xterm sends for these keys.
F2, F10, CTRL_Q = "\x1bOQ", "\x1b[21~", "\x11"


class Terminal:
    """A command on a pseudo-terminal, and the screen that a person would see."""

    def __init__(self, *command: str) -> None:
        self.screen = pyte.Screen(COLUMNS, ROWS)
        self._stream = pyte.ByteStream(self.screen)
        self.output = b""
        self._child: pexpect.spawn[bytes] = pexpect.spawn(
            command[0],
            list(command[1:]),
            dimensions=(ROWS, COLUMNS),
            timeout=PATIENCE,
            env={**environment(), "TERM": "xterm-256color"},
        )

    def until(self, words: str, *, times: int = 1) -> None:
        """Read until the screen shows ``words`` so many times."""
        while self.text.count(words) < times:
            assert self._read(), f"It ended. The screen:\n{self.text}"

    def until_the_end(self) -> None:
        """Read until the command has ended."""
        while self._read():
            pass

    def send(self, keys: str) -> None:
        self._child.send(keys)

    def close(self) -> int | None:
        """End it, if it still runs; return its exit status."""
        self._child.close()
        return self._child.exitstatus

    @property
    def text(self) -> str:
        return "\n".join(self.screen.display)

    def _read(self) -> bool:
        """Take in what was written; False at the end of it."""
        try:
            data = self._child.read_nonblocking(65_536, PATIENCE)
        except pexpect.EOF:
            return False
        except pexpect.TIMEOUT:
            raise AssertionError(f"Nothing came. The screen:\n{self.text}") from None
        self.output += data
        self._stream.feed(data)
        return True


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    terminal = Terminal(sys.executable, "-m", "livehelp", "demo")
    try:
        yield terminal
    finally:
        terminal.close()


def test_the_demo_goes_from_the_command_to_the_stored_transcript(terminal: Terminal) -> None:
    terminal.until("Pat waits for help, on the left. F2")
    terminal.send(F2)
    terminal.until("dana is helping you")
    terminal.send("Good morning\r")
    terminal.until("Good morning", times=2)
    terminal.send("\t")
    terminal.until("> VISITOR")
    terminal.send("My plates are worn\r")
    terminal.until("My plates are worn", times=2)
    terminal.send(F10)
    terminal.until("The visit has ended. Enter leaves")
    terminal.send("\r")
    terminal.until_the_end()

    assert terminal.close() == 0
    printed = terminal.output.decode().rpartition("What the database holds now")[2]
    assert re.search(r"Visitor name +Pat\r\n", printed)
    assert re.search(r"Operator name +dana\r\n", printed)
    assert re.search(r"dana: Good morning\r\n.*Pat: My plates are worn\r\n", printed)
    assert "Ended by Pat" in printed


def test_leaving_at_once_restores_the_terminal(terminal: Terminal) -> None:
    terminal.until("Leave")
    terminal.send(CTRL_Q)
    terminal.until_the_end()
    assert terminal.close() == 0
    # The main screen is back, the cursor is seen again, the mouse is nobody's.
    for restored in (b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?1000l"):
        assert restored in terminal.output
    assert b"Traceback" not in terminal.output
