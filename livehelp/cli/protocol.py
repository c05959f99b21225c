"""``livehelp protocol``: what goes over the wire, for programs."""

from typing import Annotated

import typer


def protocol(
    *,
    schema: Annotated[bool, typer.Option("--schema", help="Print the JSON Schema.")] = False,
) -> None:
    """Print the protocol's version, or the JSON Schema of every message."""
    import json

    from livehelp.wire.connection import PROTOCOL
    from livehelp.wire.schema import json_schema

    if schema:
        typer.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))
    else:
        typer.echo(f"Live Help protocol {PROTOCOL}; docs/protocol.md describes it.")
