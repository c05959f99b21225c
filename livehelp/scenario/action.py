"""What an actor does or expects, from its words or its mapping.

Owns one step of one actor. ``say "hello" to pat``, ``{say: "hello", to: pat}`` and
``say {text: "hello", to: pat}`` are the same. Must not know the other kinds of steps.
"""

import shlex
from collections.abc import Iterable, Mapping
from typing import Final

from livehelp.scenario.document import Entries, Node, Text
from livehelp.scenario.facts import ALIASES, FACTS
from livehelp.scenario.fields import (
    entries_of,
    listed,
    matcher_of,
    seconds_of,
    switch_of,
    text_of,
    unknown,
    wrong,
)
from livehelp.scenario.kinds import KINDS, Kind
from livehelp.scenario.matcher import Each, Matcher, Same
from livehelp.scenario.model import Act, Actor, Expect, Value
from livehelp.scenario.verbs import Verb, Word, verbs_of
from livehelp.wire.replies import ErrorCode

# A line crosses an office in milliseconds, and a link that was cut for two seconds is back in
# three; what takes longer says so.
PATIENCE: Final = 5.0
# A command waits through a lost link, and a password is hashed on a machine that is busy with
# twenty other scenarios.
ANSWER: Final = 20.0
EXPECTING: Final = ("expect", "never")
QUEUE: Final = frozenset({"queue", "the queue"})
# What an actor is called in who did something.
_BY: Final = "by"


class ActionReader:
    """Reads the steps of actors.

    Args:
        actors: All of the scenario.

    Attributes:
        actors: The same.
    """

    def __init__(self, actors: Mapping[str, Actor]) -> None:
        self.actors = actors

    def read(self, actor: Actor, node: Node, source: str) -> Act | Expect:
        """Return what ``actor`` does; raises ``Unreadable``."""
        verb, words, fields = _in_parts(actor, node)
        if verb.text in EXPECTING:
            return self._expect(actor, verb, words, fields, source)
        return self._act(actor, verb, words, fields, source)

    def facts(self, fields: Iterable[tuple[Text, Node]]) -> dict[str, Matcher]:
        """Return what a transcript must be; raises ``Unreadable``."""
        found: dict[str, Matcher] = {}
        for name, node in fields:
            fact = ALIASES.get(name.text, name.text)
            if fact not in FACTS:
                raise unknown(name, [*FACTS, *ALIASES], "something that a transcript has")
            matcher = matcher_of(node, FACTS[fact].kind)
            found[fact] = self._accounts(matcher) if fact == "operators" else matcher
        return found

    def visitor(self, node: Node) -> str:
        """Return the name of a visitor of the scenario; raises ``Unreadable``."""
        return self._actor(node, "visitor").name

    def _actor(self, node: Node, side: str) -> Actor:
        name = node if isinstance(node, Text) else Text(node.place, text_of(node, "an actor"))
        known = [actor.name for actor in self.actors.values() if actor.side == side]
        if name.text not in known:
            raise unknown(name, known, f"one of the {side}s under `actors`")
        return self.actors[name.text]

    def _act(
        self,
        actor: Actor,
        name: Text,
        words: list[Text],
        fields: dict[str, tuple[Text, Node]],
        source: str,
    ) -> Act:
        verb = verbs_of(actor.side)[name.text]
        refused, within = _refused(fields), _within(fields, ANSWER)
        given = _by_position(verb, name, words)
        facts: dict[str, Matcher] = {}
        if verb.whole is not None and fields:
            given[verb.whole] = Entries(name.place, tuple(fields.values()))
        else:
            own = {field: pair for field, pair in fields.items() if field in verb.fields}
            rest = [pair for field, pair in fields.items() if field not in verb.fields]
            given |= {field: node for field, (_, node) in own.items()}
            if verb.facts:
                facts = self.facts(rest)
            elif rest:
                known = [*verb.fields, "within", "refused"]
                raise unknown(rest[0][0], known, f"a field of `{verb.name}`")
        for needed in verb.needed:
            if needed not in given:
                raise wrong(name, f"`{verb.name}` needs more words, as in: {verb.example}")
        values = {field: self._value(verb.fields[field], node) for field, node in given.items()}
        return Act(name.place, source, actor.name, verb, values, facts, refused, within)

    def _value(self, kind: Word, node: Node) -> Value:
        match kind:
            case Word.TEXT:
                if isinstance(node, Text):
                    return node.text
                raise wrong(node, "this is a text")
            case Word.SWITCH:
                return switch_of(node)
            case Word.VISITOR:
                return self.visitor(node)
            case Word.RECEIVER:
                if isinstance(node, Text) and node.text in QUEUE:
                    return ""
                # Not only actors: who is not signed in at all can be asked for as well.
                return self._account(text_of(node, "the receiver"))
            case Word.ANSWERS:
                return _answers(node)

    def _expect(
        self,
        actor: Actor,
        name: Text,
        words: list[Text],
        fields: dict[str, tuple[Text, Node]],
        source: str,
    ) -> Expect:
        if len(words) != 1:
            raise wrong(name, f"`{name.text}` takes one word: what is expected, such as `line`")
        if words[0].text not in KINDS:
            raise unknown(words[0], KINDS, "something that comes")
        kind = KINDS[words[0].text]
        within = _within(fields, PATIENCE)
        of: str | None = None
        if "of" in fields and kind.in_visit:
            of = self.visitor(fields.pop("of")[1])
        wanted: dict[str, Matcher] = {}
        for field, (place, node) in fields.items():
            if field == _BY and isinstance(node, Text) and node.text in self.actors:
                visitor, more = self._by(kind, place, self.actors[node.text])
                of = of or visitor
                wanted |= more
            elif field not in kind.fields:
                known = [*kind.fields, *(["of"] if kind.in_visit else []), "within"]
                raise unknown(place, known, f"a field of `{kind.name}`")
            else:
                matcher = matcher_of(node, kind.fields[field])
                is_account = field in {"operator", "operators", "to"}
                wanted[field] = self._accounts(matcher) if is_account else matcher
        never = name.text == "never"
        return Expect(name.place, source, actor.name, kind, of, wanted, never, within)

    def _by(self, kind: Kind, place: Text, who: Actor) -> tuple[str | None, dict[str, Matcher]]:
        """Return whose visit it is in, and the fields that say who did it."""
        if who.side == "visitor" and "by" in kind.fields:
            return who.name, {"by": Same("visitor")}
        if who.side == "operator" and "operator" in kind.fields:
            return None, {"operator": Same(who.account)}
        if who.side == "operator" and "by" in kind.fields:
            return None, {"by": Same("operator"), "name": Same(who.account)}
        raise wrong(place, f"`{kind.name}` is by no {who.side}")

    def _accounts(self, matcher: Matcher) -> Matcher:
        """Return ``matcher`` with the accounts of the actors that it names."""
        if isinstance(matcher, Each):
            return Each(tuple(map(self._accounts, matcher.items)))
        if isinstance(matcher, Same) and isinstance(matcher.value, str):
            return Same(self._account(matcher.value))
        return matcher

    def _account(self, name: str) -> str:
        actor = self.actors.get(name)
        return name if actor is None else actor.account


def _in_parts(actor: Actor, node: Node) -> tuple[Text, list[Text], dict[str, tuple[Text, Node]]]:
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
    lexer = shlex.shlex(node.text, posix=True, punctuation_chars=False)
    lexer.whitespace_split, lexer.quotes, lexer.commenters = True, '"', ""
    try:
        words = list(lexer)
    except ValueError:
        raise wrong(node, f"a double quote is missing in: {node.text}") from None
    known = [*verbs_of(actor.side), *EXPECTING]
    for length in (2, 1):
        name = " ".join(words[:length])
        if name in known:
            return Text(node.place, name), [Text(node.place, word) for word in words[length:]]
    first = Text(node.place, words[0] if words else "")
    what = f"a verb of {'an operator' if actor.side == 'operator' else 'a visitor'}"
    raise unknown(first, known, what)


def _by_position(verb: Verb, name: Text, words: list[Text]) -> dict[str, Node]:
    """Return the fields that follow the verb in their order, or after their own name."""
    given: dict[str, Node] = {}
    order = list(verb.order)
    while words:
        enough = all(field in given for field in verb.needed if field in verb.order)
        if enough and words[0].text in verb.fields and len(words) > 1:
            field, *rest = words
            given[field.text] = Text(field.place, " ".join(word.text for word in rest))
            break
        if not order:
            extra = " ".join(word.text for word in words)
            words_ = f"`{verb.name}` does not take `{extra}`; put a text in double quotes, as in: "
            raise wrong(name, words_ + verb.example)
        given[order.pop(0)] = words.pop(0)
    return given


def _refused(fields: dict[str, tuple[Text, Node]]) -> ErrorCode | None:
    if "refused" not in fields:
        return None
    _, node = fields.pop("refused")
    codes = [code.value for code in ErrorCode]
    if not isinstance(node, Text):
        raise wrong(node, f"a refusal is one of {listed(codes)}")
    if node.text not in codes:
        raise unknown(node, codes, "a refusal")
    return ErrorCode(node.text)


def _within(fields: dict[str, tuple[Text, Node]], usual: float) -> float:
    return seconds_of(fields.pop("within")[1]) if "within" in fields else usual


def _answers(node: Node) -> tuple[tuple[str, str], ...]:
    if isinstance(node, Text) and node.text == "skip":
        return ()
    example = '{1: "Yes, thank you."}'
    found: list[tuple[str, str]] = []
    for question, answer in entries_of(node, "an interview", f"{example}, or `skip`"):
        found.append((question.text, text_of(answer, "an answer")))
    return tuple(found)
