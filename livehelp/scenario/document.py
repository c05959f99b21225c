"""A scenario file as nodes that know their place.

Owns the outer form: YAML in which every value is text, and the one shorthand that YAML lacks. Must
not know what the words mean.

YAML would read ``no`` as false and ``12:30`` as a number in base 60; here everything is the text
that was written. And a step may be written as people say it: ``- pat: say "hello: you"``,
``- pat: start {name: Pat}``. Plain YAML can have neither a colon and a blank inside such words nor
braces behind them, so they are put in YAML's quotes before YAML sees the line.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import yaml

# A scenario is a page or two. A megabyte is a mistake in the name of the file.
MAX_BYTES: Final = 1_000_000
# What is nested deeper was not written by a person; Python itself ends at a thousand calls.
MAX_DEPTH: Final = 50
# A list item with a name and a value that begins with a letter: a step in words. And the sentence
# that says what a scenario shows.
_STEP: Final = re.compile(r"(?:\s*-\s+[^\s:{\[\"'#&*!|>][^:{\[\"'#]*:\s+|about:\s+)(?=[^\W\d_])")
_ABOUT: Final = "about:"
_BLOCK: Final = re.compile(r"[:-]\s+[|>][-+\d]*\s*(#.*)?$")


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where something stands; lines and columns count from 1."""

    file: str
    line: int
    column: int = 1

    def __str__(self) -> str:
        """Return it as editors and terminals know it."""
        return f"{self.file}:{self.line}:{self.column}"


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


@dataclass(frozen=True, slots=True)
class Text:
    """A scalar: always text."""

    place: Place
    text: str


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    place: Place
    items: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Entries:
    """A mapping, in the order of the file; no name comes twice."""

    place: Place
    entries: tuple[tuple[Text, "Node"], ...]


Node: TypeAlias = Text | Items | Entries


def read_document(text: str, file: str) -> Node:
    """Return the one document in ``text``.

    Args:
        text: The whole file.
        file: Its name, for the places.

    Raises:
        Unreadable: it is no YAML, or uses what a scenario has no use for.
    """
    return _Document(text, file).read()


class _Document:
    """One file while it is read: the lines as YAML gets them, and where each character was."""

    def __init__(self, text: str, file: str) -> None:
        self._file = file
        self._origins: dict[int, Sequence[int]] = {}
        self._yaml = "\n".join(self._lines(text))

    def read(self) -> Node:
        """Return the document; raises ``Unreadable``."""
        try:
            depth = 0
            for event in yaml.parse(self._yaml, yaml.BaseLoader):
                depth += isinstance(event, yaml.CollectionStartEvent)
                depth -= isinstance(event, yaml.CollectionEndEvent)
                self._refuse(event, depth)
            node = yaml.compose(self._yaml, yaml.BaseLoader)
        except yaml.MarkedYAMLError as why:
            mark = why.problem_mark or why.context_mark
            place = Place(self._file, 1)
            if mark is not None:
                place = self._place(mark.line, mark.column)
            words = ", ".join(filter(None, [why.context, why.problem]))
            raise Unreadable(Mistake(place, f"this is no YAML: {words}")) from None
        except yaml.YAMLError as why:
            words = str(why).splitlines()[0]
            raise Unreadable(Mistake(Place(self._file, 1), f"this is no YAML: {words}")) from None
        if node is None:
            words = "the file is empty; a scenario has at least `actors` and `steps`"
            raise Unreadable(Mistake(Place(self._file, 1), words))
        return self._node(node)

    def _lines(self, text: str) -> Iterator[str]:
        block: int | None = None  # how deep the line stands under which a block of text hangs
        for number, line in enumerate(text.splitlines()):
            depth = len(line) - len(line.lstrip())
            if block is not None and (not line.strip() or depth > block):
                yield line
                continue
            block = depth if _BLOCK.search(line) else None
            written, origins = _in_quotes(line)
            if written != line:
                self._origins[number] = origins
            yield written

    def _refuse(self, event: yaml.Event, depth: int) -> None:
        if depth > MAX_DEPTH:
            words = "this is nested deeper than any scenario is"
        elif getattr(event, "anchor", None) is not None:
            words = "anchors (&) and aliases (*) are not for scenarios; put the text in quotes"
        elif isinstance(event, yaml.NodeEvent) and getattr(event, "tag", None) is not None:
            words = "tags (!) are not for scenarios; put the text in quotes"
        else:
            return
        mark = event.start_mark
        place = Place(self._file, 1) if mark is None else self._place(mark.line, mark.column)
        raise Unreadable(Mistake(place, words))

    def _node(self, node: yaml.Node) -> Node:
        place = self._place(node.start_mark.line, node.start_mark.column)
        if isinstance(node, yaml.ScalarNode):
            return Text(place, str(node.value))
        if isinstance(node, yaml.SequenceNode):
            return Items(place, tuple(map(self._node, node.value)))
        entries: dict[str, tuple[Text, Node]] = {}
        for key, value in node.value:
            name = self._node(key)
            if not isinstance(name, Text):
                raise Unreadable(Mistake(name.place, "a name is text, not a list or a mapping"))
            if name.text in entries:
                words = f"`{name.text}` stands here a second time; the first is in line "
                words += str(entries[name.text][0].place.line)
                raise Unreadable(Mistake(name.place, words))
            entries[name.text] = name, self._node(value)
        return Entries(place, tuple(entries.values()))

    def _place(self, line: int, column: int) -> Place:
        """Return the place in the file of a place in what YAML got; both count from 0 there."""
        if (origins := self._origins.get(line)) is not None:
            column = origins[min(column, len(origins) - 1)]
        return Place(self._file, line + 1, column + 1)


def _in_quotes(line: str) -> tuple[str, Sequence[int]]:
    """Return ``line`` with the words of a step in YAML's quotes, and where each character was."""
    found = _STEP.match(line)
    if found is None:
        return line, ()
    begin = found.end()
    braces, end = _parts(line, begin)
    if line.startswith(_ABOUT):
        braces = None
    words = line[begin : braces if braces is not None else end].rstrip()
    quoted = [("'", begin)]
    for at, char in enumerate(words, begin):
        quoted += [(char, at)] * (2 if char == "'" else 1)
    quoted.append(("'", begin + len(words)))
    if braces is not None:
        quoted = [("{", begin), *quoted, (":", braces), (" ", braces)]
        quoted += [(line[at], at) for at in range(braces, end)] + [("}", end)]
    head = [(char, at) for at, char in enumerate(line[:begin])]
    tail = [(char, at) for at, char in enumerate(line[end:], end)]
    whole = [*head, *quoted, *tail]
    return "".join(char for char, _ in whole), [*(at for _, at in whole), len(line)]


def _parts(line: str, begin: int) -> tuple[int | None, int]:
    """Return where the braces of a step begin, if there are any, and where the step ends."""
    quote = ""
    braces: int | None = None
    for at in range(begin, len(line)):
        char = line[at]
        if quote:
            quote = "" if char == quote and line[at - 1] != "\\" else quote
        elif char in "\"'" and (braces is not None or char == '"'):
            quote = char
        elif char == "#" and line[at - 1].isspace():
            return braces, len(line[:at].rstrip())
        elif char == "{" and braces is None and line[at - 1].isspace():
            braces = at
    return braces, len(line.rstrip())
