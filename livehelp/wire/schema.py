"""The JSON Schema of every message, made out of the messages themselves.

Owns nothing but the call; ``livehelp protocol --schema`` prints it.
"""

from typing import Any

import msgspec

from livehelp.wire.commands import Command
from livehelp.wire.signals import ServerMessage


def json_schema() -> dict[str, Any]:
    """Return one JSON Schema (2020-12) with the two directions under ``$defs``.

    ``#/$defs/client`` is what a client may send, ``#/$defs/server`` what a server may.
    """
    (client, server), definitions = msgspec.json.schema_components(
        (Command, ServerMessage), ref_template="#/$defs/{name}"
    )
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Live Help protocol, one message a line",
        "$defs": {"client": client, "server": server, **definitions},
    }
