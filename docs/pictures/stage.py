"""The stage of the pictures: the real server, on a day that is the same every time.

Owns a server in a thread, on a real socket and a temporary database. Three things are not as in
``livehelp serve``, so that a picture changes only when a screen does: its clock is the story's, its
references come from a list, and its visitors call from addresses that are kept for documentation
(RFC 5737, RFC 6761).
"""

import itertools
import tempfile
import threading
from collections.abc import Generator
from concurrent.futures import Future
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from unittest import mock

import trio

from server import app
from server.auth.passwords import hash_password
from server.context import Context
from server.log import set_up_log
from server.net.stream import SocketStream
from server.reverse_dns import Resolver
from server.settings import Settings
from storage.archive import Archive
from tui.clock import Clock

OPERATORS: Final = ("dana", "eli")
PASSWORD: Final = "correct horse battery staple"  # noqa: S105 - of a database that lives for seconds
# Whoever connects next calls from the next of these kiosks.
_KIOSKS: Final = ("frankfort", "lexington", "paducah", "hazard", "covington", "pikeville")
_REFERENCES: Final = (
    *("K7P4-MXQ2", "H3WD-9T6N", "R4CX-7KP8", "M2W8-PPQ3"),
    *("T9XK-4D7R", "C6NF-W8H3", "X3R7-Q9DM", "P8KT-2WC4"),
)


class Story:
    """The time on stage; it passes when the story says so."""

    def __init__(self, begins: datetime) -> None:
        self._now = begins

    def now(self) -> datetime:
        """Return the time."""
        return self._now

    def jump(self, to: datetime) -> None:
        """Go on at another time."""
        self._now = to

    def later(self, minutes: int = 1) -> None:
        """Let some minutes pass."""
        self._now += timedelta(minutes=minutes)

    @property
    def clock(self) -> Clock:
        """The same time, for a screen."""
        return Clock(self.now, UTC)


@contextmanager
def stage(story: Story) -> Generator[str]:
    """Run the server while the block lasts; gives its address."""
    with tempfile.TemporaryDirectory(prefix="livehelp-pictures-") as folder:
        database = f"sqlite:///{Path(folder) / 'pictures.db'}"
        archive = Archive.open(database)
        for name in OPERATORS:
            archive.add_operator(name, hash_password(PASSWORD), story.now())
        archive.close()
        set_up_log("error", "text")
        settings = Settings(listen=("127.0.0.1:0",), database=database)
        references = itertools.cycle(_REFERENCES)
        with (
            mock.patch("server.app.Context", _service_of(story)),
            mock.patch("server.sessions.opening.make_reference", side_effect=references),
            _served(settings) as address,
        ):
            yield address


def _service_of(story: Story) -> type[Context]:
    kiosks = {f"192.0.2.{17 + n}": name for n, name in enumerate(_KIOSKS)}
    callers = itertools.cycle(kiosks)

    def look_up(ip: str) -> str:
        return f"{kiosks[ip]}.example.gov"

    class StoryService(Context):
        def __init__(self, settings: Settings, archive: Archive, nursery: trio.Nursery) -> None:
            super().__init__(settings, archive, nursery, story.now)
            self.resolver = Resolver(look_up)

        async def serve(self, stream: SocketStream) -> None:
            stream.peer = next(callers)
            await super().serve(stream)

    return StoryService


@contextmanager
def _served(settings: Settings) -> Generator[str]:
    started: Future[tuple[app.Running, trio.lowlevel.TrioToken]] = Future()

    async def main() -> None:
        async with trio.open_nursery() as nursery:
            running: Any = await nursery.start(app.serve, settings)
            started.set_result((running, trio.lowlevel.current_trio_token()))

    def run() -> None:
        try:
            trio.run(main)
        except BaseException as error:
            if started.done():
                raise
            started.set_exception(error)

    thread = threading.Thread(target=run, name="server")
    thread.start()
    running, token = started.result()
    try:
        yield running.addresses[0]
    finally:
        token.run_sync_soon(running.stop)
        thread.join()
