"""``livehelp visit`` and ``livehelp operate``: the screens."""

import sys
from typing import Annotated

import typer

from livehelp.cli.problems import explained, fail

AddressArgument = Annotated[
    str,
    typer.Argument(envvar="LIVEHELP_ADDRESS", help="The server: host, host:port or unix:/path."),
]
PlaceOption = Annotated[
    str | None,
    typer.Option(
        envvar="LIVEHELP_PLACE", help="Where you are: the kiosk, or the page you came from."
    ),
]


def visit(
    address: AddressArgument = "127.0.0.1:5483",
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
) -> None:
    """Talk with customer service."""
    _need_terminal("visit")
    with explained(ValueError, ModuleNotFoundError):
        from livehelp.client.address import Address
        from livehelp.client.tokens import TokenFile
        from tui.visitor.app import run_visitor

        server = Address.parse(address)
    run_visitor(server, tokens=None if no_token else TokenFile(), place=place)


def operate(
    address: AddressArgument = "127.0.0.1:5483",
    *,
    name: Annotated[
        str | None, typer.Option(envvar="LIVEHELP_OPERATOR", help="Your operator name.")
    ] = None,
) -> None:
    """Help visitors."""
    _need_terminal("operate")
    with explained(ValueError, ModuleNotFoundError):
        from livehelp.client.address import Address
        from tui.operator.app import run_operator

        server = Address.parse(address)
    run_operator(server, name=name)


def _need_terminal(command: str) -> None:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise fail(
            f"`livehelp {command}` needs a terminal. Scripts use the protocol (docs/protocol.md).",
            2,
        )
