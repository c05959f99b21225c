"""What is told of a run: to people, to programs, to CI servers; and of one that is stopped."""

import json
import signal
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import yaml

from livehelp.testkit.server import ServerProcess, environment
from tests.cli.command import PROGRAM, Command
from tests.testkit.scenario.conftest import HELLO, Write


def test_a_report_that_cannot_be_written_is_known_before_anything_is_played(
    livehelp: Command, write: Write, tmp_path: Path
) -> None:
    nowhere = tmp_path / "nowhere" / "report.xml"
    result = livehelp("scenario", "run", write(), "--junit-xml", nowhere)
    assert result.told("nowhere/report.xml: No such file or directory").code == 2


def test_each_folder_is_a_suite_of_its_own_with_a_name_like_a_package(
    livehelp: Command, write: Write, tmp_path: Path
) -> None:
    (tmp_path / "one" / "two").mkdir(parents=True)
    write(name="one/two/deep.yaml")
    write(name="top.yaml")
    livehelp(
        "scenario", "run", "--junit-xml", "r.xml", "top.yaml", "one/two", tmp_path / "top.yaml"
    )
    suites = ET.parse(tmp_path / "r.xml").getroot()  # noqa: S314 - our own file
    names = ["scenarios", "one.two", ".".join(tmp_path.parts[1:])]
    assert [suite.get("name") for suite in suites] == names
    assert [case.get("classname") for suite in suites for case in suite] == names
    assert {name for case in suites.iter("testcase") for name in case.attrib} == {
        *("classname", "name", "time")
    }


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_stopped_tells_what_is_known_and_leaves_nothing_behind(
    write: Write, tmp_path: Path, how: signal.Signals
) -> None:
    write(name="a.yaml")
    write("pat: {expect: left, within: 60s}", name="b.yaml")
    scratch = tmp_path / "tmp"
    scratch.mkdir()
    words = ("--jobs", "1", "--junit-xml", "r.xml", "-v", "a.yaml", "b.yaml")
    with _running(tmp_path, *words, TMPDIR=str(scratch)) as process:
        _read_until(process, "b: ", "dana: take pat")
        process.send_signal(how)
        rest = _rest(process)
    assert process.returncode == 128 + how
    assert rest.splitlines()[-1].startswith("1 passed, 1 not run, in ")
    [suite] = ET.parse(tmp_path / "r.xml").getroot()  # noqa: S314 - our own file
    assert [[each.tag for each in case] for case in suite] == [[], ["skipped"]]
    assert list(scratch.iterdir()) == []


def test_a_run_that_is_stopped_leaves_no_visit_on_a_server_of_others(
    live_server: ServerProcess, write: Write, tmp_path: Path
) -> None:
    write("pat: {expect: left, within: 60s}", name="a.yaml")
    words = ("--against", live_server.address, "-v", "a.yaml")
    with _running(tmp_path, *words, LIVEHELP_PASSWORD=live_server.password) as process:
        _read_until(process, "dana: take pat")
        process.send_signal(signal.SIGINT)
        rest = _rest(process)
    assert process.returncode == 128 + signal.SIGINT
    assert "the run was stopped before it was done" in rest
    [visit] = json.loads(live_server.command("sessions", "--json"))
    assert visit["ended_by"] == "visitor"


@contextmanager
def _running(folder: Path, *words: str, **env: str) -> Generator["subprocess.Popen[str]"]:
    with subprocess.Popen(
        [*PROGRAM, "scenario", "run", *words],
        cwd=folder,
        stdout=subprocess.PIPE,
        text=True,
        env={**environment(), "PYTHONUNBUFFERED": "1", **env},
    ) as process:
        yield process


def _read_until(process: "subprocess.Popen[str]", *words: str) -> None:
    """Read on, past the line in which all these words are."""
    assert process.stdout is not None
    for line in process.stdout:
        if all(word in line for word in words):
            return


def _rest(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.read()


@pytest.mark.parametrize("obeyed", ["\\x9b31m", "\\e]0;owned\\a", "\\u202E"])
def test_what_somebody_wrote_does_nothing_to_the_terminal_or_the_xml(
    livehelp: Command, write: Write, tmp_path: Path, obeyed: str
) -> None:
    character = yaml.safe_load(f'"{obeyed}"')[0]
    step = f'dana: {{expect: line, text: "{obeyed}", within: 0s}}'
    file = write(
        step,
        text=HELLO.replace("about: Some", f'about: "{obeyed} Some').replace("hello.", 'hello."'),
    )
    junit = tmp_path / "report.xml"
    told = [
        livehelp("scenario", "run", "-v", file, "--junit-xml", junit),
        livehelp("scenario", "run", "--json", file),
        livehelp("scenario", "check", file),
        livehelp("scenario", "check", write(f'dana: "{obeyed}"', name="bad.yaml")),
    ]
    escaped = ascii(character)[1:-1]
    for result in told:
        assert character not in result.out + result.err
        assert escaped in result.out + result.err or json.dumps(character)[1:-1] in result.out
    [case] = ET.parse(junit).iter("testcase")  # noqa: S314 - our own file
    assert case.get("name") == "some"
    assert any(each in junit.read_text() for each in (escaped, obeyed))  # as in the file
    assert character not in junit.read_text()


def test_the_steps_are_shown_as_they_happen(livehelp: Command, write: Write) -> None:
    file = write('pat: say "hello"', "dana: {expect: line}", name="one.yaml")
    alone = livehelp("scenario", "run", "-v", file).out.splitlines()
    assert alone[2].endswith(' pat: say "hello"')
    assert "line " in alone[4]
    both = livehelp("scenario", "run", "-v", file, write(name="two.yaml")).out
    assert "one:    0." in both
    assert "two:    0." in both


def test_programs_get_everything_as_json_and_ci_servers_as_junit(
    livehelp: Command, write: Write, tmp_path: Path
) -> None:
    good, bad = write(name="good.yaml"), write("pat: come back", name="bad.yaml")
    report = tmp_path / "report.xml"
    result = livehelp("scenario", "run", "--json", "--junit-xml", report, good, bad)
    found = json.loads(result.out)
    assert (result.code, found["passed"], found["failed"], found["not_run"]) == (1, 1, 1, 0)
    assert [each["result"] for each in found["scenarios"]] == ["passed", "failed"]
    assert found["scenarios"][1]["failure"]["step"] == "pat: come back"
    [suite] = ET.parse(report).getroot()  # noqa: S314 - our own file
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("2", "1", "0")
    assert [len(case) for case in suite] == [0, 1]
