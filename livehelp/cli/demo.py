"""``livehelp demo``: a whole visit on one machine, over real sockets and a real database.

Owns the stage: a server of its own with one operator. The visit itself is in ``demo_visit`` (a
script, when there is no terminal) or in the demo's screen.
"""

import secrets
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from livehelp.cli.errors import explained
from livehelp.cli.terminal import draws


def demo(
    *,
    scripted: Annotated[
        bool, typer.Option("--scripted", help="Play a visit by itself, as without a terminal.")
    ] = False,
) -> None:
    """Show a whole visit: a visitor, an operator, and the stored transcript at the end."""
    from livehelp.testkit.server import ServerProcess, ServerProcessError

    by_hand = draws() and not scripted
    if by_hand:
        # A cold start takes seconds, and until the screen is there nothing else is to be seen.
        typer.echo("Starting a server, an operator and a visitor ...")
    # Others on this machine can reach the server, and know the usual password of a stage.
    password = secrets.token_urlsafe(18)
    with (
        explained(ModuleNotFoundError, ServerProcessError),
        tempfile.TemporaryDirectory(prefix="livehelp-") as folder,
        ServerProcess(Path(folder), options=["--resolve-hosts"], password=password) as server,
    ):
        if by_hand:
            from tui.demo.app import run_demo

            reference = run_demo(server.address, server.operator, server.password)
        else:
            from livehelp.cli.demo_visit import play

            reference = play(server.address, server.operator, server.password, typer.echo)
        # What is printed now comes from the disk.
        server.stop()
        if reference is not None:
            typer.echo("\nWhat the database holds now, printed by `livehelp transcript`:\n")
            typer.echo(server.command("transcript", reference), nl=False)
