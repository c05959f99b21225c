"""Every test of the archive runs against SQLite and against a real PostgreSQL."""

import itertools
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from storage import Archive
from storage.engine import Database
from storage.tables import METADATA
from tests.storage import postgres

# A new, empty database's URL; each call makes another.
MakeUrl = Callable[[], str]
KINDS = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    with postgres.server() as url:
        yield url


@pytest.fixture(params=KINDS)
def new_url(request: pytest.FixtureRequest) -> MakeUrl:
    """Makes databases with nothing in them."""
    if request.param == "sqlite":
        folder: Path = request.getfixturevalue("tmp_path")
        count = itertools.count(1)
        return lambda: f"sqlite:///{folder}/new-{next(count)}.db"
    server: str = request.getfixturevalue("postgres_url")
    return lambda: postgres.create_database(server)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "archive.db"
    Archive.open(f"sqlite:///{path}").close()
    return path


@pytest.fixture(scope="session")
def postgres_archive(postgres_url: str) -> str:
    url = postgres.create_database(postgres_url)
    Archive.open(url).close()
    return url


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest) -> str:
    """An archive of this revision without a session; making a new one takes ten times longer."""
    if request.param == "sqlite":
        path: Path = request.getfixturevalue("tmp_path") / "archive.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        return f"sqlite:///{path}"
    url: str = request.getfixturevalue("postgres_archive")
    database = Database(url, create=False)
    with database.write() as connection:
        for table in reversed(METADATA.sorted_tables):
            connection.execute(table.delete())
    database.close()
    return url


@pytest.fixture
def archive(url: str) -> Iterator[Archive]:
    opened = Archive.open(url)
    yield opened
    opened.close()


@pytest.fixture
def database(archive: Archive, url: str) -> Iterator[Database]:
    """A way round the archive, to look at what it stored."""
    opened = Database(url, create=False)
    yield opened
    opened.close()
