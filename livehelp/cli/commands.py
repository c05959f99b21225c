"""Which command is in which module, and how the list of them reads.

Owns the table, the order and the headings. Must not know what a command does. A module is imported
only when its command is asked for, or when all of them are to be listed.
"""

from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from itertools import groupby
from typing import Any, Final, NamedTuple

import typer
import typer.main

import livehelp
from livehelp.cli.parameters import Command, Group

TALK: Final = "Talk"
RUN: Final = "Run a server"
RECORDS: Final = "Records"
TEST: Final = "Test and rehearse"
TOOLS: Final = "Tools"
# The first sentence of a command's help is shown whole, on two lines if need be.
_WHOLE: Final = 200


class Entry(NamedTuple):
    """Where a command is: an attribute of a module, which is a function or a group of commands."""

    module: str
    attribute: str
    heading: str


COMMANDS: Final = {
    "visit": Entry("screens", "visit", TALK),
    "operate": Entry("screens", "operate", TALK),
    "demo": Entry("demo", "demo", TALK),
    "serve": Entry("serve", "serve", RUN),
    "operators": Entry("accounts", "app", RUN),
    "db": Entry("db", "app", RUN),
    "sessions": Entry("transcripts", "sessions", RECORDS),
    "transcript": Entry("transcripts", "transcript", RECORDS),
    "scenario": Entry("scenario", "app", TEST),
    "record": Entry("recordings", "record", TEST),
    "replay": Entry("recordings", "replay", TEST),
    "flaky": Entry("flaky", "flaky", TEST),
    "load": Entry("load", "load", TEST),
    "token": Entry("token", "app", TOOLS),
    "protocol": Entry("protocol", "protocol", TOOLS),
}


def command_for(words: Sequence[str]) -> Callable[[], object]:
    """Return what runs the command line; ``words`` are its arguments.

    Only the command that is asked for is in it; all of them are, when help or a mistake in the
    name must list them.
    """
    asked = words[0] if words else ""
    if asked in COMMANDS:
        return _assemble([asked])
    return _assemble([] if asked == "--version" else COMMANDS)


class _Headings(Group):
    """The list of commands under headings, in plain text.

    typer would draw boxes with rich. Boxes are noise to a screen reader and to grep, and rich
    takes longer to load than the command.
    """

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - typer's shape
        """Write the commands in the table's order."""
        for heading, names in groupby(COMMANDS, key=lambda name: COMMANDS[name].heading):
            with formatter.section(heading):
                formatter.write_dl(
                    [(name, self.commands[name].get_short_help_str(_WHOLE)) for name in names]
                )


def _assemble(names: Iterable[str]) -> Callable[[], object]:
    app = typer.Typer(
        cls=_Headings,
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_options)
    for name in names:
        module, attribute, _ = COMMANDS[name]
        found = getattr(import_module(f"livehelp.cli.{module}"), attribute)
        if isinstance(found, typer.Typer):
            for command in found.registered_commands:
                command.cls = Command
            app.add_typer(found, name=name, cls=Group)
        else:
            app.command(name, cls=Command)(found)
    return typer.main.get_command(app)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"livehelp {livehelp.__version__}")
        raise typer.Exit


def _options(
    version: bool = typer.Option(
        False, "--version", callback=_print_version, is_eager=True, help="Print the version."
    ),
) -> None:
    """Live Help: talk with customer service in real time, from a terminal."""
