"""Reads one step of one actor: what it does or expects.

``say "hello" to pat``, ``{say: "hello", to: pat}`` and ``say {text: "hello", to: pat}`` are the
same.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from livehelp.testkit.scenario.actions import Action, Word, actions_of
from livehelp.testkit.scenario.location import Unreadable
from livehelp.testkit.scenario.matcher import Each, Matcher, Same
from livehelp.testkit.scenario.message_types import ENTERED, MESSAGE_TYPES, MessageType
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
from livehelp.testkit.scenario.reading.static_checks import (
    CHOICES,
    choices,
    impossible_value,
    never_sent,
)
from livehelp.testkit.scenario.timeouts import (
    ANSWER_TIMEOUT,
    EXPECT_TIMEOUT,
    QUIET_PERIOD,
    SCENARIO_TIMEOUT,
)
from livehelp.testkit.scenario.transcript_checks import ALIASES, TRANSCRIPT_FIELDS
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
        action, words, fields = in_parts(actor, node)
        if action.text in EXPECTING:
            return self._expect(actor, action, words, fields, source)
        return self._act(actor, action, words, fields, source)

    def checks(self, fields: Iterable[tuple[Text, Node]]) -> dict[str, Matcher]:
        """Return what a transcript must be; raises ``Unreadable``."""
        found: dict[str, Matcher] = {}
        for name, node in fields:
            field = ALIASES.get(name.text, name.text)
            if field not in TRANSCRIPT_FIELDS and name.text in self.actors:
                raise wrong(name, "several names stand in brackets, as in: operators: [dana, kim]")
            if field not in TRANSCRIPT_FIELDS:
                raise unknown(
                    name, [*TRANSCRIPT_FIELDS, *ALIASES], "something that a transcript has"
                )
            matcher = matcher_of(node, TRANSCRIPT_FIELDS[field].kind)
            _check_possible(node, matcher, CHOICES.get(field, ()), f"`{field}`")
            found[field] = self._accounts(matcher) if field == "operators" else matcher
        return found

    def visitor(self, node: Node) -> str:
        """Return the name of a visitor of the scenario; raises ``Unreadable``."""
        return self._actor(node, "visitor").name

    def _actor(self, node: Node, side: str) -> Actor:
        name = Text(node.location, text_of(node, "an actor"))
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
        action = actions_of(actor.side)[name.text]
        refused, within = _refused(fields), _within(fields, ANSWER_TIMEOUT)
        given = _by_position(action, name, words)
        checks: dict[str, Matcher] = {}
        if action.whole is not None and fields:
            all_of_them = fields.get(action.whole)
            if len(fields) == 1 and all_of_them and isinstance(all_of_them[1], Entries):
                given[action.whole] = all_of_them[1]
            else:
                given[action.whole] = Entries(name.location, tuple(fields.values()))
        else:
            own = {field: pair for field, pair in fields.items() if field in action.fields}
            rest = [pair for field, pair in fields.items() if field not in action.fields]
            given |= {field: node for field, (_, node) in own.items()}
            if action.checks:
                checks = self.checks(rest)
            elif rest:
                known = [*action.fields, "within", "refused"]
                raise unknown(rest[0][0], known, f"a field of `{action.name}`")
        for needed in action.needed:
            if needed not in given:
                raise wrong(name, f"`{action.name}` needs more words, as in: {action.example}")
        if Resume in action.sends and refused is None and not actor.token:
            told = f"{actor.name} keeps no token; under `actors` write"
            raise wrong(name, f"{told} {actor.name}: {{visitor: {{token: yes}}}}")
        values = {field: self._value(action.fields[field], node) for field, node in given.items()}
        return Act(name.location, source, actor.name, action, values, checks, refused, within)

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
        if not said or (len(said) > 1 and said[0] in MESSAGE_TYPES):
            told = f"`{name.text}` takes one word, and all else in braces, as in: {name.text} line"
            raise wrong(name, f'{told} {{text: "hello"}}')
        what = Text(words[0].location, " ".join(word.text for word in words))
        if what.text not in MESSAGE_TYPES:
            raise _unknown_message_type(what)
        kind = MESSAGE_TYPES[what.text]
        never = name.text == "never"
        if not never and (why := never_sent(kind, actor)):
            raise wrong(what, why)
        # A time of its own is the time for which it holds.
        to_the_end = never and _WITHIN not in fields
        within = _within(fields, QUIET_PERIOD if never else EXPECT_TIMEOUT)
        again = never and _AGAIN in fields and switch_of(fields.pop(_AGAIN)[1])
        of: str | None = None
        if "of" in fields and kind.in_visit:
            of = self.visitor(fields.pop("of")[1])
        wanted: dict[str, Matcher] = {}
        for field, (location, node) in fields.items():
            if field == _BY and isinstance(node, Text) and node.text in self.actors:
                visitor, more = self._by(kind, location, self.actors[node.text])
                if visitor is not None and of not in {None, visitor}:
                    told = f"`by: {visitor}` is in the visit of {visitor}, and not `of: {of}`"
                    raise wrong(location, told)
                of = of or visitor
                wanted |= more
            elif field == _BY and field not in kind.fields and "operator" in kind.fields:
                raise self._no_actor(Text(node.location, text_of(node, "an actor")), "operator")
            elif field not in kind.fields:
                known = [*kind.fields, *(["of"] if kind.in_visit else []), "within"]
                known += [_AGAIN] * never
                raise unknown(location, known, f"a field of `{kind.name}`")
            else:
                matcher = matcher_of(node, kind.fields[field])
                others = self.actors if field == _BY else ()
                _check_possible(
                    node, matcher, choices(kind, field), f"`{field}` of `{kind.name}`", others
                )
                is_account = field in {"operator", "operators", "to"}
                wanted[field] = self._accounts(matcher) if is_account else matcher
        return Expect(
            name.location, source, actor.name, kind, of, wanted, never, within, again, to_the_end
        )

    def _by(
        self, kind: MessageType, location: Text, who: Actor
    ) -> tuple[str | None, dict[str, Matcher]]:
        """Return whose visit it is in, and the fields that say who did it."""
        if who.side == "visitor" and "by" in kind.fields:
            return who.name, {"by": Same("visitor")}
        if who.side == "operator" and "operator" in kind.fields:
            return None, {"operator": Same(who.account)}
        if who.side == "operator" and "by" in kind.fields:
            return None, {"by": Same("operator"), "name": Same(who.account)}
        raise wrong(location, f"`{kind.name}` is by no {who.side}")

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


def _by_position(action: Action, name: Text, words: list[Text]) -> dict[str, Node]:
    """Return the fields that follow the action in their order, or after their own name."""
    given: dict[str, Node] = {}
    order = list(action.order)
    while words:
        enough = all(field in given for field in action.needed if field in action.order)
        if enough and words[0].text in action.fields and len(words) > 1:
            field, *rest = words
            given[field.text] = Text(field.location, " ".join(word.text for word in rest))
            break
        if not order:
            if words[0].text in {_WITHIN, _REFUSED}:
                told = f"`{words[0].text}` stands in braces, as in: {action.example}"
                raise wrong(name, f"{told} {{{words[0].text}: {_FOR_EXAMPLE[words[0].text]}}}")
            extra = " ".join(word.text for word in words)
            told = f"`{action.name}` does not take `{extra}`; {_meant(action, given)}"
            raise wrong(name, f"{told}: {action.example}")
        given[order.pop(0)] = words.pop(0)
    return given


def _meant(action: Action, given: Mapping[str, Node]) -> str:
    """Return what words that are too many lack, perhaps, when ``given`` is what was understood."""
    if any(
        action.fields[field] is Word.TEXT and type(each) is Text for field, each in given.items()
    ):
        return "put a text in double quotes, as in"
    # What does not follow the action itself follows its own name.
    names = [f"`{field}`" for field in action.fields if field not in action.order]
    return f"write {' or '.join(names)} before a name, as in" if names else "right is"


def _check_possible(
    node: Node, matcher: Matcher, known: tuple[str, ...], what: str, more: Iterable[str] = ()
) -> None:
    """Raise ``Unreadable`` if ``matcher`` asks for what is none of ``known``; empty: for any."""
    text = impossible_value(matcher, known)
    if text is not None:
        raise unknown(Text(node.location, text), [*known, *more], f"a value of {what}")


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


def _unknown_message_type(what: Text) -> Unreadable:
    if what.text == "opened":  # as traces and the log call it
        return wrong(what, f"`opened` is called `{ENTERED}` in a step")
    return unknown(what, MESSAGE_TYPES, "something that comes")


def _within(fields: dict[str, tuple[Text, Node]], usual: float) -> float:
    if _WITHIN not in fields:
        return usual
    _, node = fields.pop(_WITHIN)
    if (seconds := seconds_of(node)) > SCENARIO_TIMEOUT:
        raise wrong(node, f"a whole scenario has {SCENARIO_TIMEOUT:g} s")
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
