"""``livehelp load``: many visitors and operators at once, and the figures of it.

Owns the options, the passwords, the server that is started for it, and the progress bar. What is
said when, and what is measured, is ``livehelp.testkit.load``'s matter.
"""

import os
import re
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from livehelp.cli.errors import explained, fail
from livehelp.cli.options import seconds_of
from livehelp.cli.passwords import passwords_of

if TYPE_CHECKING:
    from livehelp.testkit.load import LoadRunner, Plan, Summary

# A bar that moves four times a second is alive; a line in a log every five seconds is enough.
_BAR_SECONDS: Final = 0.25
_LINE_SECONDS: Final = 5.0
# Beside one for each client: the server's answer, the loop's own, the terminal, the log.
_SPARE_FILES: Final = 100


def load(
    visitors: Annotated[
        int, typer.Option(metavar="NUMBER", help="How many talk at any time.")
    ] = 50,
    operators: Annotated[
        int, typer.Option(metavar="NUMBER", help="How many operators help them.")
    ] = 5,
    rate: Annotated[
        str, typer.Option(metavar="N/s", help="Lines a second, of both sides together.")
    ] = "20/s",
    seconds: Annotated[
        str, typer.Option("--for", metavar="TIME", help="How long, such as 60s.")
    ] = "10s",
    lines: Annotated[
        int,
        typer.Option(
            metavar="NUMBER", help="Lines of a visit; then it ends and another comes. 0: no end."
        ),
    ] = 12,
    against: Annotated[
        str | None,
        typer.Option(metavar="HOST:PORT", help="A running server; without it, one of its own."),
    ] = None,
    anywhere: Annotated[
        bool, typer.Option("--anywhere", help="Also a server on another machine.")
    ] = False,
    operator_name: Annotated[
        str, typer.Option(metavar="NAME", help="The operators' accounts; {n} is 1, 2, 3, ...")
    ] = "load{n}",
    json: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Write the figures as JSON; -: to standard output."),
    ] = None,
    seed: Annotated[
        int, typer.Option(metavar="NUMBER", help="The same seed is the same lines.")
    ] = 0,
) -> None:
    """Let many visitors and operators talk at once, and measure how the server does.

    Operators sign in with LIVEHELP_PASSWORD_<NAME>, or LIVEHELP_PASSWORD. The exit code is 1 if an
    acked line was lost, doubled or out of order, if a line was not said or not acked, or if a visit
    did not end. Ctrl-C ends it early, with the figures so far.
    """
    from livehelp.testkit.load import Plan

    with explained(ValueError, code=2):
        plan = Plan(
            visitors=visitors,
            operators=operators,
            rate=_rate(rate),
            seconds=seconds_of("--for", seconds),
            lines_per_visit=lines,
            seed=seed,
        )
        names = _names(operator_name, operators)
        address = None if against is None else _allowed(against, anywhere=anywhere)
    _allow_files(visitors + operators + _SPARE_FILES)
    if address is None:
        summary = _with_own_server(plan, names)
    else:
        summary = _run(plan, address, passwords_of(names), None)
    _report(summary, json)
    if not (summary.kept and summary.done):
        raise typer.Exit(1)


def _rate(text: str) -> float:
    found = re.fullmatch(r"(\d+(?:\.\d+)?)/s", text, re.ASCII)
    if not found:
        raise ValueError(f"--rate {text}: write lines a second, such as 200/s.")
    return float(found[1])


def _names(pattern: str, count: int) -> list[str]:
    names = [pattern.replace("{n}", str(number)) for number in range(1, count + 1)]
    if len(set(names)) < count:
        raise ValueError(f"--operator-name {pattern}: write {{n}} where the number is to be.")
    return names


def _allowed(text: str, *, anywhere: bool) -> str:
    """Return the address. A load on somebody else's server is an attack: it has to be asked for."""
    from livehelp.client.address import Address

    address = Address.parse(text)
    if not address.is_here and not anywhere:
        raise ValueError(
            f"{address} is not on this machine, and a load can put a server out of service. "
            "If it is yours, and its people know: --anywhere."
        )
    return str(address)


def _allow_files(wanted: int) -> None:
    """Raise the number of files that this process, and a server that it starts, may open."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return
    if hard != resource.RLIM_INFINITY and hard < wanted:
        raise fail(f"this needs {wanted} open files, and {hard} are allowed here; see `ulimit -n`.")
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _with_own_server(plan: "Plan", names: list[str]) -> "Summary":
    from livehelp.testkit.server import ServerProcess, ServerProcessError

    typer.echo("Starting a server with its operators ...", err=True)
    with explained(ServerProcessError), ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="livehelp-load-"))
        server = stack.enter_context(ServerProcess(Path(folder), names))
        passwords = dict.fromkeys(names, server.password)
        return _run(plan, server.address, passwords, server.pid)


def _run(plan: "Plan", address: str, passwords: dict[str, str], server: int | None) -> "Summary":
    import anyio

    from livehelp.testkit.load.runner import LoadError

    # asyncio is there in the base install; trio comes with the server only.
    with explained(LoadError):
        return anyio.run(_measure, plan, address, passwords, server)


async def _measure(
    plan: "Plan", address: str, passwords: dict[str, str], server: int | None
) -> "Summary":
    from livehelp.background import background
    from livehelp.cli.signals import stopping
    from livehelp.testkit.load import LoadRunner, Summary

    runner = LoadRunner(plan, address, passwords, server)
    async with stopping(runner.stop) as stopped, background() as tasks:
        tasks.start_soon(_show, runner)
        await runner.run()
    return Summary.of(runner, stopped=bool(stopped.by))


async def _show(runner: "LoadRunner") -> None:
    """Show how far it is; who looked on may have gone, and that ends no load."""
    try:
        await (_show_bar if sys.stderr and sys.stderr.isatty() else _show_lines)(runner)
    except OSError:
        # What is left in the buffer goes nowhere; at the end of the process it would be an error.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())


async def _show_lines(runner: "LoadRunner") -> None:
    import anyio

    while True:
        await anyio.sleep(_LINE_SECONDS)
        typer.echo(_progress(runner), err=True)


async def _show_bar(runner: "LoadRunner") -> None:
    import anyio

    shown = 0
    # Typed by hand: click's bar is generic over what it steps through, and this one steps by time.
    bar: Any
    # Width 0 is as wide as there is room beside the label: a longer line would leave a copy of
    # itself on the screen each time.
    with typer.progressbar(length=100, width=0, file=sys.stderr, show_eta=False) as bar:
        while True:
            await anyio.sleep(_BAR_SECONDS)
            percent = min(100, int(100 * runner.seconds / runner.plan.seconds))
            bar.label = _progress(runner)
            bar.update(max(0, percent - shown))
            bar.render_progress()
            shown = max(shown, percent)


def _progress(runner: "LoadRunner") -> str:
    from livehelp.testkit.load.runner import ARRIVING_NOW, SIGNING_IN, TALKING

    if runner.phase == SIGNING_IN:
        return f"{runner.phase}: {runner.signed_in:,} of {runner.plan.operators:,}"
    if runner.phase == ARRIVING_NOW:
        return f"{runner.phase}: {runner.present:,} of {runner.plan.visitors:,}"
    now = f"{runner.seconds:.0f} s" if runner.phase == TALKING else runner.phase
    stats = runner.stats
    return f"{now}: {stats.said:,} said, {stats.acked:,} acked, {stats.delivered:,} delivered"


def _report(summary: "Summary", where: str | None) -> None:
    import msgspec

    if where != "-":
        typer.echo(summary)  # first: whatever happens to the file, the figures are not lost
    if where is None:
        return
    data = msgspec.json.format(msgspec.json.encode(summary), indent=2)
    if where == "-":
        typer.echo(data)
        return
    with explained(OSError):
        Path(where).write_bytes(data + b"\n")
