"""``livehelp token``: the cookie of a terminal, which ties a visit to the one before."""

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from livehelp.cli.errors import explained, fail

if TYPE_CHECKING:
    from livehelp.client.tokens import TokenFile

app = typer.Typer(
    help="The token that lets an operator see your last visit. It is optional.",
    no_args_is_help=True,
)


@app.command()
def forget(
    address: Annotated[
        str | None,
        typer.Argument(
            metavar="ADDRESS",
            help="The server; without it, the tokens of every server.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Delete the token, so that your next visit is tied to none before."""
    from livehelp.client.address import Address
    from livehelp.client.tokens import TokenFile

    with explained(ValueError, code=2):
        server = None if address is None else Address.parse(address)
    tokens = TokenFile()
    known = _servers(tokens)
    count = tokens.forget(server)
    left = _servers(tokens)
    if count:
        gone = [name for name in known if name not in left] if server is None else [str(server)]
        typer.echo(f"Forgotten: {', '.join(gone)}.")
    if tokens.warning:
        raise fail(tokens.warning)
    if server is not None and not count and left:
        raise fail(f"there was no token of {server}; there is one of {', '.join(left)}.")
    if not count:
        typer.echo("There was no token.")


@app.command()
def where() -> None:
    """Print the folder that the tokens are in."""
    from livehelp.client.tokens import TokenFile

    typer.echo(TokenFile().directory)


def _servers(tokens: "TokenFile") -> list[str]:
    """Return the servers that there is a token of."""
    return sorted(_server(tokens, path) for path in tokens.directory.glob("*.token"))


def _server(tokens: "TokenFile", path: Path) -> str:
    """Return the address that the file was named after; the file's own name if that cannot be told.

    IPv6 addresses, Unix sockets and long names do not stand in it as they are; its hash tells.
    """
    guess = ":".join(path.stem.rpartition("-")[0].rsplit("-", 1))
    with suppress(ValueError):
        if tokens.path(guess) == path:
            return guess
    return path.name
