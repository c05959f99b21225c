"""One operator of a load: signs in, takes the visitors assigned to it, says lines and listens."""

from collections.abc import Callable
from typing import Final

import anyio
from anyio.abc import TaskStatus

from livehelp.client.errors import LinkDown
from livehelp.client.operator import OperatorClient
from livehelp.testkit.load.disconnects import Disconnects
from livehelp.testkit.load.stats import Stats
from livehelp.wire.events import Closed, Line

# The server hashes one password at a time, 25 to 50 ms each: 500 operators wait half a minute.
SIGN_IN_SECONDS: Final = 120.0
PROGRAM: Final = "livehelp load"


class Operator:
    """An operator.

    Args:
        address: Where the server is.
        name, password: Of the account.
        stats: Where lost links are counted.
    """

    def __init__(self, address: str, name: str, password: str, stats: Stats) -> None:
        self._address = address
        self._name = name
        self._password = password
        self._stats = stats
        self._client: OperatorClient | None = None
        self._hearing: dict[str, Callable[[Line | Closed], None]] = {}

    @property
    def is_signed_in(self) -> bool:
        """True from the moment when the server has let this operator in."""
        return self._client is not None

    async def run(self, *, task_status: TaskStatus[None]) -> None:
        """Sign in (then it has started), and hear until cancelled.

        Raises:
            CannotConnect: there is no server.
            Refused: the server does not let this operator in.
            TimeoutError: it took too long to say.
        """
        async with OperatorClient.connect(self._address, client=PROGRAM) as client:
            with anyio.fail_after(SIGN_IN_SECONDS):
                await client.login(self._name, self._password)
            self._client = client
            task_status.started()
            disconnects = Disconnects(self._stats)
            async for message in client:
                if isinstance(message, Line | Closed):
                    hear = self._hearing.get(message.session)
                    if hear is not None:
                        hear(message)
                else:
                    disconnects.note(message)
        self._stats.errors["an operator's link ended"] += 1

    async def take(self, session: str, hear: Callable[[Line | Closed], None]) -> None:
        """Take a visitor; ``hear`` gets the visitor's lines and the end. Raises as the client."""
        self._hearing[session] = hear
        await self._signed_in().take(session)

    async def say(self, session: str, text: str) -> None:
        """Say a line; returns when it is acked. Raises as the client."""
        await self._signed_in().say(session, text)

    def leave(self, session: str) -> None:
        """Hear no more of a visit."""
        self._hearing.pop(session, None)

    def _signed_in(self) -> OperatorClient:
        if self._client is None:
            raise LinkDown("The operator has not signed in.")
        return self._client
