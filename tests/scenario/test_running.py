"""What is told of a scenario that is played: what failed, where, and what was seen instead."""

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from livehelp.stage import ServerProcess
from tests.cli.command import Command
from tests.scenario.conftest import Write


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        (
            ["pat: say hello", "dana: {expect: line, text: goodbye, within: 200ms}"],
            "4:`line {text: goodbye}` was expected, and did not come within 0.2 s",
        ),
        (["pat: {expect: entered, name: Lee, within: 0s}"], "3:`entered {name: Lee}` was expected"),
        (
            ["dana: say hello", "pat: {never: line, by: dana}"],
            "4:`line {by: operator, name: dana}` must never come, and it came",
        ),
        (
            ["dana: note hello", "dana: {never: noted}"],
            "4:`noted` must never come, and it came: noted",
        ),
        (["pat: {never: line}", "dana: say hello"], "3:`line` must never come, and it came: line"),
        (["dana: take pat"], "3:The server refused it (`already_taken`): "),
        (
            ["dana: take pat {refused: full}"],
            "3:The server refused it (`already_taken`): You are helping this visitor",
        ),
        (
            ["pat: end {refused: out_of_turn}"],
            "3:It was carried out, but `out_of_turn` was expected.",
        ),
        (["pat: interview {9: Yes}"], "3:The server asks 2 questions; there is no 9."),
        (["pat: come back"], "3:pat is here already."),
        (["server: start"], "3:the server runs already"),
        (["server: stop", "pat: say hello {within: 100ms}"], "4:No answer came within 0.1 s."),
        (
            ["transcript: {lines: 1, operator: kim}"],
            "3:`lines` should be 1, and is none; `operators` should be [kim], and is ['dana'].",
        ),
        (
            ["together: [pat: {say: a}, dana: {take: pat}, pat: {expect: left}]"],
            "3:The server refused it",
        ),
    ],
)
def test_a_step_that_does_not_hold_is_told_with_its_line_and_what_was_seen(
    livehelp: Command, write: Write, steps: list[str], told: str
) -> None:
    file = write(*steps)
    result = livehelp("scenario", "run", file)
    offset, _, words = told.partition(":")
    lines = [line.strip() for line in result.out.splitlines()]
    assert result.code == 1
    assert lines[0].startswith("failed ")
    assert lines[1].startswith(f"{file}:{int(offset) + 3}: "), result.out
    assert lines[2].startswith(words), result.out
    assert lines[-1].startswith("1 failed, in ")


def test_a_failure_tells_what_the_client_saw_and_what_was_done(
    livehelp: Command, write: Write
) -> None:
    file = write('pat: say "hello"', "dana: {expect: line, text: goodbye, within: 100ms}")
    told = livehelp("scenario", "run", file).out
    assert "<- line " in told
    assert "text='hello'" in told
    assert "What was done before, in seconds since the scenario began:" in told
    assert 'pat: say "hello"' in told


def test_what_somebody_typed_does_nothing_to_the_terminal_or_the_xml(
    livehelp: Command, write: Write, tmp_path: Path
) -> None:
    file = write(r'pat: {say: "\e[31mred", refused: full}')
    result = livehelp("scenario", "run", "-v", file, "--junit-xml", tmp_path / "report.xml")
    assert "\x1b" not in result.out
    [case] = ET.parse(tmp_path / "report.xml").iter("testcase")  # noqa: S314 - our own file
    assert case.get("name") == "some"


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
    assert (result.code, found["held"], found["failed"], found["not_run"]) == (1, 1, 1, 0)
    assert [each["result"] for each in found["scenarios"]] == ["held", "failed"]
    assert found["scenarios"][1]["failure"]["step"] == "pat: come back"
    [suite] = ET.parse(report).getroot()  # noqa: S314 - our own file
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("2", "1", "0")
    assert [len(case) for case in suite] == [0, 1]


def test_no_file_is_an_error_that_says_what_to_give(livehelp: Command, tmp_path: Path) -> None:
    livehelp("scenario", "run").told("name a scenario file or a folder")
    livehelp("scenario", "run", tmp_path).told("there are no *.yaml in this folder")
    assert livehelp("scenario", "check", "none.yaml").told("none.yaml:1:1: No such").code == 2


def test_a_file_that_cannot_be_read_keeps_all_from_being_played(
    livehelp: Command, write: Write
) -> None:
    bad = write("dana: tkae pat", name="bad.yaml")
    result = livehelp("scenario", "run", write(), bad)
    assert result.told(f"{bad}:6:11: `tkae` is not a verb").code == 2


def test_against_a_server_the_passwords_are_asked_for_by_the_names_of_their_variables(
    livehelp: Command, write: Write
) -> None:
    result = livehelp("scenario", "run", write(), "--against", "127.0.0.1:1")
    assert result.told("set LIVEHELP_PASSWORD_DANA (or LIVEHELP_PASSWORD)").code == 2
    assert livehelp("scenario", "run", write(), "--against", ":::").code == 2


def test_a_server_that_is_not_there_fails_in_words(livehelp: Command, write: Write) -> None:
    env = {"LIVEHELP_PASSWORD": "x"}
    result = livehelp("scenario", "run", write(), "--against", "127.0.0.1:1", env=env)
    assert result.code == 1
    assert "dana cannot sign in: Cannot connect to 127.0.0.1:1: nobody answers there" in result.out


def test_a_transcript_that_only_the_database_has_is_not_asked_of_a_server_of_others(
    livehelp: Command, write: Write, tmp_path: Path
) -> None:
    head = "actors: {pat: visitor, dana: operator}\nsteps:\n"
    file = write("pat: start", "pat: end", "transcript: {lines: none}", text=head)
    assert livehelp("scenario", "run", file).code == 0
    (tmp_path / "server").mkdir()
    with ServerProcess(tmp_path / "server") as server:
        env = {"LIVEHELP_PASSWORD": server.password}
        result = livehelp("scenario", "run", file, "--against", server.address, env=env)
    assert result.code == 0
    assert "not run: a transcript of a visit in which no operator of the scenario was" in result.out
