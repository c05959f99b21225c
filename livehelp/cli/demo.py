"""``livehelp demo``: a whole visit on one machine, with the server that ``serve`` runs."""

import typer


def demo() -> None:
    """Show a whole visit: a visitor, an operator, and the stored transcript at the end."""
    typer.echo("not yet")
