"""The file: written and read back alike, whole or torn."""

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livehelp.testkit.recording.recording_file import (
    Entry,
    RecordingError,
    RecordingWriter,
    line_entry,
    read_recording,
)
from tests.testkit.recording.disk import room

TO = "127.0.0.1:5483"
OPENED = Entry(t=0.5, connection=1, side="client", what="opened")


def write(file: Path, *entries: Entry, force: bool = False) -> None:
    with RecordingWriter(file, TO, force=force) as writer:
        for entry in entries:
            writer.write(entry)


def test_what_was_written_is_read_back(tmp_path: Path) -> None:
    said = line_entry(0.6, 1, "client", "Grüße\r".encode())
    cut = line_entry(0.7, 1, "server", b"half", unfinished=True)
    write(tmp_path / "recording", OPENED, said, cut)
    recording = read_recording(tmp_path / "recording")
    assert recording.entries == (OPENED, said, cut)
    assert (recording.header.to, recording.torn) == (TO, False)


@given(st.binary().filter(lambda line: b"\n" not in line))
def test_any_line_comes_back_byte_for_byte(line: bytes) -> None:
    assert line_entry(0.0, 1, "client", line).data == line + b"\n"


def test_every_line_says_who_sent_it(tmp_path: Path) -> None:
    write(tmp_path / "recording", line_entry(0.6, 1, "client", b"a"))
    assert '"from":"client"' in (tmp_path / "recording").read_text().splitlines()[1]


def test_a_torn_last_line_is_left_out(tmp_path: Path) -> None:
    file = tmp_path / "recording"
    write(file, OPENED, line_entry(0.6, 1, "client", b"a"))
    file.write_bytes(file.read_bytes()[:-5])
    recording = read_recording(file)
    assert recording.torn
    assert recording.entries == (OPENED,)


def test_a_file_that_is_there_is_not_overwritten(tmp_path: Path) -> None:
    write(tmp_path / "recording", OPENED)
    with pytest.raises(FileExistsError):
        write(tmp_path / "recording")


def test_a_recording_without_entries_leaves_no_file_and_the_old_one_where_it_is(
    tmp_path: Path,
) -> None:
    file = tmp_path / "recording"
    write(file)
    assert not file.exists()
    file.write_text("old")
    write(file, force=True)
    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, partial(os.symlink, "/dev/null")])
def test_what_is_no_ordinary_file_is_not_replaced(
    tmp_path: Path, make: Callable[[Path], None]
) -> None:
    make(tmp_path / "recording")
    with pytest.raises(RecordingError, match="no ordinary file"):
        write(tmp_path / "recording", force=True)
    assert list(tmp_path.iterdir()) == [tmp_path / "recording"]


def test_a_disk_that_is_full_at_once_leaves_no_file_and_the_old_one_where_it_is(
    tmp_path: Path,
) -> None:
    file = tmp_path / "recording"
    file.write_text("old")
    for each, force in ((tmp_path / "new", False), (file, True)):
        with room(10), pytest.raises(OSError, match=f"File too large: '{each}'"):
            write(each, force=force)
    assert list(tmp_path.iterdir()) == [file]
    assert file.read_text() == "old"


def test_a_disk_that_gets_full_leaves_what_was_written_before(tmp_path: Path) -> None:
    file = tmp_path / "recording"
    with RecordingWriter(file, TO, force=False) as writer:
        writer.write(OPENED)
        with room(file.stat().st_size + 10), pytest.raises(OSError, match=f"'{file}'"):
            writer.write(OPENED)
    assert (read_recording(file).entries, read_recording(file).torn) == ((OPENED,), True)


def test_force_replaces_a_file_that_others_may_read_by_one_that_they_may_not(
    tmp_path: Path,
) -> None:
    file = tmp_path / "recording"
    file.write_text("old")
    file.chmod(0o644)
    write(file, OPENED, force=True)
    assert file.stat().st_mode & 0o777 == 0o600
    assert "old" not in file.read_text()


@pytest.mark.parametrize("content", ["", "hello\n", '{"type":"hello"}\n', "\xff\n"])
def test_a_file_that_is_no_recording_is_told_from_one(tmp_path: Path, content: str) -> None:
    (tmp_path / "recording").write_text(content)
    with pytest.raises(RecordingError, match="is no recording"):
        read_recording(tmp_path / "recording")


@pytest.mark.parametrize(
    "line", ["nonsense", '{"t":1,"connection":1,"from":"client","base64":"abc"}']
)
def test_a_bad_line_in_the_middle_is_named_by_its_number(tmp_path: Path, line: str) -> None:
    file = tmp_path / "recording"
    write(file, OPENED)
    file.write_text(f"{file.read_text()}{line}\n")
    with pytest.raises(RecordingError, match="line 3"):
        read_recording(file)


def test_a_recording_of_a_later_version_is_refused_with_both_numbers(tmp_path: Path) -> None:
    file = tmp_path / "recording"
    file.write_text('{"recording":2,"at":"2005-12-19T15:04:05Z","to":"x"}\n')
    with pytest.raises(RecordingError, match="version 2; this program reads 1"):
        read_recording(file)
