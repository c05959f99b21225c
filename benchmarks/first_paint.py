"""``python -m benchmarks.first_paint``: how long a visitor looks at an empty terminal.

Starts ``livehelp visit`` and a minimal Textual app (header, log, input, footer) in turn, each in a
pseudo-terminal of its own, and takes the time from the start of the process until the words that
its first screen shows have been written. Compare the two: a machine's own speed is in both.
"""

import argparse
import fcntl
import os
import pty
import select
import signal
import statistics
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.procfs import cpu_s

ROWS: Final = 24
COLUMNS: Final = 80
# A cold start on a busy machine takes five seconds; after this it hangs.
PATIENCE_S: Final = 30.0
# What a minimal app costs: nothing can be quicker with the same toolkit.
MINIMAL: Final = """
from textual.app import App
from textual.widgets import Footer, Header, Input, RichLog
class Minimal(App):
    def compose(self):
        yield Header()
        yield RichLog()
        yield Input(placeholder="minimal screen")
        yield Footer()
Minimal().run()
"""


@dataclass(frozen=True, slots=True)
class Contestant:
    """A program, and the words by which its first screen is known."""

    name: str
    command: tuple[str, ...]
    words: bytes


@dataclass(frozen=True, slots=True)
class Paint:
    """One start: seconds until the words were there, and processor seconds until then."""

    wall_s: float
    cpu_s: float


def paint(contestant: Contestant) -> Paint:
    """Start the program and wait for its first screen.

    Raises:
        TimeoutError: the words did not come.
    """
    terminal, other_end = pty.openpty()
    fcntl.ioctl(other_end, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    begun = time.perf_counter()
    process = subprocess.Popen(
        contestant.command,
        stdin=other_end,
        stdout=other_end,
        stderr=other_end,
        start_new_session=True,
        env={**os.environ, "TERM": "xterm-256color"},
    )
    os.close(other_end)
    try:
        _wait_for(contestant, terminal, begun)
        return Paint(time.perf_counter() - begun, cpu_s(process.pid))
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
        os.close(terminal)


def _wait_for(contestant: Contestant, terminal: int, begun: float) -> None:
    seen = b""
    while contestant.words not in seen:
        left = begun + PATIENCE_S - time.perf_counter()
        if left <= 0 or not select.select([terminal], [], [], left)[0]:
            raise TimeoutError(f"{contestant.name} showed no {contestant.words!r}: {seen[-500:]!r}")
        seen += os.read(terminal, 65_536)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure in turn and print the medians and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=7, help="starts of each (default 7)")
    repeat: int = parser.parse_args(arguments).repeat
    livehelp = str(Path(sys.executable).with_name("livehelp"))
    # A port where nobody listens: the first paint must not wait for a server.
    visit = Contestant("livehelp visit", (livehelp, "visit", "127.0.0.1:9"), b"Your name")
    minimal = Contestant("minimal app", (sys.executable, "-c", MINIMAL), b"minimal screen")
    paints: dict[str, list[Paint]] = {visit.name: [], minimal.name: []}
    for contestant in (visit, minimal) * (repeat + 1):
        paints[contestant.name].append(paint(contestant))
    medians: list[tuple[float, float]] = []
    for name, (_, *runs) in paints.items():  # the first fills the disk cache and is left out
        wall = statistics.median(run.wall_s for run in runs)
        cpu = statistics.median(run.cpu_s for run in runs)
        medians.append((wall, cpu))
        print(f"{name:16} {wall:6.2f} s to first paint, {cpu:6.2f} s of processor time")
    print(f"{'ratio':16} {medians[0][0] / medians[1][0]:6.2f}{medians[0][1] / medians[1][1]:25.2f}")


if __name__ == "__main__":
    main()
