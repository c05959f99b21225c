"""Splits a step into its action, the words after it, and the fields in braces."""

import re
from dataclasses import dataclass
from typing import Final

from livehelp.testkit.scenario.actions import actions_of
from livehelp.testkit.scenario.location import Unreadable
from livehelp.testkit.scenario.model import SOMEBODY, Actor
from livehelp.testkit.scenario.reading.document import Node, Text, read_document
from livehelp.testkit.scenario.reading.fields import entries_of, refuse_waiting, unknown, wrong
from livehelp.testkit.scenario.reading.yaml_hints import refuse_strange_quotes

EXPECTING: Final = ("expect", "never")
_QUOTED: Final = re.compile(r'"(?:[^"\\]|\\.)*"')
_WORD: Final = re.compile(rf'(?:{_QUOTED.pattern}|[^\s"])+')


@dataclass(frozen=True, slots=True)
class Quoted(Text):
    """A word that stood in double quotes."""


def in_parts(actor: Actor, node: Node) -> tuple[Text, list[Text], dict[str, tuple[Text, Node]]]:
    """Return the action, the words after it, and the fields in braces with their names."""
    fields: dict[str, tuple[Text, Node]] = {}
    more: list[Text] = []
    if isinstance(node, Text):
        first = node
    else:
        entries = entries_of(node, "what an actor does", '`say "hello"` or {say: "hello"}')
        if not entries:
            raise wrong(node, "there is no action in the braces")
        (first, value), *rest = entries
        if isinstance(value, Text):
            more = [value] if value.text else []
        else:
            inside = entries_of(value, f"what stands behind `{first.text}`", "{name: Pat}")
            rest = [*inside, *rest]
        fields = {name.text: (name, each) for name, each in rest}
    action, words = _action(actor, first)
    return action, [*words, *more], fields


def _action(actor: Actor, node: Text) -> tuple[Text, list[Text]]:
    """Return the action that ``node`` begins with, and the words after it."""
    if not node.text:
        raise wrong(node, f"there is nothing after `{actor.name}:`; write what {actor.name} does")
    words = _words(node)
    known = [*actions_of(actor.side), *EXPECTING]
    for length in (2, 1):
        name = " ".join(word.text for word in words[:length])
        if name in known:
            return Text(node.location, name), words[length:]
    first = Text(node.location, words[0].text if words else "")
    refuse_waiting(first, first)
    raise unknown(first, known, f"an action of {SOMEBODY[actor.side]}")


def _words(node: Text) -> list[Text]:
    """Return the words, those in quotes without them."""
    if '"' in _WORD.sub("", node.text):
        raise wrong(node, f"a double quote is missing in: {node.text}")
    try:
        return [_word(node, word) for word in _WORD.findall(node.text)]
    except Unreadable as why:
        raise wrong(node, why.mistakes[0].words) from None


def _word(node: Text, word: str) -> Text:
    text, quotes = _QUOTED.subn(_unquoted, word)
    refuse_strange_quotes(word, node.location)
    return Quoted(node.location, text) if quotes else Text(node.location, text)


def _unquoted(found: re.Match[str]) -> str:
    """Return what YAML reads there; raises ``Unreadable``."""
    node = read_document(found[0], "")
    assert isinstance(node, Text)  # that is what quotes are
    return node.text
