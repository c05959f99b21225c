"""Which database the program makes, upgrades, uses as it is, or leaves alone."""

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import CheckConstraint, inspect

from storage import (
    Archive,
    ArchiveUnavailable,
    DatabaseForeign,
    DatabaseMissing,
    DatabaseNewer,
    DatabaseOlder,
    migrations,
    revisions,
)
from storage.engine import Database
from storage.tables import METADATA
from tests.storage.conftest import MakeUrl
from tests.storage.given import start

HEAD = revisions.known_revisions()[0]


class Release(Protocol):
    """Goes one release ahead; what it gives goes back."""

    def __call__(self, *, fails: bool = False) -> Callable[[], None]: ...


# What a later release may bring; the second half of it fails.
NEXT = """
import sqlalchemy as sa
from alembic import op

revision = "next"
down_revision = "{head}"


def upgrade():
    op.add_column("session", sa.Column("mood", sa.Text()))
    if {fails}:
        op.add_column("session", sa.Column("mood", sa.Text()))
"""


@pytest.fixture
def later_release(tmp_path: Path) -> Iterator[Release]:
    """Makes the program one with a revision more, which may fail half way; gives the way back."""
    monkeypatch = pytest.MonkeyPatch()

    def back() -> None:
        monkeypatch.undo()
        revisions.known_revisions.cache_clear()

    def release(*, fails: bool = False) -> Callable[[], None]:
        now = revisions.migrations
        folder = tmp_path / "versions"
        folder.mkdir()
        (folder / "next.py").write_text(NEXT.format(head=HEAD, fails=fails))
        ours = Path(migrations.__file__).parent / "versions"

        def later() -> Config:
            config = now()
            config.set_main_option("version_locations", f"{ours}{os.pathsep}{folder}")
            return config

        monkeypatch.setattr(revisions, "migrations", later)
        revisions.known_revisions.cache_clear()
        return back

    yield release
    back()


def columns(url: str) -> set[str]:
    database = Database(url, create=False)
    with database.snapshot() as connection:
        found = {column["name"] for column in inspect(connection).get_columns("session")}
    database.close()
    return found


def test_a_new_database_is_made_at_once_and_then_used_as_it_is(new_url: MakeUrl) -> None:
    url = new_url()
    archive = Archive.open(url)
    start(archive)
    archive.close()
    again = Archive.open(url, create=False)
    assert len(again.sessions()) == 1
    again.close()


def test_the_migrations_make_the_tables_that_the_program_uses(database: Database) -> None:
    with database.snapshot() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []


def test_the_migrations_make_every_check(database: Database) -> None:
    with database.snapshot() as connection:
        for name, table in METADATA.tables.items():
            found = {check["name"] for check in inspect(connection).get_check_constraints(name)}
            wanted = {c.name for c in table.constraints if isinstance(c, CheckConstraint)}
            assert found == wanted


def test_a_newer_database_is_refused(new_url: MakeUrl, later_release: Release) -> None:
    url = new_url()
    back_to_this_release = later_release()
    Archive.open(url).close()
    back_to_this_release()
    with pytest.raises(DatabaseNewer, match="revision next, which this version"):
        Archive.open(url)
    with pytest.raises(DatabaseNewer):
        Archive.open(url, upgrade=True)


def test_an_older_database_is_upgraded_only_when_told(
    new_url: MakeUrl, later_release: Release
) -> None:
    url = new_url()
    archive = Archive.open(url)
    start(archive)
    archive.close()
    later_release()
    with pytest.raises(DatabaseOlder, match="run: livehelp db upgrade"):
        Archive.open(url)
    assert "mood" not in columns(url)
    upgraded = Archive.open(url, upgrade=True)
    assert [session.reference for session in upgraded.sessions()] == ["K7P4-MXQ2"]
    upgraded.close()
    assert "mood" in columns(url)
    Archive.open(url).close()


def test_an_upgrade_that_fails_changes_nothing(new_url: MakeUrl, later_release: Release) -> None:
    url = new_url()
    Archive.open(url).close()
    later_release(fails=True)
    with pytest.raises(ArchiveUnavailable, match="mood"):
        Archive.open(url, upgrade=True)
    assert "mood" not in columns(url)
    with pytest.raises(DatabaseOlder):
        Archive.open(url)


def test_tables_of_somebody_else_are_left_alone(new_url: MakeUrl) -> None:
    url = new_url()
    database = Database(url, create=True)
    with database.write() as connection:
        connection.exec_driver_sql("CREATE TABLE session (id INTEGER)")
    database.close()
    with pytest.raises(DatabaseForeign, match=r"did not make \(session\)"):
        Archive.open(url)
    with pytest.raises(DatabaseForeign):
        Archive.open(url, upgrade=True)


def test_two_servers_that_begin_at_once_make_one_archive(new_url: MakeUrl) -> None:
    url = new_url()
    together = threading.Barrier(2)

    def begin(_number: int) -> Archive:
        together.wait()
        return Archive.open(url)

    with ThreadPoolExecutor(2) as threads:
        one, other = threads.map(begin, range(2))
    start(one)
    assert len(other.sessions()) == 1
    one.close()
    other.close()


def test_a_database_without_tables_is_not_opened_for_reading(new_url: MakeUrl) -> None:
    url = new_url()
    Database(url, create=True).close()
    with pytest.raises(DatabaseMissing):
        Archive.open(url, create=False)
