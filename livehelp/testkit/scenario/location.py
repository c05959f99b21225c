"""Where something stands in a scenario file, and what is wrong there.

Owns how a place is written, and the one error of a file that cannot be read. Must not know what
stands there.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where something stands; lines and columns count from 1. Line 0 is the file as such."""

    file: str
    line: int
    column: int = 1

    def __str__(self) -> str:
        """Return it as editors and terminals know it."""
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class Mistake:
    """Something in a file that cannot be read: where, and what would be right."""

    place: Place
    words: str

    def __str__(self) -> str:
        """Return it as a line."""
        return f"{self.place}: {self.words}"


class Unreadable(Exception):
    """A file that is no scenario.

    Attributes:
        mistakes: All that is wrong with it, in the order of the file.
    """

    def __init__(self, *mistakes: Mistake) -> None:
        self.mistakes = tuple(sorted(set(mistakes), key=lambda mistake: mistake.place))
        super().__init__("\n".join(map(str, self.mistakes)))
