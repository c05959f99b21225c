"""``livehelp visit`` and ``livehelp operate``: the screens, and the streams in their place.

Owns the options, and which of them go together. ``livehelp visit`` loads nothing of the streams,
and the streams nothing of the screens.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from livehelp.cli.errors import explained, fail
from livehelp.cli.options import DEFAULT_ADDRESS
from livehelp.cli.terminal import draws

AddressArgument = Annotated[
    str,
    typer.Argument(
        envvar="LIVEHELP_ADDRESS",
        metavar="ADDRESS",
        help="The server: host, host:port or unix:/path.",
    ),
]
PlaceOption = Annotated[
    str | None,
    typer.Option(
        envvar="LIVEHELP_PLACE",
        metavar="TEXT",
        help="Where you are: the kiosk, or the page you came from.",
    ),
]


def visit(
    address: AddressArgument = DEFAULT_ADDRESS,
    *,
    no_token: Annotated[
        bool,
        typer.Option(
            "--no-token",
            envvar="LIVEHELP_NO_TOKEN",
            help="Do not tie this visit to your last one, nor to your next.",
        ),
    ] = False,
    place: PlaceOption = None,
    plain: Annotated[
        bool,
        typer.Option(
            "--plain",
            envvar="LIVEHELP_PLAIN",
            help="No screen, only lines; by itself in a pipe, and where TERM is dumb.",
        ),
    ] = False,
    name: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="With --plain: your name.", show_default="asked for"),
    ] = None,
    topic: Annotated[
        str | None,
        typer.Option(
            metavar="TEXT", help="With --plain: what it is about.", show_default="asked for"
        ),
    ] = None,
    until_answered: Annotated[
        bool,
        typer.Option(
            "--until-answered",
            help="With --plain, after the end of the input: leave once an operator has answered.",
        ),
    ] = False,
    at_most: Annotated[
        str | None,
        typer.Option(
            "--for",
            metavar="TIME",
            help="With --plain, after the end of the input: leave after so long, such as 60s, 5m.",
        ),
    ] = None,
) -> None:
    """Talk with customer service."""
    if plain or not draws():
        from livehelp.cli.streams import run_plain

        run_plain(
            address,
            remember=not no_token,
            place=place,
            name=name,
            topic=topic,
            until_answered=until_answered,
            at_most=at_most,
        )
    only_plain = {"--name": name, "--topic": topic, "--for": at_most}
    _refuse({**only_plain, "--until-answered": until_answered}, "--plain")
    with explained(ValueError, ModuleNotFoundError):
        from livehelp.client.address import Address
        from livehelp.client.tokens import TokenFile
        from tui.visitor.app import run_visitor

        server = Address.parse(address)
        tokens = None if no_token else TokenFile()
    run_visitor(server, tokens=tokens, place=place)


def operate(
    address: AddressArgument = DEFAULT_ADDRESS,
    *,
    name: Annotated[
        str | None,
        typer.Option(envvar="LIVEHELP_OPERATOR", metavar="NAME", help="Your operator name."),
    ] = None,
    as_json: Annotated[
        bool,
        typer.Option("--json", help="For programs: events out, commands in, one JSON a line."),
    ] = False,
    password_file: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="With --json: the password's file, yours alone. Or set LIVEHELP_PASSWORD.",
        ),
    ] = None,
    stay: Annotated[
        bool, typer.Option("--stay", help="With --json: go on after the end of the input.")
    ] = False,
) -> None:
    """Help visitors."""
    if as_json:
        from livehelp.cli.streams import run_json

        run_json(address, name=name, password_file=password_file, stay=stay)
    _refuse({"--password-file": password_file, "--stay": stay}, "--json")
    if not draws():
        raise fail(
            "`livehelp operate` needs a terminal that can show a screen, with a TERM that is not "
            "dumb. Programs use: livehelp operate --json --name NAME (docs/scripting.md). "
            "Or speak the protocol (docs/protocol.md).",
            2,
        )
    with explained(ValueError, ModuleNotFoundError):
        from livehelp.client.address import Address
        from tui.operator.app import run_operator

        server = Address.parse(address)
    run_operator(server, name=name)


def _refuse(given: Mapping[str, object], needed: str) -> None:
    """Refuse options that mean nothing without ``needed``."""
    if names := [option for option, value in given.items() if value]:
        go = "goes" if len(names) == 1 else "go"
        raise fail(f"{' and '.join(names)} {go} together with {needed} only.", 2)
