"""The token file: kept, private, replaced, forgotten, and never in the way."""

import os
import stat
from pathlib import Path

import pytest

from livehelp.client import Address, TokenFile

HERE = "localhost"
ONE, TWO = "a" * 43, "B-_9" * 11


@pytest.fixture
def tokens(tmp_path: Path) -> TokenFile:
    return TokenFile(tmp_path / "state" / "livehelp")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_without_a_file_there_is_no_token_and_no_warning(tokens: TokenFile) -> None:
    assert tokens.load(HERE) is None
    assert tokens.warning is None


def test_what_is_stored_is_loaded_and_the_next_one_replaces_it(tokens: TokenFile) -> None:
    for token in (ONE, TWO):
        tokens.store(HERE, token)
        assert TokenFile(tokens.directory).load(HERE) == token
    assert [path.name for path in tokens.directory.iterdir()] == [tokens.path(HERE).name]


def test_each_server_has_its_own_however_the_address_is_written(tokens: TokenFile) -> None:
    tokens.store("localhost:5483", ONE)
    tokens.store("unix:/run/a.sock", TWO)
    assert tokens.load(Address("localhost")) == ONE
    assert tokens.load("unix:/run/a.sock") == TWO
    assert tokens.load("unix:/run-a.sock") is None
    assert tokens.load("localhost:80") is None


def test_file_and_folder_are_private_whatever_the_umask(tokens: TokenFile) -> None:
    before = os.umask(0)
    try:
        tokens.store(HERE, ONE)
    finally:
        os.umask(before)
    assert mode(tokens.path(HERE)) == 0o600
    assert mode(tokens.directory) == 0o700


def test_a_file_and_a_folder_that_others_can_read_are_made_private(tokens: TokenFile) -> None:
    tokens.store(HERE, ONE)
    tokens.path(HERE).chmod(0o644)
    tokens.directory.chmod(0o755)
    assert tokens.load(HERE) == ONE
    assert mode(tokens.path(HERE)) == 0o600
    tokens.store(HERE, TWO)
    assert mode(tokens.directory) == 0o700


def test_a_shared_folder_is_not_closed_to_others(tmp_path: Path) -> None:
    tmp_path.chmod(0o1777)
    TokenFile(tmp_path).store(HERE, ONE)
    assert mode(tmp_path) == 0o1777


@pytest.mark.parametrize(
    "content",
    [b"", b"\n", b"short", b"x" * 10_000, b"\xff" * 43, ONE.encode() + b"\n" + ONE.encode()],
)
def test_a_broken_file_is_no_token_but_a_warning(tokens: TokenFile, content: bytes) -> None:
    tokens.store(HERE, ONE)
    tokens.path(HERE).write_bytes(content)
    assert tokens.load(HERE) is None
    assert tokens.warning is not None
    assert str(tokens.path(HERE)) in tokens.warning
    tokens.store(HERE, TWO)
    assert (tokens.load(HERE), tokens.warning) == (TWO, None)


def test_a_link_in_the_files_place_is_not_followed(tokens: TokenFile, tmp_path: Path) -> None:
    tokens.store(HERE, ONE)
    elsewhere = tmp_path / "secret"
    tokens.path(HERE).rename(elsewhere)
    tokens.path(HERE).symlink_to(elsewhere)
    assert tokens.load(HERE) is None
    assert tokens.warning is not None


def test_a_pipe_in_the_files_place_does_not_hang(tokens: TokenFile) -> None:
    tokens.directory.mkdir(parents=True)
    os.mkfifo(tokens.path(HERE))
    assert tokens.load(HERE) is None
    assert tokens.warning is not None


def test_a_folder_that_cannot_be_made_is_a_warning_and_no_crash(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    tokens = TokenFile(tmp_path / "file" / "livehelp")
    tokens.store(HERE, ONE)
    assert tokens.warning is not None
    assert tokens.load(HERE) is None
    assert tokens.forget() == 0


def test_a_write_that_fails_leaves_nothing_behind(tokens: TokenFile) -> None:
    tokens.path(HERE).mkdir(parents=True)
    tokens.store(HERE, TWO)
    assert tokens.warning is not None
    assert [path.name for path in tokens.directory.iterdir()] == [tokens.path(HERE).name]
    assert tokens.forget(HERE) == 0
    assert tokens.warning is not None


def test_forgetting_deletes_one_or_all_and_says_how_many(tokens: TokenFile) -> None:
    for address in (HERE, "a.example", "b.example"):
        tokens.store(address, ONE)
    assert tokens.forget(HERE) == 1
    assert tokens.load(HERE) is None
    assert tokens.forget(HERE) == 0
    assert tokens.forget() == 2
    assert list(tokens.directory.iterdir()) == []


@pytest.mark.parametrize("address", [HERE, None])
def test_forgetting_deletes_what_a_crash_left_of_a_write(
    tokens: TokenFile, address: str | None
) -> None:
    tokens.store(HERE, ONE)
    half = tokens.directory / f".{tokens.path(HERE).name}.0a1b2c3d"
    half.write_text(TWO)
    assert tokens.forget(address) == 1
    assert list(tokens.directory.iterdir()) == []


def test_what_cannot_be_forgotten_is_a_warning_and_no_crash(tokens: TokenFile) -> None:
    half = tokens.directory / f".{tokens.path(HERE).name}.0a1b2c3d"
    half.mkdir(parents=True)
    assert tokens.forget(HERE) == 0
    assert tokens.warning is not None
    assert str(half) in tokens.warning


def test_a_link_that_leads_nowhere_is_forgotten_too(tokens: TokenFile) -> None:
    tokens.directory.mkdir(parents=True)
    tokens.path(HERE).symlink_to("nowhere")
    assert tokens.forget(HERE) == 1
    assert list(tokens.directory.iterdir()) == []


def test_the_files_are_in_the_users_state_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "/state")
    assert TokenFile().directory == Path("/state/livehelp")
