"""``livehelp token``: the cookie of a terminal, which ties a visit to the one before."""

from typing import Annotated

import typer

from livehelp.cli.problems import explained, fail

app = typer.Typer(
    help="The token that lets an operator see your last visit. It is optional.",
    no_args_is_help=True,
)


@app.command()
def forget(
    address: Annotated[
        str | None, typer.Argument(help="The server; without it, every token.", show_default=False)
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
    typer.echo("There was no token." if not count else "Forgotten.")


@app.command()
def where() -> None:
    """Print the folder that the tokens are in."""
    from livehelp.client.tokens import TokenFile

    typer.echo(TokenFile().directory)
