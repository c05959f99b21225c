"""The one worker that holds the connection.

Owns the life of the client inside an app: it hands on what the client hears as Textual messages,
and carries out what the screens ask for. Touches no widget and no state: answers travel as messages
too, and are worked on by the app at its own turn. Must not know which of the two clients it holds.
"""

from collections.abc import AsyncIterable, Awaitable, Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import Final, Generic, TypeAlias, TypeVar

import anyio
from textual.message import Message

from livehelp.client.errors import LiveHelpError
from livehelp.client.states import Incoming, LinkEnded
from tui.messages import ClientReady, MessageReceived, RequestDone

# Requests that the worker has not picked up yet. It picks them up at the next turn of the event
# loop, whatever the link does, so that more than a burst of keys can make never waits here.
_MAX_REQUESTS: Final = 1_000


C = TypeVar("C", bound=AsyncIterable[Incoming])
R = TypeVar("R")
Request: TypeAlias = Callable[[C], Coroutine[object, object, None]]


class LinkWorker(Generic[C]):
    """Holds one client while ``run`` runs.

    Args:
        post: Takes the messages; an app's ``post_message``.
    """

    def __init__(self, post: Callable[[Message], object]) -> None:
        self._post = post
        streams = anyio.create_memory_object_stream["Request[C]"](_MAX_REQUESTS)
        self._asked, self._asks = streams

    def ask(
        self,
        call: Callable[[C], Awaitable[R]],
        *,
        done: Callable[[R], None] | None = None,
        refused: Callable[[str], None] | None = None,
    ) -> None:
        """Have ``call`` carried out on the client, in the order of asking.

        Args:
            call: Is given the client; its commands survive a lost link.
            done: Is given the reply.
            refused: Is given the words of the server, or of a link that has ended.
        """

        async def carry_out(client: C) -> None:
            try:
                reply = await call(client)
            except LiveHelpError as error:
                if refused is not None:
                    self._post(RequestDone(partial(refused, str(error))))
            else:
                if done is not None:
                    self._post(RequestDone(partial(done, reply)))

        try:
            self._asked.send_nowait(carry_out)
        except (anyio.BrokenResourceError, anyio.ClosedResourceError):
            # The worker is gone; the screen has been told why.
            if refused is not None:
                refused("There is no connection any more.")

    async def run(self, connect: Callable[[], AbstractAsyncContextManager[C]]) -> None:
        """Connect, and go on until the link has ended or the worker is cancelled."""
        try:
            async with connect() as client, anyio.create_task_group() as tasks:
                self._post(ClientReady(client))
                tasks.start_soon(self._carry_out, client)
                async for message in client:
                    self._post(MessageReceived(message))
                tasks.cancel_scope.cancel()
        except LiveHelpError as error:
            self._post(MessageReceived(LinkEnded(why=str(error))))
        except Exception as fault:
            # Nobody foresaw this. Without a word the screen would wait for ever.
            self._post(MessageReceived(LinkEnded(why=f"a fault in this program, {fault!r}")))
            raise
        finally:
            self.close()

    async def _carry_out(self, client: C) -> None:
        async with anyio.create_task_group() as tasks:
            async for request in self._asks:
                tasks.start_soon(request, client)

    def close(self) -> None:
        """Take no more requests."""
        self._asked.close()
        self._asks.close()
