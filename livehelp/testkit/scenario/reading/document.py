"""A scenario file as nodes that know their location.

The file is YAML in which every value is text. YAML would read ``no`` as false and ``12:30`` as a
number in base 60; here both are the text that was written.
"""

import re
from dataclasses import dataclass
from typing import Final, TypeAlias

import yaml

from livehelp.testkit.scenario.location import Location, Mistake, Unreadable
from livehelp.testkit.scenario.reading.shorthand import Origin, in_yaml
from livehelp.testkit.scenario.reading.yaml_hints import explained, refuse_strange_quotes

# A scenario is a page or two. A megabyte is a mistake in the name of the file.
MAX_BYTES: Final = 1_000_000
# What is nested deeper was not written by a person; Python itself ends at a thousand calls.
MAX_DEPTH: Final = 50
# Half of a character: no text has it, and no wire takes it.
_HALF: Final = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Text:
    """A scalar: always text."""

    location: Location
    text: str


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    location: Location
    items: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Entries:
    """A mapping, in the order of the file; no name comes twice.

    Attributes:
        source: It as it is written, on one line.
    """

    location: Location
    entries: tuple[tuple[Text, "Node"], ...]
    source: str = ""


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
        self._lines = text.splitlines()
        found = list(in_yaml(self._lines))
        self._origins = [line.origins for line in found]
        self._yaml = "\n".join(line.text for line in found)

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
            mark, words = explained(why, self._yaml.split("\n"))
            location = (
                Location(self._file, 1) if mark is None else self._location(mark.line, mark.column)
            )
            raise Unreadable(Mistake(location, words)) from None
        except yaml.YAMLError as why:
            words = str(why).splitlines()[0]
            raise Unreadable(
                Mistake(Location(self._file, 1), f"this is no YAML: {words}")
            ) from None
        if node is None:
            words = "the file is empty; a scenario has at least `actors` and `steps`"
            raise Unreadable(Mistake(Location(self._file, 1), words))
        return self._node(node)

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
        location = (
            Location(self._file, 1) if mark is None else self._location(mark.line, mark.column)
        )
        raise Unreadable(Mistake(location, words))

    def _node(self, node: yaml.Node) -> Node:
        location = self._location(node.start_mark.line, node.start_mark.column)
        if isinstance(node, yaml.ScalarNode):
            text = str(node.value)
            if node.style is None:
                refuse_strange_quotes(text, location)
            if found := _HALF.search(text):
                words = (
                    f"{ascii(found[0])[1:-1]} is half a character; write \\U0001F600, for example"
                )
                raise Unreadable(Mistake(location, words))
            return Text(location, text)
        if isinstance(node, yaml.SequenceNode):
            return Items(location, tuple(map(self._node, node.value)))
        entries: dict[str, tuple[Text, Node]] = {}
        for key, value in node.value:
            name = self._node(key)
            if not isinstance(name, Text):
                raise Unreadable(Mistake(name.location, "a name is text, not a list or a mapping"))
            if name.text in entries:
                words = f"`{name.text}` stands here a second time; the first is in line "
                words += str(entries[name.text][0].location.line)
                raise Unreadable(Mistake(name.location, words))
            entries[name.text] = name, self._node(value)
        return Entries(location, tuple(entries.values()), self._source(node))

    def _source(self, node: yaml.Node) -> str:
        """Return what the file has for ``node``, its lines joined."""
        line, column = self._origin(node.start_mark.line, node.start_mark.column)
        last = _last_of(node).end_mark  # that of a block is where the next one begins
        end, end_column = self._origin(last.line, last.column)
        lines = [*self._lines[line : end + 1], ""]
        lines[end - line] = lines[end - line][:end_column]
        lines[0] = lines[0][column:]
        return " ".join(filter(None, map(str.strip, lines)))

    def _location(self, line: int, column: int) -> Location:
        line, column = self._origin(line, column)
        return Location(self._file, line + 1, column + 1)

    def _origin(self, line: int, column: int) -> Origin:
        """Return where in the file a place in what YAML got is; all count from 0."""
        origins = self._origins[line] if line < len(self._origins) else None
        return (line, column) if origins is None else origins[min(column, len(origins) - 1)]


def _last_of(node: yaml.Node) -> yaml.Node:
    """Return what a block ends with; all else is its own end."""
    if isinstance(node, yaml.ScalarNode) or getattr(node, "flow_style", True) or not node.value:
        return node
    last = node.value[-1]
    return _last_of(last[1] if isinstance(node, yaml.MappingNode) else last)
