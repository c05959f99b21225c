"""A scripted server on a real socket: the test says what it hears and what it answers.

Owns the listener and the connections it took. Knows no rules: each test is the server's mind, so
that links can be cut at any point of a conversation.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Generic, TypeVar

import anyio
from anyio.abc import ByteStream, Listener, SocketAttribute, SocketStream, TaskGroup

from livehelp.client import LiveHelpError, Timing
from livehelp.wire.base import Message
from livehelp.wire.codec import encode
from livehelp.wire.commands import ClientHello, Command, Ping
from livehelp.wire.connection import ServerConnection
from livehelp.wire.errors import RemoteProtocolError
from livehelp.wire.replies import Earlier, ServerHello

AT = datetime(2005, 12, 19, 14, 30, tzinfo=UTC)
# Tries again at once; nothing else is short, so that no test depends on the machine's speed.
AT_ONCE = Timing(first_retry=0, longest_retry=0)

C = TypeVar("C", bound=Command)
R = TypeVar("R")


def server_hello(earlier: Earlier | None = None) -> ServerHello:
    return ServerHello(
        protocol=1,
        server="script",
        version="1",
        at=AT,
        notice="Do not type secrets.",
        questions=("Were you helped?",),
        earlier=earlier,
    )


class ServerEnd:
    """The server's end of one connection."""

    def __init__(self, stream: ByteStream) -> None:
        self._stream = stream
        self._wire = ServerConnection()
        self._heard: list[Command] = []

    @property
    def hello(self) -> ClientHello:
        assert self._wire.hello is not None
        return self._wire.hello

    async def hear(self) -> Command:
        """Return the next command, whatever it is."""
        while not self._heard:
            for item in self._wire.receive(await self._stream.receive()):
                assert not isinstance(item, RemoteProtocolError), item
                self._heard.append(item)
        return self._heard.pop(0)

    async def expect(self, kind: type[C]) -> C:
        """Return the next command, signs of life left out; it must be of this kind."""
        command = await self.hear()
        while isinstance(command, Ping) and kind is not Ping:
            command = await self.hear()
        assert isinstance(command, kind), command
        return command

    async def send(self, *messages: Message) -> None:
        await self.send_bytes(b"".join(encode(message) for message in messages))

    async def send_bytes(self, data: bytes) -> None:
        await self._stream.send(data)

    async def cut(self) -> None:
        """Lose the link."""
        await anyio.aclose_forcefully(self._stream)

    async def close(self) -> None:
        """End the connection in order: what was sent arrives."""
        await self._stream.aclose()

    async def ended(self) -> None:
        """Wait until the client has closed the connection."""
        try:
            while await self._stream.receive():
                pass
        except (anyio.EndOfStream, anyio.BrokenResourceError):
            pass


class Desk:
    """The listener, and the connections that came.

    Attributes:
        address: Where it listens.
        earlier: What the hello says of the visit before.
        greets: Whether a connection is answered with a hello before the test has it.
    """

    def __init__(self, tasks: TaskGroup, *, greets: bool = True) -> None:
        self.address = ""
        self.earlier: Earlier | None = None
        self.greets = greets
        self._tasks = tasks
        self._came, self._coming = anyio.create_memory_object_stream[ServerEnd](16)

    async def open(self, port: int = 0) -> None:
        """Listen on this machine; port 0 is any that is free."""
        listener = await anyio.create_tcp_listener(local_host="127.0.0.1", local_port=port)
        port = listener.extra(SocketAttribute.local_port)  # noqa: S610 - not Django's
        self.address = f"127.0.0.1:{port}"
        self._tasks.start_soon(self._listen, listener)

    async def open_unix(self, path: Path) -> None:
        """Listen on a socket file."""
        self.address = f"unix:{path}"
        self._tasks.start_soon(self._listen, await anyio.create_unix_listener(path))

    async def accept(self) -> ServerEnd:
        """Return the next connection, after both hellos (with ``greets``)."""
        return await self._coming.receive()

    def close(self) -> None:
        """End all that is running, and the streams with it."""
        self._tasks.cancel_scope.cancel()
        self._came.close()
        self._coming.close()

    async def _listen(self, listener: Listener[SocketStream]) -> None:
        async with listener:
            await listener.serve(self._take)

    async def _take(self, stream: ByteStream) -> None:
        async with stream:
            end = ServerEnd(stream)
            if self.greets:
                await end.expect(ClientHello)
                await end.send(server_hello(self.earlier))
            await self._came.send(end)
            await anyio.sleep_forever()


@asynccontextmanager
async def open_desk(*, greets: bool = True) -> AsyncGenerator[Desk]:
    """A listening desk, closed at the end of the block."""
    async with anyio.create_task_group() as tasks:
        desk = Desk(tasks, greets=greets)
        try:
            await desk.open()
            yield desk
        finally:
            desk.close()


@asynccontextmanager
async def meanwhile(
    call: Callable[..., Awaitable[R]], *arguments: object
) -> AsyncGenerator["Outcome[R]"]:
    """Have a client do something while the block plays the server; at its end it is done."""
    outcome: Outcome[R] = Outcome()

    async def carry_out() -> None:
        try:
            outcome.returned = (await call(*arguments),)
        except LiveHelpError as error:
            outcome.raised = error

    async with anyio.create_task_group() as tasks:
        outcome.cancel = tasks.cancel_scope.cancel
        tasks.start_soon(carry_out)
        yield outcome


class Outcome(Generic[R]):
    """What came of a call; ``cancel`` gives it up."""

    def __init__(self) -> None:
        self.cancel: Callable[[], object]
        self.returned: tuple[R] | None = None
        self.raised: LiveHelpError | None = None

    @property
    def value(self) -> R:
        """What the call returned; raises what it raised."""
        if self.raised is not None:
            raise self.raised
        assert self.returned is not None
        return self.returned[0]


async def take_until(stream: AsyncIterator[object], last: object) -> list[object]:
    """Return the next messages of a client, up to this one."""
    messages = [await anext(stream)]
    while messages[-1] != last:
        messages.append(await anext(stream))
    return messages


async def take(stream: AsyncIterator[object], count: int) -> list[object]:
    """Return the next ``count`` messages of a client."""
    return [await anext(stream) for _ in range(count)]
