"""``livehelp record`` and ``livehelp replay`` as the shell runs them."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import anyio
import pytest

from livehelp.testkit.recording.recording_file import read_recording
from livehelp.testkit.server import ServerProcess
from livehelp.testkit.server.process import PASSWORD
from tests.cli.command import PROGRAM, Command
from tests.testkit.recording.disk import room
from tests.testkit.recording.talk import record_talk, talk

HEADER = '{"recording":1,"at":"2005-12-19T15:04:05Z","to":"127.0.0.1:5483"}'
LET_IN = {"LIVEHELP_PASSWORD": PASSWORD}


@pytest.fixture
def livehelp(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    return Command(tmp_path, monkeypatch, capsys)


@pytest.fixture
def recording(server: ServerProcess, tmp_path: Path) -> Path:
    anyio.run(record_talk, server.address, tmp_path / "recording")
    return tmp_path / "recording"


@contextmanager
def recorder(server: ServerProcess, file: Path) -> Generator[str]:
    """A running ``livehelp record``; gives its address, and ends it as Ctrl-C does."""
    words = ("record", "--to", server.address, "--listen", "127.0.0.1:0", "-o", str(file))
    with subprocess.Popen(
        [sys.executable, "-m", "livehelp", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        found = re.match(r"Recording on (\S+), for", process.stdout.readline())
        assert found
        try:
            yield found[1]
        finally:
            process.send_signal(signal.SIGINT)
            _, said = process.communicate()
        assert process.returncode == 0
        assert "It holds what people write" in said


def test_a_talk_is_recorded_until_ctrl_c_and_replayed(
    livehelp: Command, server: ServerProcess, second: ServerProcess
) -> None:
    file = livehelp.folder / "recording"
    with recorder(server, file) as address:
        anyio.run(talk, address)
    played = livehelp("replay", file, "--to", second.address, env=LET_IN)
    assert played.code == 0, played
    assert "the same" in played.err


def test_a_reader_that_goes_away_ends_no_recording(server: ServerProcess, tmp_path: Path) -> None:
    """As in ``livehelp record ... 2>&1 | head -1``."""
    words = ("record", "--to", server.address, "--listen", "127.0.0.1:0", "-o", "recording")
    reading, unread = os.pipe()
    os.close(reading)
    with subprocess.Popen(
        [*PROGRAM, *words], stdout=subprocess.PIPE, stderr=unread, text=True, cwd=tmp_path
    ) as process:
        os.close(unread)
        assert process.stdout is not None
        found = re.match(r"Recording on (\S+), for", process.stdout.readline())
        assert found
        process.stdout.close()
        anyio.run(talk, found[1])
        process.send_signal(signal.SIGINT)
        assert process.wait() == 0
    assert len(read_recording(tmp_path / "recording").entries) > 1


def test_a_server_that_differs_is_shown_as_a_diff(
    livehelp: Command, recording: Path, other: ServerProcess
) -> None:
    played = livehelp("replay", recording, "--to", other.address, env=LET_IN)
    assert played.code == 1
    assert re.search(r"^@ line \d+, connection 1: hello: topics$", played.out, re.MULTILINE)
    assert '\n- {"type":"hello","topics":["Vehicles and licences",' in played.out
    assert '\n+ {"type":"hello","topics":["Cows","Taxes"]}' in played.out
    assert "3 differences" in played.err


def test_the_times_of_the_recording_can_be_kept(
    livehelp: Command, recording: Path, second: ServerProcess
) -> None:
    played = livehelp("replay", recording, "--to", second.address, "--pace", "4x", env=LET_IN)
    assert played.code == 0, played


def test_a_torn_recording_is_played_with_a_warning(
    livehelp: Command, recording: Path, second: ServerProcess
) -> None:
    recording.write_bytes(recording.read_bytes()[:-5])
    played = livehelp("replay", recording, "--to", second.address, env=LET_IN)
    assert played.code == 0, played
    assert "is torn off" in played.err


def test_a_missing_password_is_asked_for_before_anybody_connects(
    livehelp: Command, recording: Path
) -> None:
    played = livehelp("replay", recording, "--to", "127.0.0.1:1")
    assert played.told("LIVEHELP_PASSWORD_DANA").code == 2


def test_nobody_there_is_said_in_words(livehelp: Command, recording: Path) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        played = livehelp(
            "replay", recording, "--to", f"127.0.0.1:{bound.getsockname()[1]}", env=LET_IN
        )
    assert played.told("cannot connect", "nobody answers").code == 1


def test_what_is_asked_wrongly_is_told_and_leaves_with_2(
    livehelp: Command, recording: Path
) -> None:
    assert livehelp("replay", recording).told("--to", "--listen").code == 2
    assert livehelp("replay", recording, "--to", "a b").code == 2
    assert livehelp("replay", recording, "--to", "h", "--pace", "fast").told("1x").code == 2
    soon = livehelp("replay", recording, "--to", "h", "--within", "soon")
    assert soon.told("--within soon: write a time").code == 2
    assert livehelp("replay", "none", "--to", "h").told("none", "No such file").code == 2
    (livehelp.folder / "text").write_text("hello")
    assert livehelp("replay", "text", "--to", "h").told("is no recording").code == 2


def test_an_address_that_others_reach_is_recorded_on_for_those_who_ask_for_it(
    livehelp: Command,
) -> None:
    words = ("record", "-o", "recording", "--listen", "0.0.0.0:0")
    assert livehelp(*words).told("0.0.0.0 can be reached", "--anywhere").code == 2
    assert not (livehelp.folder / "recording").exists()


def test_a_recording_is_played_to_other_machines_for_those_who_ask_for_it(
    livehelp: Command,
) -> None:
    (livehelp.folder / "recording").write_text(f"{HEADER}\n")
    played = livehelp("replay", "recording", "--listen", "0.0.0.0:0")
    assert played.told("0.0.0.0 can be reached", "--anywhere").code == 2
    assert livehelp("replay", "recording", "--listen", "0.0.0.0:0", "--anywhere").code == 0


@pytest.mark.parametrize(
    "line", ['{"type":["say"]}', '{"type":"say","session":["a"]}', '{"type":{"a":1}}']
)
def test_a_recording_with_odd_lines_is_played_all_the_same(livehelp: Command, line: str) -> None:
    entries = [
        {"t": 0.0, "connection": 1, "from": side, **what}
        for side, what in (
            ("client", {"what": "opened"}),
            ("client", {"line": line}),
            ("server", {"line": line}),
        )
    ]
    rows = [HEADER, *map(json.dumps, entries)]
    (livehelp.folder / "recording").write_text("".join(f"{row}\n" for row in rows))
    for side in ("--listen", "127.0.0.1:0"), ("--to", "127.0.0.1:1"):
        played = livehelp("replay", "recording", *side, "--within", "0s")
        assert played.code == 1
        assert "this should not have happened" not in played.err


def test_a_disk_that_is_full_is_told_with_the_file_and_leaves_with_1(livehelp: Command) -> None:
    with room(10):
        told = livehelp("record", "-o", "recording", "--listen", "127.0.0.1:0").told(
            "recording: File too"
        )
    assert told.code == 1
    assert not (livehelp.folder / "recording").exists()


def test_a_file_that_is_there_is_not_recorded_over(livehelp: Command) -> None:
    (livehelp.folder / "recording").write_text("mine")
    assert livehelp("record", "-o", "recording").told("is there already", "--force").code == 2
    assert (livehelp.folder / "recording").read_text() == "mine"


def test_a_port_that_is_taken_leaves_no_file_and_the_old_one_where_it_is(
    livehelp: Command,
) -> None:
    (livehelp.folder / "old").write_text("mine")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        here = f"127.0.0.1:{taken.getsockname()[1]}"
        for words in (("-o", "recording"), ("-o", "old", "--force")):
            assert livehelp("record", *words, "--listen", here).told(in_use(here)).code == 1
    assert not (livehelp.folder / "recording").exists()
    assert (livehelp.folder / "old").read_text() == "mine"


def test_a_server_is_not_played_on_a_port_that_is_taken(livehelp: Command) -> None:
    (livehelp.folder / "recording").write_text(f"{HEADER}\n")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        here = f"127.0.0.1:{taken.getsockname()[1]}"
        assert livehelp("replay", "recording", "--listen", here).told(in_use(here)).code == 1


def in_use(address: str) -> str:
    return (
        f"livehelp: cannot listen on {address}: Address already in use. "
        "Is another server running there? Choose another with --listen.\n"
    )
