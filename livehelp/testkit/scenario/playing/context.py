"""What all players of a scenario share.

Owns that record. Must not know what anybody does with it.
"""

from collections.abc import Callable
from dataclasses import dataclass

from anyio.abc import TaskGroup

from livehelp.testkit.scenario.playing.server_under_test import House
from livehelp.testkit.scenario.playing.visits import Visits


@dataclass(frozen=True, slots=True)
class Scene:
    """What all players of a scenario share.

    Attributes:
        house: The server.
        visits: Of its visitors.
        tasks: For what goes on beside the steps; they end with the scenario.
        seed: Of links whose steps name none.
        folder: Where visitors keep their tokens.
        began: When the scenario did, on the loop's clock.
        tell: Gets what happens by itself, a line.
    """

    house: House
    visits: Visits
    tasks: TaskGroup
    seed: int
    folder: str
    began: float
    tell: Callable[[str], object]
