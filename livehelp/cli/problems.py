"""Errors as a person on the command line should see them."""

from collections.abc import Generator
from contextlib import contextmanager

import typer


def fail(message: str, code: int = 1) -> typer.Exit:
    """Print ``message`` to standard error; raise what comes back to leave with ``code``."""
    typer.echo(f"livehelp: {message}", err=True)
    return typer.Exit(code)


@contextmanager
def explained(*kinds: type[Exception]) -> Generator[None]:
    """Turn exceptions of these kinds into a message and exit code 1."""
    try:
        yield
    except kinds as why:
        raise fail(str(why)) from None
