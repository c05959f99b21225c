"""The proxy that records what it passes on, each line before the other side can answer it."""

import contextlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final

import anyio
from anyio.abc import AnyByteStream, ByteStream, TaskGroup

from livehelp.client.address import Address
from livehelp.relaying import BROKEN, dial, listening
from livehelp.testkit.recording.recording_file import Entry, RecordingWriter, Side, What, line_entry
from livehelp.testkit.recording.redact import HIDDEN, Redactor
from livehelp.wire.frames import MAX_SERVER_LINE

_CHUNK: Final = 65_536
# Neither side takes a longer line. It is passed on, and this is written in its place.
MAX_LINE: Final = MAX_SERVER_LINE + 1
TOO_LONG: Final = HIDDEN.encode()


class Recorder:
    """A recording that goes on.

    Attributes:
        address: Where clients connect.
        connections: How many there have been.
        turned_away: How many more were closed at once, for there were too many at a time.
        lines: How many were written.
        ended: Set by whoever ends it, and when nothing can be written any more.
        failure: Why not, if so.
    """

    def __init__(self, to: Address, writer: RecordingWriter) -> None:
        self.address = ""
        self.connections = self.turned_away = 0
        self.lines = 0
        self.ended = anyio.Event()
        self.failure: OSError | None = None
        self._to = to
        self._writer = writer
        self._redactor = Redactor()
        self._began = anyio.current_time()

    async def serve(self, client: ByteStream) -> None:
        """Pass one client's connection on until both sides have ended it."""
        self.connections += 1
        number = self.connections
        self._write(number, "opened", "client")
        server = await dial(self._to)
        if server is None:
            self._write(number, "cut", "server")
            return
        async with server, anyio.create_task_group() as ways:
            ways.start_soon(self._pass, number, "client", client, server, ways)
            ways.start_soon(self._pass, number, "server", server, client, ways)

    def turn_away(self) -> None:
        """A connection is closed at once."""
        self.turned_away += 1

    async def _pass(
        self,
        number: int,
        side: Side,
        source: AnyByteStream,
        target: AnyByteStream,
        ways: TaskGroup,
    ) -> None:
        lines = _Lines()
        try:
            async for data in source:
                for line in lines.feed(data):
                    self._write_line(number, side, line)
                await target.send(data)
        except BROKEN:
            self._end(number, side, lines, "cut")
            ways.cancel_scope.cancel()
            return
        self._end(number, side, lines, "closed")
        with contextlib.suppress(*BROKEN):
            await target.send_eof()

    def _end(self, number: int, side: Side, lines: "_Lines", what: What) -> None:
        if lines.held:
            self._write_line(number, side, lines.held, unfinished=True)
        self._write(number, what, side)

    def _write_line(
        self, number: int, side: Side, line: bytes, *, unfinished: bool = False
    ) -> None:
        redacted = self._redactor.line(line)
        self._put(line_entry(self._now(), number, side, redacted, unfinished=unfinished))
        self.lines += self.failure is None

    def _write(self, number: int, what: What, side: Side) -> None:
        self._put(Entry(t=self._now(), connection=number, side=side, what=what))

    def _put(self, entry: Entry) -> None:
        if self.failure is not None:
            return  # after half a line nothing may follow
        try:
            self._writer.write(entry)
        except OSError as why:  # the disk is full: a recording that is none is told, and ends
            self.failure = why
            self.ended.set()

    def _now(self) -> float:
        return round(anyio.current_time() - self._began, 6)


class _Lines:
    """Cuts one direction into lines, which ``LineBuffer`` would do too, but for what it leaves out.

    Attributes:
        held: The line that has not ended yet.
    """

    def __init__(self) -> None:
        self.held = b""
        self._overlong = False

    def feed(self, data: bytes) -> list[bytes]:
        """Return the lines that ``data`` completes; blank ones and carriage returns are kept.

        A line that neither side takes is withheld whole: a secret in it could be cut in two.
        """
        *lines, self.held = (self.held + data).split(b"\n")
        if lines and self._overlong:
            self._overlong = False
            lines[0] = TOO_LONG
        if self._overlong or len(self.held) > MAX_LINE:
            self._overlong = True
            self.held = TOO_LONG
        return [line if len(line) <= MAX_LINE else TOO_LONG for line in lines]


@asynccontextmanager
async def open_recorder(
    to: str | Address, writer: RecordingWriter, *, listen: str = "127.0.0.1:0"
) -> AsyncGenerator[Recorder]:
    """Record from here to the end of the block.

    Args:
        to: The server.
        writer: Where it is written; the caller closes it.
        listen: Where clients connect, ``host:port``; port 0 is any that is free.

    Raises:
        ValueError: ``to`` or ``listen`` is no address.
        OSError: nobody can listen there; with words.
    """
    recorder = Recorder(Address.parse(to), writer)
    async with listening(listen, recorder.serve, recorder.turn_away) as recorder.address:
        yield recorder
