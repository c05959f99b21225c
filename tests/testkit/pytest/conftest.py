"""Somebody else's project, for the tests of the pytest plugin.

It runs in this process, which has everything imported and a server process ready to fork; a run
takes a tenth of a second and not three.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import pytest

from livehelp import testing

Run = Callable[..., pytest.RunResult]
# An inner run forgets what it has imported itself; this stays.
for _name in testing.NAMES:
    getattr(testing, _name)
# The pictures of our own tests are in a folder that an inner run would clear away.
# pytest-asyncio warns a project that has not set its options; who tests it uses it.
PROJECT = ("-W", "error", "-p", "no:textual-snapshot", "-p", "no:asyncio")
WITH_ASYNCIO = ("-p", "pytest_asyncio.plugin", "-o", "asyncio_default_fixture_loop_scope=function")
NOTHING: Mapping[str, str] = MappingProxyType({})


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def run_tests(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Give a function that runs files as a project of their own, with warnings as errors."""
    for variable in ("CI", "BUILD_NUMBER"):  # pytest's summary is longer where they are set
        monkeypatch.delenv(variable, raising=False)

    def run(
        files: Mapping[str, str] = NOTHING, *options: str, ini: str = "", test: str = ""
    ) -> pytest.RunResult:
        for name, text in ({"test_it.py": test} if test else files).items():
            pytester.path.joinpath(name).write_text(text, encoding="utf-8")
        if ini:
            pytester.makeini(f"[pytest]\n{ini}\n")
        return pytester.runpytest_inprocess(*PROJECT, *options)

    return run
