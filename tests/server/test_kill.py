"""The promise, with the server killed twenty times: an acked line is there, in order, once.

Pairs talk as fast as the protocol lets them. When the link breaks they connect again, resume, and
send what was not acked with the same refs, as docs/protocol.md tells every client to do. The
moment of each kill is drawn with a fixed seed and counted in acks, so that it falls in the thick
of it on any machine.
"""

import random
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Final

import pytest
import trio

from livehelp.testkit.server import PASSWORD, ServerProcess
from livehelp.wire.commands import Say
from livehelp.wire.events import Event, Line
from livehelp.wire.replies import Ack
from storage.archive import Archive
from tests.server.harness import Client, Gone

KILLS: Final = 20
PAIRS: Final = 4
# As many commands ahead of their acks as the protocol allows.
WINDOW: Final = 64
# Acks between a start and the next kill: from the middle of the resuming to a second of talk.
FEWEST, MOST = 1, 1_200


class Scene:
    """The server, when it is there, and how far the talk has come."""

    def __init__(self, server: ServerProcess) -> None:
        self.server = server
        self.is_up = trio.Event()
        self.is_up.set()
        self.quiet = False
        self.acks = 0
        self._moved = trio.Event()

    async def connect(self) -> Client:
        """Return a connection; waits while the server is down."""
        await self.is_up.wait()
        return Client(await trio.open_tcp_stream(self.server.host, self.server.port))

    async def kill_and_restart(self) -> None:
        """Kill the server as a power cut does, and bring it back."""
        self.is_up = trio.Event()
        self.server.kill()
        await trio.to_thread.run_sync(self.server.restart)
        self.is_up.set()

    def move(self) -> None:
        """Tell whoever waits that something has changed."""
        self._moved.set()
        self._moved = trio.Event()

    async def until(self, reached: Callable[[], bool]) -> None:
        """Wait until something is so."""
        while not reached():
            await self._moved.wait()


class Speaker(ABC):
    """One side of a pair: says numbered lines, and outlives the server.

    Attributes:
        unacked: The lines that wait for their ack, by ref.
        acked: The seq that each acked line got, by ref.
        heard: The other side's lines, by seq.
        seen: The highest seq that came.
    """

    def __init__(self, scene: Scene, name: str) -> None:
        self.name = name
        self.session = ""
        self.unacked: dict[int, Say] = {}
        self.acked: dict[int, int] = {}
        self.heard: dict[int, str] = {}
        self.seen = 0
        self._scene = scene
        self._said = 0

    async def live(self) -> None:
        """Talk, on a new connection whenever one breaks, until cancelled."""
        while True:
            try:
                async with await self._scene.connect() as client:
                    try:
                        await self.come_back(client)
                        self._digest(client)
                        await self._talk(client)
                    finally:
                        self._digest(client)
            except (OSError, trio.BrokenResourceError, Gone):
                continue

    @abstractmethod
    async def come_back(self, client: Client) -> None:
        """Say who is there, and resume."""

    async def _talk(self, client: Client) -> None:
        """Say again what was not acked, then go on, until the link breaks."""
        await client.send(*self.unacked.values())
        while True:
            fresh: list[Say] = []
            while not self._scene.quiet and len(self.unacked) < WINDOW:
                self._said += 1
                say = Say(text=f"{self.name} {self._said}", session=self.session, ref=self._said)
                self.unacked[self._said] = say
                fresh.append(say)
            await client.send(*fresh)
            await client.read()
            self._digest(client)

    def _digest(self, client: Client) -> None:
        """Take note of what came since the last time."""
        for message in client.heard:
            if isinstance(message, Ack) and message.ref is not None and message.seq is not None:
                self.acked[message.ref] = message.seq
                self._scene.acks += self.unacked.pop(message.ref, None) is not None
                self.seen = max(self.seen, message.seq)
            elif isinstance(message, Event) and message.session == self.session:
                self.seen = max(self.seen, message.seq)
                if isinstance(message, Line) and not message.text.startswith(self.name):
                    assert self.heard.setdefault(message.seq, message.text) == message.text
        client.heard.clear()
        self._scene.move()


class Visitor(Speaker):
    """Comes back with the session's key."""

    key = ""

    async def arrive(self) -> None:
        """Start the visit."""
        async with await self._scene.connect() as client:
            await client.hello(run=self.name)
            started = await client.start(self.name)
            self.session, self.key = started.session, started.key

    async def come_back(self, client: Client) -> None:
        await client.hello(run=self.name)
        await client.resume(self.session, after=self.seen, key=self.key)


class Operator(Speaker):
    """Comes back with the ticket of the first sign-in."""

    ticket = ""

    async def take(self, session: str) -> None:
        """Sign in and take a visitor."""
        self.session = session
        async with await self._scene.connect() as client:
            await client.hello(role="operator", run=self.name)
            self.ticket = (await client.login(self.name, PASSWORD)).ticket
            await client.take(session)

    async def come_back(self, client: Client) -> None:
        await client.hello(role="operator", run=self.name)
        await client.login_again(self.ticket)
        await client.resume(self.session, after=self.seen)


# Twenty starts of a second or two each, and the talk between them.
@pytest.mark.timeout(180)
@pytest.mark.trio
async def test_no_acked_line_is_lost_doubled_or_moved_though_the_server_is_killed_twenty_times(
    live_server: ServerProcess,
) -> None:
    dice = random.Random(20051219)  # noqa: S311 - the same moments at every run
    scene = Scene(live_server)
    speakers: list[Speaker] = []
    for n in range(PAIRS):
        visitor, operator = Visitor(scene, f"visitor{n}"), Operator(scene, f"operator{n}")
        live_server.add_operator(operator.name)
        await visitor.arrive()
        await operator.take(visitor.session)
        speakers += [visitor, operator]

    async with trio.open_nursery() as talk:
        for speaker in speakers:
            talk.start_soon(speaker.live)
        for _ in range(KILLS):
            next_kill = scene.acks + dice.randint(FEWEST, MOST)
            await scene.until(lambda enough=next_kill: scene.acks >= enough)
            await scene.kill_and_restart()
        scene.quiet = True
        await scene.until(lambda: not any(speaker.unacked for speaker in speakers))
        logs = {s.session: lines(live_server, s.session) for s in speakers}
        await scene.until(lambda: all(s.seen >= max(logs[s.session]) for s in speakers))
        talk.cancel_scope.cancel()

    assert scene.acks > KILLS * FEWEST
    for visitor, operator in zip(speakers[::2], speakers[1::2], strict=True):
        log = logs[visitor.session]
        assert sorted(log) == list(range(3, len(log) + 3)), "a gap, or a number that is no line's"
        for speaker, other in ((visitor, operator), (operator, visitor)):
            said = {seq: text for seq, text in log.items() if text.startswith(speaker.name)}
            count = len(speaker.acked)
            assert list(said.values()) == [f"{speaker.name} {n}" for n in range(1, count + 1)]
            assert {said[seq]: ref for ref, seq in speaker.acked.items()} == {
                f"{speaker.name} {ref}": ref for ref in range(1, count + 1)
            }
            assert other.heard == said
    assert "Traceback" not in live_server.output()


def lines(server: ServerProcess, reference: str) -> dict[int, str]:
    """Return a session's lines by number, out of the database."""
    archive = Archive.open(f"sqlite:///{server.database}", create=False)
    try:
        session = archive.session(reference)
        assert session is not None
        return {e.seq: e.text or "" for e in archive.events(session.id) if e.kind == "line"}
    finally:
        archive.close()
