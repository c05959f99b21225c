"""A ``livehelp`` in a pipe, and what it writes, line by line.

Owns the process and the waiting, which is never without an end.
"""

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Final

from livehelp.testkit.server import ServerProcess, environment

PROGRAM: Final = (sys.executable, "-m", "livehelp")
# What takes longer will not happen.
PATIENCE: Final = 20.0


class Program:
    """A running command.

    Attributes:
        lines: What it has written so far, whole lines.
    """

    def __init__(
        self, words: tuple[str, ...], env: Mapping[str, str], stdin: int | IO[bytes]
    ) -> None:
        self.lines: list[str] = []
        self._held = b""
        self._looked_at: dict[str, int] = {}
        self._process = subprocess.Popen(
            [*PROGRAM, *words],
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**environment(), **env},
        )

    def type(self, *lines: str) -> None:
        """Write lines to its input."""
        assert self._process.stdin is not None
        self._process.stdin.write("".join(f"{line}\n" for line in lines).encode())
        self._process.stdin.flush()

    def tell(self, type_: str, **fields: object) -> None:
        """Write a command to its input."""
        self.type(json.dumps({"type": type_, **fields}))

    def end_input(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()

    def close_output(self) -> None:
        """Be a reader who has had enough."""
        assert self._process.stdout is not None
        self._process.stdout.close()

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def until(self, words: str) -> str:
        """Return the next line with ``words`` in it."""
        return self._next("", lambda line: words in line)

    def heard(self, type_: str, **fields: object) -> dict[str, Any]:
        """Return the next message of this type with these fields.

        Each type is looked through by itself: an answer and the events that belong to it come in
        no order that is promised.
        """
        wanted = {"type": type_, **fields}
        return json.loads(
            self._next(type_, lambda line: wanted.items() <= json.loads(line).items())
        )

    def ended(self) -> int:
        """Wait for its end, reading on, and return the exit code."""
        while self._read():
            pass
        return self._process.wait(PATIENCE)

    def errors(self) -> str:
        """Return what it wrote to standard error; only after the end."""
        assert self._process.stderr is not None
        return self._process.stderr.read().decode()

    def messages(self) -> list[dict[str, Any]]:
        """Return all it has written, as JSON."""
        return [json.loads(line) for line in self.lines]

    def close(self) -> None:
        self._process.kill()
        self._process.wait(PATIENCE)
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            if stream is not None and not stream.closed:
                with suppress(BrokenPipeError):  # what was typed last, it did not read
                    stream.close()

    def _next(self, lane: str, fits: Callable[[str], bool]) -> str:
        at = self._looked_at.get(lane, 0)
        while True:
            for number, line in enumerate(self.lines[at:], at + 1):
                if fits(line):
                    self._looked_at[lane] = number
                    return line
            at = len(self.lines)
            if not self._read():
                code = self._process.wait(PATIENCE)
                raise AssertionError(f"ended with {code}:\n{self.lines}\n{self.errors()}")

    def _read(self) -> bool:
        assert self._process.stdout is not None
        if self._process.stdout.closed:
            return False
        ready, _, _ = select.select([self._process.stdout], [], [], PATIENCE)
        assert ready, f"nothing more came after:\n{self.lines}"
        data = os.read(self._process.stdout.fileno(), 65_536)
        *lines, self._held = (self._held + data).split(b"\n")
        self.lines += [line.decode() for line in lines]
        return bool(data)


class Programs:
    """Starts commands for one server."""

    def __init__(self, server: ServerProcess, folder: Path) -> None:
        self.server = server
        self.folder = folder
        self._running: list[Program] = []

    @property
    def environment(self) -> dict[str, str]:
        """What a command needs: the address, the password, and a folder for its tokens."""
        return {
            "LIVEHELP_ADDRESS": self.server.address,
            "LIVEHELP_PASSWORD": self.server.password,
            "XDG_STATE_HOME": str(self.folder / "state"),
        }

    def run(
        self,
        *words: str,
        env: Mapping[str, str] | None = None,
        stdin: int | IO[bytes] = subprocess.PIPE,
    ) -> Program:
        """Start ``livehelp`` with these arguments."""
        program = Program(words, {**self.environment, **(env or {})}, stdin)
        self._running.append(program)
        return program

    def operator(self, *options: str, name: str = "dana", address: str | None = None) -> Program:
        """Start an operator in a pipe, and wait until they have signed in."""
        env = {"LIVEHELP_ADDRESS": address} if address else {}
        operator = self.run("operate", "--json", "--name", name, *options, env=env)
        operator.heard("logged_in")
        return operator

    def visitor(self, *options: str, name: str = "Pat", address: str | None = None) -> Program:
        """Start a visitor in a pipe, and wait until they are in the queue."""
        env = {"LIVEHELP_ADDRESS": address} if address else {}
        words = ("visit", "--plain", "--name", name, "--topic", "plates", *options)
        visitor = self.run(*words, env=env)
        visitor.until("You asked for help")
        return visitor

    def shell(self, script: str) -> subprocess.CompletedProcess[str]:
        """Run a script of the shell, in which ``livehelp`` is a command."""
        commands = self.folder / "bin"
        commands.mkdir(exist_ok=True)
        livehelp = commands / "livehelp"
        livehelp.write_text(f'#!/bin/sh\nexec "{PROGRAM[0]}" -m livehelp "$@"\n')
        livehelp.chmod(0o755)
        path = f"{commands}:{os.environ['PATH']}"
        with subprocess.Popen(
            ["bash", "-o", "pipefail", "-c", script],
            cwd=self.folder,
            env={**environment(), **self.environment, "PATH": path},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        ) as shell:
            try:
                out, errors = shell.communicate(timeout=PATIENCE)
            finally:
                with suppress(ProcessLookupError):  # all of the script has ended, as it should
                    os.killpg(shell.pid, signal.SIGKILL)
        return subprocess.CompletedProcess(script, shell.returncode, out, errors)

    def close(self) -> None:
        for program in self._running:
            program.close()
