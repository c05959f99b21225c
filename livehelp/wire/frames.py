"""Cutting a stream of bytes into lines.

Owns the buffer of one direction of one connection and its bound. Must not know what a line says.
"""

from collections.abc import Iterator
from typing import Final

from livehelp.wire.errors import RemoteProtocolError
from livehelp.wire.replies import ErrorCode

# A say of MAX_TEXT characters, each written as one \uXXXX escape, is 12 KB, and 16 KiB leaves room
# for the other fields. A thousand peers that never end their line hold 16 MiB of ours, no more.
MAX_CLIENT_LINE: Final = 16 * 1024
# An exit interview of MAX_ANSWERS answers of MAX_TEXT characters is the longest event; four bytes
# a character is UTF-8's worst, and the server never escapes.
MAX_SERVER_LINE: Final = 128 * 1024


class LineBuffer:
    """Collects bytes and gives back whole lines, without the line feed or CR LF at their ends.

    Args:
        limit: The longest line, in bytes without its end, that is accepted.
    """

    __slots__ = ("_held", "_limit")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._held = b""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Give the lines that ``data`` completes, oldest first; keep the rest.

        Nothing happens until the lines are asked for. Blank lines are skipped, so that a person
        typing into ``nc`` can press Enter.

        Raises:
            RemoteProtocolError: a line is over the limit (fatal). It is raised in that line's
                place, after the lines before it, so that the cuts between reads change nothing.
        """
        *lines, self._held = (self._held + data if self._held else data).split(b"\n")
        for line in lines:
            bare = line.removesuffix(b"\r")
            if len(bare) > self._limit:
                raise self._too_long()
            if bare.strip():
                yield bare
        if len(self._held) > self._limit + 1:  # one more, it could be the \r
            raise self._too_long()

    @property
    def held(self) -> bytes:
        """What has come of an unfinished line."""
        return self._held

    @property
    def pending(self) -> int:
        """How many bytes of an unfinished line are held."""
        return len(self._held)

    def _too_long(self) -> RemoteProtocolError:
        self._held = b""
        return RemoteProtocolError(
            ErrorCode.LINE_TOO_LONG,
            f"A line may have at most {self._limit} bytes; this one is longer. Goodbye.",
            fatal=True,
        )
