"""What a failure says: why, what to do now, when, and how much of it is left out."""

import re

import pytest

from livehelp.testkit.scenario.matcher import Each, Same
from livehelp.testkit.scenario.transcript_checks import differences
from tests.cli.command import Command
from tests.testkit.scenario.conftest import HELLO, Write

TOKEN = HELLO.replace("{pat: visitor", "{pat: {visitor: {token: yes}}")
HEAD = "actors: {pat: visitor, dana: operator, Kim Lee: operator}\nsteps:\n"


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        (
            ["server: kill", "pat: say three", "server: start"],
            "line 6 and has not been started since. Put this step and `server: start` under one",
        ),
        (
            ["server: stop", "server: start", "server: stop", "together: [dana: note a]"],
            "The server was stopped in line 8 and has not been started since.",
        ),
        (
            ["server: kill", "pat: {expect: line, within: 0s}"],
            "`line` was expected, and did not come within 0 s. The server was killed in line 6 ",
        ),
        (["pat: leave", "pat: say a"], "pat has left (line 6); `come back` first."),
        (["dana: leave", "dana: {expect: left}"], "dana has left (line 6); `come back` first."),
        (
            ["pat: leave", "pat: come back", "pat: say a"],
            "`start` another one. To go on with that one, write `pat: {visitor: {token: yes}}`",
        ),
    ],
)
def test_a_step_that_cannot_pass_says_why_and_what_to_do(
    livehelp: Command, write: Write, steps: list[str], told: str
) -> None:
    result = livehelp("scenario", "run", write(*steps))
    assert result.code == 1
    assert told in result.out.splitlines()[2]


def test_whoever_has_come_back_is_told_to_go_on(livehelp: Command, write: Write) -> None:
    file = write("pat: leave", "pat: come back", "pat: say a", text=TOKEN)
    told = "pat is not in the visit from before; `go on` first."
    assert told in livehelp("scenario", "run", file).out.splitlines()[2]


@pytest.mark.parametrize(
    "steps",
    [
        ["server: kill", "together: [pat: say a, dana: say b, server: start]"],
        ["server: kill", "together: [{together: [pat: say a]}, server: restart]", "pat: say b"],
        ["server: kill", "pat: typing on", "pat: go on {refused: no_earlier}", "pat: leave"],
        ["server: kill", "pat: interview skip", "transcript: {lines: none}"],
    ],
)
def test_what_needs_no_server_or_gets_one_passes(
    livehelp: Command, write: Write, steps: list[str]
) -> None:
    result = livehelp("scenario", "run", write(*steps))
    assert result.code == 0, result.out


@pytest.mark.parametrize("operators", ["[dana, Kim Lee]", "[/Lee/, /./]", "2"])
def test_a_roster_has_no_order(livehelp: Command, write: Write, operators: str) -> None:
    step = f"dana: {{expect: roster, operators: {operators}}}"
    result = livehelp("scenario", "run", write(step, text=HEAD))
    assert result.code == 0, result.out


@pytest.mark.parametrize("operators", ["[Kim Lee]", "[dana, dana]", "[/Kim/, /Lee/]"])
def test_a_roster_has_everybody_once(livehelp: Command, write: Write, operators: str) -> None:
    step = f"dana: {{expect: roster, operators: {operators}, within: 0s}}"
    assert livehelp("scenario", "run", write(step, text=HEAD)).code == 1


def test_steps_that_are_not_shown_are_counted(livehelp: Command, write: Write) -> None:
    many = [f'pat: say "{number}"' for number in range(21)]
    told = livehelp("scenario", "run", write(*many, "dana: {expect: left, within: 0s}")).out
    rows = told.splitlines()
    head = rows.index("    What was done before, in seconds since the scenario began:")
    more, first, *rest = rows[head + 1 :]
    assert more == "    (3 earlier steps passed; -v shows all)"
    assert len(rest) >= 19
    assert first.endswith('pat: say "1"')


def test_both_tables_have_the_clock_of_the_scenario(livehelp: Command, write: Write) -> None:
    steps = ("dana: {never: line, within: 300ms}", "pat: leave", "pat: come back", "pat: start")
    told = livehelp("scenario", "run", write(*steps, "pat: {expect: left, within: 0s}")).out
    assert "What pat saw (<-) and asked (->), in seconds since the scenario began:" in told
    [began] = re.findall(r"(\d\.\d{3}) -> start ", told)
    *_, done = re.findall(r"(\d\.\d{3}) pat: start", told)
    assert 0.3 < float(began) <= float(done)


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ("lines: [one]", "`lines` should be [one], and is [one, two]."),
        ("talk: 1", '`talk` should be 1, and is ["Pat: one", "Pat: two"].'),
        ("lines: [one, 'a, b']", 'number 2 of `lines` should be "a, b", and is two.'),
        ("talk: [/one/, '/Lee: /']", 'number 2 of `talk` should be /Lee: /, and is "Pat: two".'),
        ("topic: Taxes", "`topic` should be Taxes, and is A question."),
        ("events: [opened, line]", "`events` should be [opened, line], and is [opened, joined, "),
        ("interview: {1: Yes}", 'should be {"Was your question answered?": Yes}, and is none.'),
    ],
)
def test_what_is_and_what_should_be_are_in_one_notation(
    livehelp: Command, write: Write, wanted: str, told: str
) -> None:
    file = write("pat: say one", "pat: say two", f"transcript: {{{wanted}}}")
    assert told in livehelp("scenario", "run", file).out.splitlines()[2]


@pytest.mark.parametrize("name", ["entered", "opened"])
def test_the_first_event_may_have_the_name_that_steps_give_it(name: str) -> None:
    wanted = Each((Same(name), Same("joined")))
    transcript = {"discussion": [{"event": "opened"}, {"event": "joined"}]}
    assert differences(transcript, {"events": wanted}, ()) == []
