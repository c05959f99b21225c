"""``livehelp visit`` and ``livehelp operate`` in a real terminal, against a real server."""

import os
import sys
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from typing import Any

import pexpect
import pyte
import pytest

from livehelp.stage import ServerProcess, environment

COLUMNS, ROWS = 80, 24
DOWN, F2, F10, ESCAPE, CTRL_Q = "\x1bOB", "\x1bOQ", "\x1b[21~", "\x1b", "\x11"
_PATIENCE = 30.0


class Terminal:
    """A program on a pseudo terminal, its output kept as a screen."""

    def __init__(self, *arguments: str, **more: str) -> None:
        self.screen = pyte.Screen(COLUMNS, ROWS)
        self.bells = 0
        self._stream = pyte.ByteStream(self.screen)
        variables = environment() | {"TERM": "xterm-16color", "HOME": os.devnull} | more
        self._child: Any = pexpect.spawn(
            sys.executable,
            ["-m", "livehelp", *arguments],
            dimensions=(ROWS, COLUMNS),
            env=variables,  # pyright: ignore[reportArgumentType]  its stub wants os.environ's type
            timeout=_PATIENCE,
        )

    def type(self, keys: str) -> None:
        self._child.send(keys)

    def wait_for(self, words: str) -> str:
        """Return the screen once ``words`` are on it."""
        while words not in self.text():
            try:
                data = self._child.read_nonblocking(65_536, timeout=_PATIENCE)
            except (pexpect.TIMEOUT, pexpect.EOF) as gone:
                shown = f"{words!r} never came ({type(gone).__name__}):\n{self.text()}"
                raise AssertionError(shown) from None
            self.bells += data.count(b"\x07")
            self._stream.feed(data)
        return self.text()

    def text(self) -> str:
        return "\n".join(row.rstrip() for row in self.screen.display)

    def ended(self) -> int:
        """Wait for the program's end and return its exit code."""
        self._child.expect(pexpect.EOF)
        self._child.close()
        return self._child.exitstatus

    def close(self) -> None:
        self._child.close(force=True)


@contextmanager
def terminal(*arguments: str, **more: str) -> Generator[Terminal]:
    program = Terminal(*arguments, **more)
    try:
        yield program
    finally:
        program.close()


@pytest.mark.timeout(120)
def test_a_visit_in_two_terminals_through_a_server_that_dies(live_server: ServerProcess) -> None:
    with ExitStack() as stack:
        operator = stack.enter_context(
            terminal("operate", live_server.address, "--name", live_server.operator)
        )
        operator.wait_for("Connected.")
        operator.type(f"{live_server.password}\r")
        operator.wait_for("Nobody waits.")
        assert live_server.password not in operator.text()

        visitor = stack.enter_context(
            terminal("visit", live_server.address, "--no-token", "--place", "kiosk 7")
        )
        visitor.wait_for("1 operator is here.")
        assert "confidential" in visitor.text()
        visitor.type("Ann [red]Lee\r")
        visitor.type(f"{DOWN}\r")  # the first topic
        visitor.type(F2)
        visitor.wait_for("You are next. 1 operator is here.")

        bells = operator.bells
        operator.wait_for("NEW")
        assert operator.bells > bells
        operator.type(F2)
        operator.wait_for("You are talking with Ann [red]Lee")
        visitor.wait_for("dana is helping you")

        visitor.type("Hello\rsecond")
        visitor.wait_for("sent")
        operator.wait_for("Hello")

        live_server.kill()
        visitor.wait_for("Connection lost. You can go on typing")
        operator.wait_for("Connection lost.")
        visitor.type(" line\r")
        visitor.wait_for("sending ...")
        live_server.start()
        operator.wait_for("second line")
        visitor.wait_for("dana is helping you")
        operator.type("Good morning\r")
        visitor.wait_for("Good morning")

        visitor.type(F10)
        visitor.wait_for("End this conversation?")
        visitor.type("\r")
        visitor.wait_for("To ask for the transcript by e-mail")
        visitor.type(ESCAPE)
        visitor.wait_for("Thank you, Ann [red]Lee.")
        visitor.type("\r")
        assert visitor.ended() == 0

        operator.wait_for("The visitor ended it")
        operator.type(F10)
        operator.wait_for("Nobody waits.")
        operator.type(CTRL_Q)
        assert operator.ended() == 0
