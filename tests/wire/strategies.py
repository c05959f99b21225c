"""Hypothesis strategies for every message, read off the messages' own types.

Owns the way from a msgspec type to values that are valid for it, so that a message added tomorrow
is tested without a word here.
"""

import string
from datetime import UTC, timedelta, timezone
from typing import Any

import msgspec
from hypothesis import strategies as st
from msgspec import inspect

from livehelp.wire.base import Message
from livehelp.wire.commands import Command
from livehelp.wire.signals import ServerMessage

# JSON integers as every reader keeps them; an unbounded field still travels in 64 bits.
_LARGEST = 2**63 - 1
# An offset from UTC as RFC 3339 can write it: whole minutes.
_ZONES = st.just(UTC) | st.integers(-14 * 60, 14 * 60).map(
    lambda minutes: timezone(timedelta(minutes=minutes))
)
_PLAIN: dict[type[inspect.Type], st.SearchStrategy[Any]] = {
    inspect.NoneType: st.none(),
    inspect.BoolType: st.booleans(),
    inspect.DateTimeType: st.datetimes(timezones=_ZONES),
}
_SECRET_LETTERS = string.ascii_letters + string.digits + "_-"
_EMAIL_LETTERS = st.characters(
    codec="utf-8", exclude_categories=["Cc", "Z"], exclude_characters="@"
)


def classes_of(union: Any) -> list[type[Message]]:
    """Return the message classes of ``Command`` or ``ServerMessage``."""
    return list(union.__args__)


def tag_on_wire(message: type[Message]) -> str:
    """Return the wire's name of a message class."""
    return str(message.__struct_config__.tag)


def valid(message: type[msgspec.Struct]) -> st.SearchStrategy[Any]:
    """Return a strategy for instances that the decoder must accept; defaults come up often."""
    required: dict[str, st.SearchStrategy[Any]] = {}
    optional: dict[str, st.SearchStrategy[Any]] = {}
    for field in msgspec.structs.fields(message):
        target = required if field.required else optional
        target[field.name] = _values(inspect.type_info(field.type))
    return st.fixed_dictionaries(required, optional=optional).map(
        lambda fields: message(**fields)  # frozen, keyword-only
    )


def _values(kind: inspect.Type) -> st.SearchStrategy[Any]:
    match kind:
        case inspect.Metadata(type=inner):
            return _values(inner)
        case inspect.UnionType(types=choices):
            return st.one_of([_values(choice) for choice in choices])
        case inspect.StructType(cls=nested):
            return valid(nested)
        case inspect.VarTupleType(item_type=item, min_length=low, max_length=high):
            return st.lists(_values(item), min_size=low or 0, max_size=high or 4).map(tuple)
        case _:
            return _scalars(kind)


def _scalars(kind: inspect.Type) -> st.SearchStrategy[Any]:
    match kind:
        case inspect.IntType(ge=low, le=high):
            least = -_LARGEST if low is None else low
            return st.integers(least, _LARGEST if high is None else high)
        case inspect.StrType():
            return _texts(kind)
        case inspect.LiteralType(values=choices):
            return st.sampled_from(choices)
        case inspect.EnumType(cls=enum):
            return st.sampled_from(enum)
        case _:
            return _PLAIN[type(kind)]


def _texts(kind: inspect.StrType) -> st.SearchStrategy[str]:
    low, high = kind.min_length or 0, kind.max_length
    if kind.pattern is None:
        return st.text(st.characters(codec="utf-8"), min_size=low, max_size=high)
    if "@" in kind.pattern:
        part = st.text(_EMAIL_LETTERS, min_size=1, max_size=60)
        return st.tuples(part, part).map("@".join)
    return st.text(_SECRET_LETTERS, min_size=low, max_size=high)


COMMANDS = classes_of(Command)
SERVER_MESSAGES = classes_of(ServerMessage)
commands = st.one_of([valid(each) for each in COMMANDS])
server_messages = st.one_of([valid(each) for each in SERVER_MESSAGES])
