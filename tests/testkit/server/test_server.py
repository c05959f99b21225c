"""The server process that tests and scenarios stand on: it starts, stops, dies and comes back."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from livehelp.testkit.server import (
    OPERATOR,
    PASSWORD,
    ServerProcess,
    ServerProcessError,
    environment,
    forkserver,
)
from livehelp.testkit.server.process import START_SECONDS


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
        pytest.raises(ServerProcessError, match=r"--visit-grace .* must be more than 0"),
        ServerProcess(tmp_path, options=("--visit-grace", "-1")),
    ):
        pytest.fail("it started")


def test_an_account_that_cannot_be_made_says_why(tmp_path: Path) -> None:
    with (
        ServerProcess(tmp_path) as server,
        pytest.raises(ServerProcessError, match="'dana' already"),
    ):
        server.add_operator("dana")


def test_no_server_outlives_the_program_that_started_it(tmp_path: Path) -> None:
    program = f"""
import os, pathlib
from livehelp.testkit.server import ServerProcess
server = ServerProcess(pathlib.Path({str(tmp_path)!r}))
server.start()
print(server.port, flush=True)
os.kill(os.getpid(), 9)
"""
    done = subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, check=False)
    assert done.returncode == -9
    gone(int(done.stdout))


def test_no_server_outlives_a_program_that_dies_before_it_has_its_answer(tmp_path: Path) -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    command = [sys.executable, "-P", forkserver.__file__, str(theirs.fileno())]
    with theirs:
        process = subprocess.Popen(command, pass_fds=[theirs.fileno()], env=environment())
    with ours, process, (tmp_path / "log").open("w+b") as log:
        assert ours.recv(forkserver.MAX_MESSAGE) == forkserver.READY
        database = str(tmp_path / "help.db")
        serve = ["serve", "--listen", "127.0.0.1:0", "--database", database]
        reading, writing = os.pipe()
        with os.fdopen(reading) as printed, os.fdopen(writing, "wb") as out:
            channels = [log.fileno(), out.fileno(), log.fileno()]
            socket.send_fds(ours, [json.dumps({"run": serve}).encode()], channels)
            assert int(ours.recv(forkserver.MAX_MESSAGE))
            port = int(printed.readline().rpartition(":")[2])
        ours.send(b'{"reap": 1}')
        assert "No child processes" in json.loads(ours.recv(forkserver.MAX_MESSAGE))
        process.send_signal(signal.SIGSTOP)
        ours.send(b'{"reap": 1}')
        ours.close()
        process.send_signal(signal.SIGCONT)
        assert process.wait(START_SECONDS) == 0
    gone(port)


def test_threads_may_start_servers_at_once(tmp_path: Path) -> None:
    program = f"""
import pathlib, threading
from livehelp.testkit.server import ServerProcess
servers = []
for name in "abcd":
    folder = pathlib.Path({str(tmp_path)!r}) / name
    folder.mkdir()
    servers.append(ServerProcess(folder, operators=()))
threads = [threading.Thread(target=server.start) for server in servers]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print({{server.stop() for server in servers}})
"""
    done = subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, check=False)
    assert done.stdout == b"{0}\n"


def test_a_program_that_used_one_ends_without_a_warning(tmp_path: Path) -> None:
    program = """
import pathlib
from livehelp.testkit.server import ServerProcess
with ServerProcess(pathlib.Path()) as server:
    server.stop()
"""
    command = [sys.executable, "-W", "error", "-c", program]
    done = subprocess.run(command, capture_output=True, cwd=tmp_path, check=True)
    assert done.stderr == b""


def test_ctrl_c_while_the_first_one_is_made_ends_at_once(tmp_path: Path) -> None:
    program = """
import os, pathlib, signal
from livehelp.testkit.server import ServerProcess, forkserver_client

def interrupted(self):
    raise KeyboardInterrupt

forkserver_client._ForkserverClient._answer = interrupted  # where it waits until all is imported
try:
    ServerProcess(pathlib.Path())
except KeyboardInterrupt:
    _, status = os.waitpid(-1, 0)
    print(signal.Signals(os.WTERMSIG(status)).name)
"""
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, stdout=subprocess.PIPE, cwd=tmp_path, check=False)
    assert done.stdout == b"SIGKILL\n"


@pytest.mark.parametrize("path", [None, "."])
def test_a_project_may_have_packages_of_the_same_names(tmp_path: Path, path: str | None) -> None:
    for name in ("server", "storage", "tui"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise RuntimeError('not this one')")
    (tmp_path / "work").mkdir()
    program = """
import pathlib
from livehelp.testkit.server import ServerProcess
with ServerProcess(pathlib.Path("work")) as server:
    print(server.stop())
"""
    if path is None:  # a module of the standard library may be hidden from whoever starts there
        (tmp_path / "random.py").write_text("raise RuntimeError('not this one')")
        program = f"import random, sys; sys.path.insert(0, ''){program}"
        command = [sys.executable, "-P", "-c", program]
    else:
        command = [sys.executable, "-c", program]
    env = environment() | ({} if path is None else {"PYTHONPATH": path})
    done = subprocess.run(command, stdout=subprocess.PIPE, cwd=tmp_path, env=env, check=False)
    assert done.stdout == b"0\n"


def gone(port: int) -> None:
    """Hold that nobody listens: the connection ends when the server is killed, at once or soon."""
    with socket.socket() as link, contextlib.suppress(ConnectionResetError):
        if link.connect_ex(("127.0.0.1", port)) == 0:
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
