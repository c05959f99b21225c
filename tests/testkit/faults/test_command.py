"""``livehelp flaky`` as a process: what it says, and how it ends."""

import signal
import socket
import subprocess
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from livehelp.testkit.server import environment
from tests.cli.command import PROGRAM, in_a_process

# Longer than a cold start takes on a busy machine; nothing waits for it when all is well.
PATIENCE = 30.0
# The command with its output closed; it is stopped as soon as it listens.
WITHOUT_OUTPUT = """
import os, signal, sys
import livehelp.testkit.faults
from livehelp.cli import main
opened = livehelp.testkit.faults.flaky_link
def stopped(*words, **more):
    os.kill(os.getpid(), signal.SIGTERM)
    return opened(*words, **more)
livehelp.testkit.faults.flaky_link = stopped
sys.stdout = None
main()
"""


@contextmanager
def a_link(*options: str) -> Generator[tuple["subprocess.Popen[str]", tuple[str, int], str]]:
    """The running command, where it listens, and the first thing that it said."""
    with subprocess.Popen(
        [*PROGRAM, "flaky", "--listen", "127.0.0.1:0", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment(),
    ) as process:
        try:
            assert process.stdout is not None
            said = process.stdout.readline()
            host, _, port = said.removeprefix("Failing link on ").partition(",")[0].partition(":")
            yield process, (host, int(port)), said
        finally:
            process.kill()


@pytest.fixture
def server() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(PATIENCE)
        yield listener


def address(server: socket.socket) -> str:
    return f"127.0.0.1:{server.getsockname()[1]}"


def read_to_the_end(end: socket.socket) -> bytes:
    end.settimeout(PATIENCE)
    data = b""
    while more := end.recv(4_096):
        data += more
    return data


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_tells_each_fault_and_sums_up_when_it_is_stopped(
    server: socket.socket, how: signal.Signals
) -> None:
    profile = "cut=10B,reset=0%,down=86400s"
    options = ("--to", address(server), "--profile", profile, "--seed", "7", "-v")
    with a_link(*options) as (process, here, said):
        assert said.endswith(f", to {address(server)}; seed 7, profile {profile}\n")
        with socket.create_connection(here) as client, server.accept()[0] as far:
            client.sendall(b"more than ten bytes")
            assert read_to_the_end(far) == b"more than "
            assert read_to_the_end(client) == b""
        with socket.create_connection(here) as client:
            assert read_to_the_end(client) == b""
        assert process.stdout is not None
        told = [process.stdout.readline() for _ in range(2)]
        process.send_signal(how)
        rest = process.communicate(timeout=PATIENCE)[0]
    cut, turned_away = told
    assert cut.startswith("connection 1: cut by FIN (new ones for 86400 s too) after 10 bytes")
    assert turned_away == "a connection was turned away: the link is cut\n"
    assert rest == "1 connection, 1 turned away; 1 cut, 0 stalls, 0 half-open; seed 7\n"
    assert process.returncode == 0


def test_without_a_seed_it_draws_one_and_tells_it(server: socket.socket) -> None:
    with a_link("--to", address(server)) as (process, here, said):
        seed = int(said.partition("; seed ")[2].partition(",")[0])
        with socket.create_connection(here) as client, server.accept()[0] as far:
            client.sendall(b"Hello")
            assert far.recv(5, socket.MSG_WAITALL) == b"Hello"
        process.send_signal(signal.SIGINT)
        rest = process.communicate(timeout=PATIENCE)[0]
    assert rest == f"1 connection, 0 turned away; 0 cuts, 0 stalls, 0 half-open; seed {seed}\n"


def test_a_reader_that_goes_away_ends_no_link(server: socket.socket) -> None:
    with a_link("--to", address(server), "--profile", "cut=0B", "-v") as (process, here, _):
        assert process.stdout is not None
        process.stdout.close()
        for _ in range(2):
            with socket.create_connection(here), server.accept()[0]:
                pass
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 0


def test_a_link_without_an_output_ends_without_a_word(server: socket.socket) -> None:
    words = ["flaky", "--listen", "127.0.0.1:0", "--to", address(server)]
    with subprocess.Popen(
        [*PROGRAM[:1], "-c", WITHOUT_OUTPUT, *words],
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
    ) as process:
        assert process.stderr is not None
        assert process.stderr.read() == ""
    assert process.returncode == 0


def test_the_profiles_are_listed_with_what_they_do(tmp_path: Path) -> None:
    result = in_a_process(tmp_path, "flaky", "--profiles")
    assert (result.code, result.err) == (0, "")
    assert "\n  train      a train: tunnels" in result.out
    assert "\n             delay=60ms,jitter=60ms" in result.out
    assert "\n  half-open  after so many bytes" in result.out


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--profile", "trian"], "'trian' is no profile; there are good"),
        (["--profile", "cut=abc"], "cut=abc: write bytes"),
        (["--to", "http://x"], "no address of a server"),
        (["--listen", "unix:/x"], "write host:port to listen on"),
        (["--listen", "0.0.0.0:5484"], "can be reached from other computers"),
        (["--listen", "[::]:5484"], "add --anywhere"),
        (["--listen", "example.org:5484"], "Listen on 127.0.0.1"),
    ],
)
def test_wrong_usage_is_exit_code_2_with_words(
    tmp_path: Path, options: list[str], words: str
) -> None:
    assert in_a_process(tmp_path, "flaky", *options).told(words).code == 2


def test_a_port_that_is_taken_is_told_with_what_to_do(
    tmp_path: Path, server: socket.socket
) -> None:
    result = in_a_process(tmp_path, "flaky", "--listen", address(server))
    result.told(
        f"livehelp: cannot listen on {address(server)}: Address already in use. "
        "Is another server running there? Choose another with --listen.\n"
    )
    assert result.code == 1


def test_anywhere_is_allowed_to_whoever_asks_for_it(tmp_path: Path, server: socket.socket) -> None:
    taken = f"0.0.0.0:{server.getsockname()[1]}"
    result = in_a_process(tmp_path, "flaky", "--listen", taken, "--anywhere")
    result.told(f"cannot listen on {taken}", "in use")
    assert result.code == 1
