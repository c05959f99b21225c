"""``livehelp operators``: who may sign in (the policy: only authorized employees)."""

import sys
from datetime import UTC, datetime
from typing import Annotated

import typer

from livehelp.cli.database import DatabaseOption, open_archive
from livehelp.cli.problems import explained, fail

app = typer.Typer(help="The operators' accounts.", no_args_is_help=True)

NameArgument = Annotated[str, typer.Argument(help="The operator's name, as visitors will see it.")]
StdinOption = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input.")
]


@app.command()
def add(
    name: NameArgument, password_stdin: StdinOption = False, database: DatabaseOption = None
) -> None:
    """Add an operator. The password is asked for, twice, and not shown."""
    from server.passwords import hash_password
    from storage.errors import OperatorExists

    name = _good_name(name)
    with open_archive(database, create=True) as archive:
        if archive.operator(name) is not None:
            raise fail(f"there is an operator {name!r} already; see `livehelp operators list`.")
        password = _ask_password(name, from_stdin=password_stdin)
        with explained(OperatorExists):
            archive.add_operator(name, hash_password(password), datetime.now(UTC))
    typer.echo(f"{name} can sign in now: livehelp operate")


@app.command("list")
def list_(database: DatabaseOption = None) -> None:
    """List the operators."""
    with open_archive(database) as archive:
        accounts = archive.operators()
    if not accounts:
        typer.echo("There are no operators yet. Add one: livehelp operators add NAME")
    width = max((len(account.name) for account in accounts), default=0)
    for account in accounts:
        state = "active"
        if account.disabled_at is not None:
            state = f"disabled {account.disabled_at:%Y-%m-%d}"
        typer.echo(f"{account.name:<{width}}  added {account.created_at:%Y-%m-%d}  {state}")


@app.command()
def disable(name: NameArgument, database: DatabaseOption = None) -> None:
    """Shut an operator out. Their past sessions keep their name."""
    from storage.errors import NoSuchOperator

    with open_archive(database) as archive, explained(NoSuchOperator):
        archive.disable_operator(name, datetime.now(UTC))
    typer.echo(f"{name} can no longer sign in.")


@app.command()
def password(
    name: NameArgument, password_stdin: StdinOption = False, database: DatabaseOption = None
) -> None:
    """Set a new password. Where the operator is signed in, the next reconnect asks for it."""
    from server.passwords import hash_password
    from storage.errors import NoSuchOperator

    with open_archive(database) as archive, explained(NoSuchOperator):
        if archive.operator(name) is None:
            raise fail(f"there is no operator {name!r}; see `livehelp operators list`.")
        new = _ask_password(name, from_stdin=password_stdin)
        archive.set_password(name, hash_password(new), datetime.now(UTC))
    typer.echo(f"{name} has a new password.")


def _good_name(name: str) -> str:
    from livehelp.wire.base import MAX_NAME
    from livehelp.wire.text import clean_name

    cleaned = clean_name(name)
    if not cleaned or len(cleaned) > MAX_NAME:
        raise fail(f"a name has 1 to {MAX_NAME} characters that can be shown.", 2)
    return cleaned


def _ask_password(name: str, *, from_stdin: bool) -> str:
    """Return a good new password.

    Raises:
        typer.Exit: it is too weak, or there is nobody to ask.
    """
    from server.passwords import MIN_LENGTH, refuse_weak

    if from_stdin:
        new = sys.stdin.readline().rstrip("\n")
    elif sys.stdin.isatty():
        typer.echo(f"At least {MIN_LENGTH} characters; four or five words are easy to remember.")
        new = typer.prompt("Password", hide_input=True, confirmation_prompt="Once more")
    else:
        raise fail("no terminal to ask for the password; use --password-stdin.", 2)
    with explained(ValueError):
        refuse_weak(new, name)
    return new
