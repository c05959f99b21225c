"""The failing link: the listener, its connections, and the faults that a program asks for."""

import random
from collections import OrderedDict
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Final

import anyio
from anyio.abc import SocketStream
from msgspec.structs import replace

from livehelp import relaying
from livehelp.client.address import Address
from livehelp.testkit.faults.connection import Connection
from livehelp.testkit.faults.fault import Fault, Kind, TurnedAway
from livehelp.testkit.faults.fault_schedule import detailed
from livehelp.testkit.faults.gate import Gate
from livehelp.testkit.faults.profile import Profile, Side

# Half-open connections may stay for ever. When there are more, the oldest is forgotten, as a router
# forgets: most of the relay's ``MAX_CONNECTIONS`` are for those that live.
MAX_STALE: Final = 80

Told = Fault | TurnedAway


class FlakyLink:
    """A failing link. ``flaky_link`` opens one.

    A link is for one client, when a failure is to be had again: the draws depend on the number of
    the connection, and two clients would race for the numbers.

    Attributes:
        address: Where clients connect, ``host:port``.
        connections: How many there have been; those that were turned away are not counted.
        profile: What goes wrong just now.
        seed: Of all draws.
    """

    def __init__(
        self, to: Address, *, profile: Profile, seed: int, tell: Callable[[Told], object]
    ) -> None:
        self.address = ""
        self.connections = 0
        self.profile = profile
        self.seed = seed
        self._to = to
        self._tell = tell
        self._live: set[Connection] = set()
        self._stale: OrderedDict[anyio.CancelScope, None] = OrderedDict()
        self._stall_gate, self._cut_gate = Gate(), Gate()
        self._cuts = 0
        self._chance = random.Random(f"{seed}/hand")  # noqa: S311 - no secret, but repeatable

    def cut(self, seconds: float = 0) -> None:
        """Break every connection now; for so long, new ones are cut at once.

        How (by FIN or RST, with the server's side left open or not) is drawn as the profile says.
        """
        self._cuts += 1
        self._cut_gate.close_for(seconds)
        for connection in self._in_order():
            fault = detailed(self._by_hand("cut", connection), self.profile, self._chance)
            connection.end(replace(fault, seconds=seconds))

    def stall(self, seconds: float) -> None:
        """Let nothing pass for so long, then everything that waited; new connections wait too."""
        self._stall_gate.close_for(seconds)
        for connection in self._in_order():
            self._tell(replace(self._by_hand("stall", connection), seconds=seconds))

    def half_open(self, side: Side = "client") -> None:
        """Let the present connections fall silent for ever, without FIN; new ones work.

        Args:
            side: Who is not told. The other side's connection is closed, so that a server knows at
                once that its client is gone, while the client does not; or the other way round.
        """
        for connection in self._in_order():
            connection.end(replace(self._by_hand("half-open", connection), side=side))

    def use(self, profile: Profile) -> None:
        """Let other things go wrong from now on, on the present connections too."""
        self.profile = profile
        for connection in self._live:
            connection.use(profile)

    def mend(self) -> None:
        """Let everything pass again, and nothing go wrong. What was broken stays so."""
        self.use(Profile())
        self._stall_gate.open()
        self._cut_gate.open()
        for connection in self._live:
            connection.mend()

    async def relay(self, client: SocketStream) -> None:
        """Serve one client's connection, from its first byte to its end."""
        if self._cut_gate.is_closed:
            return self.turn_away("the link is cut")
        cuts = self._cuts
        server = await relaying.dial(self._to)
        if server is None:
            return self.turn_away(f"nobody answers at {self._to}")
        async with server:
            if self._cuts != cuts:
                return self.turn_away("the link was cut meanwhile")
            return await self._join(client, server)

    def turn_away(self, why: str) -> None:
        """Tell that a connection is closed at once."""
        self._tell(TurnedAway(why=why))

    async def _join(self, client: SocketStream, server: SocketStream) -> None:
        self.connections += 1
        connection = Connection(
            client,
            server,
            number=self.connections,
            seed=self.seed,
            profile=self.profile,
            link_gate=self._stall_gate,
            tell=self._tell,
        )
        self._live.add(connection)
        try:
            fault = await connection.run()
            self._live.discard(connection)
            if fault is not None and fault.kind == "cut":
                self._cut_gate.close_for(fault.seconds)  # before the client can come again
            await self._finish(connection)
        finally:
            self._live.discard(connection)
            await connection.close()

    async def _finish(self, connection: Connection) -> None:
        with anyio.CancelScope() as scope:
            self._stale[scope] = None
            if len(self._stale) > MAX_STALE:
                self._stale.popitem(last=False)[0].cancel()
            try:
                await connection.finish()
            finally:
                self._stale.pop(scope, None)

    def _in_order(self) -> list[Connection]:
        return sorted(self._live, key=lambda connection: connection.number)

    def _by_hand(self, kind: Kind, connection: Connection) -> Fault:
        return Fault(kind=kind, connection=connection.number, seed=self.seed)


@asynccontextmanager
async def flaky_link(
    to: str | Address,
    *,
    profile: Profile | None = None,
    seed: int = 0,
    listen: str = "127.0.0.1:0",
    tell: Callable[[Told], object] | None = None,
) -> AsyncGenerator[FlakyLink]:
    """A failing link to a server, open for the block.

    What the block raises comes out as it is, in no group.

    Args:
        to: Where the server is, as ``Address.parse`` reads it.
        profile: What goes wrong; None: nothing, until the program calls for it.
        seed: The same seed with the same bytes gives the same faults.
        listen: Where clients connect; port 0 is any that is free.
        tell: Gets every fault, and every connection that is turned away, when it happens. It must
            not wait.

    Raises:
        ValueError: ``to`` or ``listen`` is no address; with words.
        OSError: nobody can listen there; with words.
    """
    link = FlakyLink(
        Address.parse(to), profile=profile or Profile(), seed=seed, tell=tell or _keep_silent
    )
    full = f"there are {relaying.MAX_CONNECTIONS} already"
    async with relaying.listening(listen, link.relay, lambda: link.turn_away(full)) as link.address:
        yield link


def _keep_silent(_told: Told) -> None:
    pass
