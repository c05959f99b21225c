"""The failing link of one player.

Owns its life, from the first need of it to the end of the scenario, and what each word of a step
does to it. Must not know who connects through it.
"""

import anyio
from anyio.abc import TaskStatus

from livehelp.testkit.faults import Fault, FlakyLink, Profile, TurnedAway, flaky_link
from livehelp.testkit.scenario.model import Actor, LinkStep
from livehelp.testkit.scenario.playing.context import Scene


class PlayersLink:
    """A way to the server that breaks when a step says so.

    Args:
        actor: Whose it is.
        scene: What is there.
    """

    def __init__(self, actor: Actor, scene: Scene) -> None:
        self._actor = actor
        self._scene = scene
        self._link: FlakyLink | None = None
        self._opening = anyio.Lock()  # two steps that begin together are not to open two

    async def address(self) -> str:
        """Return where to connect."""
        return (await self._opened()).address

    async def suffer(self, step: LinkStep) -> None:
        """Let something happen to it."""
        link = await self._opened()
        match step.fault:
            case "cut":
                link.cut(step.seconds)
            case "stall":
                link.stall(step.seconds)
            case "half-open":
                link.half_open()
            case "mend":
                link.mend()
            case "profile":
                link.use(Profile.parse(step.profile))

    async def _opened(self) -> FlakyLink:
        async with self._opening:
            link = self._link
            if link is None:
                link = self._link = await self._scene.tasks.start(self._keep)
            return link

    async def _keep(self, *, task_status: TaskStatus[FlakyLink]) -> None:
        """Keep it open until the scenario ends."""
        seed = self._scene.seed if self._actor.seed is None else self._actor.seed
        async with flaky_link(self._scene.house.address, seed=seed, tell=self._tell) as link:
            task_status.started(link)
            await anyio.sleep_forever()

    def _tell(self, told: Fault | TurnedAway) -> None:
        if isinstance(told, Fault):
            self._scene.tell(f"    link {self._actor.name}: {told}")
