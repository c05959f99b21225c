"""``livehelp load`` as the shell runs it."""

import json
import re
import signal
import subprocess
import sys

import pexpect
import pyte
import pytest
from anyio.from_thread import start_blocking_portal

from livehelp.testkit.load import LoadRunner
from livehelp.testkit.server import ServerProcess, environment
from livehelp.testkit.server.process import PASSWORD
from tests.cli.command import Command
from tests.testkit.load.dropping_proxy import dropping_proxy

# The command, but one that tells how far it is more often than a person wants.
QUICK = (
    "import livehelp.cli.load as it; it._LINE_SECONDS = 0.05; from livehelp.cli import main; main()"
)

SMALL = ("--visitors", 6, "--operators", 3, "--rate", "60/s", "--for", "1s", "--lines", 3)


def test_a_load_starts_a_server_of_its_own(livehelp: Command) -> None:
    done = livehelp("load", *SMALL)
    assert done.code == 0, done
    assert "60 said, 60 acked, 60 delivered" in done.out
    assert "Starting a server" in done.err


def test_a_load_against_a_running_server_writes_its_figures_as_json(
    livehelp: Command, server: ServerProcess
) -> None:
    env = {"LIVEHELP_PASSWORD": "wrong", "LIVEHELP_PASSWORD_LOAD1": PASSWORD}
    env |= {"LIVEHELP_PASSWORD_LOAD2": PASSWORD, "LIVEHELP_PASSWORD_LOAD3": PASSWORD}
    done = livehelp("load", *SMALL, "--against", server.address, "--json", "-", env=env)
    assert done.code == 0, done
    figures = json.loads(done.out)
    assert (figures["said"], figures["acked"], figures["delivered"]) == (60, 60, 60)
    assert figures["plan"]["visitors"] == 6
    assert figures["server_percent"] is None


def test_the_figures_can_go_into_a_file_beside_the_summary(
    livehelp: Command, server: ServerProcess
) -> None:
    words = ("--against", server.address, "--json", "figures.json")
    done = livehelp("load", *SMALL, *words, env={"LIVEHELP_PASSWORD": PASSWORD})
    assert "promise    kept" in done.out
    assert json.loads((livehelp.folder / "figures.json").read_text())["lost"] == 0


def test_ctrl_c_ends_it_with_the_figures_so_far(server: ServerProcess) -> None:
    words = [*map(str, SMALL), "--for", "600s", "--against", server.address]
    with subprocess.Popen(
        [sys.executable, "-m", "livehelp", "load", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={"LIVEHELP_PASSWORD": PASSWORD},
    ) as process:
        assert process.stderr is not None
        while " said, " not in process.stderr.readline():
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
    assert process.returncode == 0, err
    assert "stopped after" in out
    assert "promise    kept" in out


def test_the_bar_stays_on_its_line_of_a_terminal(server: ServerProcess) -> None:
    words = [*map(str, SMALL), "--against", server.address]
    # A program goes by these before it asks the terminal, and a worker of the tests has them.
    around = {k: v for k, v in environment().items() if k not in {"COLUMNS", "LINES"}}
    terminal: pexpect.spawn[bytes] = pexpect.spawn(
        sys.executable,
        ["-m", "livehelp", "load", *words],
        env={**around, "LIVEHELP_PASSWORD": PASSWORD, "TERM": "xterm"},  # pyright: ignore[reportArgumentType]  its stub wants os.environ's type
        dimensions=(24, 70),
        timeout=30,
    )
    terminal.expect(pexpect.EOF)
    screen = pyte.Screen(70, 24)
    pyte.ByteStream(screen).feed(terminal.before or b"")
    bar, summary = screen.display[:2]
    assert re.fullmatch(r".*  \[[#-]+\] +\d+%", bar.rstrip())
    assert summary.startswith("talked for")


def test_a_server_that_dies_under_the_load_leaves_with_1(
    livehelp: Command, server: ServerProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("livehelp.testkit.load.runner.LEAVING_SECONDS", 0.1)
    begin = LoadRunner._talk  # pyright: ignore[reportPrivateUsage] - the moment

    async def kill_and_talk(runner: LoadRunner) -> None:
        server.kill()
        await begin(runner)

    monkeypatch.setattr(LoadRunner, "_talk", kill_and_talk)
    done = livehelp(
        "load", *SMALL, "--against", server.address, env={"LIVEHELP_PASSWORD": PASSWORD}
    )
    assert done.code == 1, done
    assert "visits that did not end: 6" in done.out


def test_who_looks_on_may_go_away(server: ServerProcess) -> None:
    words = [*map(str, SMALL), "--against", server.address]
    with subprocess.Popen(
        [sys.executable, "-c", QUICK, "load", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={"LIVEHELP_PASSWORD": PASSWORD},
    ) as process:
        assert process.stderr is not None
        process.stderr.readline()
        process.stderr.close()
        assert process.stdout is not None
        out = process.stdout.read()
    assert process.returncode == 0
    assert "60 said, 60 acked, 60 delivered" in out


@pytest.mark.parametrize("address", ["192.0.2.1:5483", "help.example.gov"])
def test_a_server_elsewhere_is_left_alone_unless_asked_for(livehelp: Command, address: str) -> None:
    assert livehelp("load", "--against", address).told("--anywhere").code == 2


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--rate", "fast"), "200/s"),
        (("--for", "soon"), "write a time"),
        (("--for", "3601s"), "3600 seconds"),
        (("--visitors", 5001), "5000 visitors"),
        (("--operator-name", "load"), "{n}"),
        (("--against", "a b"), "no address"),
        (("--against", "127.0.0.1:1"), "LIVEHELP_PASSWORD_LOAD1"),
    ],
)
def test_what_is_asked_wrongly_is_delivered_and_leaves_with_2(
    livehelp: Command, words: tuple[object, ...], told: str
) -> None:
    assert livehelp("load", *words).told(told).code == 2


def test_a_broken_promise_leaves_with_1(livehelp: Command, server: ServerProcess) -> None:
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(dropping_proxy(server.address)) as relay,
    ):
        done = livehelp(
            "load", *SMALL, "--against", relay.address, env={"LIVEHELP_PASSWORD": PASSWORD}
        )
    assert done.code == 1, done
    assert "BROKEN: 1 lost" in done.out
