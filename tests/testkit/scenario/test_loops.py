"""Scenarios are played under both event loops, and end in the same way."""

import pytest

from livehelp.testkit.scenario.playing.play import play
from livehelp.testkit.scenario.playing.server_under_test import (
    FreshServerFactory,
    RunningServerFactory,
)
from livehelp.testkit.scenario.reading.reader import read_text
from tests.testkit.scenario.conftest import HELLO

pytestmark = pytest.mark.anyio


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    return request.param


async def test_a_scenario_passes() -> None:
    scenario = read_text(HELLO + "  - link pat: cut\n  - pat: say hello\n", "x.yaml")
    outcome = await play(scenario, FreshServerFactory())
    assert outcome.result == "passed", outcome


async def test_a_scenario_fails() -> None:
    scenario = read_text(HELLO + "  - pat: end\n  - pat: say hello\n", "x.yaml")
    outcome = await play(scenario, FreshServerFactory())
    assert outcome.failure is not None, outcome
    assert outcome.failure.where == "x.yaml:7"


async def test_a_scenario_finds_nobody() -> None:
    outcome = await play(
        read_text(HELLO, "x.yaml"), RunningServerFactory("127.0.0.1:1", {"dana": "x"})
    )
    assert outcome.failure is not None, outcome
    assert outcome.failure.words.startswith("dana cannot sign in: Cannot connect")


async def test_never_listens_as_long_as_it_says() -> None:
    scenario = read_text(HELLO + "  - dana: {never: line, within: 300ms}\n", "x.yaml")
    outcome = await play(scenario, FreshServerFactory())
    assert outcome.result == "passed", outcome
    assert outcome.seconds >= 0.3
