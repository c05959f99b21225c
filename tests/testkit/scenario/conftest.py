"""The command in an empty folder, with `scenario` in its table; and scenarios as texts."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.command import Command

SHIPPED = Path(__file__).parents[3] / "scenarios"
# What a tester who knows no Python should be able to write, from the guide alone.
EXAMPLE = """\
server: fresh
actors: {pat: visitor, dana: operator}
steps:
  - pat: start {name: Pat, topic: plates}
  - dana: {expect: entered, within: 5s}
  - dana: take pat
  - pat: say "hello"
  - dana: {expect: line, text: /hel+o/}
  - link pat: cut 2s
  - dana: say "are you there?"
  - pat: {expect: line, text: "are you there?", within: 10s}
  - pat: end
  - transcript: {lines: 2, operator: dana, interview: none}
"""
HELLO = """\
about: Somebody says hello.
actors: {pat: visitor, dana: operator}
steps:
  - pat: start
  - dana: take pat
"""
Write = Callable[..., Path]


@pytest.fixture
def livehelp(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    """The command, in a folder where nothing is."""
    return Command(tmp_path, monkeypatch, capsys)


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a scenario: HELLO with more steps, or a whole text."""

    def file(*steps: str, name: str = "some.yaml", text: str = HELLO) -> Path:
        path = tmp_path / name
        path.write_text(text + "".join(f"  - {step}\n" for step in steps))
        return path

    return file
