"""A real server, or two, in the test's own nursery: real sockets, a real database file.

Owns starting ``server.app.serve`` and the clients that the test makes. The only thing it puts in
is a look at the server's tables, to see that nothing is left behind.
"""

from pathlib import Path
from typing import Any

import pytest
import trio

from livehelp.testkit.server import PASSWORD
from server import app
from server.app import Running, serve
from server.context import Context
from server.net.listeners import parse_listen
from server.settings import Settings
from storage.archive import Archive
from storage.records import EventRecord
from tests.server.harness import Client


class Server:
    """A running server.

    Attributes:
        service: Its parts, to be looked at and not touched.
        ended: Set when it has ended.
    """

    def __init__(self, running: Running, service: Context, ended: trio.Event) -> None:
        self.running = running
        self.service = service
        self.ended = ended
        self.clients: list[Client] = []

    @property
    def address(self) -> str:
        """Its first address, as the announcement shows it."""
        return self.running.addresses[0]

    async def connect(self, address: str | None = None) -> Client:
        """Return a connection on which nothing has been said."""
        match parse_listen(address or self.address):
            case Path() as path:
                stream = await trio.open_unix_socket(path)
            case host, port:
                stream = await trio.open_tcp_stream(host, port)
        client = Client(stream)
        self.clients.append(client)
        return client

    async def guest(self, **hello: Any) -> Client:
        """Return a visitor's connection that has said hello and no more."""
        client = await self.connect()
        await client.hello(**hello)
        return client

    async def visitor(self, name: str = "Ann", topic: str = "Taxes", **hello: Any) -> Client:
        """Return a visitor who waits in the queue; everything of the start is read."""
        client = await self.guest(**hello)
        await client.start(name, topic)
        await client.barrier()
        return client

    async def operator(self, name: str = "dana", **hello: Any) -> Client:
        """Return an operator who has signed in; the floor is read."""
        client = await self.guest(role="operator", **hello)
        await client.login(name, PASSWORD)
        await client.barrier()
        return client

    async def pair(self) -> tuple[Client, Client]:
        """Return a visitor and the operator dana in talk."""
        operator = await self.operator()
        visitor = await self.visitor()
        await operator.take(visitor.session)
        await operator.barrier()
        await visitor.barrier()
        return visitor, operator

    async def stop(self) -> None:
        """Stop it in order, and wait until it has ended."""
        self.running.stop()
        await self.ended.wait()

    async def settled(self) -> None:
        """Wait until what was decided so far is stored."""
        await self.service.journal.flushed()

    async def emptied(self) -> None:
        """Wait until no connection is left."""
        while self.service.connections:
            await trio.lowlevel.checkpoint()


class House:
    """Where servers run on one database.

    Attributes:
        archive: The same database, opened as another program would.
    """

    def __init__(self, nursery: trio.Nursery, database: Path, patch: pytest.MonkeyPatch) -> None:
        self.database = database
        self.archive = Archive.open(f"sqlite:///{database}")
        self._nursery = nursery
        self._servers: list[Server] = []
        self._made: list[Context] = []
        made = self._made

        class Watched(Context):
            """Remembers itself, for a running server shows only its addresses."""

            def __init__(self, *args: Any, **kwargs: Any) -> None:
                super().__init__(*args, **kwargs)
                made.append(self)

        patch.setattr(app, "Context", Watched)

    async def serve(self, **settings: Any) -> Server:
        """Start a server on the database; returns once it accepts connections."""
        given: dict[str, Any] = {
            "listen": ("127.0.0.1:0",),
            "database": f"sqlite:///{self.database}",
            "resolve_hosts": False,
        }
        server: Server = await self._nursery.start(self._run, Settings(**(given | settings)))
        self._servers.append(server)
        return server

    async def close(self) -> None:
        """Close every client, stop every server, and wait until they have ended."""
        with trio.CancelScope(shield=True):
            for server in self._servers:
                for client in server.clients:
                    await client.stream.aclose()
                await server.stop()
        self.archive.close()

    async def _run(self, settings: Settings, *, task_status: trio.TaskStatus[Server]) -> None:
        ended = trio.Event()
        try:
            async with trio.open_nursery() as nursery:
                running: Running = await nursery.start(serve, settings)
                task_status.started(Server(running, self._made[-1], ended))
        finally:
            ended.set()  # cancelled too, when a test has failed

    def overheard(self) -> str:
        """Return the last messages of every client, for a test that waits in vain."""
        clients = [client for server in self._servers for client in server.clients]
        return "\n".join(
            f"client {n} heard last: {client.heard[-5:]}" for n, client in enumerate(clients)
        )

    # What is in the database

    def log(self, reference: str) -> list[EventRecord]:
        """Return a session's events."""
        session = self.archive.session(reference)
        assert session is not None, f"there is no session {reference}"
        return self.archive.events(session.id)

    def kinds(self, reference: str) -> list[str]:
        """Return the kinds of a session's events."""
        return [event.kind for event in self.log(reference)]

    def lines(self, reference: str) -> list[str]:
        """Return the lines of a session's discussion, with who said them."""
        return [f"{e.name}: {e.text}" for e in self.log(reference) if e.kind == "line"]

    def texts(self, reference: str) -> list[str]:
        """Return the texts of a session's lines."""
        return [e.text for e in self.log(reference) if e.kind == "line" and e.text is not None]
