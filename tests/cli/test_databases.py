"""Databases that are none, or not ours, or of another time: each is told, and none is harmed."""

import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.config import Config

from storage import migrations, revisions
from tests.cli.command import Command

# Every command that opens one, as it would be typed.
READERS = [
    ("sessions",),
    ("transcript", "K7P4-MXQ2"),
    ("operators", "list"),
    ("operators", "disable", "dana"),
    ("operators", "password", "dana"),
    ("db", "upgrade"),
]
MAKERS = [("serve", "--listen", "127.0.0.1:0"), ("operators", "add", "lee")]
every_reader = pytest.mark.parametrize("words", READERS, ids=" ".join)
everyone = pytest.mark.parametrize("words", READERS + MAKERS, ids=" ".join)

# What a later release may bring.
NEXT = """
import sqlalchemy as sa
from alembic import op

revision = "next"
down_revision = "{head}"


def upgrade():
    op.add_column("session", sa.Column("mood", sa.Text()))
"""


@pytest.fixture
def later_release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Make the program one with a revision more."""
    now, head = revisions.migrations, revisions.known_revisions()[0]
    folder = tmp_path / "versions"
    folder.mkdir()
    (folder / "next.py").write_text(NEXT.format(head=head))
    ours = Path(migrations.__file__).parent / "versions"

    def later() -> Config:
        config = now()
        config.set_main_option("version_locations", f"{ours}{os.pathsep}{folder}")
        return config

    monkeypatch.setattr(revisions, "migrations", later)
    revisions.known_revisions.cache_clear()
    yield
    revisions.known_revisions.cache_clear()


def execute(database: Path, statement: str) -> None:
    connection = sqlite3.connect(database)
    with connection:
        connection.execute(statement)
    connection.close()


@every_reader
def test_a_database_that_is_not_there_is_told_and_not_made(
    livehelp: Command, words: tuple[str, ...]
) -> None:
    result = livehelp(*words, "-d", "none.db")
    result.told(
        "livehelp: there is no database at none.db", "livehelp operators add", "livehelp serve"
    )
    assert not Path("none.db").exists()


@everyone
def test_a_folder_is_no_database(livehelp: Command, words: tuple[str, ...]) -> None:
    Path("some").mkdir()
    livehelp(*words, "-d", "some").told("some is a folder", "some/help.db")


@everyone
def test_another_kind_of_file_is_no_database_and_stays_as_it_is(
    livehelp: Command, words: tuple[str, ...]
) -> None:
    letter = Path("letter.txt")
    letter.write_text("Dear Sir or Madam, " * 100)
    livehelp(*words, "-d", letter).told("file is not a database", "letter.txt")
    assert letter.read_text() == "Dear Sir or Madam, " * 100


@every_reader
def test_an_empty_file_has_no_tables_yet(livehelp: Command, words: tuple[str, ...]) -> None:
    Path("empty.db").touch()
    livehelp(*words, "-d", "empty.db").told("has no tables of Live Help yet", "empty.db")


@everyone
def test_a_path_through_a_file_is_told(livehelp: Command, words: tuple[str, ...]) -> None:
    Path("file").touch()
    livehelp(*words, "-d", "file/help.db").told("file/help.db")


@everyone
def test_a_name_that_is_too_long_is_told(livehelp: Command, words: tuple[str, ...]) -> None:
    livehelp(*words, "-d", "x" * 300).told("File name too long")


@everyone
def test_a_database_of_another_program_is_left_alone(
    livehelp: Command, words: tuple[str, ...]
) -> None:
    execute(Path("theirs.db"), "CREATE TABLE session (who TEXT)")
    livehelp(*words, "-d", "theirs.db").told("did not make (session)", "theirs.db")


@everyone
def test_a_newer_database_is_told_and_left_alone(
    livehelp: Command, database: Path, words: tuple[str, ...]
) -> None:
    execute(database, "UPDATE alembic_version SET version_num = 'from-next-year'")
    livehelp(*words, "-d", database).told("from-next-year", "a newer version has upgraded it")


@pytest.mark.parametrize(
    "words", [words for words in READERS + MAKERS if words != ("db", "upgrade")], ids=" ".join
)
def test_an_older_database_is_told_with_the_command_that_upgrades_it(
    livehelp: Command, database: Path, later_release: None, words: tuple[str, ...]
) -> None:
    livehelp(*words, "-d", database).told("livehelp db upgrade", str(database))


def test_an_older_database_is_upgraded_when_told(
    livehelp: Command, database: Path, later_release: None
) -> None:
    result = livehelp("db", "upgrade", "-d", database)
    assert (result.code, result.err) == (0, "")
    assert result.out == f"{database} is upgraded; this version can serve it now.\n"
    again = livehelp("db", "upgrade", "-d", database)
    assert again.out == f"{database} is up to date already; nothing was changed.\n"
    assert livehelp("operators", "list", "-d", database).out.startswith("dana ")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("mysql://host/name", "not with 'mysql'"),
        ("://", "no database URL"),
        ("sqlite://", "must name a file"),
        ("sqlite:///:memory:", "must name a file"),
    ],
)
def test_a_url_of_another_kind_is_told(livehelp: Command, url: str, words: str) -> None:
    for command in READERS + MAKERS:
        livehelp(*command, "-d", url).told(words)


def test_a_server_that_does_not_answer_is_told_without_the_password(livehelp: Command) -> None:
    result = livehelp("sessions", "-d", "postgresql://ann:s3cret@127.0.0.1:1/help")
    result.told("Connection refused", "postgresql://ann:***@127.0.0.1:1/help")
    assert "s3cret" not in result.err


def test_an_account_that_may_not_is_told_which_one_it_is(
    livehelp: Command, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tests may run as root, who may read everything; the system's answer is replaced."""
    letter = Path("letter.txt")
    letter.write_text("Dear Sir or Madam, " * 100)

    def refused(*_: object) -> bool:
        return False

    monkeypatch.setattr(os, "access", refused)
    livehelp("sessions", "-d", letter).told("may not read and write it", "the server's account")


def test_the_environment_names_the_database_too(livehelp: Command, database: Path) -> None:
    env = {"LIVEHELP_DATABASE": str(database)}
    assert livehelp("operators", "list", env=env).out.startswith("dana ")
    assert livehelp("operators", "list", "-d", "none.db", env=env).code == 1


def test_a_question_mark_in_a_file_s_name_is_told(livehelp: Command) -> None:
    for words in READERS:
        assert livehelp(*words, "-d", "what?.db").told("a question mark").code == 2
