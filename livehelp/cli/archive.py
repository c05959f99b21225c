"""Opening the database for a command that reads or changes it beside a running server.

Owns what ``--database`` and a session's reference mean, how a database is named in an error, and
who is written down for what was done. Must not know what the command does with the archive.
"""

import os
import pwd
import shlex
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from livehelp.cli.errors import explained, fail

if TYPE_CHECKING:
    from storage.archive import Archive
    from storage.records import TranscriptRecord

DatabaseOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--database",
        "-d",
        envvar="LIVEHELP_DATABASE",
        help="A file's name (SQLite), or a URL: postgresql://user@host/name.",
        show_default="the SQLite file in your data folder",
        metavar="FILE_OR_URL",
    ),
]
ReferenceArgument: TypeAlias = Annotated[
    str,
    typer.Argument(metavar="REFERENCE", help="The session's reference, such as K7P4-MXQ2."),
]
JsonOption: TypeAlias = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def database_url(given: str | None) -> str:
    """Return the URL that ``--database`` means.

    Raises:
        ValueError: a file's name that no URL can hold.
    """
    from server.settings import default_database

    if given is None:
        return default_database()
    if "://" in given:
        return given
    if "?" in given:
        raise ValueError(f"database: a file's name cannot have a question mark, as in {given!r}.")
    return f"sqlite:///{Path(given).expanduser()}"


def described(url: str) -> str:
    """Return what to call the database: an SQLite file's name, or the URL without its password."""
    from storage.engine import parse_url

    parsed = parse_url(url)
    if parsed.drivername == "sqlite":
        return parsed.database or ""
    return parsed.set(drivername="postgresql").render_as_string(hide_password=True)


def database_again(url: str) -> str:
    """Return what a further command must be told to find the same database; "" for the default.

    It is absolute, for another terminal is in another folder. A URL's password is left to the
    person: what is printed may be looked at.
    """
    from server.settings import default_database

    if url == default_database():
        return ""
    where = described(url)
    return f" --database {shlex.quote(where if '://' in where else str(Path(where).absolute()))}"


def located(why: Exception, url: str) -> str:
    """Return the words of a StorageError, which database it is about, and what may be wrong."""
    from storage.errors import DatabaseUnsupported

    words = str(why)
    if isinstance(why, DatabaseUnsupported):
        return words
    where = described(url)
    if Path(where).is_dir():
        return f"{where} is a folder. Name the database's file, such as {Path(where) / 'help.db'}."
    if where in words:
        return words
    hint = ""
    if Path(where).exists() and not os.access(where, os.R_OK | os.W_OK):
        hint = f" The account {account()} may not read and write it; use the server's account."
    return f"{words.rstrip('.')} (database: {where}).{hint}"


@contextmanager
def open_archive(given: str | None, *, create: bool = False) -> Generator["Archive"]:
    """Open the archive, and close it; what is wrong with it is said in words."""
    from storage.archive import Archive
    from storage.errors import StorageError

    with explained(ValueError, code=2):
        url = database_url(given)
    try:
        archive = Archive.open(url, create=create)
        try:
            yield archive
        finally:
            archive.close()
    except StorageError as why:
        raise fail(located(why, url)) from None


def read_transcript(given: str, database: str | None, **detail: object) -> "TranscriptRecord":
    """Return the transcript of the session that somebody typed; the reading is written down."""
    from server.rules.reference import parse_reference

    with explained(ValueError, code=2):
        reference = parse_reference(given)
    with open_archive(database) as archive:
        found = archive.transcript(reference)
        if found is None:
            typed = "" if given.upper() == reference else f" (you wrote {given!r})"
            raise fail(f"there is no session {reference}{typed}; see `livehelp sessions`.")
        audit(archive, "transcript_read", reference, **detail)
    return found


def audit(archive: "Archive", action: str, subject: str, **detail: object) -> None:
    """Write down what whoever runs this command did: the account, and who became it by sudo."""
    known: Mapping[str, object] = {"with": "cli", **detail}
    if caller := os.environ.get("SUDO_USER"):
        known = {**known, "sudo_user": caller}
    archive.audit(datetime.now(UTC), account(), action, subject, known)


def account() -> str:
    """Return this process's account; not the environment's word for it, which anybody can set."""
    uid = os.getuid()
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:  # in a container, a number without a name
        return f"uid {uid}"
