"""``livehelp record`` and ``livehelp replay``: the wire written down, and either side played again.

Owns the options, the passwords and what is printed. The file and the comparison are
``livehelp.testkit.recording``'s matter.
"""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from livehelp.cli.errors import explained, fail, in_words
from livehelp.cli.options import (
    DEFAULT_ADDRESS,
    DEFAULT_LISTEN,
    here_only,
    listening_explained,
    seconds_of,
)
from livehelp.cli.output import say
from livehelp.cli.passwords import passwords_of
from livehelp.words import count

if TYPE_CHECKING:
    from livehelp.testkit.recording.matching import Difference
    from livehelp.testkit.recording.recording_file import Recording, RecordingWriter

# As many as a person reads; after the first few one follows from the other.
_SHOWN: Final = 20


def record(
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="Where it is written.")
    ],
    to: Annotated[
        str, typer.Option(metavar="ADDRESS", help="The server's address.")
    ] = DEFAULT_ADDRESS,
    listen: Annotated[
        str, typer.Option(metavar="HOST:PORT", help="Where clients connect; port 0 is any.")
    ] = DEFAULT_LISTEN,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    anywhere: Annotated[
        bool,
        typer.Option("--anywhere", help="Listen on an address that others reach, too."),
    ] = False,
) -> None:
    """Pass everything on between clients and a server, and write it down with times.

    Passwords, keys, tokens and tickets are not written. What people write to each other is: treat
    the file as you treat a transcript. Ctrl-C ends it.
    """
    import anyio

    from livehelp.client.address import Address
    from livehelp.testkit.recording.recording_file import RecordingError, RecordingWriter

    with explained(ValueError, code=2):
        Address.parse(to)
        here_only(listen, "whatever comes is recorded", anywhere=anywhere)
    with explained(RecordingError, OSError, code=2):
        try:
            writer = RecordingWriter(output, to, force=force)
        except FileExistsError:
            raise fail(f"{output} is there already; --force replaces it.", 2) from None
    with explained(OSError), writer, listening_explained():
        anyio.run(_record, writer, to, listen, output)


def replay(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A recording.")],
    to: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Play the clients to this server.")
    ] = None,
    listen: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Play the server to clients, here.")
    ] = None,
    pace: Annotated[
        str | None,
        typer.Option(metavar="1x", help="Keep the times: 1x, 2x, ...; without it, at once."),
    ] = None,
    within: Annotated[
        str | None,
        typer.Option(
            metavar="TIME",
            help="How long the other side may take.",
            show_default="5s for a server, 30s for a client",
        ),
    ] = None,
    anywhere: Annotated[
        bool,
        typer.Option("--anywhere", help="Listen on an address that others reach, too."),
    ] = False,
) -> None:
    """Play one side of a recording, and show where the other side says something else.

    References, times, keys, tickets, versions and addresses may differ. Operators sign in with
    LIVEHELP_PASSWORD_<NAME>, or LIVEHELP_PASSWORD. The exit code is 1 if something differs.
    """
    import anyio

    from livehelp.client.address import Address
    from livehelp.testkit.recording.recording_file import RecordingError, read_recording

    with explained(ValueError, RecordingError, OSError, code=2):
        if (to is None) == (listen is None):
            raise ValueError("say either --to ADDRESS or --listen ADDRESS.")
        times = None if pace is None else _pace(pace)
        seconds = None if within is None else seconds_of("--within", within)
        recording = read_recording(file)
        if to is not None:
            Address.parse(to)
        if listen is not None:
            here_only(listen, "what was recorded is told to whoever comes", anywhere=anywhere)
    if recording.torn:
        typer.echo(f"livehelp: the last line of {file} is torn off; it is left out.", err=True)
    with explained(OSError), listening_explained():
        if to is not None:
            found = anyio.run(_play_clients, recording, to, seconds, times)
        else:
            assert listen is not None
            found = anyio.run(_play_server, recording, listen, seconds, times)
    _report(recording, found)


def _pace(text: str) -> float:
    found = re.fullmatch(r"(\d{1,6}(?:\.\d{1,6})?)x", text, re.ASCII)
    if not found or not float(found[1]):
        raise ValueError(f"--pace {text}: write 1x for the times as recorded, or 2x, 0.5x, ...")
    return float(found[1])


async def _record(writer: "RecordingWriter", to: str, listen: str, output: Path) -> None:
    from livehelp.cli.signals import stopping
    from livehelp.testkit.recording.recorder import open_recorder

    async with (
        open_recorder(to, writer, listen=listen) as recorder,
        stopping(recorder.ended.set),
    ):
        say(f"Recording on {recorder.address}, for {to}, into {output}")
        say("It holds what people write. Ctrl-C ends it.", err=True)
        await recorder.ended.wait()
    connections = count(recorder.connections, "connection", "connections")
    turned_away = f", {recorder.turned_away} more turned away" if recorder.turned_away else ""
    lines = count(recorder.lines, "line", "lines")
    say(f"{connections}{turned_away}, {lines}", err=True)
    if recorder.failure is not None:
        raise fail(f"{in_words(recorder.failure)} The recording ends before that; make room.")


async def _play_clients(
    recording: "Recording", to: str, within: float | None, pace: float | None
) -> "list[Difference]":
    from livehelp.testkit.recording.client_player import WITHIN, ClientPlayer

    player = ClientPlayer(
        recording,
        to,
        passwords=passwords_of,
        within=WITHIN if within is None else within,
        pace=pace,
    )
    return await player.play()


async def _play_server(
    recording: "Recording", listen: str, within: float | None, pace: float | None
) -> "list[Difference]":
    from livehelp.testkit.recording.server_player import WITHIN, server_player

    patience = WITHIN if within is None else within
    async with server_player(recording, listen=listen, within=patience, pace=pace) as player:
        say(f"Playing the server on {player.address}")
        return await player.play()


def _report(recording: "Recording", found: "list[Difference]") -> None:
    for difference in found[:_SHOWN]:
        typer.echo(difference)
    if len(found) > _SHOWN:
        typer.echo(f"... and {len(found) - _SHOWN} more")
    lines = sum(entry.what is None for entry in recording.entries)
    recorded = count(lines, "recorded line", "recorded lines")
    if found:
        differences = count(len(found), "difference", "differences")
        typer.echo(f"different: {differences} in {recorded}", err=True)
        raise typer.Exit(1)
    typer.echo(f"the same: {recorded}", err=True)
