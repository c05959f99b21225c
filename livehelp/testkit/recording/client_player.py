"""Plays the clients of a recording to a server, and reports where the server differs."""

import contextlib
from collections.abc import Callable, Iterable, Mapping
from typing import Final

import anyio
from anyio.abc import ByteStream, TaskGroup

from livehelp.client.address import Address
from livehelp.client.connection_lost import ConnectionLost
from livehelp.client.dial import dial
from livehelp.relaying import BROKEN
from livehelp.testkit.recording.compare import Names, played, read, write
from livehelp.testkit.recording.dependencies import Step, steps
from livehelp.testkit.recording.matching import Difference, Matching
from livehelp.testkit.recording.recording_file import Recording
from livehelp.testkit.recording.redact import HIDDEN
from livehelp.testkit.recording.roles import roles
from livehelp.wire.codec import encode
from livehelp.wire.commands import End
from livehelp.wire.frames import MAX_SERVER_LINE

_CHUNK: Final = 65_536
# What is recorded after the last word of a client comes at once, or not at all.
WITHIN: Final = 5.0
# A visit that is left behind would be seen by the next replay, and by operators, for half an hour.
FAREWELL: Final = 2.0


class ClientPlayer:
    """Plays the clients' side once.

    Args:
        recording: The recording.
        to: The server.
        passwords: Returns the passwords of these operators, by name; may raise.
        within: How many seconds the server may take for what is due.
        pace: Times as fast as recorded; None is as fast as the causes allow.
    """

    def __init__(
        self,
        recording: Recording,
        to: str | Address,
        *,
        passwords: Callable[[Iterable[str]], Mapping[str, str]],
        within: float = WITHIN,
        pace: float | None = None,
    ) -> None:
        self._recording = recording
        self._to = Address.parse(to)
        self._within = within
        self._pace = pace
        self._names = Names()
        self._matching = Matching(recording.entries, "server", self._names)
        self._steps = steps(recording.entries)
        self._visiting = {n for n, role in roles(recording).items() if role == "visitor"}
        self._passwords = passwords(self._signing_in())
        self._streams: dict[int, ByteStream] = {}
        self._ending: set[int] | None = None
        self._news = anyio.Event()

    async def play(self) -> list[Difference]:
        """Play all of it; return the differences, none if the server says the same.

        Raises:
            OSError: there is no server; the words say why.
        """
        began = anyio.current_time()
        failure: OSError | None = None
        async with anyio.create_task_group() as tasks:
            try:
                try:
                    await self._play(tasks, began)
                except ConnectionLost as why:
                    words = f"cannot connect to {self._to}: {why.why}. {why.advice}"
                    failure = ConnectionError(words)
                await self._farewell()
            finally:
                for connection in tuple(self._streams):
                    await self._close(connection)
                tasks.cancel_scope.cancel()
        if failure is not None:
            raise failure
        return self._matching.found

    async def _play(self, tasks: TaskGroup, began: float) -> None:
        for step in self._steps:
            if not await self._may(step):
                self._matching.miss(step.number)
                return
            if self._pace:
                entry = self._recording.entries[step.number]
                await anyio.sleep_until(began + entry.t / self._pace)
            await self._do(step, tasks)
        end = len(self._recording.entries)
        if not await self._until(lambda: self._matching.due(end)):
            self._matching.miss(end)

    async def _may(self, step: Step) -> bool:
        """Wait for what comes before a step; return whether it came."""
        return await self._until(
            lambda: (
                self._matching.due(step.number) and all(map(self._matching.has_come, step.after))
            )
        )

    async def _until(self, met: Callable[[], bool]) -> bool:
        with anyio.move_on_after(self._within):
            while not met():
                self._news = anyio.Event()
                await self._news.wait()
            return True
        return False

    async def _do(self, step: Step, tasks: TaskGroup) -> None:
        entry = self._recording.entries[step.number]
        if entry.what == "opened":
            self._streams[entry.connection] = stream = await dial(self._to)
            tasks.start_soon(self._read, entry.connection, stream)
        elif entry.what is not None:
            await self._close(entry.connection)
        elif entry.connection in self._streams:
            with contextlib.suppress(*BROKEN):  # its reader finds that the server has ended it
                await self._streams[entry.connection].send(self._line(step))

    async def _farewell(self) -> None:
        """End the visits of those who are still connected, as after a replay that ended early."""
        self._ending = {each for each in self._streams if each in self._visiting}
        with anyio.move_on_after(FAREWELL):
            for connection in tuple(self._ending):
                try:
                    await self._streams[connection].send(encode(End()))
                except BROKEN:
                    self._ending.discard(connection)
            while self._ending:
                self._news = anyio.Event()
                await self._news.wait()

    async def _close(self, connection: int) -> None:
        stream = self._streams.pop(connection, None)
        if stream is not None:
            await anyio.aclose_forcefully(stream)

    def _line(self, step: Step) -> bytes:
        """Return the line to send: as it was, but for names and passwords of now."""
        entry = self._recording.entries[step.number]
        recorded = read(entry.data)
        if recorded is None:
            return entry.data
        now = played(self._names, recorded)
        if now.get("password") == HIDDEN and not step.refused:
            now["password"] = self._passwords[str(now.get("name"))]
        return entry.data if now == recorded else write(now)

    def _signing_in(self) -> dict[str, None]:
        """Return the operators whose passwords are needed: those who were let in."""
        found: dict[str, None] = {}
        for step in self._steps:
            entry = self._recording.entries[step.number]
            message = None if entry.what else read(entry.data)
            if message and message.get("password") == HIDDEN and not step.refused:
                found[str(message.get("name"))] = None
        return found

    async def _read(self, connection: int, stream: ByteStream) -> None:
        held = b""
        try:
            async for data in stream:
                *lines, held = (held + data).split(b"\n")
                for line in filter(bytes.strip, lines):
                    self._hear(connection, line)
                self._news.set()
                if len(held) > MAX_SERVER_LINE:
                    break
        except BROKEN:
            pass
        if self._ending is not None:
            self._ending.discard(connection)
        elif connection in self._streams:
            self._matching.ended(connection)
        self._news.set()

    def _hear(self, connection: int, line: bytes) -> None:
        if self._ending is not None:
            message = read(line) or {}
            if message.get("type") in {"closed", "error"}:  # there was nothing to end any more
                self._ending.discard(connection)
        elif connection in self._streams:
            self._matching.came(connection, line)
