"""``livehelp operators``: who may sign in (the policy: only authorized employees).

Owns asking for a password, and that each change is in the audit log. What a good password is and
how it is stored are the server's matter.
"""

import sys
from datetime import UTC, datetime
from getpass import getpass
from typing import TYPE_CHECKING, Annotated, Final

import typer

from livehelp.cli.archive import (
    DatabaseOption,
    JsonOption,
    audit,
    database_again,
    database_url,
    open_archive,
)
from livehelp.cli.errors import explained, fail

if TYPE_CHECKING:
    from storage.archive import Archive
    from storage.records import OperatorRecord

app = typer.Typer(help="The operators' accounts.", no_args_is_help=True)

NameArgument = Annotated[
    str, typer.Argument(metavar="NAME", help="The operator's name, as visitors will see it.")
]
StdinOption = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input.")
]
# Whoever mistypes three times should look up what they are doing.
TRIES: Final = 3


@app.command()
def add(
    name: NameArgument, password_stdin: StdinOption = False, database: DatabaseOption = None
) -> None:
    """Add an operator. The password is asked for, twice, and not shown."""
    from server.auth.passwords import hash_password
    from storage.errors import OperatorExists

    name = _good_name(name)
    with open_archive(database, create=True) as archive:
        if (account := archive.operator(name)) is not None:
            state = ", disabled" if account.disabled_at else ""
            raise fail(
                f"there is an operator {account.name!r} already{state}: capitals do not count, and "
                "the name of a disabled one stays taken. See `livehelp operators list`."
            )
        password = _new_password(name, from_stdin=password_stdin)
        with explained(OperatorExists):
            archive.add_operator(name, hash_password(password), datetime.now(UTC))
        audit(archive, "operator_added", name)
    typer.echo(f"{name} can sign in now: livehelp operate --name {_quoted(name)}")


@app.command("list")
def list_(*, as_json: JsonOption = False, database: DatabaseOption = None) -> None:
    """List the operators."""
    with open_archive(database) as archive:
        accounts = archive.operators()
    if as_json:
        _print_json(accounts)
        return
    if not accounts:
        add_one = f"livehelp operators add NAME{database_again(database_url(database))}"
        typer.echo(f"There are no operators yet. Add one: {add_one}", err=True)
    width = max((len(account.name) for account in accounts), default=0)
    for account in accounts:
        state = "active"
        if account.disabled_at is not None:
            state = f"disabled {account.disabled_at:%Y-%m-%d}"
        typer.echo(f"{account.name:<{width}}  added {account.created_at:%Y-%m-%d}  {state}")


@app.command()
def disable(name: NameArgument, database: DatabaseOption = None) -> None:
    """Shut an operator out. Their past sessions keep their name, and nobody else can have it."""
    with open_archive(database) as archive:
        account = _known(archive, name)
        if account.disabled_at is not None:
            typer.echo(f"{account.name} is disabled since {account.disabled_at:%Y-%m-%d}.")
            return
        archive.disable_operator(account.name, datetime.now(UTC))
        audit(archive, "operator_disabled", account.name)
    typer.echo(f"{account.name} can no longer sign in.")


@app.command()
def password(
    name: NameArgument, password_stdin: StdinOption = False, database: DatabaseOption = None
) -> None:
    """Set a new password. Where the operator is signed in, the next reconnect asks for it."""
    from server.auth.passwords import hash_password

    with open_archive(database) as archive:
        account = _known(archive, name)
        if account.disabled_at is not None:
            raise fail(f"{account.name} is disabled and cannot sign in with any password.")
        new = _new_password(account.name, from_stdin=password_stdin)
        archive.set_password(account.name, hash_password(new), datetime.now(UTC))
        audit(archive, "password_set", account.name)
    typer.echo(f"{account.name} has a new password.")


def _known(archive: "Archive", name: str) -> "OperatorRecord":
    account = archive.operator(_good_name(name))
    if account is None:
        raise fail(f"there is no operator {name!r}; see `livehelp operators list`.")
    return account


def _good_name(name: str) -> str:
    """Return the name as the server would have it."""
    from livehelp.wire.base import MAX_NAME
    from livehelp.wire.text import clean_name

    cleaned = clean_name(name)
    if not cleaned or len(cleaned) > MAX_NAME:
        raise fail(f"a name has 1 to {MAX_NAME} characters that can be shown.", 2)
    return cleaned


def _new_password(name: str, *, from_stdin: bool) -> str:
    """Return a good new password for operator ``name``.

    Raises:
        typer.Exit: it is too weak, or there is nobody to ask.
    """
    from server.auth.passwords import refuse_weak

    if from_stdin:
        try:
            new = sys.stdin.buffer.readline().decode().rstrip("\r\n")
        except UnicodeDecodeError:
            raise fail("the password on standard input is not UTF-8.") from None
        with explained(ValueError):
            refuse_weak(new, name)
        return new
    if not sys.stdin.isatty():
        raise fail("no terminal to ask for the password; use --password-stdin.", 2)
    try:
        return _ask(name)
    except EOFError:
        raise fail("no password was given; nothing was changed.") from None


def _ask(name: str) -> str:
    """Ask in the terminal, unseen, until a good password was given twice."""
    from server.auth.passwords import MIN_LENGTH, refuse_weak

    typer.echo(f"At least {MIN_LENGTH} characters; four or five words are easy to remember.")
    for _ in range(TRIES):
        new = getpass("Password: ")
        try:
            refuse_weak(new, name)
        except ValueError as why:
            typer.echo(str(why), err=True)
            continue
        if getpass("Once more: ") == new:
            return new
        typer.echo("The two were not the same.", err=True)
    raise fail(f"there was no good password in {TRIES} tries; nothing was changed.")


def _quoted(name: str) -> str:
    import shlex

    return shlex.quote(name)


def _print_json(accounts: "list[OperatorRecord]") -> None:
    import json

    from storage.render import iso

    shown = [
        {
            "name": account.name,
            "added": iso(account.created_at),
            "disabled": iso(account.disabled_at),
        }
        for account in accounts
    ]
    typer.echo(json.dumps(shown, indent=2, ensure_ascii=False))
