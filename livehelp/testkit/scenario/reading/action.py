"""What an actor does or expects, from its words or its mapping.

Owns one step of one actor. ``say "hello" to pat``, ``{say: "hello", to: pat}`` and
``say {text: "hello", to: pat}`` are the same. Must not know the other kinds of steps.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from livehelp.testkit.scenario.actions import Verb, Word, verbs_of
from livehelp.testkit.scenario.location import Unreadable
from livehelp.testkit.scenario.matcher import Each, Matcher, Same
from livehelp.testkit.scenario.message_types import ENTERED, KINDS, Kind
from livehelp.testkit.scenario.model import Act, Actor, Expect, Value
from livehelp.testkit.scenario.reading.document import Entries, Node, Text
from livehelp.testkit.scenario.reading.fields import (
    entries_of,
    listed,
    matcher_of,
    no_text,
    seconds_of,
    switch_of,
    text_of,
    unknown,
    wrong,
)
from livehelp.testkit.scenario.reading.phrase import EXPECTING, in_parts
from livehelp.testkit.scenario.reading.static_checks import CHOICES, choices, impossible, unseen
from livehelp.testkit.scenario.timeouts import ANSWERED, EXPECTED, LONGEST, QUIET
from livehelp.testkit.scenario.transcript_checks import ALIASES, FACTS
from livehelp.wire.commands import Resume
from livehelp.wire.replies import ErrorCode

QUEUE: Final = frozenset({"queue", "the queue"})
# Of `never`: only what comes once more.
_AGAIN: Final = "again"
_WITHIN: Final = "within"
_REFUSED: Final = "refused"
_FOR_EXAMPLE: Final = {_WITHIN: "5s", _REFUSED: ErrorCode.ALREADY_TAKEN.value}
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
        verb, words, fields = in_parts(actor, node)
        if verb.text in EXPECTING:
            return self._expect(actor, verb, words, fields, source)
        return self._act(actor, verb, words, fields, source)

    def facts(self, fields: Iterable[tuple[Text, Node]]) -> dict[str, Matcher]:
        """Return what a transcript must be; raises ``Unreadable``."""
        found: dict[str, Matcher] = {}
        for name, node in fields:
            fact = ALIASES.get(name.text, name.text)
            if fact not in FACTS and name.text in self.actors:
                raise wrong(name, "several names stand in brackets, as in: operators: [dana, kim]")
            if fact not in FACTS:
                raise unknown(name, [*FACTS, *ALIASES], "something that a transcript has")
            matcher = matcher_of(node, FACTS[fact].kind)
            _possible(node, matcher, CHOICES.get(fact, ()), f"`{fact}`")
            found[fact] = self._accounts(matcher) if fact == "operators" else matcher
        return found

    def visitor(self, node: Node) -> str:
        """Return the name of a visitor of the scenario; raises ``Unreadable``."""
        return self._actor(node, "visitor").name

    def _actor(self, node: Node, side: str) -> Actor:
        name = Text(node.place, text_of(node, "an actor"))
        if name.text not in self.actors or self.actors[name.text].side != side:
            raise self._no_actor(name, side)
        return self.actors[name.text]

    def _no_actor(self, name: Text, side: str) -> Unreadable:
        known = [actor.name for actor in self.actors.values() if actor.side == side]
        return unknown(name, known, f"one of the {side}s under `actors`")

    def _act(
        self,
        actor: Actor,
        name: Text,
        words: list[Text],
        fields: dict[str, tuple[Text, Node]],
        source: str,
    ) -> Act:
        verb = verbs_of(actor.side)[name.text]
        refused, within = _refused(fields), _within(fields, ANSWERED)
        given = _by_position(verb, name, words)
        facts: dict[str, Matcher] = {}
        if verb.whole is not None and fields:
            all_of_them = fields.get(verb.whole)
            if len(fields) == 1 and all_of_them and isinstance(all_of_them[1], Entries):
                given[verb.whole] = all_of_them[1]
            else:
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
        if Resume in verb.sends and refused is None and not actor.token:
            told = f"{actor.name} keeps no token; under `actors` write"
            raise wrong(name, f"{told} {actor.name}: {{visitor: {{token: yes}}}}")
        values = {field: self._value(verb.fields[field], node) for field, node in given.items()}
        return Act(name.place, source, actor.name, verb, values, facts, refused, within)

    def _value(self, kind: Word, node: Node) -> Value:
        match kind:
            case Word.TEXT:
                if isinstance(node, Text):
                    return node.text
                raise no_text(node)
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
        said = [part for word in words for part in word.text.split()]
        if not said or (len(said) > 1 and said[0] in KINDS):
            told = f"`{name.text}` takes one word, and all else in braces, as in: {name.text} line"
            raise wrong(name, f'{told} {{text: "hello"}}')
        what = Text(words[0].place, " ".join(word.text for word in words))
        if what.text not in KINDS:
            raise _no_kind(what)
        kind = KINDS[what.text]
        never = name.text == "never"
        if not never and (why := unseen(kind, actor)):
            raise wrong(what, why)
        # A time of its own is the time for which it holds.
        to_the_end = never and _WITHIN not in fields
        within = _within(fields, QUIET if never else EXPECTED)
        again = never and _AGAIN in fields and switch_of(fields.pop(_AGAIN)[1])
        of: str | None = None
        if "of" in fields and kind.in_visit:
            of = self.visitor(fields.pop("of")[1])
        wanted: dict[str, Matcher] = {}
        for field, (place, node) in fields.items():
            if field == _BY and isinstance(node, Text) and node.text in self.actors:
                visitor, more = self._by(kind, place, self.actors[node.text])
                if visitor is not None and of not in {None, visitor}:
                    told = f"`by: {visitor}` is in the visit of {visitor}, and not `of: {of}`"
                    raise wrong(place, told)
                of = of or visitor
                wanted |= more
            elif field == _BY and field not in kind.fields and "operator" in kind.fields:
                raise self._no_actor(Text(node.place, text_of(node, "an actor")), "operator")
            elif field not in kind.fields:
                known = [*kind.fields, *(["of"] if kind.in_visit else []), "within"]
                known += [_AGAIN] * never
                raise unknown(place, known, f"a field of `{kind.name}`")
            else:
                matcher = matcher_of(node, kind.fields[field])
                others = self.actors if field == _BY else ()
                _possible(
                    node, matcher, choices(kind, field), f"`{field}` of `{kind.name}`", others
                )
                is_account = field in {"operator", "operators", "to"}
                wanted[field] = self._accounts(matcher) if is_account else matcher
        return Expect(
            name.place, source, actor.name, kind, of, wanted, never, within, again, to_the_end
        )

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
            if words[0].text in {_WITHIN, _REFUSED}:
                told = f"`{words[0].text}` stands in braces, as in: {verb.example}"
                raise wrong(name, f"{told} {{{words[0].text}: {_FOR_EXAMPLE[words[0].text]}}}")
            extra = " ".join(word.text for word in words)
            told = f"`{verb.name}` does not take `{extra}`; {_meant(verb, given)}"
            raise wrong(name, f"{told}: {verb.example}")
        given[order.pop(0)] = words.pop(0)
    return given


def _meant(verb: Verb, given: Mapping[str, Node]) -> str:
    """Return what words that are too many lack, perhaps, when ``given`` is what was understood."""
    if any(verb.fields[field] is Word.TEXT and type(each) is Text for field, each in given.items()):
        return "put a text in double quotes, as in"
    # What does not follow the verb itself follows its own name.
    names = [f"`{field}`" for field in verb.fields if field not in verb.order]
    return f"write {' or '.join(names)} before a name, as in" if names else "right is"


def _possible(
    node: Node, matcher: Matcher, known: tuple[str, ...], what: str, more: Iterable[str] = ()
) -> None:
    """Raise ``Unreadable`` if ``matcher`` asks for what is none of ``known``; empty: for any."""
    text = impossible(matcher, known)
    if text is not None:
        raise unknown(Text(node.place, text), [*known, *more], f"a value of {what}")


def _refused(fields: dict[str, tuple[Text, Node]]) -> ErrorCode | None:
    if _REFUSED not in fields:
        return None
    _, node = fields.pop(_REFUSED)
    codes = [code.value for code in ErrorCode]
    if not isinstance(node, Text):
        raise wrong(node, f"a refusal is one of {listed(codes)}")
    if node.text not in codes:
        raise unknown(node, codes, "a refusal")
    return ErrorCode(node.text)


def _no_kind(what: Text) -> Unreadable:
    if what.text == "opened":  # as traces and the log call it
        return wrong(what, f"`opened` is called `{ENTERED}` in a step")
    return unknown(what, KINDS, "something that comes")


def _within(fields: dict[str, tuple[Text, Node]], usual: float) -> float:
    if _WITHIN not in fields:
        return usual
    _, node = fields.pop(_WITHIN)
    if (seconds := seconds_of(node)) > LONGEST:
        raise wrong(node, f"a whole scenario has {LONGEST:g} s")
    return seconds


def _answers(node: Node) -> tuple[tuple[str, str], ...]:
    if isinstance(node, Text) and node.text == "skip":
        return ()
    example = '{1: "Yes, thank you."}'
    found: list[tuple[str, str]] = []
    for question, answer in entries_of(node, "an interview", f"{example}, or `skip`"):
        if not isinstance(answer, Text) or not answer.text:
            told = "an answer is a text behind its question or the number of it"
            raise wrong(question, f"{told}, as in: interview {example}")
        found.append((question.text, answer.text))
    return tuple(found)
