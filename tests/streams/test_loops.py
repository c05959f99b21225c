"""Both streams under both event loops: the command takes asyncio, a program may take trio."""

import os
from collections.abc import Iterator

import anyio
import pytest

from livehelp.client.address import Address
from livehelp.streams.operate_json import operate_json
from livehelp.streams.prompt import Prompt
from livehelp.streams.stdio import Lines, Output
from livehelp.streams.visit_plain import VisitOptions, visit_plain
from livehelp.testkit.server import ServerProcess

pytestmark = pytest.mark.anyio
LIMIT = 1_000
# What takes longer will not happen.
PATIENCE = 10.0


async def _read_until(screen: int, words: bytes) -> None:
    read = b""
    while words not in read:
        await anyio.wait_readable(screen)
        read += os.read(screen, 65_536)


async def _visit(server: ServerProcess, stdin: int, stdout: int, wishes: VisitOptions) -> int:
    out = Output(stdout)
    dialogue = Prompt(Lines(stdin, LIMIT), out, by_hand=False, encoding="utf-8")
    address = Address.parse(server.address)
    return await visit_plain(address, dialogue, out, wishes, tokens=None, place=None)


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


async def test_after_the_end_of_the_input_an_operator_does_not_wait_for_ever(
    live_server: ServerProcess,
    pipes: tuple[int, int, int, int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("livehelp.streams.operate_json.ANSWER_SECONDS", 0.01)
    keyboard, stdin, screen, stdout = pipes
    address, password = Address.parse(live_server.address), live_server.password
    lines, out = Lines(stdin, LIMIT), Output(stdout)
    codes: list[int] = []

    async def work() -> None:
        codes.append(await operate_json(address, "dana", password, lines, out, stay=False))

    with anyio.fail_after(PATIENCE):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(work)
            await _read_until(screen, b'"logged_in"')
            live_server.kill()
            await _read_until(screen, b'"state":"lost"')
            os.write(keyboard, b'{"type":"take"}\n')
            os.close(keyboard)
    assert codes == [1]
    last = os.read(screen, 65_536).splitlines()[-1]
    assert last.startswith(b'{"type":"link","state":"ended","why":"The input has ended')


@pytest.mark.parametrize("said", [b"Hello\n", b"Hello\n/end\nYes\n", b""])
async def test_a_probe_of_a_server_that_has_died_ends_with_1(
    live_server: ServerProcess,
    pipes: tuple[int, int, int, int],
    monkeypatch: pytest.MonkeyPatch,
    said: bytes,
) -> None:
    monkeypatch.setattr("livehelp.streams.visit_plain.FAREWELL_SECONDS", 0.01)
    keyboard, stdin, screen, stdout = pipes
    wishes = VisitOptions(name="Pat", topic="plates", until_answered=True, seconds=0.01)
    codes: list[int] = []

    async def visit() -> None:
        codes.append(await _visit(live_server, stdin, stdout, wishes))

    with anyio.fail_after(PATIENCE):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(visit)
            await _read_until(screen, b"You asked for help")
            live_server.kill()
            await _read_until(screen, b"* Connection lost")
            os.write(keyboard, said)
            os.close(keyboard)
    assert codes == [1]
    written = os.read(screen, 65_536).decode()
    assert ("* The time is over, and not all has been said.\n" in written) is bool(said)
    assert "* The server does not answer" in written


async def test_answers_that_a_server_does_not_take_are_told_and_end_with_1(
    live_server: ServerProcess,
    pipes: tuple[int, int, int, int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("livehelp.streams.questions.FAREWELL_SECONDS", 0.01)
    keyboard, stdin, screen, stdout = pipes
    wishes = VisitOptions(name="Pat", topic="plates")
    codes: list[int] = []

    async def visit() -> None:
        codes.append(await _visit(live_server, stdin, stdout, wishes))

    with anyio.fail_after(PATIENCE):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(visit)
            os.write(keyboard, b"/end\n")
            await _read_until(screen, b"Was your question answered?")
            live_server.kill()
            await _read_until(screen, b"* Connection lost")
            os.write(keyboard, b"Yes\n")
            os.close(keyboard)
    assert codes == [1]
    written = os.read(screen, 65_536).decode()
    assert "* The server does not answer; it may not have the answers.\n" in written
    assert "Your answers were saved." not in written


async def test_a_visitor(live_server: ServerProcess, pipes: tuple[int, int, int, int]) -> None:
    keyboard, stdin, screen, stdout = pipes
    os.write(keyboard, b"Hello\n/end\nYes\n")
    os.close(keyboard)
    assert await _visit(live_server, stdin, stdout, VisitOptions(name="Pat", topic="plates")) == 0
    written = os.read(screen, 65_536).decode()
    assert "* You ended the conversation (" in written
    assert "Your answers were saved.\n" in written
