"""What all players of a scenario share: the server, their visits, the seed and the clock."""

from collections.abc import Callable
from dataclasses import dataclass

from anyio.abc import TaskGroup

from livehelp.testkit.scenario.playing.server_under_test import ServerUnderTest
from livehelp.testkit.scenario.playing.visits import Visits


@dataclass(frozen=True, slots=True)
class Context:
    """What all players of a scenario share.

    Attributes:
        server: The server.
        visits: Of its visitors.
        tasks: For what goes on beside the steps; they end with the scenario.
        seed: Of links whose steps name none.
        folder: Where visitors keep their tokens.
        began: When the scenario did, on the loop's clock.
        tell: Gets what happens by itself, a line.
    """

    server: ServerUnderTest
    visits: Visits
    tasks: TaskGroup
    seed: int
    folder: str
    began: float
    tell: Callable[[str], object]
