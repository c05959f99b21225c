"""The proxy: bytes pass through it as they are, and ends are passed on."""

from pathlib import Path

import anyio
import pytest
from anyio.abc import SocketAttribute, SocketStream

from livehelp.recording.recorder import MAX_LINE, recording
from livehelp.recording.tape import Entry, TapeWriter, read_tape

pytestmark = pytest.mark.anyio


async def through(file: Path, sent: bytes) -> tuple[bytes, list[Entry]]:
    """Send bytes through a recorder to a server that sends them back; return what came."""
    back = b""

    async def echo(client: SocketStream) -> None:
        async with client:
            async for data in client:
                await client.send(data)

    async with await anyio.create_tcp_listener(local_host="127.0.0.1") as listener:
        port = listener.extra(SocketAttribute.local_port)  # noqa: S610 - not Django's
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(listener.serve, echo)
            with TapeWriter(file, "echo", force=False) as tape:
                async with recording(f"127.0.0.1:{port}", tape) as recorder:
                    host, _, here = recorder.address.rpartition(":")
                    async with await anyio.connect_tcp(host, int(here)) as stream:
                        back = await _exchange(stream, sent)
            tasks.cancel_scope.cancel()
    return back, list(read_tape(file).entries)


async def _exchange(stream: SocketStream, sent: bytes) -> bytes:
    back = b""
    async with anyio.create_task_group() as tasks:

        async def send() -> None:
            await stream.send(sent)
            await stream.send_eof()

        tasks.start_soon(send)
        async for data in stream:
            back += data
    return back


def lines(entries: list[Entry]) -> list[bytes]:
    return [entry.data for entry in entries if entry.side == "client" and entry.what is None]


async def test_every_byte_passes_and_every_line_is_written(tmp_path: Path) -> None:
    sent = b'{"a":1}\r\n\n\xff\xfe\nhalf'
    back, entries = await through(tmp_path / "tape", sent)
    assert back == sent
    assert lines(entries) == [b'{"a":1}\r\n', b"\n", b"\xff\xfe\n", b"half"]


async def test_both_ends_of_a_connection_are_written(tmp_path: Path) -> None:
    _, entries = await through(tmp_path / "tape", b"a\n")
    ends = [(entry.what, entry.side) for entry in entries if entry.what]
    assert ends == [("opened", "client"), ("closed", "client"), ("closed", "server")]


async def test_the_times_never_go_back(tmp_path: Path) -> None:
    _, entries = await through(tmp_path / "tape", b"a\nb\n")
    times = [entry.t for entry in entries]
    assert times == sorted(times)


async def test_a_line_that_nobody_takes_passes_and_is_withheld(tmp_path: Path) -> None:
    sent = b"x" * (2 * MAX_LINE) + b"\nnext\n"
    back, entries = await through(tmp_path / "tape", sent)
    assert back == sent
    assert lines(entries) == [b"***\n", b"next\n"]


async def test_a_server_that_is_not_there_is_written_down(tmp_path: Path) -> None:
    async with await anyio.create_tcp_listener(local_host="127.0.0.1") as listener:
        port = listener.extra(SocketAttribute.local_port)  # noqa: S610 - not Django's
    with TapeWriter(tmp_path / "tape", "nobody", force=False) as tape:
        async with recording(f"127.0.0.1:{port}", tape) as recorder:
            host, _, here = recorder.address.rpartition(":")
            async with await anyio.connect_tcp(host, int(here)) as stream:
                with pytest.raises((anyio.EndOfStream, anyio.BrokenResourceError)):
                    await stream.receive()
    entries = read_tape(tmp_path / "tape").entries
    assert [(e.what, e.side) for e in entries] == [("opened", "client"), ("cut", "server")]
