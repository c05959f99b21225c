"""Opening the database for a command that reads or changes it beside a running server."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from livehelp.cli.problems import explained

if TYPE_CHECKING:
    from storage.archive import Archive

DatabaseOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--database",
        "-d",
        envvar="LIVEHELP_DATABASE",
        help="The database's URL; a file name means SQLite.",
        show_default="the SQLite file in your data folder",
    ),
]


def database_url(given: str | None) -> str:
    """Return the URL that ``--database`` means."""
    from server.settings import default_database

    if given is None:
        return default_database()
    return given if "://" in given else f"sqlite:///{given}"


@contextmanager
def open_archive(given: str | None, *, create: bool = False) -> Generator["Archive"]:
    """Open the archive, and close it; what is wrong with it is said in words."""
    from storage.archive import Archive
    from storage.errors import StorageError

    with explained(StorageError):
        archive = Archive.open(database_url(given), create=create)
        try:
            yield archive
        finally:
            archive.close()
