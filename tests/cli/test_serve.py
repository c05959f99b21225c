"""The server as whoever starts it sees it: where it listens, why it does not, how it ends."""

import json
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from livehelp.testkit.server import ServerProcess, environment
from server.app import SPARE_DESCRIPTORS
from tests.cli.command import PROGRAM, Command, in_a_process


class Served:
    """A ``livehelp serve`` whose words are looked at."""

    def __init__(self, folder: Path, *options: str, within: tuple[str, ...] = ()) -> None:
        self.process = subprocess.Popen(
            [*within, *PROGRAM, "serve", "-d", "help.db", "--no-resolve-hosts", *options],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment(),
        )
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        self.out = self.process.stdout
        self.log = self.process.stderr

    def wait_for(self, event: str) -> None:
        """Wait until the log tells of ``event``."""
        for line in self.log:
            if json.loads(line)["event"] == event:
                return
        raise AssertionError(f"The log ended before {event}.")

    def stop(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(20)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.out.close()
        self.log.close()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """A server on a free port and on a Unix socket, without a database before."""
    server = Served(tmp_path, "--listen", f"127.0.0.1:0; unix:{tmp_path}/help.sock")
    yield server
    server.close()


def test_it_says_where_it_listens_and_that_nobody_can_answer_yet(
    served: Served, tmp_path: Path
) -> None:
    address = served.out.readline().removeprefix("Live Help listens on ").strip()
    host, _, port = address.partition(":")
    assert served.out.readline() == f"Live Help listens on unix:{tmp_path}/help.sock\n"
    nobody = served.out.readline()
    assert nobody.startswith("Nobody can answer yet. Add an operator: livehelp operators add NAME")
    assert nobody.endswith(f"NAME --database {tmp_path}/help.db\n")
    with socket.create_connection((host, int(port))) as link:
        link.sendall(b'{"type":"hello","protocol":1,"role":"visitor"}\n')
        with link.makefile("rb") as lines:
            assert json.loads(lines.readline())["type"] == "hello"
    assert (tmp_path / "help.db").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_in_peace(served: Served, tmp_path: Path, number: signal.Signals) -> None:
    served.out.readline()
    assert served.stop(number) == 0
    log = [json.loads(line) for line in served.log]
    assert [entry["event"] for entry in log][-2:] == ["server.stopping", "server.stopped"]
    assert not (tmp_path / "help.sock").exists()


def test_a_reader_of_its_words_that_goes_away_does_not_end_it(tmp_path: Path) -> None:
    """As in ``livehelp serve | head -0``."""
    server = Served(tmp_path, "--listen", f"unix:{tmp_path}/help.sock")
    server.out.close()
    try:
        server.wait_for("server.ready")
        with socket.socket(socket.AF_UNIX) as link:
            link.connect(str(tmp_path / "help.sock"))
            link.sendall(b'{"type":"hello","protocol":1,"role":"visitor"}\n')
            assert link.recv(100).startswith(b'{"type":"hello"')
        assert server.stop(signal.SIGTERM) == 0
    finally:
        server.close()


def test_a_reader_of_its_log_that_goes_away_ends_nobodys_visit(served: Served) -> None:
    """As in ``livehelp serve 2>&1 | head -1``."""
    host, _, port = served.out.readline().removeprefix("Live Help listens on ").partition(":")
    served.log.close()
    with (
        socket.create_connection((host, int(port))) as link,
        link.makefile("rwb", buffering=0) as wire,
    ):
        wire.write(b'{"type":"hello","protocol":1,"role":"visitor"}\n')
        wire.readline()
        # That a visit was opened is a line of the log.
        wire.write(b'{"type":"start","name":"Pat","topic":"Taxes","key":"' + b"k" * 22 + b'"}\n')
        assert json.loads(wire.readline())["type"] == "started"
        wire.write(b'{"type":"say","text":"still here","ref":2}\n')
        assert any(json.loads(line).get("ref") == 2 for line in wire)
    assert served.stop(signal.SIGTERM) == 0


def test_where_descriptors_are_few_one_connection_too_many_is_told_so(tmp_path: Path) -> None:
    few = SPARE_DESCRIPTORS + 5
    within = ("sh", "-c", f'ulimit -n {few}; exec "$@"', "sh")
    server = Served(tmp_path, "--listen", "127.0.0.1:0", within=within)
    try:
        told = json.loads(server.log.readline())
        assert told["event"] == "server.few_descriptors"
        assert (told["descriptors"], told["max_connections"]) == (few, 5)
        host, _, port = server.out.readline().split()[-1].partition(":")
        heard: list[str] = []
        with ExitStack() as links:
            for _ in range(6):
                link = links.enter_context(socket.create_connection((host, int(port)), timeout=20))
                link.sendall(b'{"type":"hello","protocol":1,"role":"visitor"}\n')
                heard.append(
                    json.loads(links.enter_context(link.makefile("rb")).readline())["type"]
                )
        assert heard == ["hello"] * 5 + ["bye"]
    finally:
        server.close()


def test_a_second_server_on_the_same_file_is_refused_and_harms_nothing(
    live_server: ServerProcess, tmp_path: Path
) -> None:
    second = ("serve", "-d", live_server.database, "--listen", "127.0.0.1:0")
    result = in_a_process(tmp_path, *second)
    result.told(f"livehelp: another server works on {live_server.database}", "database of its own")
    assert result.code == 1

    live_server.kill()
    live_server.restart()
    live_server.stop()
    third = Served(tmp_path, "--listen", "127.0.0.1:0", "-d", str(live_server.database))
    try:
        third.wait_for("server.ready")
    finally:
        third.close()


def test_without_the_lock_that_keeps_a_second_one_out_no_server_begins(
    served: Served, tmp_path: Path
) -> None:
    served.wait_for("server.ready")
    assert served.stop(signal.SIGTERM) == 0
    # In place of a lock that root has made, for tests may run as root.
    lock = tmp_path / "help.db-lock"
    lock.unlink()
    lock.mkdir()

    other = Served(tmp_path, "--listen", "127.0.0.1:0")
    try:
        assert other.process.wait(20) == 1
        words = other.log.read()
        assert f"the file {lock} cannot be opened: Is a directory." in words
    finally:
        other.close()


def test_an_address_in_use_is_told(live_server: ServerProcess, tmp_path: Path) -> None:
    result = in_a_process(tmp_path, "serve", "-d", "other.db", "--listen", live_server.address)
    result.told(
        f"livehelp: cannot listen on {live_server.address}: Address already in use. "
        "Is another server running there? Choose another with --listen.\n"
    )
    assert result.code == 1


def test_an_address_of_another_machine_is_told(tmp_path: Path) -> None:
    result = in_a_process(tmp_path, "serve", "-d", "other.db", "--listen", "192.0.2.1:5483")
    result.told(
        "livehelp: cannot listen on 192.0.2.1:5483: Cannot assign requested address. "
        "Choose another with --listen.\n"
    )


def test_a_name_that_nobody_knows_is_told_without_a_number(tmp_path: Path) -> None:
    result = in_a_process(tmp_path, "serve", "-d", "other.db", "--listen", "no-such-host.invalid:1")
    result.told(
        "livehelp: cannot listen on no-such-host.invalid:1: ", "Choose another with --listen."
    )
    assert "[Errno" not in result.err
    assert "another server" not in result.err


def test_a_defect_is_in_the_log_and_a_sentence_on_the_terminal(
    livehelp: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError("out of cheese")

    monkeypatch.setattr("server.app.serve_until_signal", broken)
    result = livehelp("serve", "--log-format", "json")
    assert result.code == 1
    logged, told = result.err.splitlines()
    assert json.loads(logged)["event"] == "server.failed"
    assert "out of cheese" in logged
    assert told == "livehelp: the server ended by a defect of its own; its log says where."


def test_ctrl_c_before_it_listens_ends_it_without_a_word(
    livehelp: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("server.app.serve_until_signal", interrupted)
    result = livehelp("serve")
    assert (result.code, result.out, result.err) == (130, "", "")
