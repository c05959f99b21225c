"""What a command loads before it does anything, and what it says to someone who guesses."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pexpect
import pytest

from livehelp.cli.commands import command_for
from livehelp.testkit.server import environment
from tests.cli.command import PROGRAM, Command, in_a_process

# Stands in for the command's own module: runs it, then tells what it had imported.
WATCH = """
import sys
from livehelp.cli import main
sys.argv = ["livehelp", *sys.argv[1:]]
try:
    main()
finally:
    print("LOADED", *sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
"""


def loaded_by(*words: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", WATCH, *words],
        capture_output=True,
        text=True,
        env=environment(),
        check=False,
    )
    return set(done.stderr.rpartition("LOADED ")[2].split())


def loaded_by_a_screen(*words: str) -> set[str]:
    """The same in a terminal, where screens start; a bad address ends them before they do."""
    screen: pexpect.spawn[str] = pexpect.spawn(
        sys.executable,
        ["-c", WATCH, *words],
        env={**environment(), "TERM": "xterm"},
        encoding="utf-8",
        timeout=20,
    )
    screen.expect(r"is no address[^\n]*\n.*LOADED ([^\r]*)\r")
    match = screen.match
    assert isinstance(match, re.Match)
    screen.close()
    return set(match.group(1).split())


HEAVY = {"sqlmodel", "sqlalchemy", "alembic", "pydantic", "server", "storage", "trio", "argon2"}


@pytest.mark.parametrize("word", ["visit", "operate"])
def test_a_screen_loads_no_database_no_server_and_no_validator(word: str) -> None:
    loaded = loaded_by_a_screen(word, "not an address")
    assert {"textual", "typer"} <= loaded
    assert not loaded & {*HEAVY, "pygments"}


@pytest.mark.parametrize(
    "words", [["--version"], ["--help"], ["serve", "--help"], ["protocol"], ["token", "where"]]
)
def test_what_needs_no_database_loads_none(words: list[str]) -> None:
    loaded = loaded_by(*words)
    assert "typer" in loaded
    assert not loaded & {*HEAVY, "textual", "rich"}


def test_the_version_is_told(livehelp: Command) -> None:
    result = livehelp("--version")
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith("livehelp 0.")


@pytest.mark.parametrize("word", ["-h", "--help"])
def test_help_lists_every_command_under_its_heading(livehelp: Command, word: str) -> None:
    result = livehelp(word)
    assert result.code == 0
    found = [result.out.index(f"\n{each}:") for each in ("Talk", "Run a server", "Records")]
    assert found == sorted(found)
    for command in ("visit", "operate", "demo", "serve", "operators", "db", "sessions"):
        assert f"\n  {command} " in result.out


def test_without_a_word_the_help_is_shown_and_that_is_a_mistake(livehelp: Command) -> None:
    assert livehelp().told("Usage: livehelp", "transcript").code == 2


def test_a_mistyped_command_is_answered_with_the_right_one(livehelp: Command) -> None:
    assert livehelp("transcrpt").told("Did you mean 'transcript'?").code == 2


@pytest.mark.parametrize(
    "words",
    [
        ["--nonsense"],
        ["sessions", "--nonsense"],
        ["sessions", "--limit", "many"],
        ["sessions", "--limit", "0"],
        ["transcript"],
        ["operators", "add"],
        ["operators", "nonsense"],
        ["token", "forget", "not an address"],
    ],
)
def test_wrong_usage_is_exit_code_2_with_words(livehelp: Command, words: list[str]) -> None:
    assert livehelp(*words).told().code == 2


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["sessions", "--limit", "many"], "'--limit': must be a whole number, not 'many'."),
        (["sessions", "--limit", "0"], "'--limit': must be 1 or more, not 0."),
        (["serve", "--max-connections", "2.5"], "must be a whole number, not '2.5'."),
        (["operate", "--stay"], "--stay goes together with --json only."),
        (["operate", "--stay", "--password-file", "f"], "--password-file and --stay go together"),
    ],
)
def test_a_value_that_does_not_fit_is_told_with_what_would(
    livehelp: Command, words: list[str], told: str
) -> None:
    assert livehelp(*words).told(told).code == 2


@pytest.mark.parametrize("package", ["server", "storage"])
def test_a_file_of_somebody_else_s_with_the_name_of_a_package_of_ours_is_named(
    tmp_path: Path, package: str
) -> None:
    """``python -m livehelp`` looks in the current folder first."""
    (tmp_path / f"{package}.py").touch()
    result = in_a_process(tmp_path, "operators", "list")
    result.told(f"livehelp: {tmp_path}/{package}.py stands before a package of Live Help's own.")
    assert result.code == 1


def all_commands(command: Any, words: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    yield words
    for name, below in getattr(command, "commands", {}).items():
        yield from all_commands(below, (*words, name))


@pytest.mark.parametrize("words", all_commands(command_for([])), ids=" ".join)
def test_every_help_shows_values_in_one_style(livehelp: Command, words: tuple[str, ...]) -> None:
    shown = livehelp(*words, "--help").out
    # Not typer's own <str>, {name} and name, but a metavar; {n} is a form that one writes.
    assert not re.findall(r"<[a-z]|\{(?!n\})", shown), shown
    arguments = shown.splitlines()[0].partition("[OPTIONS]")[2]
    assert arguments == arguments.upper()


def test_an_operator_without_a_terminal_is_told_so(livehelp: Command) -> None:
    assert livehelp("operate").told("needs a terminal", "docs/protocol.md").code == 2


def test_an_operator_whose_input_is_closed_is_told_so(
    livehelp: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert livehelp("operate").told("needs a terminal").code == 2


def test_a_visit_without_a_terminal_is_one_in_plain_lines(livehelp: Command) -> None:
    assert livehelp("visit").told("nobody is asked in a pipe", "--topic TOPIC").code == 2
    nowhere = in_a_process(livehelp.folder, "visit", "--topic", "plates", "unix:/nowhere")
    assert nowhere.told("cannot connect").code == 1


def test_what_only_plain_lines_have_is_refused_at_a_terminal_with_a_screen() -> None:
    screen: pexpect.spawn[str] = pexpect.spawn(
        sys.executable,
        ["-m", "livehelp", "visit", "--name", "Pat"],
        env={**environment(), "TERM": "xterm"},
        encoding="utf-8",
        timeout=20,
    )
    screen.expect_exact("--name goes together with --plain only.")
    screen.expect(pexpect.EOF)
    screen.close()
    assert screen.exitstatus == 2


@pytest.mark.parametrize(
    ("words", "package", "extra"),
    [
        (["visit"], "textual", "tui"),
        (["operate"], "textual", "tui"),
        (["serve"], "trio", "server"),
        (["sessions"], "sqlalchemy", "server"),
        (["operators", "list"], "sqlalchemy", "server"),
        (["serve"], "structlog", "server"),
    ],
)
def test_a_missing_package_is_told_with_how_to_install_it(
    tmp_path: Path, words: list[str], package: str, extra: str
) -> None:
    hide = f"import sys; sys.modules[{package!r}] = None\n"
    screen: pexpect.spawn[str] = pexpect.spawn(
        sys.executable,
        ["-c", hide + WATCH, *words],
        env={**environment(), "XDG_DATA_HOME": str(tmp_path), "TERM": "xterm"},
        encoding="utf-8",
        timeout=20,
    )
    screen.expect_exact(f"pip install '.[{extra}]'")
    assert f"needs the package {package}" in str(screen.before).replace("\r\n", "")
    screen.expect_exact("LOADED")
    screen.expect(pexpect.EOF)
    assert "Traceback" not in str(screen.before)
    screen.close()
    assert screen.exitstatus == 1


def test_a_reader_that_goes_away_is_no_error_to_speak_of(livehelp: Command) -> None:
    """As in ``livehelp protocol --schema | head -1``."""
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [*PROGRAM, "protocol", "--schema"],
        stdout=writing,
        stderr=subprocess.PIPE,
        env=environment(),
        check=False,
    )
    os.close(writing)
    assert done.returncode == 1
    assert done.stderr == b""


def test_what_the_terminal_has_no_letter_for_is_written_out(livehelp: Command) -> None:
    result = in_a_process(
        livehelp.folder, "token", "forget", "東京 !", env={"PYTHONIOENCODING": "latin-1"}
    )
    result.told("is no address", "\\u6771")


def test_a_defect_is_a_sentence_and_a_traceback_only_for_whoever_asks(
    livehelp: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> dict[str, object]:
        raise RuntimeError("out of cheese")

    monkeypatch.setattr("livehelp.wire.schema.json_schema", broken)
    livehelp("protocol", "--schema").told(
        "should not have happened", "out of cheese", "LIVEHELP_TRACEBACK=1"
    )
    result = livehelp("protocol", "--schema", env={"LIVEHELP_TRACEBACK": "1"})
    assert result.code == 1
    assert "Traceback" in result.err
    assert "in broken" in result.err


def test_ctrl_c_ends_without_a_word(livehelp: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted() -> dict[str, object]:
        raise KeyboardInterrupt

    monkeypatch.setattr("livehelp.wire.schema.json_schema", interrupted)
    result = livehelp("protocol", "--schema")
    assert (result.code, result.out, result.err) == (130, "", "")
