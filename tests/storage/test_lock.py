"""Who has an SQLite file keeps a second server out of it."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.lock import locked

NOBODY = 65534


@pytest.fixture
def not_ours(tmp_path: Path) -> Iterator[Path]:
    """A folder that this account may not search, whoever runs the tests."""
    folder = tmp_path / "not-ours"
    folder.mkdir()
    (folder / "help.db").touch()
    folder.chmod(0)
    was = os.geteuid()
    if was == 0:
        os.seteuid(NOBODY)
    try:
        yield folder
    finally:
        os.seteuid(was)
        folder.chmod(0o700)


def test_where_one_may_not_look_the_database_itself_says_so(not_ours: Path) -> None:
    """Its words are better than those about a lock, and far better than a traceback."""
    with locked(f"sqlite:///{not_ours / 'help.db'}"):
        pass
