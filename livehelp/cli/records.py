"""``livehelp sessions``, ``transcript`` and ``db``: what is kept, for those who answer for it."""

import json
from datetime import UTC, datetime
from typing import Annotated

import typer

from livehelp.cli.database import DatabaseOption, database_url, open_archive
from livehelp.cli.problems import explained, fail

database_app = typer.Typer(help="The database.", no_args_is_help=True)

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def sessions(
    *,
    open_only: Annotated[bool, typer.Option("--open", help="Only those not ended yet.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="How many at most, newest first.")] = 50,
    as_json: JsonOption = False,
    database: DatabaseOption = None,
) -> None:
    """List sessions, newest first."""
    from storage.render import session_json, session_line

    with open_archive(database) as archive:
        found = archive.sessions(limit, open_only=open_only)
    if as_json:
        typer.echo(json.dumps([session_json(session) for session in found], indent=2))
        return
    for session in found:
        typer.echo(session_line(session))
    if not found:
        typer.echo("There are no sessions.")


def transcript(
    session: Annotated[str, typer.Argument(help="The session's reference, such as K7P4-MXQ2.")],
    *,
    as_json: JsonOption = False,
    database: DatabaseOption = None,
) -> None:
    """Print one transcript, with all that the privacy statement says it contains."""
    import getpass

    from server.desk.reference import parse_reference
    from storage.render import transcript_json, transcript_text

    with explained(ValueError):
        reference = parse_reference(session)
    with open_archive(database) as archive:
        found = archive.transcript(reference)
        if found is None:
            raise fail(f"there is no session {reference}; see `livehelp sessions`.")
        # Reads by staff are audited like changes are.
        archive.audit(
            datetime.now(UTC), getpass.getuser(), "transcript_read", reference, {"with": "cli"}
        )
    if as_json:
        typer.echo(json.dumps(transcript_json(found), indent=2, ensure_ascii=False))
    else:
        typer.echo(transcript_text(found), nl=False)


@database_app.command()
def upgrade(database: DatabaseOption = None) -> None:
    """Bring the database's tables to the form that this version needs. Back it up first."""
    from storage.archive import Archive
    from storage.errors import StorageError

    with explained(StorageError):
        Archive.open(database_url(database), create=False, upgrade=True).close()
    typer.echo("The database is up to date.")
