"""The JSON Schema of every message, made out of the messages themselves.

Owns only how the schema reads; what it says is the messages'. ``livehelp protocol --schema``
prints it. Must not add a rule that the decoders do not enforce.
"""

from inspect import cleandoc
from typing import Any, cast

import msgspec

from livehelp.wire.commands import Command
from livehelp.wire.connection import PROTOCOL
from livehelp.wire.signals import ServerMessage


def json_schema() -> dict[str, Any]:
    """Return one JSON Schema (draft 2020-12) with the two directions under ``$defs``.

    ``#/$defs/client`` is what a client may send, ``#/$defs/server`` what a server may; the root
    accepts either.
    """
    (client, server), definitions = msgspec.json.schema_components(
        (Command, ServerMessage), ref_template="#/$defs/{name}"
    )
    client["description"] = "What a client may send: commands."
    server["description"] = "What a server may send: replies, events and signals."
    whole = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:livehelp:protocol:{PROTOCOL}",
        "title": f"Live Help protocol {PROTOCOL}",
        "description": "One JSON object a line, in UTF-8. Unknown fields are ignored.",
        "anyOf": [{"$ref": "#/$defs/client"}, {"$ref": "#/$defs/server"}],
        "$defs": {"client": client, "server": server, **definitions},
    }
    return cast("dict[str, Any]", _readable(whole))


def _readable(node: object) -> object:
    """Return ``node`` with the generator's habits put into fewer and plainer words."""
    if isinstance(node, list | tuple):  # a tuple is a message's default, and JSON has none
        return [_readable(item) for item in cast("list[object]", node)]
    if not isinstance(node, dict):
        return node
    plain = {key: _readable(value) for key, value in cast("dict[str, object]", node).items()}
    # OpenAPI's keyword: in JSON Schema it says nothing, and each message's type says it already.
    plain.pop("discriminator", None)
    return _tidy_words(_one_value(_or_absent(plain)))


def _or_absent(node: dict[str, Any]) -> dict[str, Any]:
    """Turn "this or null, null by default" into one type; such a field is normally left out."""
    match node:
        case {"anyOf": [{"type": str() as kind, **rest}, {"type": "null"}], "default": None}:
            return {"type": [kind, "null"], **rest}
        case _:
            return node


def _one_value(node: dict[str, Any]) -> dict[str, Any]:
    """Turn a choice of one, the ``type`` of a message, into a constant."""
    match node:
        case {"enum": [only], **rest}:
            return {"const": only, **rest}
        case _:
            return node


def _tidy_words(node: dict[str, Any]) -> dict[str, Any]:
    """Take the source's indentation and markup out of a description."""
    match node:
        case {"description": str() as words}:
            return {**node, "description": cleandoc(words).replace("``", "`")}
        case _:
            return node
