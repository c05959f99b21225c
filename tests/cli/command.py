"""Running the ``livehelp`` command: in this process, which is quick, and in one of its own.

Owns the environment that a command sees: nothing of the developer's, and folders of the test's.
"""

import io
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from livehelp.cli import main
from livehelp.testkit.server import environment

PROGRAM = (sys.executable, "-m", "livehelp")


@dataclass(frozen=True, slots=True)
class Result:
    """What a command left: its exit code, and what it wrote."""

    code: int
    out: str
    err: str

    def told(self, *words: str) -> "Result":
        """Hold that it failed with these words on standard error, and without a traceback."""
        assert self.code in {1, 2}, self
        assert not self.out, self
        assert "Traceback" not in self.err
        for each in words:
            assert each in self.err, self
        return self


class Command:
    """``livehelp`` in this process.

    Attributes:
        folder: The current folder, empty at first; ``database`` is a file's name in it.
    """

    def __init__(
        self,
        folder: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        self.folder = folder
        self.database = folder / "help.db"
        self._monkeypatch = monkeypatch
        self._capsys = capsys
        for name in set(os.environ) - set(environment()):
            monkeypatch.delenv(name)
        monkeypatch.setenv("XDG_DATA_HOME", str(folder / "data"))
        monkeypatch.setenv("XDG_STATE_HOME", str(folder / "state"))
        monkeypatch.delenv("SUDO_USER", raising=False)
        monkeypatch.chdir(folder)

    def __call__(
        self, *words: object, stdin: bytes = b"", env: Mapping[str, str] | None = None
    ) -> Result:
        """Run it with these arguments; ``stdin`` is a pipe with that in it."""
        self._capsys.readouterr()
        with self._monkeypatch.context() as patch:
            patch.setattr(sys, "argv", ["livehelp", *map(str, words)])
            # What `python -m pytest` has there, click would take for the program's name.
            patch.setattr(sys.modules["__main__"], "__package__", None)
            patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
            for name, value in (env or {}).items():
                patch.setenv(name, value)
            with pytest.raises(SystemExit) as left:
                main()
        written = self._capsys.readouterr()
        code = left.value.code
        assert isinstance(code, int)
        return Result(code, written.out, written.err)


def in_a_process(folder: Path, *words: object, env: Mapping[str, str] | None = None) -> Result:
    """Run ``livehelp`` as the shell does."""
    done = subprocess.run(
        [*PROGRAM, *map(str, words)],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env={**environment(), "XDG_DATA_HOME": str(folder / "data"), **(env or {})},
        check=False,
    )
    return Result(done.returncode, done.stdout, done.stderr)
