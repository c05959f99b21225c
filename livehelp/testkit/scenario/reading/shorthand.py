"""Puts the words of a step into YAML's quotes, and remembers where each character was.

``- pat: say "hello: you"`` and ``- pat: start {name: Pat}`` are no plain YAML: a colon and a blank
inside words, braces behind them. A step, or the sentence of ``about``, goes on in lines indented
deeper.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import Final, NamedTuple, TypeAlias

# A list item with a name and a value that begins with a letter: a step in words. And the sentence
# that says what a scenario shows.
_STEP: Final = re.compile(
    r"(?P<dash>\s*-\s+)?(?P<name>(?(dash)[^\s:{\[\"'#&*!|>][^:{\[\"'#]*|about):\s+)(?=[^\W\d_])"
)
_BLOCK: Final = re.compile(r"[:-]\s+[|>][-+\d]*\s*(#.*)?$")
# A line and a column of the file, both from 0.
Origin: TypeAlias = tuple[int, int]


class Line(NamedTuple):
    """A line as YAML gets it, and where each of its characters was, the end included."""

    text: str
    origins: Sequence[Origin] | None = None


class _Cell(NamedTuple):
    """A character of a step, and where it is in the file."""

    char: str
    origin: Origin


def in_yaml(lines: Sequence[str]) -> Iterator[Line]:
    """Return as many lines as there are, with every step in words in YAML's quotes."""
    block: int | None = None  # how deep the line stands under which a block of text hangs
    number = 0
    while number < len(lines):
        line, first = lines[number], number
        number += 1
        if block is not None and (not line.strip() or _depth(line) > block):
            yield Line(line)
            continue
        block = _depth(line) if _BLOCK.search(line) else None
        step = _STEP.match(line)
        if step is None:
            yield Line(line)
            continue
        more = _deeper(lines, number, step.start("name"))
        number += len(more)
        yield _quoted([line, *more], first, step.end(), has_braces=step["dash"] is not None)
        yield from [Line("")] * len(more)


def _depth(line: str) -> int:
    """Return how deep a line is indented; one with nothing on it is not."""
    return len(line) - len(line.lstrip()) if line.strip() else 0


def _deeper(lines: Sequence[str], begin: int, depth: int) -> list[str]:
    """Return those from ``begin`` on that go on with what stands at ``depth``."""
    following = (lines[number] for number in range(begin, len(lines)))
    return list(takewhile(lambda line: _depth(line) > depth, following))


def _quoted(lines: Sequence[str], first: int, begin: int, *, has_braces: bool) -> Line:
    """Return a step, which begins at column ``begin`` of line ``first``, as one line of YAML."""
    cells, braces = _cells(lines, first, begin)
    words, fields = cells, []
    if has_braces and braces is not None:
        words, fields = cells[:braces], cells[braces:]
    end = (cells[-1].origin[0], cells[-1].origin[1] + 1)
    while words[-1].char.isspace():
        words = words[:-1]
    quoted = [_Cell("'", words[0].origin)]
    for cell in words:
        quoted += [cell] * (2 if cell.char == "'" else 1)
    quoted.append(_Cell("'", (words[-1].origin[0], words[-1].origin[1] + 1)))
    if fields:
        head, at = _Cell("{", words[0].origin), fields[0].origin
        quoted = [head, *quoted, _Cell(":", at), _Cell(" ", at), *fields, _Cell("}", end)]
    name = [_Cell(char, (first, at)) for at, char in enumerate(lines[0][:begin])]
    whole = [*name, *quoted]
    return Line("".join(cell.char for cell in whole), [*(cell.origin for cell in whole), end])


def _cells(lines: Sequence[str], first: int, begin: int) -> tuple[list[_Cell], int | None]:
    """Return the characters of a step without comments, and where its braces begin among them."""
    cells: list[_Cell] = []
    braces: int | None = None
    quote = ""
    escaped = False
    for number, line in enumerate(lines, first):
        start = begin if number == first else _depth(line)
        if number != first:
            cells.append(_Cell(" ", (number, start)))
        for at, char in enumerate(line.rstrip()[start:], start):
            after_blank = bool(cells) and cells[-1].char.isspace()
            if quote:
                ends = char == quote and not escaped
                escaped = char == "\\" and quote == '"' and not escaped
                quote = "" if ends else quote
            elif char == "#" and after_blank:
                break
            elif char in "\"'" and (braces is not None or char == '"'):
                quote = char
            elif char == "{" and braces is None and after_blank:
                braces = len(cells)
            cells.append(_Cell(char, (number, at)))
        while cells[-1].char.isspace():
            cells.pop()
    return cells, braces
