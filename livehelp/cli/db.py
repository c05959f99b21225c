"""``livehelp db``: the database's own matters."""

import typer

from livehelp.cli.archive import DatabaseOption, database_url, described, located
from livehelp.cli.errors import explained, fail

app = typer.Typer(help="The database.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Keep ``upgrade`` a word of its own, though it is the only command yet."""


@app.command()
def upgrade(database: DatabaseOption = None) -> None:
    """Bring the database's tables to the form that this version needs. Back it up first."""
    from storage.archive import Archive
    from storage.errors import DatabaseOlder, StorageError

    with explained(ValueError, code=2):
        url = database_url(database)
    try:
        try:
            Archive.open(url, create=False).close()
            typer.echo(f"{described(url)} is up to date already; nothing was changed.")
        except DatabaseOlder:
            Archive.open(url, create=False, upgrade=True).close()
            typer.echo(f"{described(url)} is upgraded; this version can serve it now.")
    except StorageError as why:
        raise fail(located(why, url)) from None
