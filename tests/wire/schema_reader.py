"""A reader of the JSON Schema that the protocol uses, and of no other keyword.

Owns the check "does this value fit this schema" for the few keywords in ``json_schema()``; any
other keyword is an error, so that a schema that grows is noticed. Independent of msgspec, which
made the schema: it works on plain JSON values.
"""

import re
from collections.abc import Callable
from datetime import datetime
from operator import ge, le
from typing import Any, cast

Schema = dict[str, Any]

# They say something to people, or are followed where they are named.
_ANNOTATIONS = {"$schema", "$id", "$defs", "title", "description", "default"}
_TYPES: dict[str, type] = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "null": type(None),
    "integer": int,
}


def fits(value: object, schema: Schema, root: Schema) -> bool:
    """Return whether ``value`` is valid for ``schema``, a part of ``root``."""
    return all(
        _KEYWORDS[keyword](value, rule, root)
        for keyword, rule in schema.items()
        if keyword not in _ANNOTATIONS
    )


def _follow(value: object, rule: str, root: Schema) -> bool:
    return fits(value, root["$defs"][rule.removeprefix("#/$defs/")], root)


def _any_of(value: object, rule: list[Schema], root: Schema) -> bool:
    return any(fits(value, choice, root) for choice in rule)


def _type(value: object, rule: str | list[str], _root: Schema) -> bool:
    kinds = [rule] if isinstance(rule, str) else rule
    if isinstance(value, bool):  # in Python, but not in JSON, true is an integer
        return "boolean" in kinds
    return isinstance(value, tuple(_TYPES[kind] for kind in kinds))


def _const(value: object, rule: object, _root: Schema) -> bool:
    return value == rule


def _enum(value: object, rule: list[object], _root: Schema) -> bool:
    return value in rule


def _required(value: object, rule: list[str], _root: Schema) -> bool:
    return not isinstance(value, dict) or all(name in value for name in rule)


def _properties(value: object, rule: dict[str, Schema], root: Schema) -> bool:
    if not isinstance(value, dict):
        return True
    fields = cast("dict[str, object]", value)
    return all(fits(fields[name], part, root) for name, part in rule.items() if name in fields)


def _items(value: object, rule: Schema, root: Schema) -> bool:
    if not isinstance(value, list):
        return True
    return all(fits(item, rule, root) for item in cast("list[object]", value))


def _pattern(value: object, rule: str, _root: Schema) -> bool:
    return not isinstance(value, str) or re.search(rule, value) is not None


def _format(value: object, rule: str, _root: Schema) -> bool:
    assert rule == "date-time"
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


def _size(kind: type, holds: Callable[[int, int], bool]) -> Callable[..., bool]:
    """Return the check of a bound on the length of a text or list, or on a number."""

    def check(value: Any, rule: int, _root: Schema) -> bool:
        if not isinstance(value, kind):
            return True
        return holds(value if kind is int else len(value), rule)

    return check


_KEYWORDS: dict[str, Callable[..., bool]] = {
    "$ref": _follow,
    "anyOf": _any_of,
    "type": _type,
    "const": _const,
    "enum": _enum,
    "required": _required,
    "properties": _properties,
    "items": _items,
    "pattern": _pattern,
    "format": _format,
    "minItems": _size(list, ge),
    "maxItems": _size(list, le),
    "minLength": _size(str, ge),
    "maxLength": _size(str, le),
    "minimum": _size(int, ge),
    "maximum": _size(int, le),
}
