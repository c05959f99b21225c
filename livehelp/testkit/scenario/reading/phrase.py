"""A verb, the words after it, and the fields in braces.

Owns how an action is taken apart; words in double quotes are YAML's double quotes. Must not know
what the words mean.
"""

import re
from dataclasses import dataclass
from typing import Final

from livehelp.testkit.scenario.actions import verbs_of
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
    """Return the verb, the words after it, and the fields in braces with their names."""
    fields: dict[str, tuple[Text, Node]] = {}
    more: list[Text] = []
    if isinstance(node, Text):
        first = node
    else:
        entries = entries_of(node, "what an actor does", '`say "hello"` or {say: "hello"}')
        if not entries:
            raise wrong(node, "there is no verb in the braces")
        (first, value), *rest = entries
        if isinstance(value, Text):
            more = [value] if value.text else []
        else:
            inside = entries_of(value, f"what stands behind `{first.text}`", "{name: Pat}")
            rest = [*inside, *rest]
        fields = {name.text: (name, each) for name, each in rest}
    verb, words = _verb(actor, first)
    return verb, [*words, *more], fields


def _verb(actor: Actor, node: Text) -> tuple[Text, list[Text]]:
    """Return the verb that ``node`` begins with, and the words after it."""
    if not node.text:
        raise wrong(node, f"there is nothing after `{actor.name}:`; write what {actor.name} does")
    words = _words(node)
    known = [*verbs_of(actor.side), *EXPECTING]
    for length in (2, 1):
        name = " ".join(word.text for word in words[:length])
        if name in known:
            return Text(node.place, name), words[length:]
    first = Text(node.place, words[0].text if words else "")
    refuse_waiting(first, first)
    raise unknown(first, known, f"a verb of {SOMEBODY[actor.side]}")


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
    refuse_strange_quotes(word, node.place)
    return Quoted(node.place, text) if quotes else Text(node.place, text)


def _unquoted(found: re.Match[str]) -> str:
    """Return what YAML reads there; raises ``Unreadable``."""
    node = read_document(found[0], "")
    assert isinstance(node, Text)  # that is what quotes are
    return node.text
