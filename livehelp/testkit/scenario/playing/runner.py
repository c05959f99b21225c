"""Plays several scenarios, as many at once as are wanted."""

from collections.abc import Callable, Sequence

import anyio

from livehelp.testkit.scenario.model import Scenario
from livehelp.testkit.scenario.playing.outcome import Outcome
from livehelp.testkit.scenario.playing.play import Tell, play
from livehelp.testkit.scenario.playing.server_under_test import ServerFactory


async def play_all(
    scenarios: Sequence[Scenario],
    servers: ServerFactory,
    *,
    jobs: int,
    seed: int = 0,
    tell: Tell | None = None,
    done: Callable[[int, Outcome], object],
    stop: anyio.Event | None = None,
) -> None:
    """Play all of ``scenarios``.

    Args:
        scenarios: What to play.
        servers: Where.
        jobs: How many at once.
        seed: What links draw from whose steps name no seed.
        tell: Gets each step as it is done; must not wait.
        done: Gets each outcome as it is known, and which of ``scenarios`` it is; must not wait.
        stop: Once it is set, no more are begun, and those that are played end early.
    """
    places = anyio.CapacityLimiter(jobs)
    stop = stop or anyio.Event()

    async def one(number: int, scenario: Scenario) -> None:
        async with places:
            if not stop.is_set():
                done(number, await play(scenario, servers, seed=seed, tell=tell, stop=stop))

    async with anyio.create_task_group() as tasks:
        for number, scenario in enumerate(scenarios):
            tasks.start_soon(one, number, scenario)
