"""The failing link of one player."""

import anyio
from anyio.abc import TaskStatus

from livehelp.testkit.faults import Fault, FlakyLink, Profile, TurnedAway, flaky_link
from livehelp.testkit.scenario.model import Actor, LinkStep
from livehelp.testkit.scenario.playing.context import Context


class PlayersLink:
    """A way to the server that breaks when a step says so.

    Args:
        actor: Whose it is.
        context: What is there.
    """

    def __init__(self, actor: Actor, context: Context) -> None:
        self._actor = actor
        self._context = context
        self._link: FlakyLink | None = None
        self._opening = anyio.Lock()  # two steps that begin together are not to open two

    async def address(self) -> str:
        """Return where to connect."""
        return (await self._opened()).address

    async def inject(self, step: LinkStep) -> None:
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
                link = self._link = await self._context.tasks.start(self._keep)
            return link

    async def _keep(self, *, task_status: TaskStatus[FlakyLink]) -> None:
        """Keep it open until the scenario ends."""
        seed = self._context.seed if self._actor.seed is None else self._actor.seed
        async with flaky_link(self._context.server.address, seed=seed, tell=self._tell) as link:
            task_status.started(link)
            await anyio.sleep_forever()

    def _tell(self, told: Fault | TurnedAway) -> None:
        if isinstance(told, Fault):
            self._context.tell(f"    link {self._actor.name}: {told}")
