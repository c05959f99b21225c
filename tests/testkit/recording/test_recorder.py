"""The proxy: bytes pass through it as they are, and ends are passed on."""

from pathlib import Path

import anyio
import pytest
from anyio.abc import ByteStream, SocketAttribute, SocketStream

from livehelp import relaying
from livehelp.testkit.recording.recorder import MAX_LINE, open_recorder
from livehelp.testkit.recording.recording_file import Entry, RecordingWriter, read_recording
from tests.testkit.recording.disk import room

pytestmark = pytest.mark.anyio


class Nobody(ByteStream):
    """A client; the server that it wants is not there."""

    async def receive(self, max_bytes: int = 65_536) -> bytes:
        raise anyio.EndOfStream(max_bytes)

    async def send(self, item: bytes) -> None:
        raise anyio.BrokenResourceError(item)

    async def send_eof(self) -> None:
        pass

    async def aclose(self) -> None:
        pass


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
            with RecordingWriter(file, "echo", force=False) as writer:
                async with open_recorder(f"127.0.0.1:{port}", writer) as recorder:
                    host, _, here = recorder.address.rpartition(":")
                    async with await anyio.connect_tcp(host, int(here)) as stream:
                        back = await _exchange(stream, sent)
            tasks.cancel_scope.cancel()
    return back, list(read_recording(file).entries)


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
    back, entries = await through(tmp_path / "recording", sent)
    assert back == sent
    assert lines(entries) == [b'{"a":1}\r\n', b"\n", b"\xff\xfe\n", b"half"]


async def test_both_ends_of_a_connection_are_written(tmp_path: Path) -> None:
    _, entries = await through(tmp_path / "recording", b"a\n")
    ends = [(entry.what, entry.side) for entry in entries if entry.what]
    assert ends == [("opened", "client"), ("closed", "client"), ("closed", "server")]


async def test_the_times_never_go_back(tmp_path: Path) -> None:
    _, entries = await through(tmp_path / "recording", b"a\nb\n")
    times = [entry.t for entry in entries]
    assert times == sorted(times)


async def test_a_line_that_nobody_takes_passes_and_is_withheld(tmp_path: Path) -> None:
    sent = b"x" * (2 * MAX_LINE) + b"\nnext\n"
    back, entries = await through(tmp_path / "recording", sent)
    assert back == sent
    assert lines(entries) == [b"***\n", b"next\n"]


async def test_more_connections_than_there_are_files_for_are_closed_at_once_and_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relaying, "MAX_CONNECTIONS", 0)
    with RecordingWriter(tmp_path / "recording", "nobody", force=False) as writer:
        async with open_recorder("127.0.0.1:1", writer) as recorder:
            host, _, here = recorder.address.rpartition(":")
            async with await anyio.connect_tcp(host, int(here)) as stream:
                with pytest.raises(anyio.EndOfStream):
                    await stream.receive()
    assert (recorder.connections, recorder.turned_away) == (0, 1)
    assert not (tmp_path / "recording").exists()


async def test_after_half_a_line_on_a_full_disk_nothing_more_is_written(tmp_path: Path) -> None:
    file = tmp_path / "recording"
    with RecordingWriter(file, "nobody", force=False) as writer:
        writer.write(Entry(t=0.0, connection=1, side="client", what="opened"))
        before = file.read_bytes()
        async with open_recorder("127.0.0.1:1", writer) as recorder:
            with room(len(before) + 10):
                await recorder.serve(Nobody())
            await recorder.serve(Nobody())
    assert recorder.ended.is_set()
    assert str(recorder.failure) == f"[Errno 27] File too large: '{file}'"
    assert len(file.read_bytes()) == len(before) + 10


async def test_a_line_for_which_there_is_no_room_is_not_counted(tmp_path: Path) -> None:
    file = tmp_path / "recording"
    async with await anyio.create_tcp_listener(local_host="127.0.0.1") as listener:
        to = f"127.0.0.1:{listener.extra(SocketAttribute.local_port)}"  # noqa: S610 - not Django's
        with RecordingWriter(file, "nobody", force=False) as writer, room(2_000):
            async with open_recorder(to, writer) as recorder:
                host, _, here = recorder.address.rpartition(":")
                async with await anyio.connect_tcp(host, int(here)) as stream:
                    await stream.send(b"x" * 100 + b"\n" + b"x" * 3_000 + b"\n")
                    await recorder.ended.wait()
    assert recorder.lines == 1


async def test_a_server_that_is_not_there_is_written_down(tmp_path: Path) -> None:
    async with await anyio.create_tcp_listener(local_host="127.0.0.1") as listener:
        port = listener.extra(SocketAttribute.local_port)  # noqa: S610 - not Django's
    with RecordingWriter(tmp_path / "recording", "nobody", force=False) as writer:
        async with open_recorder(f"127.0.0.1:{port}", writer) as recorder:
            host, _, here = recorder.address.rpartition(":")
            async with await anyio.connect_tcp(host, int(here)) as stream:
                with pytest.raises((anyio.EndOfStream, anyio.BrokenResourceError)):
                    await stream.receive()
    entries = read_recording(tmp_path / "recording").entries
    assert [(e.what, e.side) for e in entries] == [("opened", "client"), ("cut", "server")]
