"""One connection through the link: its two sockets, and how it ends."""

import socket
import struct
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

import anyio
from anyio.abc import SocketAttribute, SocketStream

from livehelp.relaying import BROKEN
from livehelp.testkit.faults.fault import Direction, Fault
from livehelp.testkit.faults.fault_schedule import FaultSchedule
from livehelp.testkit.faults.forwarder import Forwarder
from livehelp.testkit.faults.gate import Gate
from livehelp.testkit.faults.profile import Profile

# On, and for 0 seconds: a close throws away what waits, and is a RST.
LINGER_NOT: Final = struct.pack("ii", 1, 0)
# What arrives late must not wait for a server that has stopped reading.
LATE_SECONDS: Final = 5.0


class Connection:
    """Two sockets, joined.

    Args:
        client: The client's side.
        server: The server's side.
        number: Its number on the link.
        seed: The link's.
        profile: What goes wrong.
        link_gate: Is closed while nothing passes on the whole link.
        tell: Gets each fault when it happens.
    """

    def __init__(
        self,
        client: SocketStream,
        server: SocketStream,
        *,
        number: int,
        seed: int,
        profile: Profile,
        link_gate: Gate,
        tell: Callable[[Fault], object],
    ) -> None:
        self.number = number
        self._client, self._server = client, server
        self._seed = seed
        self._link_gate, self._gate = link_gate, Gate()
        self._tell = tell
        self._scope = anyio.CancelScope()
        self._ending: Fault | None = None
        self._broken = False
        self._up = Forwarder(
            client, server, self._schedule(profile, "up"), self._wait_open, self._inject
        )
        self._down = Forwarder(
            server, client, self._schedule(profile, "down"), self._wait_open, self._inject
        )

    async def run(self) -> Fault | None:
        """Pass bytes on until it ends; return the fault that ended it, or None if a side did."""
        with self._scope:
            async with anyio.create_task_group() as tasks:
                for forwarder in (self._up, self._down):
                    tasks.start_soon(self._guarded, forwarder.read)
                    tasks.start_soon(self._guarded, forwarder.write)
        return self._ending

    def use(self, profile: Profile) -> None:
        """Let other things go wrong from now on."""
        self._up.use(self._schedule(profile, "up", self._up.passed))
        self._down.use(self._schedule(profile, "down", self._down.passed))

    def mend(self) -> None:
        """End a stall."""
        self._gate.open()

    def end(self, fault: Fault) -> None:
        """End it, by ``fault``; the first one counts. ``finish`` does the rest."""
        if self._ending is None:
            self._ending = fault
            self._tell(fault)
            self._scope.cancel()

    async def finish(self) -> None:
        """After ``run``: part from both sides, as the ending wants it."""
        fault = self._ending
        if fault is None:
            await hang_up(self._client, reset=self._broken)
            await hang_up(self._server, reset=self._broken)
        elif fault.kind == "cut":
            await hang_up(self._client, reset=fault.reset)
            if fault.late:
                await self._arrive_late(fault.late)
            await hang_up(self._server, reset=fault.reset)
        else:
            await self._fall_silent(fault)

    async def close(self) -> None:
        """Let go of everything."""
        self._up.close()
        self._down.close()
        await anyio.aclose_forcefully(self._client)
        await anyio.aclose_forcefully(self._server)

    def _schedule(self, profile: Profile, direction: Direction, start: int = 0) -> FaultSchedule:
        return FaultSchedule(
            profile, seed=self._seed, connection=self.number, direction=direction, start=start
        )

    async def _guarded(self, part: Callable[[], Awaitable[None]]) -> None:
        try:
            await part()
        except BROKEN:
            self._broken = True
            self._scope.cancel()

    async def _wait_open(self) -> None:
        while self._link_gate.is_closed or self._gate.is_closed:
            await self._link_gate.wait_open()
            await self._gate.wait_open()

    async def _inject(self, fault: Fault) -> None:
        if fault.kind == "stall":
            self._tell(fault)
            self._gate.close_for(fault.seconds)
            return
        self.end(fault)
        await anyio.sleep_forever()  # cancelled at once

    async def _arrive_late(self, seconds: float) -> None:
        """Keep the server's side for so long, then send what was on its way."""
        rest = self._up.rest()
        with anyio.move_on_after(seconds):
            await swallow(self._server)
            return  # the server has hung up
        if rest:
            with anyio.move_on_after(LATE_SECONDS), suppress(*BROKEN):
                await self._server.send(rest)

    async def _fall_silent(self, fault: Fault) -> None:
        """Hang up on whoever is told; keep the other side until it hangs up itself."""
        async with anyio.create_task_group() as tasks:
            for side, stream in (("client", self._client), ("server", self._server)):
                if fault.side in (side, "both"):
                    tasks.start_soon(swallow, stream)
                else:
                    await hang_up(stream, reset=False)


async def swallow(stream: SocketStream) -> None:
    """Take what comes, as a dead network does, until the peer hangs up."""
    with suppress(anyio.EndOfStream, *BROKEN):
        while True:
            await stream.receive()


async def hang_up(stream: SocketStream, *, reset: bool) -> None:
    """Close by RST or by FIN.

    A FIN is sent by itself first: closing a socket with unread bytes in it would be a RST.
    """
    sock = stream.extra(SocketAttribute.raw_socket)  # noqa: S610 - not Django's
    with suppress(OSError):  # it may be closed already
        if reset:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NOT)
        else:
            sock.shutdown(socket.SHUT_WR)
    await anyio.aclose_forcefully(stream)
