"""``livehelp token``: the cookie of a terminal, which ties a visit to the one before."""

from typing import TYPE_CHECKING, Annotated

import typer

from livehelp.cli.problems import explained, fail

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
            metavar="ADDRESS", help="The server; without it, every token.", show_default=False
        ),
    ] = None,
) -> None:
    """Delete the token, so that your next visit is tied to none before."""
    from livehelp.client.address import Address
    from livehelp.client.tokens import TokenFile

    with explained(ValueError, code=2):
        server = None if address is None else Address.parse(address)
    tokens = TokenFile()
    count = tokens.forget(server)
    if tokens.warning:
        raise fail(tokens.warning)
    if server is not None and not count and (others := _servers(tokens)):
        raise fail(f"there was no token of {server}; there is one of {', '.join(others)}.")
    typer.echo("There was no token." if not count else "Forgotten.")


@app.command()
def where() -> None:
    """Print the folder that the tokens are in."""
    from livehelp.client.tokens import TokenFile

    typer.echo(TokenFile().directory)


def _servers(tokens: "TokenFile") -> list[str]:
    """Return the servers that there is a token of, as their files' names have them."""
    names = (path.stem.rpartition("-")[0] for path in tokens.directory.glob("*.token"))
    return sorted(":".join(name.rsplit("-", 1)) for name in names)
