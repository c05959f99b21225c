"""Stopping and starting: what was acked is stored, peers are told, nothing is left in the way."""

import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import trio
from trio.testing import MockClock

from livehelp.testkit.server import ServerProcess, environment
from livehelp.wire.commands import Say
from livehelp.wire.replies import Ack
from livehelp.wire.signals import Bye
from server.net.listeners import CannotListenError
from tests.server.gate import Gate
from tests.server.house import House


@pytest.mark.trio
async def test_everything_that_was_taken_in_is_stored_and_acked_and_then_peers_are_told(
    house: House, gate: Gate
) -> None:
    server = await house.serve()
    ann, dana = await server.pair()
    gate.shut()
    await ann.send(Say(text="first", ref=1))
    await gate.holds("first")
    await ann.send(*[Say(text=f"line {n}", ref=n) for n in range(2, 100)])
    await ann.barrier()

    server.running.stop()
    gate.open()
    heard = await ann.rest()
    await dana.rest()
    await server.ended.wait()

    bye = heard[-1]
    assert isinstance(bye, Bye)
    assert (bye.reason, bye.retry) == ("shutdown", 1)
    acks = [m.ref for m in heard if isinstance(m, Ack)]
    assert acks == list(range(1, 100))
    assert dana.lines == house.texts(ann.session)
    assert len(dana.lines) == 99
    assert isinstance(dana.heard[-1], Bye)


@pytest.mark.trio
async def test_lines_that_pour_in_while_it_stops_are_acked_and_stored_or_neither(
    house: House,
) -> None:
    server = await house.serve()
    visitors = [await server.visitor(f"Visitor {n}") for n in range(5)]

    async def pour() -> None:
        for n in range(1, 3_000):
            try:
                for visitor in visitors:
                    await visitor.send(Say(text=f"line {n}", ref=n))
            except trio.BrokenResourceError:
                return

    async with trio.open_nursery() as nursery:
        nursery.start_soon(pour)
        await visitors[0].until(Ack, ref=50)
        server.running.stop()
        for visitor in visitors:
            await visitor.rest()
        nursery.cancel_scope.cancel()

    for visitor in visitors:
        refs = [m.ref for m in visitor.heard if isinstance(m, Ack)]
        stored = [f"line {n}" for n in range(1, len(refs) + 1)]
        assert refs == list(range(1, len(refs) + 1))
        assert house.texts(visitor.session)[: len(stored)] == stored
        assert isinstance(visitor.heard[-1], Bye)


@pytest.mark.trio
async def test_who_never_reads_does_not_hold_the_end_up_for_longer_than_the_grace(
    house: House, mock_clock: MockClock
) -> None:
    server = await house.serve(shutdown_grace=5)
    await server.guest()
    server.running.stop()

    await server.ended.wait()


@pytest.mark.trio
async def test_without_any_grace_peers_are_told_all_the_same(house: House) -> None:
    server = await house.serve(shutdown_grace=0)
    ann = await server.guest()

    server.running.stop()
    *_, bye = await ann.rest()

    assert isinstance(bye, Bye)
    assert bye.reason == "shutdown"


@pytest.mark.trio
async def test_a_disk_that_takes_longer_than_the_grace_keeps_nobody_from_ack_and_goodbye(
    house: House, gate: Gate, mock_clock: MockClock
) -> None:
    server = await house.serve(shutdown_grace=5)
    ann = await server.visitor()
    gate.shut()
    await ann.send(Say(text="slowly", ref=1))
    await gate.holds("slowly")

    server.running.stop()
    while not server.service.stopping:
        await trio.lowlevel.checkpoint()
    mock_clock.jump(6)
    gate.open()
    *_, ack, bye = await ann.rest()

    assert isinstance(ack, Ack)
    assert ack.ref == 1
    assert isinstance(bye, Bye)


@pytest.mark.trio
async def test_the_unix_socket_is_this_groups_only_and_gone_after_the_end(
    house: House, tmp_path: Path
) -> None:
    path = tmp_path / "livehelp.sock"
    server = await house.serve(listen=(f"unix:{path}", "127.0.0.1:0"))
    ann = await server.connect()
    await ann.hello()
    await ann.start()

    assert server.running.addresses[0] == f"unix:{path}"
    assert stat.S_IMODE(path.stat().st_mode) == 0o660
    session = house.archive.session(ann.session)
    assert session is not None
    assert session.ip == "local"
    assert (await (await server.connect(server.running.addresses[1])).hello()).protocol == 1

    await server.stop()
    assert not path.exists()


@pytest.mark.trio
async def test_a_socket_file_that_a_killed_server_left_is_replaced(
    house: House, tmp_path: Path
) -> None:
    path = tmp_path / "livehelp.sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
        dead.listen()
    server = await house.serve(listen=(f"unix:{path}",))

    assert (await (await server.connect()).hello()).protocol == 1


@pytest.mark.trio
async def test_a_socket_that_a_server_answers_on_is_left_to_it(
    house: House, tmp_path: Path
) -> None:
    path = tmp_path / "livehelp.sock"
    first = await house.serve(listen=(f"unix:{path}",))

    with refused_to_listen("running server"):
        await house.serve(listen=(f"unix:{path}",))

    assert (await (await first.connect()).hello()).protocol == 1


@pytest.mark.trio
async def test_a_file_that_is_no_socket_is_not_touched(house: House, tmp_path: Path) -> None:
    path = tmp_path / "precious.txt"
    path.write_text("keep me")

    with refused_to_listen("is no socket"):
        await house.serve(listen=(f"unix:{path}",))

    assert path.read_text() == "keep me"


@pytest.mark.trio
async def test_when_one_address_cannot_be_had_none_is_kept(house: House) -> None:
    first = await house.serve()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free = f"127.0.0.1:{probe.getsockname()[1]}"

    with refused_to_listen("in use"):
        await house.serve(listen=(free, first.address))

    assert (await house.serve(listen=(free,))).address == free


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_order_and_says_so_to_its_peers(
    live_server: ServerProcess, how: signal.Signals
) -> None:
    with (
        socket.create_connection((live_server.host, live_server.port)) as link,
        link.makefile("rb") as lines,
    ):
        link.sendall(b'{"type":"hello","protocol":1,"role":"visitor"}\n')
        assert b'"type":"hello"' in lines.readline()

        assert live_server.stop(how) == 0

        assert b'"reason":"shutdown"' in lines.readline()
        assert lines.readline() == b""
    assert "Traceback" not in live_server.output()


def test_a_port_in_use_is_told_in_words(live_server: ServerProcess, tmp_path: Path) -> None:
    ended = serve_in_vain(
        "--listen", live_server.address, "--database", str(tmp_path / "second.db")
    )

    assert ended.returncode == 1
    assert f"livehelp: cannot listen on {live_server.address}" in ended.stderr
    assert "--listen" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_file_that_is_no_database_is_told_in_words(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("This is a letter, and no database at all. " * 50)

    ended = serve_in_vain("--listen", "127.0.0.1:0", "--database", str(path))

    assert ended.returncode == 1
    assert ended.stderr.strip()
    assert "Traceback" not in ended.stderr
    assert path.read_text().startswith("This is a letter")


def refused_to_listen(words: str) -> pytest.RaisesGroup[CannotListenError]:
    why = pytest.RaisesExc(CannotListenError, match=words)
    return pytest.RaisesGroup(why, flatten_subgroups=True)


def serve_in_vain(*options: str) -> subprocess.CompletedProcess[str]:
    """Run a server that cannot start, to its end."""
    return subprocess.run(
        [sys.executable, "-m", "livehelp", "serve", *options],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
        env=environment(),
        check=False,
    )
