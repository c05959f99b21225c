"""A line and column in a scenario file, and the error of a file that cannot be read."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Location:
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

    location: Location
    words: str

    def __str__(self) -> str:
        """Return it as a line."""
        return f"{self.location}: {self.words}"


class Unreadable(Exception):
    """A file that is no scenario.

    Attributes:
        mistakes: All that is wrong with it, in the order of the file.
    """

    def __init__(self, *mistakes: Mistake) -> None:
        self.mistakes = tuple(sorted(set(mistakes), key=lambda mistake: mistake.location))
        super().__init__("\n".join(map(str, self.mistakes)))
