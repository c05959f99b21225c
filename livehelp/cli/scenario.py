"""``livehelp scenario``: sessions with several people in them, from files.

Owns the options, what is printed while scenarios are played, and the exit code. What a scenario
is, and how it is played, is ``livehelp.testkit.scenario``'s matter.
"""

import json
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, TypeAlias

import typer

from livehelp.cli.archive import DatabaseOption, JsonOption, ReferenceArgument, read_transcript
from livehelp.cli.errors import explained, fail, in_words

if TYPE_CHECKING:
    from livehelp.testkit.scenario.model import Scenario
    from livehelp.testkit.scenario.playing.outcome import Happening, Outcome
    from livehelp.testkit.scenario.playing.server_under_test import ServerFactory

SUFFIXES: Final = frozenset({".yaml", ".yml"})
FilesArgument: TypeAlias = Annotated[
    list[Path],
    typer.Argument(help="Scenarios; a folder means all *.yaml in it.", metavar="FILE..."),
]

app = typer.Typer(
    help="Play whole sessions from files, or make such a file of a stored session.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command()
def run(
    files: FilesArgument,
    *,
    against: Annotated[
        str | None,
        typer.Option(
            metavar="HOST:PORT",
            help="Play on this running server. Its operators' passwords are in "
            "LIVEHELP_PASSWORD_DANA and so on, or all the same in LIVEHELP_PASSWORD.",
            show_default="a fresh server for each scenario",
        ),
    ] = None,
    jobs: Annotated[
        int | None,
        typer.Option(
            min=1, metavar="NUMBER", help="How many at once.", show_default="as many as cores"
        ),
    ] = None,
    seed: Annotated[
        int, typer.Option(metavar="NUMBER", help="The same seed lets links fail in the same way.")
    ] = 0,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Show each step as it happens.")
    ] = False,
    junit_xml: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Also write JUnit XML, for a CI server.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Play scenarios. Exit codes: 0 all passed, 1 one failed, 2 one cannot be read."""
    from livehelp.testkit.scenario.playing import report

    scenarios = _read(files, fresh=against is None)
    servers = _server_factory(scenarios, against)
    if against is not None:
        _see_that_it_answers(against)
    with explained(OSError, code=2):  # before the hour that the scenarios may take
        xml = None if junit_xml is None else junit_xml.open("wb")
    began = time.monotonic()
    outcomes, stopped = _played(
        scenarios, servers, jobs or os.cpu_count() or 1, seed, verbose=verbose, as_json=as_json
    )
    if as_json:
        typer.echo(json.dumps(report.json_of(outcomes), indent=2))
    else:
        typer.echo(report.sum_of(outcomes, time.monotonic() - began))
    if xml is not None:
        with explained(OSError), xml:
            xml.write(report.junit_of(outcomes))
    if stopped:
        raise typer.Exit(128 + stopped)
    if any(outcome.failure is not None for outcome in outcomes):
        raise typer.Exit(1)


def _played(
    scenarios: "Sequence[Scenario]",
    servers: "ServerFactory",
    jobs: int,
    seed: int,
    *,
    verbose: bool,
    as_json: bool,
) -> "tuple[list[Outcome], int]":
    """Play all of them and tell how it goes; return how it went, and the signal that ended it."""
    import anyio

    from livehelp.cli.signals import stopping
    from livehelp.testkit.scenario.playing import report
    from livehelp.testkit.scenario.playing.outcome import STOPPED, Outcome
    from livehelp.testkit.scenario.playing.runner import play_all

    several = len(scenarios) > 1
    known: dict[int, Outcome] = {}

    def tell(scenario: "Scenario", happening: "Happening") -> None:
        # The report goes to standard output; when that is JSON, what happens goes beside it.
        name = f"{Path(scenario.file).stem}: " if several else ""
        typer.echo(report.plain(f"{name}{happening}"), err=as_json)

    def done(number: int, outcome: Outcome) -> None:
        known[number] = outcome
        if not as_json:
            typer.echo(report.line_of(outcome))
        if outcome.failure is not None and not as_json:
            typer.echo(f"    {report.failure_of(outcome, outcome.failure)}\n")

    async def play() -> int:
        stop = anyio.Event()
        async with stopping(stop.set) as stopped:
            await play_all(
                scenarios,
                servers,
                jobs=jobs,
                seed=seed,
                tell=tell if verbose else None,
                done=done,
                stop=stop,
            )
        return stopped.by

    stopped = anyio.run(play)
    outcomes = [
        known.get(number) or Outcome(each.file, each.about, "not run", 0.0, seed, reason=STOPPED)
        for number, each in enumerate(scenarios)
    ]
    return outcomes, stopped


def _see_that_it_answers(address: str) -> None:
    """Connect once: that nobody answers is told once, and is not a scenario's failure."""
    import anyio

    from livehelp.client import LiveHelpError, VisitorClient

    async def connect() -> None:
        async with VisitorClient.connect(address, client="livehelp-scenario"):
            pass

    with explained(LiveHelpError):
        anyio.run(connect)


@app.command()
def check(files: FilesArgument) -> None:
    """Read scenarios without playing them. The exit code is 2 if one cannot be read."""
    from livehelp.testkit.scenario.playing.report import plain
    from livehelp.testkit.scenario.reading.static_checks import unknown_operators

    for scenario in _read(files):
        typer.echo(plain(f"can be played: {scenario.file}  {scenario.about}".rstrip()))
        for mistake in unknown_operators(scenario):
            typer.echo(plain(f"    but only with --against: {mistake}"))


@app.command("from")
def from_(
    reference: ReferenceArgument,
    *,
    anonymize: Annotated[
        bool,
        typer.Option("--anonymize", help="Put other names and words in place of people's own."),
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Where to.", show_default="the screen"),
    ] = None,
    database: DatabaseOption = None,
) -> None:
    """Make a scenario of a stored session."""
    from livehelp.testkit.scenario.making.anonymize import anonymized_log
    from livehelp.testkit.scenario.making.writer import scenario_of
    from storage.render import transcript_json

    found = read_transcript(reference, database, scenario=True, anonymized=anonymize)
    events = transcript_json(found)["discussion"]
    text = scenario_of(anonymized_log(events) if anonymize else events)
    if output is None:
        typer.echo(text, nl=False)
    else:
        try:
            _write(output, text, private=not anonymize)
        except FileExistsError:
            raise fail(f"{output} is there already; name another file.", 2) from None
        except OSError as why:
            raise fail(in_words(why)) from None
    if not anonymize:
        words = (
            "livehelp: this holds what people wrote; --anonymize replaces their names and words."
        )
        typer.echo(words, err=True)


def _write(path: Path, text: str, *, private: bool) -> None:
    """Write a file; what people wrote is for its owner only, and replaces nothing."""
    how, mode = (os.O_EXCL, 0o600) if private else (os.O_TRUNC, 0o666)
    file = os.open(path, os.O_WRONLY | os.O_CREAT | how, mode)
    with os.fdopen(file, "w", encoding="utf-8") as out:
        out.write(text)


def _read(given: Sequence[Path], *, fresh: bool = False) -> "list[Scenario]":
    """Return all scenarios, or leave with everything that is wrong with them.

    Args:
        given: Files and folders.
        fresh: Each will be played on a server of its own; else only those that can do no other.
    """
    from livehelp.testkit.scenario.location import Unreadable
    from livehelp.testkit.scenario.playing.report import plain
    from livehelp.testkit.scenario.reading.reader import read_file
    from livehelp.testkit.scenario.reading.static_checks import unknown_operators

    scenarios: list[Scenario] = []
    mistakes: list[str] = []
    for path in [file for each in given for file in _files(each)]:
        try:
            scenario = read_file(path)
            if fresh or scenario.own_server is not None:
                mistakes += map(str, unknown_operators(scenario))
            scenarios.append(scenario)
        except Unreadable as why:
            mistakes.append(str(why))
    if mistakes:
        typer.echo(plain("\n".join(mistakes)), err=True)
        raise typer.Exit(2)
    return scenarios


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    found = sorted(file for file in path.iterdir() if file.suffix in SUFFIXES)
    if not found:
        raise fail(f"{path}: there are no *.yaml in this folder.", 2)
    return found


def _server_factory(scenarios: "Sequence[Scenario]", against: str | None) -> "ServerFactory":
    """Return where the scenarios are played; passwords that are not known are asked for here."""
    from livehelp.cli.passwords import passwords_of
    from livehelp.client.address import Address
    from livehelp.testkit.scenario.playing.server_under_test import (
        FreshServerFactory,
        RunningServerFactory,
    )

    if against is None:
        return FreshServerFactory()
    with explained(ValueError, code=2):
        address = Address.parse(against)
    able = [scenario for scenario in scenarios if scenario.own_server is None]
    accounts = {account for scenario in able for account in scenario.accounts}
    return RunningServerFactory(str(address), passwords_of(sorted(accounts)))
