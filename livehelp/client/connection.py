"""One connection, from its hello to its end.

Owns the stream: reads it, writes it, and watches for silence. Must not know sessions, replies or
a second try: whatever ends the connection is raised as ``Broken``.
"""

from collections import deque
from collections.abc import Awaitable, Callable
from typing import Final, Never

import anyio
from anyio.abc import ByteStream

from livehelp.client.address import Address
from livehelp.client.connection_lost import ConnectionLost
from livehelp.client.dial import dial
from livehelp.client.timing import SILENT_TICKS, TICKS, Timing
from livehelp.wire.commands import ClientHello, Command, Ping
from livehelp.wire.connection import ClientConnection
from livehelp.wire.errors import RemoteProtocolError
from livehelp.wire.replies import Error, ErrorCode, ServerHello
from livehelp.wire.signals import Bye, ServerMessage

# As much as one receive may bring: the default of most kernels' socket buffers is a few times this.
_CHUNK: Final = 65_536
# 64 commands are unanswered at most; beside them there are pings and typing signals, which are
# not sent at all rather than kept for a stalled link.
MAX_UNSENT: Final = 128
# Being replaced is final: two windows of one visitor would otherwise take the session from
# each other for ever.
_FINAL_GOODBYES: Final = frozenset({"replaced"})
_UPDATE: Final = "This program and the server do not fit together. Update the older of the two."
_STRANGER: Final = "what answers there is no Live Help server"
_LOOK: Final = "Check the address and the port."
_LOOK_OR_ASK: Final = f"{_LOOK} If they are right, ask whoever runs the server."


class Connection:
    """A connection on which both sides have said hello.

    Attributes:
        hello: What the server said of itself.
    """

    def __init__(self, stream: ByteStream, timing: Timing) -> None:
        self.hello: ServerHello
        self._stream = stream
        self._timing = timing
        self._wire = ClientConnection()
        self._unsent: deque[bytes] = deque()
        self._work = anyio.Event()
        self._early: list[ServerMessage] = []
        self._ending: ConnectionLost | None = None
        self._error: str | None = None
        self._quiet_ticks = self._silent_ticks = 0

    @classmethod
    async def open(cls, address: Address, hello: ClientHello, timing: Timing) -> "Connection":
        """Connect and say hello.

        Raises:
            Broken: it did not work out within ``timing.connect`` seconds.
        """
        with anyio.move_on_after(timing.connect):
            stream = await dial(address)
            try:
                connection = cls(stream, timing)
                await connection._greet(hello)
            except BaseException:
                await anyio.aclose_forcefully(stream)
                raise
            return connection
        raise ConnectionLost(
            f"no answer came within {timing.connect:g} seconds",
            "Check the address and the network; a firewall may be in the way.",
        )

    async def run(
        self, receive: Callable[[ServerMessage], None], body: Callable[[], Awaitable[None]]
    ) -> Never:
        """Hold the connection: give every message to ``receive``, in order, and run ``body``.

        ``receive`` must not wait. It and ``body`` may raise ``Broken`` to end the connection.

        Raises:
            Broken: always, in the end.
        """
        try:
            async with anyio.create_task_group() as tasks:

                async def guarded(part: Callable[[], Awaitable[None]]) -> None:
                    try:
                        await part()
                    except ConnectionLost as ending:
                        self._ending = self._ending or ending
                        tasks.cancel_scope.cancel()

                async def read() -> None:
                    await self._read(receive)

                for part in (read, self._write, self._watch, body):
                    tasks.start_soon(guarded, part)
        finally:
            await anyio.aclose_forcefully(self._stream)
        raise self._ending or ConnectionLost("the connection ended")

    def post(self, command: Command) -> None:
        """Send ``command`` as soon as the stream takes it, after what was posted before."""
        self._quiet_ticks = 0
        self._unsent.append(self._wire.send(command))
        self._work.set()

    def post_if_idle(self, command: Command) -> None:
        """Send ``command``, or forget it when too much is waiting on a stalled stream."""
        if len(self._unsent) < MAX_UNSENT:
            self.post(command)

    async def _greet(self, hello: ClientHello) -> None:
        await self._send(self._wire.send(hello))
        while self._wire.hello is None:
            try:
                self._early += await self._receive()
            except ConnectionLost as broken:
                self._raise_refusal()
                if self._wire.is_foreign:  # such as a TLS server, which says so in a few bytes
                    raise ConnectionLost(_STRANGER, _LOOK, final=True) from broken
                if not broken.final:
                    broken.advice = _LOOK_OR_ASK
                raise
            if self._wire.hello is None:
                self._raise_refusal()
        self.hello = self._wire.hello
        self._early = [m for m in self._early if m is not self.hello]

    def _raise_refusal(self) -> None:
        """Say why the server said no hello, if it told."""
        for message in self._early:
            if isinstance(message, Bye):
                raise _goodbye(message)
            if isinstance(message, Error):
                final = message.code is ErrorCode.PROTOCOL
                raise ConnectionLost(_clause(message.message), final=final)

    async def _read(self, receive: Callable[[ServerMessage], None]) -> None:
        early, self._early = self._early, []
        for message in early:
            self._take(message, receive)
        while True:
            for message in await self._receive():
                self._take(message, receive)

    def _take(self, message: ServerMessage, receive: Callable[[ServerMessage], None]) -> None:
        # An error is why the server closes only if it was the server's last word.
        self._error = None
        if isinstance(message, Error) and message.ref is None:
            self._error = message.message
        receive(message)
        if isinstance(message, Bye):
            raise _goodbye(message)

    async def _receive(self) -> list[ServerMessage]:
        try:
            data = await self._stream.receive(_CHUNK)
        except anyio.EndOfStream:
            raise ConnectionLost(
                _clause(self._error) if self._error else "the server closed the connection"
            ) from None
        except (anyio.BrokenResourceError, anyio.ClosedResourceError, OSError) as error:
            raise ConnectionLost("the connection broke") from error
        self._silent_ticks = 0
        try:
            return self._wire.receive(data)
        except RemoteProtocolError as error:
            if error.code is ErrorCode.PROTOCOL:
                raise ConnectionLost(_clause(error.message), final=True) from error
            if self._wire.hello is None:
                raise ConnectionLost(_STRANGER, _LOOK, final=True) from error
            # The same bytes would come again after a resume: trying again would not help.
            words = f"the server sent what this program does not understand ({error})"
            raise ConnectionLost(words, _UPDATE, final=True) from error

    async def _write(self) -> None:
        while True:
            await self._work.wait()
            self._work = anyio.Event()
            while self._unsent:
                data = b"".join(self._unsent)
                self._unsent.clear()
                await self._send(data)

    async def _send(self, data: bytes) -> None:
        try:
            await self._stream.send(data)
        except (anyio.BrokenResourceError, anyio.ClosedResourceError, OSError) as error:
            raise ConnectionLost("the connection broke") from error

    async def _watch(self) -> None:
        """Keep the heartbeat, and find out when the server's has stopped (a half-open link).

        Ticks are counted, not seconds: a program that was held up itself, or a computer that
        slept, finds what came meanwhile before it takes the server for lost.
        """
        while True:
            await anyio.sleep(self._timing.pulse / TICKS)
            self._quiet_ticks += 1
            self._silent_ticks += 1
            if self._silent_ticks > SILENT_TICKS:
                raise ConnectionLost("the server has been silent for too long")
            if max(self._quiet_ticks, self._silent_ticks) >= TICKS:
                self.post_if_idle(Ping())


def _goodbye(bye: Bye) -> ConnectionLost:
    return ConnectionLost(
        _clause(bye.message),
        final=bye.reason in _FINAL_GOODBYES,
        retry_in=bye.retry or 0,
    )


def _clause(sentence: str) -> str:
    return sentence.strip().removesuffix(".") or "the server gave no reason"
