"""What a failed test of somebody else's project says."""

import pytest

from tests.testkit.pytest.conftest import WITH_ASYNCIO, Run

TALK = """
import pytest
{mark}
async def test_greeting(livehelp_visitor, livehelp_operator):
    async with livehelp_visitor() as pat, livehelp_operator("dana") as dana:
        await pat.start(name="Pat", topic="plates")
        await dana.take()
        await dana.say(pat.session, "good evening")
        await pat.expect_line("good morning", within=0.1)
"""
RUNNERS = {
    "pytest-trio": ("@pytest.mark.trio", "", 1),
    "pytest-trio in auto mode": ("", "trio_mode = true", 1),
    "anyio under asyncio and trio": ("@pytest.mark.anyio", "", 2),
    "anyio in auto mode": ("", "anyio_mode = auto", 2),
    "pytest-asyncio": ("@pytest.mark.asyncio", "", 1),
    "pytest-asyncio in auto mode": ("", "asyncio_mode = auto", 1),
}


@pytest.mark.parametrize("runner", RUNNERS)
def test_an_expectation_fails_with_its_table_once_and_without_our_code(
    run_tests: Run, runner: str
) -> None:
    mark, ini, tests = RUNNERS[runner]
    options = WITH_ASYNCIO if "pytest-asyncio" in runner else ()
    result = run_tests({"test_it.py": TALK.format(mark=mark)}, *options, ini=ini)
    result.assert_outcomes(failed=tests)
    result.stdout.fnmatch_lines(
        [
            '>           await pat.expect_line("good morning", within=0.1)',
            "E           *ExpectationFailed: Line with text='good morning' was expected, *",
            "E *<- line *#3 by='operator' name='dana' text='good evening'",
            "E *(the waiting ended)",
            "",
            "test_it.py:9: ExpectationFailed",
            "*Live Help server log*",
            '{*"event": "session.opened"*',
        ]
    )
    result.stdout.no_fnmatch_line("*/livehelp/*")
    assert str(result.stdout).count("(the waiting ended)") == tests


def test_a_blocking_test_fails_where_it_called(run_tests: Run) -> None:
    result = run_tests(
        test="""
def test_nobody_is_there(livehelp_blocking):
    livehelp_blocking.operator().take()

def test_expectation(livehelp_blocking):
    livehelp_blocking.visitor().expect_line("hello", within=0.01)
"""
    )
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(
        [
            ">       livehelp_blocking.operator().take()",
            "E       *Refused: Nobody is waiting.",
            "",
            "test_it.py:3: Refused",
        ]
    )
    result.stdout.fnmatch_lines(["test_it.py:6: ExpectationFailed"])
    result.stdout.no_fnmatch_line("*/livehelp/*")


GROUP = """
import anyio, pytest, trio

{mark}
async def test_it(livehelp_visitor):
    async with livehelp_visitor() as pat:
        async with {group}() as tasks:
            tasks.start_soon(pat.say, "Hello")
"""


@pytest.mark.parametrize(
    ("mark", "group", "tests"),
    [
        ("@pytest.mark.trio", "trio.open_nursery", 1),
        ("@pytest.mark.trio", "anyio.create_task_group", 1),
        ("@pytest.mark.anyio", "anyio.create_task_group", 2),
    ],
)
def test_a_command_that_is_a_task_fails_where_its_group_ends(
    run_tests: Run, mark: str, group: str, tests: int
) -> None:
    result = run_tests({"test_it.py": GROUP.format(mark=mark, group=group)})
    result.assert_outcomes(failed=tests)
    result.stdout.fnmatch_lines(
        [
            f">           async with {group}() as tasks:",
            "E           *Refused: *",
            "",
            "test_it.py:7: Refused",
        ]
    )
    result.stdout.no_fnmatch_line("*site-packages*")
    result.stdout.no_fnmatch_line("*/livehelp/*")


def test_a_helper_of_the_projects_own_fails_at_its_own_line(run_tests: Run) -> None:
    result = run_tests(
        test="""
from contextlib import contextmanager

@contextmanager
def talking(blocking):
    pat = blocking.visitor()
    pat.start(name="", topic="plates")
    yield pat

def test_it(livehelp_blocking):
    with talking(livehelp_blocking):
        pass
"""
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            ">       with talking(livehelp_blocking):",
            '>       pat.start(name="", topic="plates")',
            "E       *Refused: *",
            "",
            "test_it.py:7: Refused",
        ]
    )
    result.stdout.no_fnmatch_line("*/livehelp/*")


def test_a_server_that_is_not_there_is_told_in_words_alone(run_tests: Run) -> None:
    result = run_tests(
        test="""
def test_it(livehelp_blocking, livehelp_server):
    livehelp_server.kill()
    livehelp_blocking.visitor()
"""
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            ">       livehelp_blocking.visitor()",
            "E       *CannotConnect: Cannot connect to *: nobody answers there. Check *",
            "",
            "test_it.py:4: CannotConnect",
        ]
    )
    result.stdout.no_fnmatch_line("*site-packages*")
    result.stdout.no_fnmatch_line("*direct cause*")


def test_what_was_written_wrongly_is_told_where_it_was_written(run_tests: Run) -> None:
    result = run_tests(
        test="""
def test_profile(livehelp_blocking):
    livehelp_blocking.link("tran")

def test_pattern(livehelp_blocking):
    livehelp_blocking.scripted_operator({"hel(o": "Good morning"})

def test_operator(livehelp_blocking):
    livehelp_blocking.operator("eve")

def test_expectation(livehelp_blocking):
    livehelp_blocking.visitor().expect_line(match="hel(o")
"""
    )
    result.assert_outcomes(failed=4)
    result.stdout.fnmatch_lines(
        [
            "E *ValueError: 'tran' is no profile; there are good, *",
            "test_it.py:3: ValueError",
            "E *ValueError: 'hel(o' is no regular expression: *",
            "test_it.py:6: ValueError",
            "E *Refused: The name or the password is wrong.*",
            "E *ini option livehelp_operators*",
            "test_it.py:9: Refused",
            "E *CannotExpect: 'hel(o' is no regular expression: *",
            "test_it.py:12: CannotExpect",
        ]
    )


def test_somebody_elses_errors_are_left_alone(run_tests: Run) -> None:
    result = run_tests(
        test="""
def no_number(message):
    return int(message.name)

from livehelp.wire.events import Opened

def test_it(livehelp_blocking):
    pat = livehelp_blocking.visitor()
    pat.start(name="Pat", topic="plates")
    pat.expect(Opened, where=no_number)
"""
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*livehelp/client/*", "test_it.py:3: ValueError"])


def test_the_whole_way_is_shown_on_request(run_tests: Run) -> None:
    test = "def test_it(livehelp_blocking):\n    livehelp_blocking.operator().take()\n"
    run_tests({"test_it.py": test}, "--full-trace").stdout.fnmatch_lines(["*livehelp/client/*"])


def test_a_server_that_cannot_start_is_told_in_words(run_tests: Run) -> None:
    result = run_tests(
        test="def test_it(livehelp_server):\n    pass\n",
        ini="livehelp_server_options = --visit-grace soon",
    )
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        ["*the server did not start*", "Error: Invalid value for '--visit-grace'*"]
    )
    result.stdout.no_fnmatch_line("*plugin.py*")


def test_an_operator_who_had_to_stop_fails_the_test_that_did_not_look(run_tests: Run) -> None:
    result = run_tests(
        test="""
from livehelp.wire.signals import Presence

def test_it(livehelp_blocking):
    livehelp_blocking.scripted_operator(greeting="x" * 3_000)
    pat = livehelp_blocking.visitor()
    pat.start(name="Pat", topic="plates")
    pat.expect(Presence, name="dana", online=False)
"""
    )
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["The scripted operator had to stop: say: *2,000*"])
    result.stdout.no_fnmatch_line("*/livehelp/*")


def test_failing_links_are_named_with_seed_and_faults(run_tests: Run) -> None:
    test = """
def test_links(livehelp_blocking):
    one = livehelp_blocking.link("office")
    two = livehelp_blocking.link("good", seed=7)
    pat = livehelp_blocking.visitor(through=two)
    pat.start(name="Pat", topic="plates")
    two.cut()
    assert False

def test_without():
    assert False
"""
    first = run_tests({"test_it.py": test}, "--livehelp-seed", "3")
    first.stdout.fnmatch_lines(
        [
            "*Live Help links*",
            "With --livehelp-seed 3 there were:",
            'profile="office", seed=*',
            'profile="good", seed=7',
            "    connection 1: cut by * as called for (seed 7)",
            "*test_without*",
        ]
    )

    def seeds(result: pytest.RunResult) -> list[str]:
        return [line for line in result.outlines if line.startswith("profile=")]

    assert seeds(run_tests({}, "--livehelp-seed", "3")) == seeds(first)
    assert seeds(run_tests({}, "--livehelp-seed", "4")) != seeds(first)
    assert seeds(run_tests({}, "--livehelp-seed", "random")) != seeds(first)
