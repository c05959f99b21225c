"""Errors as a person on the command line should see them: what happened, and what to do.

Owns the words for errors that are not ours (a missing package, a file that cannot be read), and how
a sentence reads behind the command's name. Must not know the commands.
"""

import os
import sys
import traceback
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import typer

# Packages that the base install lacks, and the extra that brings them.
EXTRAS: Final = {
    "textual": "tui",
    "rich": "tui",
    "alembic": "server",
    "argon2": "server",
    "psycopg": "server",
    "sqlalchemy": "server",
    "sqlmodel": "server",
    "structlog": "server",
    "trio": "server",
}
# Packages of ours with names that a folder of somebody else's may have, too.
OURS: Final = ("server", "storage", "tui")
# What sentences of the database, the server and the client begin with. Behind the command's name
# they go on in small letters; any other word with a capital is a name: a person's, or a file's.
OPENINGS: Final = frozenset(
    {
        *("A", "An", "Another", "Cannot", "It", "Neither", "No", "Nobody", "Only", "Please"),
        *("That", "The", "There", "This", "Too", "You", "Your"),
    }
)
# Whoever reports a defect sets it; everybody else is spared.
TRACEBACK: Final = "LIVEHELP_TRACEBACK"


def fail(message: str, code: int = 1) -> typer.Exit:
    """Print ``message`` to standard error; raise what comes back to leave with ``code``."""
    first, space, rest = message.partition(" ")
    opening = first.lower() if first in OPENINGS else first
    typer.echo(f"livehelp: {opening}{space}{rest}", err=True)
    return typer.Exit(code)


@contextmanager
def explained(*kinds: type[Exception], code: int = 1) -> Generator[None]:
    """Turn exceptions of these kinds into a message and an exit code."""
    try:
        yield
    except kinds as why:
        raise fail(in_words(why), code) from None


def in_words(why: BaseException) -> str:
    """Return what ``why`` means to the person who typed the command."""
    match why:
        case ModuleNotFoundError(name=str(module)) if extra := EXTRAS.get(module.split(".")[0]):
            return (
                f"this command needs the package {module.split('.')[0]}, which is not installed. "
                f"In Live Help's own folder: pip install '.[{extra}]'"
            )
        case ImportError(name=str(module)) if other := _another(module.split(".")[0]):
            return (
                f"{other} stands before a package of Live Help's own. Run the command in another "
                "folder, or as `livehelp` and not as `python -m livehelp`."
            )
        case OSError(strerror=str(reason), filename=str(name)):
            return f"{name}: {reason}."
        case _:
            return str(why)


def _another(package: str) -> str:
    """Return the file that was imported as our ``package`` and is not ours; "" if none was."""
    found = getattr(sys.modules.get(package), "__file__", None)
    ours = Path(__file__).parents[2] / package
    return "" if package not in OURS or not found or ours in Path(found).parents else found


def say_defect(why: Exception) -> None:
    """Tell of an exception that no command expected; where it came from only when asked."""
    if isinstance(why, ImportError | OSError):
        # Not ours: an incomplete install, a full disk, a file that somebody else may read.
        message = in_words(why)
    else:
        message = f"this should not have happened: {type(why).__name__}: {why}"
    print(f"livehelp: {message}", file=sys.stderr)
    if os.environ.get(TRACEBACK):
        traceback.print_exception(why)
    elif not isinstance(why, ImportError):
        print(f"livehelp: to see where, set {TRACEBACK}=1 and try again.", file=sys.stderr)
