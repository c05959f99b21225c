"""A program of ours on a pseudo terminal, its output kept as a screen: keys go in as bytes."""

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, Final

import pexpect
import pyte

from livehelp.testkit.server import environment

COLUMNS, ROWS = 80, 24
# What xterm sends for these keys.
DOWN, F2, F10, ESCAPE, CTRL_Q = "\x1bOB", "\x1bOQ", "\x1b[21~", "\x1b", "\x11"
# A cold start imports Textual and the client, which takes seconds on a busy machine.
_PATIENCE: Final = 30.0


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
        """Return the screen once ``words`` are on it.

        They must be words that stay: what is true for a moment may never be painted.
        """
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
