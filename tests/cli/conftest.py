"""The command in an empty folder, and a database to give it."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from livehelp.testkit.server import PASSWORD
from server.auth.passwords import hash_password
from storage import Archive
from tests.cli.command import Command


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive with the operator dana, and nothing in its audit log; copied, to save time."""
    database = tmp_path_factory.mktemp("template") / "help.db"
    archive = Archive.open(f"sqlite:///{database}")
    archive.add_operator("dana", hash_password(PASSWORD), datetime.now(UTC))
    archive.close()
    return database


@pytest.fixture
def livehelp(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    """The command, in a folder where nothing is."""
    return Command(tmp_path, monkeypatch, capsys)


@pytest.fixture
def database(livehelp: Command, template: Path) -> Path:
    """An archive where ``livehelp`` runs, with the operator dana."""
    shutil.copy(template, livehelp.database)
    return livehelp.database


@pytest.fixture
def url(database: Path) -> str:
    """The same archive's URL."""
    return f"sqlite:///{database}"


def open_archive(database: Path) -> Archive:
    """Open an archive to look at what a command did."""
    return Archive.open(f"sqlite:///{database}", create=False)
