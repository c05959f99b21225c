"""What actors can expect: the events and signals of the wire, and the states of the link.

Names and fields are taken from the messages, so that a new event can be expected at once.
"""

import types
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, Union, get_args, get_origin

import msgspec

from livehelp.client.states import Incoming, LinkEnded, LinkLost, LinkUp
from livehelp.wire.base import tag_of
from livehelp.wire.commands import Answer
from livehelp.wire.events import AnyEvent, Opened
from livehelp.wire.signals import Roster, Signal, Visit

# "maybe" is a text that may be left out, and then is `none`.
FieldKind: TypeAlias = Literal["text", "maybe", "number", "switch", "list", "answers"]
# Operators say that somebody entered; who signs in later is told of the visit instead.
ENTERED: Final = "entered"
# What a scenario cannot know, or says in words of its own (`of: pat`).
_NOT_WRITTEN: Final = frozenset({"session", "seq", "at", "retry_in", "retry"})
_STATES: Final[Mapping[str, type[Incoming]]] = {
    "lost": LinkLost,
    "back": LinkUp,
    "dropped": LinkEnded,
}


@dataclass(frozen=True, slots=True)
class MessageType:
    """Something that can be expected.

    Attributes:
        name: As scenarios write it.
        types: The messages that are it.
        fields: What may be asked of it, by name.
        in_visit: It belongs to one visit.
        unordered: Its lists say nothing by their order.
    """

    name: str
    types: tuple[type[Incoming], ...]
    fields: Mapping[str, FieldKind]
    in_visit: bool
    unordered: bool


def _message_type(name: str, *of: type[Incoming]) -> MessageType:
    fields: dict[str, FieldKind] = {
        each.name: _field_kind(each.type)
        for each in msgspec.structs.fields(of[0])
        if each.name not in _NOT_WRITTEN
    }
    return MessageType(name, of, fields, "session" in of[0].__struct_fields__, of[0] is Roster)


def _field_kind(of: object) -> FieldKind:
    origin = get_origin(of)
    if origin in {Union, types.UnionType}:
        return "maybe"
    if origin is tuple:
        return "answers" if get_args(of)[0] is Answer else "list"
    if of is bool:
        return "switch"
    return "number" if of is int else "text"


def _all() -> Mapping[str, MessageType]:
    found = {ENTERED: _message_type(ENTERED, Opened, Visit)}
    for message in (*get_args(AnyEvent), *get_args(Signal)):
        if message not in {Opened, Visit}:
            name = str(message.__struct_config__.tag or tag_of(message.__name__))
            found[name] = _message_type(name, message)
    return {**found, **{name: _message_type(name, state) for name, state in _STATES.items()}}


# By name.
MESSAGE_TYPES: Final = _all()
