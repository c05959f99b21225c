"""Finds steps that can never pass: unknown values, and messages that one side never gets."""

from collections.abc import Iterator, Mapping
from typing import Final, Literal, get_args, get_origin

import msgspec

from livehelp.testkit.scenario.actions import Word
from livehelp.testkit.scenario.location import Mistake
from livehelp.testkit.scenario.matcher import Count, Each, Matcher, Same
from livehelp.testkit.scenario.message_types import ENTERED, MessageType
from livehelp.testkit.scenario.model import (
    SOMEBODY,
    Act,
    Actor,
    Scenario,
    Step,
    TranscriptCheck,
    each_step,
)
from livehelp.testkit.scenario.reading.document import Text
from livehelp.testkit.scenario.reading.fields import unknown
from livehelp.wire.base import tag_of
from livehelp.wire.events import STAFF_EVENTS, AnyEvent, By
from livehelp.wire.signals import Position, Roster

# What the protocol sends to the other side only.
_NEVER_SENT: Final[Mapping[str, tuple[type[object], ...]]] = {
    "visitor": (*STAFF_EVENTS, Roster),
    "operator": (Position,),
}
# The values that a fact of a transcript can have, where they are few.
CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "ended by": get_args(By),
    "events": (ENTERED, *(tag_of(event.__name__) for event in get_args(AnyEvent))),
}


def never_sent(kind: MessageType, actor: Actor) -> str:
    """Return why ``kind`` never comes to ``actor``; "" if it may."""
    if not any(each in _NEVER_SENT[actor.side] for each in kind.types):
        return ""
    return f"`{kind.name}` never comes to {SOMEBODY[actor.side]}"


def choices(kind: MessageType, field: str) -> tuple[str, ...]:
    """Return the values that a field can have; empty if they are not few."""
    for each in msgspec.structs.fields(kind.types[0]):
        if each.name == field and get_origin(each.type) is Literal:
            return get_args(each.type)
    return ()


def impossible_value(matcher: Matcher, possible: tuple[str, ...]) -> str | None:
    """Return the first text in ``matcher`` that is none of ``possible``; None: there is none."""
    if isinstance(matcher, Each):
        found = (impossible_value(item, possible) for item in matcher.items)
        return next((text for text in found if text is not None), None)
    if not possible or isinstance(matcher, Count) or matcher == Same(None):
        return None
    return None if any(map(matcher.fits, possible)) else str(matcher)


def unknown_operators(scenario: Scenario) -> tuple[Mistake, ...]:
    """Return the names in steps that no operator has on a server of the scenario's own.

    A server that runs already may have them: with ``--against`` they are no mistakes.
    """
    known = [actor.name for actor in scenario.actors.values() if actor.side == "operator"]
    found: list[Mistake] = []
    for step in each_step(scenario.steps):
        for name in _operators_in(step):
            if name not in scenario.accounts:
                there = Text(step.location, name)
                found += unknown(there, known, "one of the operators under `actors`").mistakes
    return tuple(found)


def _operators_in(step: Step) -> Iterator[str]:
    """Return the operators who must be there for ``step`` to hold, by their accounts."""
    if isinstance(step, Act) and step.action.fields.get("to") is Word.RECEIVER:
        to = step.values["to"]
        if isinstance(to, str) and to and step.refused is None:
            yield to
    if isinstance(step, Act | TranscriptCheck) and isinstance(
        names := step.checks.get("operators"), Each
    ):
        for each in names.items:
            if isinstance(each, Same) and isinstance(each.value, str):
                yield each.value
