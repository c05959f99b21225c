"""The file of a recording: JSON lines, a header and then what went over the wire, in order.

Owns the form of the file, both ways, its mode, and what to do with one that ends in mid-line.
Must not know what the lines of the wire say.
"""

import base64
import os
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


class TapeError(Exception):
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


class Tape(Struct, frozen=True):
    """A recording that was read.

    Attributes:
        header: Its first line.
        entries: The others; the entry with number ``n`` from 0 stands on line ``n + 2``.
        torn: The last line was not whole (the recorder was killed), and is left out.
    """

    header: Header
    entries: tuple[Entry, ...]
    torn: bool


class TapeWriter:
    """Writes a recording; each entry is in the file when ``write`` returns.

    Args:
        path: The file.
        to: The server's address.
        force: Replace a file that is there.

    Attributes:
        entries: How many were written.

    Raises:
        FileExistsError: there is one.
        OSError: it cannot be made.
    """

    def __init__(self, path: Path, to: str, *, force: bool) -> None:
        # Unlinked and not emptied: what is there may be readable for others, or a link elsewhere.
        if force:
            path.unlink(missing_ok=True)
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, MODE)
        self._encoder = msgspec.json.Encoder()
        self.entries = 0
        self._put(Header(recording=VERSION, at=datetime.now(UTC), to=to))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.close(self._file)

    def write(self, entry: Entry) -> None:
        """Append an entry."""
        self._put(entry)
        self.entries += 1

    def _put(self, value: Header | Entry) -> None:
        data = self._encoder.encode(value) + b"\n"
        while data:
            data = data[os.write(self._file, data) :]


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


def read_tape(path: Path) -> Tape:
    """Read a recording.

    Raises:
        TapeError: it is none; the words name the line.
        OSError: it cannot be read.
    """
    if path.stat().st_size > MAX_BYTES:
        raise TapeError(f"{path} is longer than {MAX_BYTES >> 20} MiB; record less at a time.")
    first, *lines = path.read_bytes().split(b"\n")
    header = _header(path, first)
    torn = lines.pop() != b"" if lines else True
    entries: list[Entry] = []
    for number, line in enumerate(lines, start=2):
        try:
            entries.append(_ENTRIES.decode(line))
        except (msgspec.DecodeError, UnicodeDecodeError) as why:
            raise TapeError(f"{path}, line {number}: {why}.") from None
    return Tape(header, tuple(entries), torn)


_ENTRIES: Final = msgspec.json.Decoder(Entry)


def _header(path: Path, line: bytes) -> Header:
    try:
        header = msgspec.json.decode(line, type=Header)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise TapeError(f"{path} is no recording: its first line is no header.") from None
    if header.recording != VERSION:
        raise TapeError(
            f"{path} is a recording of version {header.recording}; this program reads {VERSION}."
        )
    return header
