"""What docs/protocol.md says, read as a program reads it: its rules, its tables.

Owns the reading only. Whoever changes the document changes what is tested.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

PATH: Final = Path(__file__).parents[2] / "docs" / "protocol.md"
TEXT: Final = PATH.read_text(encoding="utf-8")
CHAPTERS: Final = {
    int(number): body
    for number, body in re.findall(r"^## (\d+)\. (.*?)(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL)
}
COMMANDS: Final = 7
REPLIES: Final = 8
EVENTS: Final = 9
SIGNALS: Final = 10
FIELD_HEADER: Final = ("field", "kind", "needed", "meaning")


class Field(NamedTuple):
    """One row of a message's table."""

    name: str
    kind: str
    otherwise: str

    @property
    def needed(self) -> bool:
        """Whether it may not be left out; else ``otherwise`` is what is meant then."""
        return self.otherwise == "yes"


def rules() -> list[str]:
    """Return the marks of all rules, in order: ``P-2.1``, ..."""
    return re.findall(r"^\*\*\[(P-\d+\.\d+)\]\*\*", TEXT, re.MULTILINE)


def messages(chapter: int) -> dict[str, list[Field]]:
    """Return the messages of a chapter by their types, with their fields."""
    body = CHAPTERS[chapter]
    shared = fields(body.partition("\n### ")[0])
    return {
        name: shared + fields(section)
        for name, section in re.findall(
            r"^### `(\w+)`[^\n]*\n(.*?)(?=^### |\Z)", body, re.MULTILINE | re.DOTALL
        )
    }


def fields(section: str) -> list[Field]:
    """Return the fields of the first such table in a text; none if there is no table."""
    return [
        Field(name.strip("`"), kind, needed)
        for name, kind, needed, _ in rows(section, FIELD_HEADER)
    ]


def who_may() -> list[list[str]]:
    """Return the rows of the table of [P-4.2]: command, visitor, insider, outsider."""
    header = ("command", "visitor", "operator in the session", "other operator")
    return [[row[0].strip("`"), *row[1:]] for row in rows(CHAPTERS[4], header)]


def error_codes() -> dict[str, bool]:
    """Return the error codes of chapter 11, with whether the connection ends."""
    table = rows(CHAPTERS[11], ("code", "when", "ends", "what to do"))
    return {row[0].strip("`"): row[2] == "yes" for row in table}


def bye_reasons() -> list[str]:
    """Return the reasons of ``bye``."""
    return [row[0].strip("`") for row in rows(CHAPTERS[SIGNALS], ("`reason`", "when"))]


def limits() -> dict[str, str]:
    """Return the kinds of value of chapter 6 with their limits, as they are written."""
    return {row[0]: row[2] for row in rows(CHAPTERS[6], ("kind", "what", "limit", "why"))}


def rows(text: str, header: Sequence[str]) -> list[list[str]]:
    """Return the cells of the first table with this header in a text; none if it has none."""
    lines = iter(text.splitlines())
    for line in lines:
        if _cells(line) == list(header):
            next(lines)  # | --- |
            break
    found: list[list[str]] = []
    for line in lines:
        if not line.startswith("|"):
            break
        found.append(_cells(line))
    return found


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]
