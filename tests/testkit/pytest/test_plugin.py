"""The plugin in somebody else's project: its options, and that it does nothing unasked."""

import ast
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from livehelp import testing
from tests.testkit.pytest.conftest import WITH_ASYNCIO, Run


def test_it_comes_with_the_package() -> None:
    (plugin,) = metadata.entry_points(group="pytest11", name="livehelp")
    assert plugin.value == "livehelp.testing"


def test_the_stub_tells_the_names_that_are_there() -> None:
    stub = ast.parse(Path(testing.__file__).with_suffix(".pyi").read_text())
    imported = {
        (alias.name, node.module)
        for node in ast.walk(stub)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert imported == set(testing.NAMES.items())
    listed = stub.body[-1]
    assert isinstance(listed, ast.Assign)
    assert ast.literal_eval(listed.value) == list(testing.NAMES)
    assert {getattr(testing, name).__name__ for name in testing.NAMES} == testing.NAMES.keys()
    with pytest.raises(AttributeError, match="Spaghetti"):
        getattr(testing, "Spaghetti")  # noqa: B009 - a type checker knows that it is not there


def test_a_project_that_asks_for_nothing_loads_nothing(tmp_path: Path) -> None:
    tmp_path.joinpath("test_it.py").write_text(
        """
import sys

def test_it():
    ours = {name for name in sys.modules if name.partition(".")[0] == "livehelp"}
    ours -= {"livehelp", "livehelp.testkit", "livehelp.testkit.pytest"}  # empty packages
    assert ours == {"livehelp.testing", "livehelp.testkit.pytest.plugin"}
    assert not {"anyio", "asyncio", "msgspec", "trio", "sqlmodel", "textual"} & set(sys.modules)

def test_that_fails():
    assert False
"""
    )
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "livehelp.testing"],
        cwd=tmp_path,
        env={"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert "1 failed, 1 passed" in ended.stdout
    assert "Live Help" not in ended.stdout


SHARED = """
import pytest
seen = []

class TestOne:
    def test_one(self, livehelp_server):
        seen.append(livehelp_server.address)
    def test_two(self, livehelp_server):
        seen.append(livehelp_server.address)

def test_three(livehelp_server):
    seen.append(livehelp_server.address)

def test_count():
    assert len(set(seen)) == {count}
"""


@pytest.mark.parametrize(
    ("scope", "servers"), [("function", 3), ("class", 2), ("module", 1), ("session", 1)]
)
def test_a_server_lives_as_long_as_the_project_says(
    run_tests: Run, scope: str, servers: int
) -> None:
    result = run_tests(test=SHARED.format(count=servers), ini=f"livehelp_server_scope = {scope}")
    result.assert_outcomes(passed=4)


def test_a_shared_server_shows_only_what_it_logged_in_the_failed_test(run_tests: Run) -> None:
    result = run_tests(
        test="""
def test_one(livehelp_blocking):
    livehelp_blocking.operator("dana")

def test_two(livehelp_blocking):
    livehelp_blocking.operator("kim")
    assert False
""",
        ini="livehelp_server_scope = module",
    )
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(['{"operator": "kim"*"operator.signed_in"*'])
    result.stdout.no_fnmatch_line("*dana*")


def test_a_scope_that_there_is_not_is_told_in_words(run_tests: Run) -> None:
    result = run_tests(test="def test_it(): pass", ini="livehelp_server_scope = package")
    result.stderr.fnmatch_lines(
        ["*livehelp_server_scope = package: it is one of function, class, module, session."]
    )


def test_a_seed_that_is_no_number_is_told_in_words(run_tests: Run) -> None:
    result = run_tests(test="def test_it(livehelp_seed): pass", ini="livehelp_seed = seven")
    result.stderr.fnmatch_lines(["*The seed of Live Help's links is a number, not 'seven'."])


def test_the_projects_operators_and_options_are_the_servers(run_tests: Run) -> None:
    result = run_tests(
        test="""
def test_operators(livehelp_blocking, livehelp_server):
    assert livehelp_blocking.operator("lou ann").name == "lou ann"
    assert livehelp_blocking.operator().name == livehelp_server.operator == "eve"

def test_options(livehelp_blocking):
    assert livehelp_blocking.visitor().server.topics == ("Boats", "Trucks")
""",
        ini="livehelp_operators = eve 'lou ann'\n"
        "livehelp_server_options = --topics 'Boats; Trucks'",
    )
    result.assert_outcomes(passed=2)


def test_a_project_may_bring_a_server_of_its_own(run_tests: Run) -> None:
    result = run_tests(
        test="""
import pytest

class Elsewhere:
    address = "localhost:1"

@pytest.fixture
def livehelp_server():
    return Elsewhere()

def test_it(livehelp_blocking):
    with pytest.raises(Exception, match="Cannot connect to localhost:1"):
        livehelp_blocking.visitor()
"""
    )
    result.assert_outcomes(passed=1)


OWN_FIXTURE = """
import pytest
{imports}

{fixture}
async def pat(livehelp_visitor):
    async with livehelp_visitor() as pat:
        yield pat

{mark}
async def test_it(pat):
    await pat.start(name="Pat", topic="plates")
"""


def test_clients_may_be_opened_in_fixtures_of_anyio_and_pytest_trio(run_tests: Run) -> None:
    anyio_s = OWN_FIXTURE.format(imports="", fixture="@pytest.fixture", mark="@pytest.mark.anyio")
    run_tests(test=anyio_s).assert_outcomes(passed=2)
    trio_s = OWN_FIXTURE.format(
        imports="import pytest_trio", fixture="@pytest_trio.trio_fixture", mark="@pytest.mark.trio"
    )
    run_tests({"test_trio.py": trio_s}, "test_trio.py").assert_outcomes(passed=1)


def test_a_fixture_of_pytest_asyncio_is_left_in_another_task_which_the_docs_tell(
    run_tests: Run,
) -> None:
    test = OWN_FIXTURE.format(
        imports="import pytest_asyncio",
        fixture="@pytest_asyncio.fixture",
        mark="@pytest.mark.asyncio",
    )
    result = run_tests({"test_it.py": test}, *WITH_ASYNCIO)
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*Attempted to exit cancel scope in a different task*"])


def test_a_tests_seed_depends_on_its_name_and_the_runs_seed_alone(run_tests: Run) -> None:
    test = """
def test_one(livehelp_seed):
    print("seed one", livehelp_seed)

def test_two(livehelp_seed):
    print("seed two", livehelp_seed)
"""

    def seeds(*options: str) -> list[str]:
        result = run_tests({"test_it.py": test}, "-s", "-q", *options)
        return [line.lstrip(".") for line in result.outlines if "seed" in line]

    one, two = seeds()
    assert one.split()[2] != two.split()[2]
    assert seeds("-k", "two") == [two]
    assert seeds("--livehelp-seed=0") == [one, two]
    assert seeds("--livehelp-seed=1")[0] != one
    assert seeds("--livehelp-seed=random") != [one, two]
