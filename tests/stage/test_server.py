"""The server process that tests and scenarios stand on: it starts, stops, dies and comes back."""

import contextlib
import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from livehelp.stage import OPERATOR, PASSWORD, ServerProcess, StageError


def hello(server: ServerProcess) -> dict[str, object]:
    with socket.create_connection((server.host, server.port)) as link, link.makefile("rb") as lines:
        link.sendall(b'{"type":"hello","protocol":1,"role":"visitor"}\n')
        return json.loads(lines.readline())


def test_it_answers_on_its_address_and_again_after_a_stop_a_kill_and_a_restart(
    live_server: ServerProcess,
) -> None:
    assert hello(live_server)["type"] == "hello"
    assert live_server.stop() == 0
    with pytest.raises(ConnectionRefusedError):
        hello(live_server)

    live_server.restart()
    assert hello(live_server)["type"] == "hello"
    live_server.kill()
    with pytest.raises(ConnectionRefusedError):
        hello(live_server)

    live_server.restart()
    assert hello(live_server)["type"] == "hello"
    assert live_server.database.exists()


def test_a_disk_can_be_full_for_a_while(live_server: ServerProcess) -> None:
    live_server.fill_disk()
    assert signed_in(live_server, OPERATOR)["type"] == "error"  # a sign-in is written down

    live_server.free_disk()
    assert signed_in(live_server, OPERATOR)["type"] == "logged_in"

    live_server.fill_disk()
    live_server.kill()
    live_server.restart()
    assert signed_in(live_server, OPERATOR)["type"] == "logged_in"


def test_every_operator_that_is_named_can_sign_in_and_so_can_one_who_comes_later(
    tmp_path: Path,
) -> None:
    with ServerProcess(tmp_path, operators=("dana", "kim")) as server:
        server.add_operator("lee")
        for name in ("dana", "kim", "lee"):
            assert signed_in(server, name)["type"] == "logged_in"


def test_two_servers_have_nothing_in_common(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    with (
        ServerProcess(tmp_path / "one") as one,
        ServerProcess(tmp_path / "two", operators=("kim",)) as two,
    ):
        assert one.pid != two.pid
        assert one.port != two.port
        assert signed_in(two, "dana")["code"] == "login_failed"
        one.kill()
        assert hello(two)["type"] == "hello"


def test_a_server_without_operators_says_so_itself(tmp_path: Path) -> None:
    with ServerProcess(tmp_path, operators=()) as server:
        assert "operators" not in hello(server)
        assert server.stop() == 0


def test_one_that_cannot_start_says_why(tmp_path: Path) -> None:
    with (
        pytest.raises(StageError, match=r"--visit-grace .* must be more than 0"),
        ServerProcess(tmp_path, options=("--visit-grace", "-1")),
    ):
        pytest.fail("it started")


def test_an_account_that_cannot_be_made_says_why(tmp_path: Path) -> None:
    with ServerProcess(tmp_path) as server, pytest.raises(StageError, match="'dana' already"):
        server.add_operator("dana")


def test_no_server_outlives_the_program_that_started_it(tmp_path: Path) -> None:
    program = f"""
import os, pathlib
from livehelp.stage import ServerProcess
server = ServerProcess(pathlib.Path({str(tmp_path)!r}))
server.start()
print(server.port, flush=True)
os.kill(os.getpid(), 9)
"""
    done = subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, check=False)
    assert done.returncode == -9
    # The connection ends when the server is killed: at once, or just after it was made.
    with socket.socket() as link, contextlib.suppress(ConnectionResetError):
        if link.connect_ex(("127.0.0.1", int(done.stdout))) == 0:
            assert link.recv(1) == b""


def signed_in(server: ServerProcess, name: str) -> dict[str, object]:
    with socket.create_connection((server.host, server.port)) as link, link.makefile("rwb") as wire:
        for message in (
            {"type": "hello", "protocol": 1, "role": "operator"},
            {"type": "login", "name": name, "password": PASSWORD},
        ):
            wire.write(json.dumps(message).encode() + b"\n")
        wire.flush()
        wire.readline()
        return json.loads(wire.readline())
