"""``livehelp demo``: a whole visit on one machine, over real sockets and a real database.

Owns the stage: a temporary database with one operator, and the server that ``livehelp serve`` runs,
as a process of its own. The visit itself is in ``demo_visit`` (a script, when there is no terminal)
or in the demo's screen.
"""

import secrets
import subprocess
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import typer

from livehelp.cli.problems import explained, fail

OPERATOR: Final = "dana"
# A cold start imports SQLModel (2 s here); a slow machine gets ten times that, in seconds.
STOPS_WITHIN: Final = 10.0


@dataclass(frozen=True, slots=True)
class Stage:
    """A server to play on.

    Attributes:
        address: Where it listens.
        database: The URL of its database.
        password: The password of the operator ``OPERATOR``, made up for this demo.
    """

    address: str
    database: str
    password: str


def demo(
    *,
    scripted: Annotated[
        bool, typer.Option("--scripted", help="Play a visit by itself, as without a terminal.")
    ] = False,
) -> None:
    """Show a whole visit: a visitor, an operator, and the stored transcript at the end."""
    by_hand = sys.stdin.isatty() and sys.stdout.isatty() and not scripted
    with explained(ModuleNotFoundError), tempfile.TemporaryDirectory(prefix="livehelp-") as folder:
        with _stage(Path(folder)) as stage:
            if by_hand:
                from tui.demo.app import run_demo

                reference = run_demo(stage.address, OPERATOR, stage.password)
            else:
                from livehelp.cli.demo_visit import play

                reference = play(stage.address, OPERATOR, stage.password, typer.echo)
        # The server has stopped: what is printed now comes from the disk.
        if reference is not None:
            _print_transcript(stage.database, reference)


@contextmanager
def _stage(folder: Path) -> Generator[Stage]:
    """Make a database with an operator, and run the server on it while the block lasts."""
    from server.passwords import hash_password
    from storage.archive import Archive

    stage = Stage("", f"sqlite:///{folder / 'demo.db'}", secrets.token_urlsafe(18))
    archive = Archive.open(stage.database)
    archive.add_operator(OPERATOR, hash_password(stage.password), datetime.now(UTC))
    archive.close()
    command = [sys.executable, "-m", "livehelp", "serve"]
    options = ["--listen", "127.0.0.1:0", "--database", stage.database, "--log-format", "json"]
    log = folder / "server.log"
    with (
        log.open("w") as errors,
        subprocess.Popen(  # noqa: S603 - our own command, no shell
            [*command, *options], stdout=subprocess.PIPE, stderr=errors, text=True
        ) as server,
    ):
        try:
            assert server.stdout is not None
            said = server.stdout.readline()
            if " listens on " not in said:
                raise fail(f"the server did not start: {log.read_text().strip()}")
            address = said.rpartition(" ")[2].strip()
            yield Stage(address, stage.database, stage.password)
        finally:
            server.terminate()
            server.wait(STOPS_WITHIN)


def _print_transcript(database: str, reference: str) -> None:
    from storage.archive import Archive
    from storage.render import transcript_text

    archive = Archive.open(database, create=False)
    try:
        found = archive.transcript(reference)
    finally:
        archive.close()
    if found is None:
        raise fail(f"session {reference} is not in the database.")
    typer.echo("\nWhat the database holds now, printed by `livehelp transcript`:\n")
    typer.echo(transcript_text(found), nl=False)
