"""Reads single values (a text, a time, a switch, a matcher), with an error text for each."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

from livehelp.testkit.scenario.location import Mistake, Unreadable
from livehelp.testkit.scenario.matcher import (
    NONE,
    Count,
    Each,
    Matcher,
    Pairs,
    Same,
    Search,
    text_matcher,
)
from livehelp.testkit.scenario.message_types import FieldKind
from livehelp.testkit.scenario.reading.document import Entries, Items, Node, Text
from livehelp.times import read_time

# What people write for a step that only lets time pass; there is none.
_WAITING: Final = frozenset({"wait", "sleep", "pause", "delay"})
# How alike a slip of the pen is to what was meant: `pta` is one for `pat` (0.67), `disk_full` is
# none for `full` (0.62).
ALIKE: Final = 0.65
_SWITCH: Final = {"yes": True, "on": True, "true": True, "no": False, "off": False, "false": False}


def wrong(node: Node, words: str) -> Unreadable:
    """Return the error that something at ``node`` is wrong."""
    return Unreadable(Mistake(node.location, words))


def no_text(node: Node, what: str = "a text") -> Unreadable:
    """Return the error that ``what``, in words, should be at ``node``."""
    if isinstance(node, Entries) and node.entries:
        return wrong(node, "put the text in quotes, for there is a colon and a blank in it")
    return wrong(node, f"what is expected here is {what}")


def unknown(name: Text, known: Iterable[str], what: str) -> Unreadable:
    """Return the error that ``name`` is none of ``known``, with the one that was meant, perhaps.

    Args:
        name: What is written.
        known: What could be.
        what: What it should be, such as "an action of an operator".
    """
    names = list(known)
    close = get_close_matches(name.text, names, 1, ALIKE)
    advice = f"did you mean `{close[0]}`?" if close else f"there are {listed(names)}"
    return wrong(name, f"`{name.text}` is not {what}; {advice}")


def refuse_waiting(words: Node, at: Node) -> None:
    """Raise the error that no step waits, if that is what ``words`` begin with; ``at`` is where."""
    if isinstance(words, Text) and words.text.split()[:1] and words.text.split()[0] in _WAITING:
        told = "no step waits for a time; expect what you wait for, or that nothing comes, as in: "
        raise wrong(at, f"{told}- dana: {{never: line, within: 2s}}")


def listed(names: Iterable[str]) -> str:
    """Return ``a``, ``b`` and ``c`` as a person writes them."""
    quoted = [f"`{name}`" for name in names]
    return " and ".join(filter(None, [", ".join(quoted[:-1]), *quoted[-1:]])) or "none"


def text_of(node: Node, what: str) -> str:
    """Return a text; ``what`` says what it should be."""
    if isinstance(node, Text) and node.text:
        return node.text
    raise wrong(node, f"{what} is a text")


def entries_of(node: Node, what: str, example: str) -> tuple[tuple[Text, Node], ...]:
    """Return a mapping's entries."""
    if isinstance(node, Entries):
        return node.entries
    raise wrong(node, f"{what} is a mapping, such as {example}")


def items_of(node: Node, what: str) -> tuple[Node, ...]:
    """Return the items of the list under the name ``what``, one at least."""
    if isinstance(node, Items) and node.items:
        return node.items
    raise wrong(node, f"`{what}` is a list: one step a line below it, each after a hyphen")


def seconds_of(node: Node) -> float:
    """Return a time in seconds."""
    try:
        return read_time(node.text if isinstance(node, Text) else "")
    except ValueError as why:
        raise wrong(node, str(why)) from None


def switch_of(node: Node) -> bool:
    """Return yes (also on, true) or no (also off, false)."""
    value = _SWITCH.get(node.text.lower()) if isinstance(node, Text) else None
    if value is None:
        raise wrong(node, "what is expected here is `yes` or `no`, or `on` or `off`")
    return value


def number_of(node: Node) -> int:
    """Return a number."""
    if (number := _digits(node)) is not None:
        return number
    raise wrong(node, "what is expected here is a number, such as 2")


def matcher_of(node: Node, kind: FieldKind) -> Matcher:
    """Return what a field of this kind must be."""
    match kind:
        case "number":
            return Same(number_of(node))
        case "switch":
            return Same(switch_of(node))
        case "list":
            return _list(node)
        case "answers":
            return _answers(node)
        case "maybe" if isinstance(node, Text) and node.text == NONE:
            return Same(None)
        case "maybe" | "text":
            return _text(node)


def _text(node: Node) -> Same | Search:
    if not isinstance(node, Text):
        raise no_text(node, "a text, or a regular expression between slashes")
    try:
        return text_matcher(node.text)
    except ValueError as why:
        raise wrong(node, str(why)) from None


def _list(node: Node) -> Matcher:
    """Return what a list must be: how many, `none`, one text, or each in order."""
    if isinstance(node, Items):
        return Each(tuple(map(_text, node.items)))
    count = _count(node)
    return Each((_text(node),)) if count is None else count


def _answers(node: Node) -> Matcher:
    if isinstance(node, Entries):
        return Pairs(tuple((name.text, _text(value)) for name, value in node.entries))
    if (count := _count(node)) is not None:
        return count
    words = f'what is expected here is `{NONE}`, how many answers, or all: {{1: "Yes."}}'
    raise wrong(node, words)


def _count(node: Node) -> Count | None:
    """Return how many it must be; None if that is not what is written."""
    if isinstance(node, Text) and node.text == NONE:
        return Count(0)
    number = _digits(node)
    return None if number is None else Count(number)


def _digits(node: Node) -> int | None:
    if isinstance(node, Text) and node.text.isascii() and node.text.isdigit():
        return int(node.text)
    return None
