"""``livehelp sessions`` and ``livehelp transcript``: what is kept, for those who answer for it.

Owns that each reading is written into the audit log before anything is shown. How a transcript
looks is ``storage.render``'s matter.
"""

import json
from typing import Annotated, Any

import typer

from livehelp.cli.archive import (
    DatabaseOption,
    JsonOption,
    ReferenceArgument,
    audit,
    open_archive,
    read_transcript,
)


def sessions(
    *,
    open_only: Annotated[bool, typer.Option("--open", help="Only those not ended yet.")] = False,
    limit: Annotated[
        int, typer.Option(min=1, metavar="NUMBER", help="How many at most, newest first.")
    ] = 50,
    as_json: JsonOption = False,
    database: DatabaseOption = None,
) -> None:
    """List sessions, newest first."""
    from storage.render import session_json, session_line

    with open_archive(database) as archive:
        # One more than asked for tells whether there are more.
        found = archive.sessions(limit + 1, open_only=open_only)
        more, found = len(found) > limit, found[:limit]
        audit(archive, "sessions_listed", "sessions", count=len(found), open=open_only)
    if as_json:
        _print_json([session_json(session) for session in found])
    elif found:
        typer.echo("\n".join(session_line(session) for session in found))
    else:
        typer.echo("No session is open." if open_only else "There are no sessions.", err=True)
    if more:
        typer.echo(f"There are more; --limit {limit * 10} shows more of them.", err=True)


def transcript(
    reference: ReferenceArgument,
    *,
    as_json: JsonOption = False,
    database: DatabaseOption = None,
) -> None:
    """Print one transcript, with all that the privacy statement says it contains."""
    from storage.render import transcript_json, transcript_text

    found = read_transcript(reference, database)
    if as_json:
        _print_json(transcript_json(found))
    else:
        typer.echo(transcript_text(found), nl=False)


def _print_json(value: Any) -> None:
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False))
