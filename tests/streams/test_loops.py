"""Both streams under both event loops: the command takes asyncio, a program may take trio."""

import os
from collections.abc import Iterator

import pytest

from livehelp.client.address import Address
from livehelp.stage import ServerProcess
from livehelp.streams.dialogue import Dialogue
from livehelp.streams.operate_json import operate_json
from livehelp.streams.pipes import Lines, Output
from livehelp.streams.visit_plain import Wishes, visit_plain

pytestmark = pytest.mark.anyio
LIMIT = 1_000


@pytest.fixture
def pipes() -> Iterator[tuple[int, int, int, int]]:
    """Two pipes: where to type and its other end, where to read and its other end."""
    stdin, keyboard = os.pipe()
    screen, stdout = os.pipe()
    yield keyboard, stdin, screen, stdout
    for end in (stdin, screen, stdout):
        os.close(end)


async def test_an_operator(live_server: ServerProcess, pipes: tuple[int, int, int, int]) -> None:
    keyboard, stdin, screen, stdout = pipes
    os.write(keyboard, b'{"type":"take","ref":3}\n{"type":"ping"}\n')
    os.close(keyboard)
    address = Address.parse(live_server.address)
    lines, out = Lines(stdin, LIMIT), Output(stdout)
    assert await operate_json(address, "dana", live_server.password, lines, out, stay=False) == 0
    written = os.read(screen, 65_536).decode()
    assert '"code":"nobody_waits"' in written
    assert '{"type":"pong"}\n' in written


async def test_a_visitor(live_server: ServerProcess, pipes: tuple[int, int, int, int]) -> None:
    keyboard, stdin, screen, stdout = pipes
    os.write(keyboard, b"Hello\n/end\nYes\n")
    os.close(keyboard)
    out = Output(stdout)
    dialogue = Dialogue(Lines(stdin, LIMIT), out, by_hand=False, encoding="utf-8")
    address, wishes = Address.parse(live_server.address), Wishes(name="Pat", topic="plates")
    code = await visit_plain(address, dialogue, out, wishes, tokens=None, place=None)
    assert code == 0
    written = os.read(screen, 65_536).decode()
    assert "* You ended the conversation\n" in written
    assert "Your answers were saved.\n" in written
