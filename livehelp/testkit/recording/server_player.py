"""Plays the server of a recording to clients, and reports where the clients differ."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final

import anyio
from anyio.abc import ByteStream

from livehelp.relaying import BROKEN, listening
from livehelp.testkit.recording.compare import Message, Names, played, read, write
from livehelp.testkit.recording.matching import Difference, Matching
from livehelp.testkit.recording.recording_file import Recording
from livehelp.testkit.recording.roles import roles
from livehelp.wire.codec import encode
from livehelp.wire.frames import MAX_CLIENT_LINE
from livehelp.wire.replies import Pong

# A person or a program that is slow to begin; between two lines it is the same patience.
WITHIN: Final = 30.0


class ServerPlayer:
    """Plays the server's side once.

    Attributes:
        address: Where clients connect.
    """

    def __init__(self, recording: Recording, within: float, pace: float | None) -> None:
        self.address = ""
        self._recording = recording
        self._within = within
        self._pace = pace
        self._names = Names()
        self._matching = Matching(recording.entries, "client", self._names)
        self._streams: dict[int, ByteStream] = {}
        self._free = [e.connection for e in recording.entries if e.what == "opened"]
        self._roles = roles(recording)
        self._answered_ends = _answered_ends(recording)
        self._news = anyio.Event()
        self._found: list[Difference] = []

    async def play(self) -> list[Difference]:
        """Play all of it; return the differences, none if the clients say the same."""
        began = anyio.current_time()
        for number, entry in enumerate(self._recording.entries):
            if entry.side == "client":
                continue
            if not await self._heard(number):
                return self._found + self._matching.found
            if self._pace:
                await anyio.sleep_until(began + entry.t / self._pace)
            await self._do(number)
        await self._heard(len(self._recording.entries))
        return self._found + self._matching.found

    async def _heard(self, before: int) -> bool:
        """Wait for what clients said before an entry; return whether it came."""
        with anyio.move_on_after(self._within):
            while not self._matching.due(before):
                self._news = anyio.Event()
                await self._news.wait()
            return True
        self._matching.miss(before)
        return False

    async def serve(self, client: ByteStream) -> None:
        """Hear one client, until it or the recording ends the connection."""
        connection: int | None = None
        held = b""
        async with client:
            try:
                async for data in client:
                    *lines, held = (held + data).split(b"\n")
                    for line in filter(bytes.strip, lines):
                        if connection is None:
                            connection = self._place(client, read(line))
                        if connection is None:
                            self._found.append(
                                Difference(0, 0, "a connection that was not recorded")
                            )
                            return
                        await self._hear(connection, client, line)
                    if len(held) > MAX_CLIENT_LINE:
                        return
            except BROKEN:
                pass
            if connection is not None and self._streams.pop(connection, None):
                self._matching.ended(connection)
            self._news.set()

    async def _hear(self, connection: int, client: ByteStream, line: bytes) -> None:
        self._matching.came(connection, line)
        self._news.set()
        message = read(line)
        if message and message.get("type") == "ping":
            # A client sends pings by its own clock; the recording's are left out.
            await client.send(encode(Pong()))

    def _place(self, client: ByteStream, hello: Message | None) -> int | None:
        """Return the first recorded connection of the same role that nobody plays yet."""
        role = hello.get("role") if hello else None
        for connection in self._free:
            if self._roles.get(connection) == role:
                self._free.remove(connection)
                self._streams[connection] = client
                return connection
        return None

    async def _do(self, number: int) -> None:
        entry = self._recording.entries[number]
        stream = self._streams.get(entry.connection)
        if stream is None:
            return
        try:
            if entry.what is not None:
                if number not in self._answered_ends:
                    del self._streams[entry.connection]
                    await stream.aclose()
                return
            message = read(entry.data)
            if message is None:
                await stream.send(entry.data)
            elif message.get("type") != "pong":
                now = played(self._names, message, entry.connection)
                await stream.send(entry.data if now == message else write(now))
        except BROKEN:
            self._streams.pop(entry.connection, None)


@asynccontextmanager
async def server_player(
    recording: Recording,
    *,
    listen: str = "127.0.0.1:0",
    within: float = WITHIN,
    pace: float | None = None,
) -> AsyncGenerator[ServerPlayer]:
    """Listen as the server of a recording; ``play`` it inside the block.

    Args:
        recording: The recording.
        listen: Where, ``host:port``; port 0 is any that is free.
        within: How many seconds a client may take for what is due.
        pace: Times as fast as recorded; None is as fast as the causes allow.

    Raises:
        ValueError: ``listen`` is no address.
        OSError: nobody can listen there; with words.
    """
    player = ServerPlayer(recording, within, pace)
    async with listening(listen, player.serve) as player.address:
        yield player


def _answered_ends(recording: Recording) -> set[int]:
    """Return the ends of the server that only answer the client's: the client ends those again."""
    gone: set[int] = set()
    found: set[int] = set()
    for number, entry in enumerate(recording.entries):
        if entry.what in {"closed", "cut"}:
            if entry.side == "client":
                gone.add(entry.connection)
            elif entry.connection in gone:
                found.add(number)
    return found
