"""Every snippet of docs/scripting.md runs as it stands."""

import os
import re
import subprocess
import sys
from pathlib import Path
from textwrap import indent
from typing import Any

import pytest

import livehelp
from livehelp.testing import LinkMaker, OperatorMaker, ServerProcess, VisitorMaker
from livehelp.wire import events, signals
from tests.testkit.pytest.conftest import Run

DOCS = Path(__file__).parents[3] / "docs" / "scripting.md"
# ```python test_plain.py
BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# What differs from run to run: times, seeds, references, the version.
VARIES = re.compile(r"\d+\.\d+(\.\d+)?|seed=\d+|\b[0-9A-Z]{4}-[0-9A-Z]{4}\b|-{5,}| +")


def blocks(language: str) -> dict[str, str]:
    """Return the snippets of a language by name."""
    found = BLOCK.findall(DOCS.read_text(encoding="utf-8"))
    return {name: text for kind, name, text in found if kind == language}


PYTHON = blocks("python")
TESTS = {name: text for name, text in PYTHON.items() if name.startswith("test_")}
SCRIPTS = {"hello.py": "dana says: Good morning, Pat\n", "desk.py": "Good morning\n"}


def test_there_is_no_snippet_that_is_not_run() -> None:
    assert PYTHON.keys() - TESTS.keys() == {"expectations", *SCRIPTS}
    assert blocks("ini").keys() == {"pytest.ini"}
    assert "test_fails.py" in blocks("text")


def test_the_tests_pass_and_the_one_that_fails_says_what_is_shown(run_tests: Run) -> None:
    result = run_tests({**TESTS, **blocks("ini")})
    passed = sum(text.count("def test_") for text in TESTS.values())
    twice = sum(text.count("async def test_") for text in TESTS.values())
    result.assert_outcomes(passed=passed + twice - 1, failed=1)
    shown = [
        alike(line)
        for line in blocks("text")["test_fails.py"].splitlines()
        if line not in {"", "..."}
    ]
    said = [alike(line) for line in result.outlines]
    assert [line for line in shown if line not in said] == []


def alike(line: str) -> str:
    return VARIES.sub("~", line.strip())


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_says_what_it_should(
    livehelp_server: ServerProcess, tmp_path: Path, name: str
) -> None:
    script = tmp_path / name
    script.write_text(PYTHON[name].replace("localhost", livehelp_server.address))
    ended = subprocess.run(
        [sys.executable, "-W", "error", script],
        env=os.environ | {"LIVEHELP_PASSWORD": livehelp_server.password},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert (ended.stdout, ended.stderr) == (SCRIPTS[name], "")


def test_what_has_types_is_rightly_typed(tmp_path: Path) -> None:
    names = [*SCRIPTS, "test_typed.py"]
    tmp_path.joinpath("pyrightconfig.json").write_text('{"typeCheckingMode": "strict"}')
    for name in names:
        tmp_path.joinpath(name).write_text(PYTHON[name])
    checked = subprocess.run(
        [sys.executable, "-m", "basedpyright", "--pythonpath", sys.executable, *names],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=50,
    )
    assert "0 errors, 0 warnings" in checked.stdout, checked.stdout


@pytest.mark.anyio
async def test_each_expectation_finds_its_message(
    livehelp_visitor: VisitorMaker, livehelp_operator: OperatorMaker, livehelp_link: LinkMaker
) -> None:
    async with (
        livehelp_link() as link,
        livehelp_visitor(through=link) as pat,
        livehelp_operator("dana") as dana,
    ):
        session = (await pat.start(name="Pat", topic="Forms")).session
        await dana.take()
        await dana.say(session, "Good morning, Pat")
        await dana.say(session, "You need form 7")
        await pat.say("This " + "is a long story. " * 5)
        link.cut()
        await pat.say("I am back")
        await dana.end(session)
        names: dict[str, Any] = vars(events) | vars(signals) | {"re": re, "pat": pat, "dana": dana}
        names |= {name: getattr(livehelp, name) for name in ("LinkLost", "LinkUp")}
        exec(f"async def snippet():\n{indent(PYTHON['expectations'], '    ')}", names)  # noqa: S102
        await names["snippet"]()
