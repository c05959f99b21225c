"""The file of a recording: JSON lines, a header and then the traffic in order."""

import base64
import os
import secrets
import stat
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Final, Literal, Self, TypeAlias

import msgspec
from msgspec import Struct

VERSION: Final = 1
# What people wrote to each other is in it: for the one who records, and nobody else.
MODE: Final = 0o600
# A day of a busy desk. A longer file is no test case, and all of it is read into memory.
MAX_BYTES: Final = 256 * 1024 * 1024

Side: TypeAlias = Literal["client", "server"]
What: TypeAlias = Literal["opened", "closed", "cut"]


class RecordingError(Exception):
    """The file is no recording, or cannot be one; the words say why."""


class Header(Struct, frozen=True):
    """The first line. ``at`` is when the recording began (UTC), ``to`` the server's address."""

    recording: int
    at: datetime
    to: str


class Entry(Struct, frozen=True, kw_only=True, omit_defaults=True, rename={"side": "from"}):
    """One line of the wire, or the beginning or end of a connection.

    Attributes:
        t: Seconds since the recording began.
        connection: 1, 2, 3, ... in the order of their beginnings.
        side: Who sent it, or who ended the connection.
        line: A whole line without its line feed, as it was but for its secrets.
        base64: Instead of ``line``, if it is no UTF-8.
        unfinished: The line was never ended: the connection was.
        what: Instead of a line: ``opened``; ``closed`` (no more comes from this side); ``cut`` (the
            connection broke, or nobody answered).
    """

    t: float
    connection: int
    side: Side
    line: str | None = None
    base64: str | None = None
    unfinished: bool = False
    what: What | None = None

    @property
    def data(self) -> bytes:
        """The line's bytes, its line feed included unless it never came."""
        end = b"" if self.unfinished else b"\n"
        if self.base64 is not None:
            return base64.b64decode(self.base64) + end
        return (self.line or "").encode() + end


class Recording(Struct, frozen=True):
    """A recording that was read.

    Attributes:
        header: Its first line.
        entries: The others; the entry with number ``n`` from 0 stands on line ``n + 2``.
        torn: The last line was not whole (the recorder was killed), and is left out.
    """

    header: Header
    entries: tuple[Entry, ...]
    torn: bool


class RecordingWriter:
    """Writes a recording, in its block; each entry is in the file when ``write`` returns.

    A recording without entries leaves no file. One that replaces another is written beside it, and
    takes its place with the first entry: what was there stays if nothing is recorded.

    Args:
        path: The file.
        to: The server's address.
        force: Replace a file that is there.

    Attributes:
        entries: How many were written.

    Raises:
        FileExistsError: there is one.
        RecordingError: what is there is no ordinary file, and is not to be replaced.
        OSError: it cannot be made, or (at the beginning of the block) not be written.
    """

    def __init__(self, path: Path, to: str, *, force: bool) -> None:
        self._path = self._now_at = path
        if force and os.path.lexists(path):
            if not stat.S_ISREG(path.lstat().st_mode):
                raise RecordingError(
                    f"{path} is no ordinary file, and is not replaced; choose another."
                )
            self._now_at = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND
        self._file = os.open(self._now_at, flags, MODE)
        self._to = to
        self._encoder = msgspec.json.Encoder()
        self.entries = 0

    def __enter__(self) -> Self:
        try:
            self._put(Header(recording=VERSION, at=datetime.now(UTC), to=self._to))
        except OSError:
            self._close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    def write(self, entry: Entry) -> None:
        """Append an entry; raises ``OSError``, which names the file, when that is not possible."""
        self._put(entry)
        if self._now_at != self._path:
            self._now_at.replace(self._path)
            self._now_at = self._path
        self.entries += 1

    def _close(self) -> None:
        os.close(self._file)
        if not self.entries:
            self._now_at.unlink()

    def _put(self, value: Header | Entry) -> None:
        data = self._encoder.encode(value) + b"\n"
        try:
            while data:
                data = data[os.write(self._file, data) :]
        except OSError as why:
            raise OSError(why.errno, why.strerror, str(self._path)) from why


def line_entry(
    t: float, connection: int, side: Side, line: bytes, *, unfinished: bool = False
) -> Entry:
    """Return the entry of a line, given without its line feed."""
    try:
        text, coded = line.decode(), None
    except UnicodeDecodeError:
        text, coded = None, base64.b64encode(line).decode()
    return Entry(
        t=t, connection=connection, side=side, line=text, base64=coded, unfinished=unfinished
    )


def read_recording(path: Path) -> Recording:
    """Read a recording.

    Raises:
        RecordingError: it is none; the words name the line.
        OSError: it cannot be read.
    """
    if path.stat().st_size > MAX_BYTES:
        raise RecordingError(f"{path} is longer than {MAX_BYTES >> 20} MiB; record less at a time.")
    first, *lines = path.read_bytes().split(b"\n")
    header = _header(path, first)
    torn = lines.pop() != b"" if lines else True
    entries: list[Entry] = []
    for number, line in enumerate(lines, start=2):
        try:
            entry = _ENTRIES.decode(line)
            _ = entry.data  # may be no base64
        except (msgspec.DecodeError, ValueError) as why:
            raise RecordingError(f"{path}, line {number}: {why}.") from None
        entries.append(entry)
    return Recording(header, tuple(entries), torn)


_ENTRIES: Final = msgspec.json.Decoder(Entry)


def _header(path: Path, line: bytes) -> Header:
    try:
        header = msgspec.json.decode(line, type=Header)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise RecordingError(f"{path} is no recording: its first line is no header.") from None
    if header.recording != VERSION:
        raise RecordingError(
            f"{path} is a recording of version {header.recording}; this program reads {VERSION}."
        )
    return header
