"""What is told of a scenario that is played: what failed, where, and what was seen instead."""

import json
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from livehelp.testkit.scenario.playing import play
from livehelp.testkit.scenario.playing.visitor import Visitor
from livehelp.testkit.server import ServerProcess
from tests.cli.command import Command
from tests.testkit.scenario.conftest import HELLO, Write


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
        (
            ["pat: {never: line}", "dana: say hello"],
            "3:`line` must never come, and it came: line",
        ),
        (
            ["together: [dana: note a, dana: {never: noted, within: 20s}]"],
            "3:`noted` must never come, and it came: noted",
        ),
        (
            [
                *("pat: say a", "dana: {expect: line, text: a}", "dana: {never: line, again: yes}"),
                *("pat: say b", "dana: {expect: line, text: b}"),
            ],
            "5:`line {again: yes}` must never come, and it came: line",
        ),
        (["dana: {never: line, again: yes}"], "3:Nothing was expected before"),
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
        (["pat: come back"], "3:pat is here already; `leave` first."),
        (["server: start"], "3:the server runs already"),
        (
            ["link pat: stall 9s", "pat: say hello {within: 100ms}"],
            "4:No answer came within 0.1 s.",
        ),
        (
            ["transcript: {lines: 1, operator: /kim/}"],
            "3:`lines` should be 1, and is none; `operators` should be [/kim/], and is [dana].",
        ),
        (
            ["together: [pat: {say: a}, dana: {take: pat}, pat: {expect: left}]"],
            "3:The server refused it",
        ),
    ],
)
def test_a_step_that_fails_is_told_with_its_line_and_what_was_seen(
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


@pytest.mark.parametrize(
    "steps",
    [
        # Two steps that begin together: who is not there connects once.
        ["together: [lee: start, lee: {expect: entered, of: lee}]"],
        ["together: [link pat: cut 10ms, link pat: stall 10ms]", "pat: say a"],
        # Answers are asked for by number wherever they can be.
        [
            *("pat: end", "pat: interview {1: Yes}"),
            *("pat: {expect: interview_answered, answers: {1: Yes}}", "pat: leave"),
            *(
                "pat: come back",
                "pat: start",
                "dana: take pat",
                "dana: recall pat {interview: {1: Yes}}",
            ),
        ],
        ["dana: leave", "desk: leave"],
        ["pat: say a", "dana: {expect: line}", "dana: {never: line, again: yes}"],
        # For a time of its own, and not for the rest of the scenario.
        ["pat: {never: line, within: 10ms}", "dana: say a", "pat: {expect: line}"],
    ],
)
def test_it_passes(livehelp: Command, write: Write, steps: list[str]) -> None:
    actors = "{pat: {visitor: {token: yes}}, lee: visitor, dana: operator, "
    text = HELLO.replace(
        "{pat: visitor, dana: operator}", actors + "desk: {operator: {account: dana}}}"
    )
    result = livehelp("scenario", "run", write(*steps, text=text))
    assert result.code == 0, result.out


def test_what_came_later_than_it_was_listened_for_is_told_as_that(
    livehelp: Command, write: Write
) -> None:
    told = livehelp("scenario", "run", write("pat: {never: line}", "dana: say hello")).out
    assert (
        "It passed when it was played; without `within` it is for the rest of the scenario." in told
    )


def test_who_is_not_connected_yet_is_told_in_words(livehelp: Command, write: Write) -> None:
    head = "actors: {pat: visitor, dana: operator}\nsteps:\n"
    first = write("pat: start", "together: [dana: {sign in: ''}, dana: take pat]", text=head)
    assert "dana is not connected yet." in livehelp("scenario", "run", first).out
    late = write("link pat: cut 30s", "pat: start {within: 100ms}", text=head)
    assert "pat was not connected within 0.1 s." in livehelp("scenario", "run", late).out


def test_a_defect_in_one_scenario_costs_the_others_nothing(
    livehelp: Command, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def defect(self: Visitor) -> None:
        raise ExceptionGroup("tasks", [IndexError("a defect")])

    monkeypatch.setattr(Visitor, "leave", defect)
    files = [write("pat: leave", name="one.yaml"), write(name="two.yaml")]
    result = livehelp("scenario", "run", *files, "--junit-xml", tmp_path / "report.xml")
    assert (result.code, result.err) == (1, "")
    assert "This should not have happened: IndexError: a defect" in result.out
    assert result.out.splitlines()[-1].startswith("1 passed, 1 error, in ")
    [suite] = ET.parse(tmp_path / "report.xml").getroot()  # noqa: S314 - our own file
    assert (suite.get("failures"), suite.get("errors")) == ("0", "1")
    assert [[each.tag for each in case] for case in suite] == [["error"], []]


def test_a_scenario_that_takes_too_long_tells_what_is_waited_for(
    livehelp: Command, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(play, "SCENARIO_TIMEOUT", 0.5)
    result = livehelp("scenario", "run", write("pat: {expect: left, within: 60s}"))
    assert "The scenario was not done within 0.5 s." in result.out
    assert "<- joined " in result.out


def test_what_the_server_complained_of_is_told_with_the_failure(
    livehelp: Command, write: Write
) -> None:
    result = livehelp(
        "scenario", "run", write("dana: sign out", "dana: sign in {password: guessed}")
    )
    assert "The server's log says:" in result.out
    assert '"event": "operator.login_failed"' in result.out
    assert '"level": "info"' not in result.out


@pytest.mark.parametrize("step", ["server: stop", "server: restart"])
def test_a_server_that_does_not_end_well_fails_the_step(
    livehelp: Command, write: Write, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def ended_badly(_: ServerProcess) -> int:
        return 3

    monkeypatch.setattr(ServerProcess, "stop", ended_badly)
    told = livehelp("scenario", "run", write(step)).out
    assert "the server ended with code 3, and 0 is right" in told


def test_the_faults_of_a_link_are_told(livehelp: Command, write: Write) -> None:
    file = write("link pat: cut", "pat: {expect: lost}", "link pat: profile train seed 3")
    told = livehelp("scenario", "run", "-v", file).out
    assert "link pat: connection 1: cut by " in told


def test_no_visit_is_left_behind_on_a_server_of_others(
    livehelp: Command, write: Write, live_server: ServerProcess
) -> None:
    env = {"LIVEHELP_PASSWORD": live_server.password}
    text = HELLO.replace("pat: v", "lee: visitor, pat: v").replace("- pat", "- lee: start\n  - pat")
    gone = write("lee: leave", text=text)
    result = livehelp("scenario", "run", gone, "--against", live_server.address, env=env)
    [left] = re.findall(r"still open on that server: (\S+)\n", result.out)
    sessions = json.loads(live_server.command("sessions", "--json"))
    assert result.code == 0
    assert sorted(each["ended_by"] or each["session"] for each in sessions) == [left, "visitor"]


def test_a_failure_tells_what_the_client_saw_and_what_was_done(
    livehelp: Command, write: Write
) -> None:
    file = write('pat: say "hello"', "dana: {expect: line, text: goodbye, within: 100ms}")
    told = livehelp("scenario", "run", file).out
    assert "<- line " in told
    assert "text='hello'" in told
    assert "What was done before, in seconds since the scenario began:" in told
    assert 'pat: say "hello"' in told


def test_no_file_is_an_error_that_says_what_to_give(livehelp: Command, tmp_path: Path) -> None:
    livehelp("scenario", "run").told("Missing argument 'FILE...'")
    livehelp("scenario", "run", tmp_path).told("there are no *.yaml in this folder")
    assert livehelp("scenario", "check", "none.yaml").told("none.yaml: No such").code == 2


def test_a_name_that_no_operator_has_is_told_before_anything_is_played(
    livehelp: Command, write: Write
) -> None:
    words = "some.yaml:6:11: `bob` is not one of the operators under `actors`; there are `dana`"
    file = write("dana: transfer pat to bob")
    assert livehelp("scenario", "run", file).told(words).code == 2
    checked = livehelp("scenario", "check", file)
    assert (checked.code, "    but only with --against: " in checked.out) == (0, True)
    alone = write("dana: transfer pat to bob", "server: restart")
    assert livehelp("scenario", "check", alone).told(words).code == 2


def test_a_file_that_cannot_be_read_keeps_all_from_being_played(
    livehelp: Command, write: Write
) -> None:
    bad = write("dana: tkae pat", name="bad.yaml")
    result = livehelp("scenario", "run", write(), bad)
    assert result.told(f"{bad}:6:11: `tkae` is not an action").code == 2


def test_against_a_server_the_passwords_are_asked_for_by_the_names_of_their_variables(
    livehelp: Command, write: Write
) -> None:
    result = livehelp("scenario", "run", write(), "--against", "127.0.0.1:1")
    assert result.told("set LIVEHELP_PASSWORD_DANA (or LIVEHELP_PASSWORD)").code == 2
    assert livehelp("scenario", "run", write(), "--against", ":::").code == 2


def test_a_server_that_is_not_there_is_told_once_and_is_no_scenarios_failure(
    livehelp: Command, write: Write
) -> None:
    env = {"LIVEHELP_PASSWORD": "x"}
    result = livehelp("scenario", "run", write(), "--against", "127.0.0.1:1", env=env)
    told = result.told("livehelp: cannot connect to 127.0.0.1:1: nobody answers there")
    assert (told.code, told.out) == (1, "")


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
