"""One server to an SQLite file.

Owns the lock that says so. Two servers on one file would keep its logs right, but each would take
the people who are connected to the other for gone, and end their visits.
"""

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from storage.engine import parse_url
from storage.errors import ArchiveInUse, ArchiveUnavailable


@contextmanager
def locked(url: str) -> Generator[None]:
    """Hold the database at ``url`` for one server; the system lets go of it if the process dies.

    The lock is on a file beside the database (``help.db-lock``), for SQLite's own locks are for
    moments. PostgreSQL is made for several servers, and nothing is claimed there.

    Raises:
        ArchiveInUse: another server has it.
        ArchiveUnavailable: nobody can tell, for the lock cannot be opened.
        DatabaseUnsupported: no such kind of database.
    """
    parsed = parse_url(url)
    if parsed.drivername != "sqlite":
        yield
        return
    path = Path(parsed.database or "").resolve()
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(f"{path}-lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as why:
        if os.path.exists(path):  # noqa: PTH110 - Path.exists raises where one may not look
            raise ArchiveUnavailable(
                f"The file {path}-lock cannot be opened: {why.strerror}. It keeps a second server "
                "out; give it to this account, or delete it."
            ) from None
        yield  # no database can be made there either, and that is told in better words
        return
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        raise ArchiveInUse(
            f"Another server works on {path}. Stop it, or give this one a database of its own."
        ) from None
    try:
        yield
    finally:
        os.close(lock)
