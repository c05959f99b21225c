"""A whole talk through a recorder, with the client library, read back from its file."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import anyio

from livehelp import OperatorClient, TokenFile, VisitorClient
from livehelp.testkit.recording.recorder import Recorder, open_recorder
from livehelp.testkit.recording.recording_file import Recording, RecordingWriter, read_recording
from livehelp.testkit.server.process import PASSWORD
from livehelp.wire.events import Closed, Joined

LINES: Final = 5


@asynccontextmanager
async def recorded(to: str, file: Path) -> AsyncGenerator[Recorder]:
    """A recording that goes on in the block."""
    with RecordingWriter(file, to, force=False) as writer:
        async with open_recorder(to, writer) as recorder:
            yield recorder


async def talk(address: str, tokens: TokenFile | None = None, said: str = "hello") -> list[str]:
    """Have a visit: taken, talked at once from both sides, handed on, ended. Return its secrets."""
    async with (
        OperatorClient.connect(address) as dana,
        OperatorClient.connect(address) as kim,
        VisitorClient.connect(address, tokens=tokens) as pat,
    ):
        signed_in = [await dana.login("dana", PASSWORD), await kim.login("kim", PASSWORD)]
        started = await pat.start(name="Pat", topic="Taxes")
        await dana.take(started.session)
        await pat.say(said)
        await dana.expect_line(said)
        async with anyio.create_task_group() as both:
            for number in range(LINES):
                both.start_soon(pat.say, f"visitor {number}")
                both.start_soon(dana.say, started.session, f"operator {number}")
        await pat.typing(True)
        await dana.note(started.session, "asks about plates")
        await dana.transfer(started.session, "kim")
        await kim.expect(Joined, operator="kim")
        await kim.say(started.session, "I go on from here.")
        await pat.expect_line("I go on from here.")
        await pat.end()
        await kim.expect(Closed)
        await pat.interview({"Was your question answered?": "Yes"})
    secrets = [PASSWORD, started.key, *(reply.ticket for reply in signed_in)]
    return secrets + ([started.token] if started.token else [])


async def record_talk(to: str, file: Path) -> Recording:
    """Record a talk and read it back."""
    async with recorded(to, file) as recorder:
        await talk(recorder.address)
    return read_recording(file)
