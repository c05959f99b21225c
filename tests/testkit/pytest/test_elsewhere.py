"""The plugin leaves alone what is not its own: tests, errors, and what they mean."""

import pytest

from tests.testkit.pytest.conftest import Run

# Something of ours has been imported, and could have failed.
HEAD = "import livehelp.client.errors, pytest\n"


def test_an_error_that_was_never_raised_is_shown_as_it_is(run_tests: Run) -> None:
    result = run_tests(
        test=HEAD
        + """
@pytest.mark.parametrize("ours", [False, True])
def test_it(ours, request):
    if ours:
        request.getfixturevalue("livehelp_blocking")
    raise ExceptionGroup("problems", [ValueError("x")])

def test_that_comes_after():
    pass
"""
    )
    result.assert_outcomes(failed=2, passed=1)
    result.stdout.fnmatch_lines(["*ExceptionGroup: problems (1 sub-exception)"])


XFAILS = """
@pytest.mark.xfail(raises=ExceptionGroup, strict=True)
def test_it({fixture}):
    try:
        {error}
    except ValueError as error:
        raise ExceptionGroup("problems", [error])
"""
THEIRS = 'raise ValueError("x")'
OURS = 'livehelp.testing.Blocking.link(livehelp_blocking, "tran")'


@pytest.mark.parametrize(
    ("fixture", "error"), [("", THEIRS), ("livehelp_blocking", THEIRS), ("livehelp_blocking", OURS)]
)
def test_what_a_group_means_to_a_test_is_never_changed(
    run_tests: Run, fixture: str, error: str
) -> None:
    test = "import livehelp.testing\n" + HEAD + XFAILS.format(fixture=fixture, error=error)
    run_tests(test=test).assert_outcomes(xfailed=1)


def test_somebody_elses_error_stays_in_its_group(run_tests: Run) -> None:
    body = XFAILS.format(fixture="livehelp_blocking", error=THEIRS).replace("@", "# ")
    result = run_tests(test=HEAD + body)
    result.stdout.fnmatch_lines(["*ExceptionGroup: problems (1 sub-exception)*"])


def test_a_fixture_that_was_fetched_by_its_name_shows_the_servers_log(run_tests: Run) -> None:
    result = run_tests(
        test="""
def test_it(request):
    blocking = request.getfixturevalue("livehelp_blocking")
    blocking.operator("dana")
    blocking.link("office")
    assert False
"""
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ['{"operator": "dana"*"operator.signed_in"*', "*Live Help links*", 'profile="office"*']
    )


def test_a_random_seed_is_one_for_all_processes_of_a_run(run_tests: Run) -> None:
    files = {
        f"test_{name}.py": "def test_it(request):\n"
        "    print('seed', request.config.getoption('livehelp_seed'))\n"
        "    assert False\n"
        for name in ("one", "two", "three", "four")
    }
    result = run_tests(files, "-n", "2", "--livehelp-seed=random", "-p", "xdist")
    result.assert_outcomes(failed=4)
    told = [line for line in result.outlines if line.startswith("seed ")]
    assert len(told) == 4
    assert len(set(told)) == 1
    assert told[0].split()[1].isdecimal()
