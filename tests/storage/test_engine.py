"""Durability, file modes, and what an administrator is told when a database will not do."""

import os
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text

from storage import (
    Archive,
    ArchiveUnavailable,
    DatabaseMissing,
    DatabaseUnsupported,
    engine,
)
from storage.engine import Database
from tests.storage.conftest import MakeUrl
from tests.storage.given import add, line, start


def test_a_commit_is_on_the_disk_when_it_returns(database: Database) -> None:
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000}
    for way in (database.write, database.snapshot, database.single, database.line_writer):
        with way() as connection:
            if database.is_sqlite:
                found = {n: connection.exec_driver_sql(f"PRAGMA {n}").scalar() for n in wanted}
                assert found == wanted
            else:
                setting = connection.exec_driver_sql("SHOW synchronous_commit").scalar()
                assert setting == "on"


def test_durability_is_turned_on_where_postgresql_has_it_off(postgres_url: str) -> None:
    database = Database(f"{postgres_url}&options=-csynchronous_commit%3Doff", create=False)
    with database.single() as connection:
        assert connection.exec_driver_sql("SHOW synchronous_commit").scalar() == "on"
    database.close()


def test_a_stricter_durability_than_ours_is_left_alone(postgres_url: str) -> None:
    database = Database(f"{postgres_url}&options=-csynchronous_commit%3Dremote_apply", create=False)
    with database.single() as connection:
        assert connection.exec_driver_sql("SHOW synchronous_commit").scalar() == "remote_apply"
    database.close()


def test_a_reader_does_not_wait_for_a_writer(archive: Archive, database: Database) -> None:
    session_id = start(archive)
    with database.write() as connection:
        connection.exec_driver_sql("UPDATE session SET topic = 'unfinished'")
        header = archive.session("K7P4-MXQ2")
        assert header is not None
        assert header.topic == "Driver's licence"
        assert len(archive.events(session_id)) == 1


def test_an_exception_undoes_the_transaction(archive: Archive, database: Database) -> None:
    start(archive)

    def fail_half_way() -> None:
        with database.write() as connection:
            connection.exec_driver_sql("UPDATE session SET topic = 'unfinished'")
            raise KeyError

    with pytest.raises(KeyError):
        fail_half_way()
    header = archive.session("K7P4-MXQ2")
    assert header is not None
    assert header.topic == "Driver's licence"


def test_a_new_sqlite_file_is_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "new" / "archive.db"
    before = os.umask(0)
    try:
        archive = Archive.open(f"sqlite:///{path}")
        start(archive)
    finally:
        os.umask(before)
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    archive.close()
    assert modes == {"archive.db": 0o600, "archive.db-wal": 0o600, "archive.db-shm": 0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_database_that_fails_says_so_in_words(new_url: MakeUrl) -> None:
    url = new_url()
    archive = Archive.open(url)
    session_id = start(archive)
    database = Database(url, create=False)
    with database.write() as connection:
        connection.exec_driver_sql("DROP VIEW transcript")
        connection.exec_driver_sql("DROP TABLE event")
    database.close()
    with pytest.raises(ArchiveUnavailable, match=r"^The database failed: .*event"):
        add(archive, session_id, line(2))
    archive.close()


def test_the_writer_goes_on_after_a_failure(archive: Archive, database: Database) -> None:
    session_id = start(archive)
    with database.write() as connection:
        connection.exec_driver_sql("ALTER TABLE event RENAME TO elsewhere")
    with pytest.raises(ArchiveUnavailable):
        add(archive, session_id, line(2))
    with database.write() as connection:
        connection.exec_driver_sql("ALTER TABLE elsewhere RENAME TO event")
    assert add(archive, session_id, line(2)) == session_id


def test_a_file_that_is_no_database_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear visitor, this is no database at all. " * 100)
    with pytest.raises(ArchiveUnavailable, match="not a database"):
        Archive.open(f"sqlite:///{path}")


def test_a_folder_that_may_not_be_written_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ArchiveUnavailable, match="cannot be made"):
        Archive.open(f"sqlite:///{tmp_path}/file/archive.db")


def test_a_postgresql_that_is_not_there_is_reported(tmp_path: Path) -> None:
    with pytest.raises(ArchiveUnavailable, match="connection"):
        Archive.open(f"postgresql://nobody@/none?host={tmp_path}")


def test_without_leave_to_create_nothing_is_made(new_url: MakeUrl, tmp_path: Path) -> None:
    with pytest.raises(DatabaseMissing, match="livehelp serve"):
        Archive.open(new_url(), create=False)
    assert list(tmp_path.iterdir()) == []


def test_an_sqlite_that_is_too_old_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "MIN_SQLITE", (99, 1, 0))
    with pytest.raises(DatabaseUnsupported, match=r"needs 99\.1\.0 or later"):
        Archive.open(f"sqlite:///{tmp_path}/archive.db")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "url",
    [
        "not a url",
        "mysql://localhost/livehelp",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///file:x?mode=memory&uri=true",
    ],
)
def test_what_cannot_be_an_archive_is_refused(url: str) -> None:
    with pytest.raises(DatabaseUnsupported):
        Archive.open(url)


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_postgresql_may_be_written_in_several_ways(postgres_archive: str, scheme: str) -> None:
    Archive.open(postgres_archive.replace("postgresql", scheme, 1), create=False).close()


def test_programs_that_open_a_new_file_at_the_same_moment_wait_for_each_other(
    tmp_path: Path,
) -> None:
    programs = 4
    together = threading.Barrier(programs)

    def begin(url: str) -> None:
        together.wait()
        database = Database(url, create=True)
        with database.snapshot() as connection:
            connection.execute(text("SELECT 1"))
        database.close()

    with ThreadPoolExecutor(programs) as threads:
        for number in range(60):  # one in ten failed
            urls = [f"sqlite:///{tmp_path}/{number}.db"] * programs
            assert list(threads.map(begin, urls)) == [None] * programs
