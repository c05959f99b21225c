"""``livehelp serve``: the settings from option, environment and file, then the server.

Owns which of the three counts, and what the person who starts the server is told. The settings
themselves, with the reason for each default, are ``server.settings``.
"""

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal, cast

import typer

from livehelp.cli.archive import DatabaseOption, database_again, database_url, located
from livehelp.cli.config import read_config
from livehelp.cli.errors import explained, fail
from livehelp.cli.options import CHOOSE_ANOTHER, DEFAULT_ADDRESS

# Settings that are several values: in the file a list, elsewhere separated by ";".
LISTS: Final = ("listen", "topics", "questions")
PREFIX: Final = "LIVEHELP_"
# typer's names for where a value was given by the person; every other source is a default.
GIVEN: Final = ("COMMANDLINE", "ENVIRONMENT")


def _option(name: str, text: str, **more: Any) -> Any:
    return typer.Option(envvar=PREFIX + name.upper(), help=text, **more)


def _seconds(name: str, text: str) -> Any:
    return _option(name, text, metavar="SECONDS")


def _several(name: str, text: str) -> Any:
    return _option(name, f"{text}; several are separated by ';'.", metavar="TEXT;TEXT")


# The defaults stand here a second time, so that --help shows them; a test holds them to Settings.
def serve(
    context: typer.Context,
    config: Annotated[
        Path | None,
        _option(
            "config",
            "A TOML file of settings; deploy/livehelp.toml shows them all.",
            metavar="FILE",
        ),
    ] = None,
    listen: Annotated[
        str, _several("listen", "Where: host:port, [v6]:port or unix:/path")
    ] = DEFAULT_ADDRESS,
    database: DatabaseOption = None,
    upgrade: Annotated[
        bool, _option("upgrade", "Upgrade an older database before serving.")
    ] = False,
    topics: Annotated[
        str, _several("topics", "What help is offered for")
    ] = "Vehicles and licences; Taxes; Benefits; This portal",
    questions: Annotated[
        str, _several("questions", "The exit interview's questions")
    ] = "Was your question answered?; How could we have helped better?",
    notice: Annotated[
        str | None,
        _option(
            "notice",
            "What visitors are told before they type anything.",
            metavar="TEXT",
            show_default="not to write anything confidential",
        ),
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
        int, _option("max_connections", "How many connections at once.", metavar="NUMBER")
    ] = 20_000,
    max_waiting: Annotated[
        int, _option("max_waiting", "How many visitors may wait at once.", metavar="NUMBER")
    ] = 10_000,
    ticket_hours: Annotated[
        float,
        _option("ticket_hours", "How long an operator stays signed in.", metavar="HOURS"),
    ] = 12.0,
    resolve_hosts: Annotated[
        bool, _option("resolve_hosts", "Look up visitors' host addresses by reverse DNS.")
    ] = True,
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"],
        _option(
            "log_level", "What is worth a line in the log.", metavar="debug|info|warning|error"
        ),
    ] = "info",
    log_format: Annotated[
        Literal["auto", "text", "json"],
        _option(
            "log_format",
            "auto is text on a terminal, and JSON elsewhere.",
            metavar="auto|text|json",
        ),
    ] = "auto",
) -> None:
    """Run the server.

    Every setting can be an option, an environment variable (LIVEHELP_...), or a line in the
    file that --config names; the option counts before the variable, the variable before the file.
    """
    given = {
        name: _split(value) if name in LISTS else value
        for name, value in context.params.items()
        if name != "config" and _source(context, name) in GIVEN
    }
    with explained(ValueError, code=2):
        in_file = read_config(config) if config is not None else {}
    _run(_settings(given, in_file, config))


def _source(context: typer.Context, name: str) -> str:
    source = context.get_parameter_source(name)
    return "" if source is None else source.name


def _split(value: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.split(";") if part.strip())


def _settings(given: Mapping[str, Any], in_file: Mapping[str, Any], config: Path | None) -> Any:
    """Return the ``Settings``; who gave a bad one is told where."""
    from server.settings import Settings

    merged = {**in_file, **given}
    try:
        merged["database"] = database_url(merged.get("database"))
        return Settings(**merged)
    except ValueError as why:
        name, _, reason = str(why).partition(": ")
        if name in given:
            where = f"--{name.replace('_', '-')} (or {PREFIX}{name.upper()})"
        else:
            where = f"{config}: {name}"
        raise fail(f"{where}: {reason}", 2) from None


def _run(settings: Any) -> None:
    import structlog
    import trio

    from server.log import set_up_log

    set_up_log(settings.log_level, settings.log_format)
    try:
        trio.run(_serve, settings)
    except BaseExceptionGroup as group:
        reasons = _leaves(group)
        if words := _expected(reasons, settings.database):
            raise fail(words) from None
        if any(isinstance(why, KeyboardInterrupt) for why in reasons):
            raise KeyboardInterrupt from None
        structlog.stdlib.get_logger().critical("server.failed", exc_info=group)
        raise fail("the server ended by a defect of its own; its log says where.") from None


async def _serve(settings: Any) -> None:
    import trio

    from server.app import Running, serve_until_signal

    async with trio.open_nursery() as nursery:
        running: Running = await nursery.start(serve_until_signal, settings)
        # Whoever reads it may have gone (livehelp serve | head): that ends no server.
        with contextlib.suppress(OSError):
            _announce(running.addresses, running.operators, settings.database)


def _announce(addresses: tuple[str, ...], operators: int, database: str) -> None:
    """Say where, on standard output: for the person, and for whoever started port 0."""
    for address in addresses:
        typer.echo(f"Live Help listens on {address}")
    if not operators:
        add_one = f"livehelp operators add NAME{database_again(database)}"
        typer.echo(f"Nobody can answer yet. Add an operator: {add_one}")


def _expected(reasons: list[BaseException], database: str) -> str:
    """Return the words for what can go wrong with addresses and databases; "" for a defect."""
    from server.net.listeners import CannotListenError
    from storage.errors import StorageError

    words: list[str] = []
    for why in reasons:
        if isinstance(why, StorageError):
            words.append(located(why, database))
        elif isinstance(why, CannotListenError):
            words.append(f"{why} {CHOOSE_ANOTHER}")
        elif not isinstance(why, KeyboardInterrupt):
            return ""
    return " ".join(words)


def _leaves(why: BaseException) -> list[BaseException]:
    if not isinstance(why, BaseExceptionGroup):
        return [why]
    group = cast("BaseExceptionGroup[BaseException]", why)
    return [leaf for each in group.exceptions for leaf in _leaves(each)]
