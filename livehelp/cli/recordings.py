"""``livehelp record`` and ``livehelp replay``: the wire written down, and either side played again.

Owns the options, the passwords and what is printed. The file and the comparison are
``livehelp.recording``'s matter.
"""

import re
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from livehelp.cli.passwords import passwords_of
from livehelp.cli.problems import explained, fail, in_words

if TYPE_CHECKING:
    from livehelp.recording.expected import Difference
    from livehelp.recording.tape import Tape, TapeWriter

# As many as a person reads; after the first few one follows from the other.
_SHOWN: Final = 20


def record(
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="Where it is written.")
    ],
    to: Annotated[str, typer.Option(help="The server's address.")] = "127.0.0.1:5483",
    listen: Annotated[
        str, typer.Option(help="Where clients connect; port 0 is any.")
    ] = "127.0.0.1:5484",
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
    from livehelp.recording.tape import TapeWriter

    with explained(ValueError, code=2):
        Address.parse(to)
        here = Address.parse_listen(listen)
        if not here.is_here and not anywhere:
            raise ValueError(
                f"{here.host} can be reached from other computers, and whatever comes is recorded. "
                "Listen on 127.0.0.1, or add --anywhere if its people know."
            )
    try:
        tape = TapeWriter(output, to, force=force)
    except FileExistsError:
        raise fail(f"{output} is there already; --force replaces it.", 2) from None
    except OSError as why:
        raise fail(in_words(why), 2) from None
    with tape, explained(OSError):
        try:
            anyio.run(_record, tape, to, listen, output)
        finally:
            if not tape.entries:
                output.unlink()  # nobody came, or nobody could: a file would only be in the way


def replay(
    file: Annotated[Path, typer.Argument(help="A recording.")],
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
) -> None:
    """Play one side of a recording, and show where the other side says something else.

    References, times, keys, tickets, versions and addresses may differ. Operators sign in with
    LIVEHELP_PASSWORD_<NAME>, or LIVEHELP_PASSWORD. The exit code is 1 if something differs.
    """
    import anyio

    from livehelp.client.address import Address
    from livehelp.recording.tape import TapeError, read_tape
    from livehelp.times import read_time

    with explained(ValueError, TapeError, OSError, code=2):
        if (to is None) == (listen is None):
            raise ValueError("say either --to ADDRESS or --listen ADDRESS.")
        times = None if pace is None else _pace(pace)
        seconds = None if within is None else read_time(within)
        tape = read_tape(file)
        if to is not None:
            Address.parse(to)
        if listen is not None:
            Address.parse_listen(listen)
    if tape.torn:
        typer.echo(f"livehelp: the last line of {file} is torn off; it is left out.", err=True)
    with explained(OSError):
        if to is not None:
            found = anyio.run(_play_clients, tape, to, seconds, times)
        else:
            assert listen is not None
            found = anyio.run(_play_server, tape, listen, seconds, times)
    _report(tape, found)


def _pace(text: str) -> float:
    found = re.fullmatch(r"(\d{1,6}(?:\.\d{1,6})?)x", text, re.ASCII)
    if not found or not float(found[1]):
        raise ValueError(f"--pace {text}: write 1x for the times as recorded, or 2x, 0.5x, ...")
    return float(found[1])


async def _record(tape: "TapeWriter", to: str, listen: str, output: Path) -> None:
    import anyio

    from livehelp.recording.recorder import recording

    with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async with (
            recording(to, tape, listen=listen) as recorder,
            anyio.create_task_group() as tasks,
        ):
            typer.echo(f"Recording on {recorder.address}, for {to}, into {output}")
            typer.echo("It holds what people write. Ctrl-C ends it.", err=True)

            async def obey() -> None:
                async for _ in signals:
                    recorder.ended.set()

            tasks.start_soon(obey)
            await recorder.ended.wait()
            tasks.cancel_scope.cancel()
    typer.echo(f"{recorder.connections} connections, {recorder.lines} lines", err=True)
    if recorder.failure is not None:
        raise recorder.failure


async def _play_clients(
    tape: "Tape", to: str, within: float | None, pace: float | None
) -> "list[Difference]":
    from livehelp.recording.client_player import WITHIN, ClientPlayer

    player = ClientPlayer(
        tape,
        to,
        password=lambda name: passwords_of([name])[name],
        within=within or WITHIN,
        pace=pace,
    )
    return await player.play()


async def _play_server(
    tape: "Tape", listen: str, within: float | None, pace: float | None
) -> "list[Difference]":
    from livehelp.recording.server_player import WITHIN, server_player

    async with server_player(tape, listen=listen, within=within or WITHIN, pace=pace) as player:
        typer.echo(f"Playing the server on {player.address}")
        return await player.play()


def _report(tape: "Tape", found: "list[Difference]") -> None:
    for difference in found[:_SHOWN]:
        typer.echo(difference)
    if len(found) > _SHOWN:
        typer.echo(f"... and {len(found) - _SHOWN} more")
    lines = sum(entry.what is None for entry in tape.entries)
    if found:
        typer.echo(f"different: {len(found)} differences in {lines} recorded lines", err=True)
        raise typer.Exit(1)
    typer.echo(f"the same: {lines} recorded lines", err=True)
