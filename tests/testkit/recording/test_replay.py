"""A recorded talk is had again: with a server, and with clients."""

from pathlib import Path

import anyio
import pytest

from livehelp import OperatorClient, TokenFile, VisitorClient
from livehelp.testkit.recording.client_player import ClientPlayer
from livehelp.testkit.recording.matching import Difference
from livehelp.testkit.recording.recording_file import Entry, Recording, read_recording
from livehelp.testkit.recording.server_player import server_player
from livehelp.testkit.server import ServerProcess
from livehelp.testkit.server.process import PASSWORD
from livehelp.wire.events import HostFound
from tests.testkit.recording.talk import record_talk, recorded, talk

pytestmark = pytest.mark.anyio


async def replayed(recording: Recording, to: str, within: float = 5.0) -> list[Difference]:
    return await ClientPlayer(
        recording, to, passwords=lambda names: dict.fromkeys(names, PASSWORD), within=within
    ).play()


async def test_a_fresh_server_says_the_same(
    server: ServerProcess, second: ServerProcess, tmp_path: Path
) -> None:
    recording = await record_talk(server.address, tmp_path / "recording")
    assert await replayed(recording, second.address) == []


async def test_the_same_server_says_the_same_again_and_again(
    server: ServerProcess, tmp_path: Path
) -> None:
    recording = await record_talk(server.address, tmp_path / "recording")
    assert await replayed(recording, server.address) == []
    assert await replayed(recording, server.address) == []


async def test_the_name_of_a_host_is_looked_up_once_and_that_is_no_difference(
    looking_up: ServerProcess, tmp_path: Path
) -> None:
    async with (
        recorded(looking_up.address, tmp_path / "recording") as recorder,
        VisitorClient.connect(recorder.address) as pat,
    ):
        await pat.start(name="Pat", topic="Taxes")
        await pat.expect(HostFound)
        await pat.say("hello")
        await pat.end()
    recording = read_recording(tmp_path / "recording")
    assert any('"host_found"' in (entry.line or "") for entry in recording.entries)
    assert await replayed(recording, looking_up.address) == []


async def test_a_replay_that_ends_early_leaves_no_visit_behind(
    server: ServerProcess, tmp_path: Path
) -> None:
    recording = await record_talk(server.address, tmp_path / "recording")
    taken = next(n for n, e in enumerate(recording.entries) if '"joined"' in (e.line or ""))
    never = Entry(t=0.0, connection=1, side="server", line='{"type":"bye","reason":"full"}')
    longer = (*recording.entries[:taken], never, *recording.entries[taken:])
    assert await replayed(
        Recording(recording.header, longer, torn=False), server.address, within=0.5
    )
    async with OperatorClient.connect(server.address) as dana:
        await dana.login("dana", PASSWORD)
        assert dana.overview.visits == {}


async def test_a_server_with_other_topics_is_found_out(
    server: ServerProcess, other: ServerProcess, tmp_path: Path
) -> None:
    recording = await record_talk(server.address, tmp_path / "recording")
    found = await replayed(recording, other.address)
    assert [difference.what for difference in found] == ["hello: topics"] * 3
    assert '"Vehicles and licences"' in found[0].expected
    assert '"Cows"' in found[0].seen
    file_line = (tmp_path / "recording").read_text().splitlines()[found[0].line - 1]
    assert "Vehicles and licences" in file_line


async def test_a_line_that_does_not_come_is_missing_and_ends_the_replay(
    server: ServerProcess, tmp_path: Path
) -> None:
    recording = await record_talk(server.address, tmp_path / "recording")
    hello = next(n for n, e in enumerate(recording.entries) if e.side == "server")
    more = Entry(t=0.0, connection=1, side="server", line='{"type":"bye","reason":"full"}')
    longer = Recording(
        recording.header,
        (*recording.entries[: hello + 1], more, *recording.entries[hello + 1 :]),
        torn=False,
    )
    found = await replayed(longer, server.address, within=2.0)
    assert [(d.what, d.expected) for d in found] == [("this did not come", more.line)]


async def test_a_line_that_was_not_recorded_is_shown(server: ServerProcess, tmp_path: Path) -> None:
    recording = await record_talk(server.address, tmp_path / "recording")
    notes = [n for n, e in enumerate(recording.entries) if '"noted"' in (e.line or "")]
    shorter = tuple(e for n, e in enumerate(recording.entries) if n not in notes)
    found = await replayed(Recording(recording.header, shorter, torn=False), server.address)
    assert any('"noted"' in difference.seen for difference in found)


async def test_two_visits_with_one_token_are_tied_again(
    server: ServerProcess, second: ServerProcess, tmp_path: Path
) -> None:
    tokens = TokenFile(tmp_path / "tokens")
    async with recorded(server.address, tmp_path / "recording") as recorder:
        await talk(recorder.address, tokens)
        await talk(recorder.address, tokens)
    recording = read_recording(tmp_path / "recording")
    assert any('"earlier"' in (entry.line or "") for entry in recording.entries)
    assert await replayed(recording, second.address) == []


async def test_a_recorded_server_plays_to_the_client_library(
    server: ServerProcess, tmp_path: Path
) -> None:
    recording = await record_visit(server.address, tmp_path / "recording")
    assert await played_to(recording, "hello") == []


async def test_a_client_that_says_something_else_is_found_out(
    server: ServerProcess, tmp_path: Path
) -> None:
    recording = await record_visit(server.address, tmp_path / "recording")
    found = await played_to(recording, "good morning")
    assert [difference.what for difference in found] == ["say: text"]
    assert '"hello"' in found[0].expected
    assert '"good morning"' in found[0].seen


async def visit(address: str, said: str) -> None:
    """A visitor and an operator, one after the other: each says the same each time."""
    async with OperatorClient.connect(address) as dana, VisitorClient.connect(address) as pat:
        await dana.login("dana", PASSWORD)
        started = await pat.start(name="Pat", topic="Taxes")
        await dana.take(started.session)
        await pat.say(said)
        await dana.expect_line()  # the recorded one, whatever is said now
        await dana.say(started.session, "Which county?")
        await pat.expect_line("Which county?")
        await pat.end()
        await pat.interview({"Was your question answered?": "Yes"})


async def record_visit(to: str, file: Path) -> Recording:
    async with recorded(to, file) as recorder:
        await visit(recorder.address, "hello")
    return read_recording(file)


async def played_to(recording: Recording, said: str) -> list[Difference]:
    found: list[Difference] = []
    async with server_player(recording) as player, anyio.create_task_group() as tasks:

        async def play() -> None:
            found.extend(await player.play())

        tasks.start_soon(play)
        await visit(player.address, said)
    return found
