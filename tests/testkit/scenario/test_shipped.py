"""The scenarios that come with Live Help: they hold, and walk all that the server does."""

import io
import json
import shutil
import sys
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

import pytest

from livehelp.cli import main
from livehelp.testkit.server import ServerProcess
from livehelp.wire.commands import Command as WireCommand
from livehelp.wire.connection import ClientConnection
from livehelp.wire.events import AnyEvent
from livehelp.wire.signals import ServerMessage, Signal
from tests.cli.command import Command
from tests.testkit.scenario.conftest import EXAMPLE, SHIPPED, Write

FILES = sorted(SHIPPED.glob("*.yaml"))
NAMES = [path.stem for path in FILES]
# On two cores the whole takes 9 s; a machine that is busy with other tests needs longer. One
# worker plays them all, for all of them are one run.
pytestmark = [pytest.mark.timeout(180), pytest.mark.xdist_group("shipped scenarios")]


@dataclass
class Played:
    """What a run of all of them printed, and what was on the wire."""

    code: object = None
    scenarios: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    commands: set[type] = field(default_factory=set[type])
    messages: set[type] = field(default_factory=set[type])


@pytest.fixture(scope="module")
def played() -> Played:
    """One run of all of them, as the command does it, with an ear at the clients' wire."""
    heard = Played()
    send, receive = ClientConnection.send, ClientConnection.receive

    def said(self: ClientConnection, command: WireCommand) -> bytes:
        heard.commands.add(type(command))
        return send(self, command)

    def came(self: ClientConnection, data: bytes) -> list[ServerMessage]:
        found = receive(self, data)
        heard.messages.update(map(type, found))
        return found

    with pytest.MonkeyPatch.context() as patch, redirect_stdout(io.StringIO()) as printed:
        patch.setattr(ClientConnection, "send", said)
        patch.setattr(ClientConnection, "receive", came)
        patch.setattr(sys, "argv", ["livehelp", "scenario", "run", "--json", str(SHIPPED)])
        with pytest.raises(SystemExit) as left:
            main()
    heard.code = left.value.code
    for each in json.loads(printed.getvalue())["scenarios"]:
        heard.scenarios[Path(each["file"]).stem] = each
    return heard


def test_there_are_enough_of_them_each_with_a_sentence_about_it(played: Played) -> None:
    assert len(FILES) >= 16
    assert sorted(played.scenarios) == NAMES
    assert all(each["about"].endswith(".") for each in played.scenarios.values())
    assert played.code == 0


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_scenario_passes(played: Played, name: str) -> None:
    outcome = played.scenarios[name]
    assert outcome["result"] == "passed", outcome


def test_every_command_of_the_wire_is_sent_in_one_of_them(played: Played) -> None:
    assert set(get_args(WireCommand)) == played.commands


def test_every_event_and_signal_of_the_wire_comes_in_one_of_them(played: Played) -> None:
    assert {*get_args(AnyEvent), *get_args(Signal)} <= played.messages


def test_the_example_of_the_documentation_passes(livehelp: Command, write: Write) -> None:
    result = livehelp("scenario", "run", write(text=EXAMPLE))
    assert (result.code, result.err) == (0, "")
    assert result.out.splitlines()[-1].startswith("1 passed")


def test_they_pass_twice_at_once_on_a_server_that_others_use(
    livehelp: Command, tmp_path: Path
) -> None:
    names = ["hello", "transfer", "topic-corrected", "known-from-last-time", "host-address"]
    files = [SHIPPED / f"{name}.yaml" for name in names] * 2
    (tmp_path / "server").mkdir()
    with ServerProcess(tmp_path / "server", ("dana", "kim")) as server:
        result = livehelp(
            *("scenario", "run", "--against", server.address, "--jobs", 10, *files),
            env={"LIVEHELP_PASSWORD_DANA": server.password, "LIVEHELP_PASSWORD": server.password},
        )
    assert result.code == 0, result
    assert result.out.splitlines()[-1].startswith("8 passed, 2 not run, in ")
    assert result.out.count("not run: it needs a server with options of its own") == 2


def test_a_folder_means_all_scenarios_in_it(livehelp: Command, tmp_path: Path) -> None:
    for name in ("hello.yaml", "transfer.yaml"):
        shutil.copy(SHIPPED / name, tmp_path)
    (tmp_path / "read.me").write_text("no scenario")
    result = livehelp("scenario", "check", tmp_path)
    assert result.code == 0
    assert [line.split("  ")[0] for line in result.out.splitlines()] == [
        f"can be played: {tmp_path / 'hello.yaml'}",
        f"can be played: {tmp_path / 'transfer.yaml'}",
    ]


def test_the_readme_and_the_changelog_know_how_many_there_are() -> None:
    root, shipped = SHIPPED.parent, len(FILES)
    assert f"There are {shipped} scenarios" in (root / "README.md").read_text(encoding="utf-8")
    assert f"with {shipped} scenarios" in (root / "CHANGELOG.md").read_text(encoding="utf-8")
