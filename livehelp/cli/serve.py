"""``livehelp serve``: the settings from file, environment and options, then the server."""

import tomllib
from pathlib import Path
from typing import Annotated, Any, Final, cast

import typer

from livehelp.cli.database import DatabaseOption, database_url
from livehelp.cli.problems import explained, fail

# Settings that are several values: in the file a list, on the command line separated by ";".
LISTS: Final = ("listen", "topics", "questions")
PREFIX: Final = "LIVEHELP_"


def _read_config(context: typer.Context, path: Path | None) -> Path | None:
    """Make the file's values the defaults of the other options.

    What the command line says comes first, then the environment, then the file, then the default.
    """
    if path is None:
        return None
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as why:
        raise fail(f"cannot read {path}: {why.strerror}.", 2) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as why:
        raise fail(f"{path} is no TOML file: {why}.", 2) from None
    known = {parameter.name for parameter in context.command.params} - {"config"}
    if strange := sorted(set(values) - known):
        there_are = ", ".join(sorted(name for name in known if name))
        raise fail(f"{path}: there is no setting {strange[0]!r}; there are {there_are}.", 2)
    for name in LISTS:
        if isinstance(values.get(name), list):
            values[name] = "; ".join(map(str, cast("list[Any]", values[name])))
    context.default_map = {**(context.default_map or {}), **values}
    return path


def _option(name: str, text: str) -> Any:
    return typer.Option(envvar=PREFIX + name.upper(), help=text)


def _seconds(name: str, text: str) -> Any:
    return typer.Option(envvar=PREFIX + name.upper(), help=text, metavar="SECONDS")


# The defaults stand here a second time, so that --help shows them; a test holds them to Settings.
def serve(
    context: typer.Context,
    config: Annotated[
        Path | None,
        typer.Option(
            envvar=PREFIX + "CONFIG",
            is_eager=True,
            callback=_read_config,
            help="A TOML file of settings; deploy/livehelp.toml shows them all.",
        ),
    ] = None,
    listen: Annotated[
        str, _option("listen", "Where: host:port or unix:/path; several separated by ';'.")
    ] = "127.0.0.1:5483",
    database: DatabaseOption = None,
    upgrade: Annotated[
        bool, _option("upgrade", "Upgrade an older database before serving.")
    ] = False,
    topics: Annotated[
        str | None, _option("topics", "What help is offered for, separated by ';'.")
    ] = None,
    questions: Annotated[
        str | None, _option("questions", "The exit interview's questions, separated by ';'.")
    ] = None,
    notice: Annotated[
        str | None, _option("notice", "What visitors are told before they type anything.")
    ] = None,
    hello_timeout: Annotated[
        float, _seconds("hello_timeout", "How long a connection may take to say hello.")
    ] = 30.0,
    half_line_timeout: Annotated[
        float, _seconds("half_line_timeout", "How long a line may stay half sent.")
    ] = 60.0,
    idle_timeout: Annotated[
        float, _seconds("idle_timeout", "Silence after which a connection is closed.")
    ] = 1800.0,
    operator_idle_timeout: Annotated[
        float, _seconds("operator_idle_timeout", "Inactivity that signs an operator out.")
    ] = 1800.0,
    visit_grace: Annotated[
        float, _seconds("visit_grace", "How long a visitor whose link broke may come back.")
    ] = 1800.0,
    operator_grace: Annotated[
        float, _seconds("operator_grace", "The same for an operator; then visitors wait again.")
    ] = 120.0,
    shutdown_grace: Annotated[
        float, _seconds("shutdown_grace", "How long peers may take to hear of the end.")
    ] = 5.0,
    max_connections: Annotated[
        int, _option("max_connections", "How many connections at once.")
    ] = 20_000,
    ticket_hours: Annotated[
        float, _option("ticket_hours", "How long an operator stays signed in.")
    ] = 12.0,
    resolve_hosts: Annotated[
        bool, _option("resolve_hosts", "Look up visitors' host addresses by reverse DNS.")
    ] = True,
    log_level: Annotated[str, _option("log_level", "debug, info, warning or error.")] = "info",
    log_format: Annotated[
        str, _option("log_format", "text, json, or auto: text on a terminal.")
    ] = "auto",
) -> None:
    """Run the server.

    Every setting can be an option, an environment variable (LIVEHELP_...), or a line in the
    file that --config names; the option counts before the variable, the variable before the file.
    """
    given = {name: value for name, value in context.params.items() if name != "config"}
    given["database"] = database_url(database)
    for name in LISTS:
        if given[name] is not None:
            given[name] = tuple(part.strip() for part in given[name].split(";") if part.strip())
    _run({name: value for name, value in given.items() if value is not None})


def _run(given: dict[str, Any]) -> None:
    import trio

    from server.app import Running, serve_until_signal
    from server.listeners import CannotListenError
    from server.log import set_up_log
    from server.settings import Settings
    from storage.errors import StorageError

    with explained(ValueError):
        settings = Settings(**given)
    set_up_log(settings.log_level, settings.log_format)

    async def main() -> None:
        async with trio.open_nursery() as nursery:
            _announce(cast("Running", await nursery.start(serve_until_signal, settings)))

    try:
        trio.run(main)
    except* (CannotListenError, StorageError) as group:
        raise fail(" ".join(str(why) for why in _leaves(group))) from None


def _announce(running: Any) -> None:
    """Say where, on standard output: for the person, and for whoever started port 0."""
    for address in running.addresses:
        typer.echo(f"Live Help listens on {address}")
    if not running.operators:
        typer.echo("Nobody can answer yet. Add an operator: livehelp operators add NAME")


def _leaves(group: BaseExceptionGroup[Exception]) -> list[BaseException]:
    leaves: list[BaseException] = []
    for why in group.exceptions:
        leaves += _leaves(why) if isinstance(why, BaseExceptionGroup) else [why]
    return leaves
