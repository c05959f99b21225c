"""The first connection: it stands, or the person is told why not and what to do."""

import socket
from pathlib import Path

import anyio
import msgspec
import pytest

from livehelp.client import (
    CannotConnect,
    LinkEnded,
    LinkLost,
    LinkUp,
    OperatorClient,
    Timing,
    VisitorClient,
)
from livehelp.wire.base import Message
from livehelp.wire.replies import Error, ErrorCode
from livehelp.wire.signals import Bye
from tests.client.peer import AT_ONCE, Desk, open_desk, server_hello

pytestmark = pytest.mark.anyio


@pytest.fixture
def nobody() -> str:
    """An address where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"127.0.0.1:{listener.getsockname()[1]}"


async def refusal(address: str, timing: Timing = AT_ONCE) -> str:
    """Return what the person is told."""
    with pytest.raises(CannotConnect) as caught:
        async with VisitorClient.connect(address, timing=timing):
            pytest.fail("it connected")
    assert str(caught.value).startswith(f"Cannot connect to {caught.value.address}: ")
    return str(caught.value)


async def test_where_nobody_listens_the_words_say_so_and_what_to_do(nobody: str) -> None:
    assert await refusal(nobody) == (
        f"Cannot connect to {nobody}: nobody answers there. "
        "Check the address, and that the server is running."
    )


async def test_a_name_with_several_addresses_is_told_of_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert "localhost:" in (words := await refusal(f"localhost:{port}"))
    assert words.count("nobody answers there") == 1


async def test_a_socket_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert "there is no such socket file" in await refusal(f"unix:{tmp_path}/none")


async def test_a_name_that_nobody_knows_is_a_spelling_mistake() -> None:
    assert "Check the spelling" in await refusal("no-such-host.invalid")
    assert "Check the spelling" in await refusal(f"{'x' * 64}.example")


async def test_other_failures_of_the_network_say_what_the_system_says(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "nobody answers there" in await refusal(f"unix:{tmp_path}/file")
    assert "Not a directory" in await refusal(f"unix:{tmp_path}/file/sock")


async def test_what_is_no_address_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="a port is a number"):
        async with OperatorClient.connect("localhost:http"):
            pytest.fail("it connected")


async def hangs_up(desk: Desk, words: bytes) -> None:
    end = await desk.accept()
    await end.send_bytes(words)
    await end.cut()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (b"SSH-2.0-OpenSSH_9.6\r\n", "is no Live Help server"),
        (bytes.fromhex("15030100020246"), "is no Live Help server"),  # a TLS server's alert
        (b'{"type":"he', "the server closed the connection|the connection broke"),
        (b"", r"(the server closed the connection|the connection broke)\. Check .* ask whoever"),
    ],
)
async def test_a_stranger_at_the_address_is_recognised(words: bytes, told: str) -> None:
    async with open_desk(greets=False) as desk, anyio.create_task_group() as tasks:
        tasks.start_soon(hangs_up, desk, words)
        with pytest.raises(CannotConnect, match=told):
            async with VisitorClient.connect(desk.address):
                pytest.fail("it connected")


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (Error(code=ErrorCode.PROTOCOL, message="Speak 2."), "Speak 2."),
        (Error(code=ErrorCode.FULL, message="Full."), "Full."),
        (Bye(reason="full", message="All lines are busy."), "All lines are busy."),
        (
            msgspec.structs.replace(server_hello(), protocol=2),
            "The server speaks protocol 2, this program 1. Update the older of the two.",
        ),
    ],
)
async def test_the_servers_own_refusal_is_all_that_is_told(answer: Message, told: str) -> None:
    async with open_desk(greets=False) as desk, anyio.create_task_group() as tasks:

        async def refuse() -> None:
            await (await desk.accept()).send(answer)

        tasks.start_soon(refuse)
        assert await refusal(desk.address) == f"Cannot connect to {desk.address}: {told}"


async def test_a_server_that_says_nothing_is_given_up() -> None:
    async with open_desk(greets=False) as desk:
        words = await refusal(desk.address, Timing(connect=0.05))
        assert "no answer came within 0.05 seconds" in words


async def test_with_wait_the_block_begins_at_once_and_the_stream_tells_how_it_goes(
    nobody: str,
) -> None:
    async with VisitorClient.connect(nobody, wait=True, timing=AT_ONCE) as visitor:
        assert visitor.server is None
        lost = await anext(visitor)
        assert lost == LinkLost(why="nobody answers there", retry_in=0)
        async with anyio.create_task_group() as tasks:
            desk = Desk(tasks)
            await desk.open(int(nobody.rpartition(":")[2]))
            while not isinstance(message := await anext(visitor), LinkUp):
                assert isinstance(message, LinkLost)
            assert visitor.server == server_hello()
            assert visitor.connected
            desk.close()


async def test_with_wait_a_stranger_is_not_tried_again() -> None:
    async with (
        open_desk(greets=False) as desk,
        VisitorClient.connect(desk.address, wait=True, timing=AT_ONCE) as visitor,
    ):
        await hangs_up(desk, b"220 mail.example ESMTP\r\n")
        (ended,) = [message async for message in visitor]
        assert isinstance(ended, LinkEnded)
        assert "no Live Help server" in ended.why


async def test_a_unix_socket_is_as_good(tmp_path: Path) -> None:
    async with anyio.create_task_group() as tasks:
        desk = Desk(tasks)
        await desk.open_unix(tmp_path / "sock")
        async with VisitorClient.connect(desk.address) as visitor:
            assert desk.address.startswith("unix:/")
            assert visitor.server == server_hello()
        desk.close()
