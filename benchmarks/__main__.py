"""The command: ``python -m benchmarks [--quick] [--only W1] [--json FILE]``.

Owns the options and the exit status. Must not know how anything is measured.
"""

import signal
import sys
import tempfile
from pathlib import Path
from types import FrameType
from typing import Annotated, NoReturn

import typer

from benchmarks.errors import LoadError
from benchmarks.machine import Cores, cores, describe, raise_file_limit
from benchmarks.measure import measure
from benchmarks.report import machine_text, tables, to_json
from benchmarks.results import Report, Result
from benchmarks.server_process import LIVEHELP
from benchmarks.workloads import Workload, workloads

Quick = Annotated[bool, typer.Option("--quick", help="Small and short: does it work?")]
Only = Annotated[str | None, typer.Option(help="Only this workload: W1, W2 or W3.")]
Size = Annotated[int | None, typer.Option(help="Only with so many pairs or connections.")]
Repeat = Annotated[
    int, typer.Option(min=1, help="Measure all so many times; the table shows the median run.")
]
JsonFile = Annotated[Path | None, typer.Option("--json", help="Write all figures here too.")]
Command = Annotated[Path, typer.Option(help="The livehelp command whose server is measured.")]


def main(
    *,
    quick: Quick = False,
    only: Only = None,
    size: Size = None,
    repeat: Repeat = 1,
    json_file: JsonFile = None,
    livehelp: Command = LIVEHELP,
) -> None:
    """Measure a Live Help server under load.

    The exit status is 1 when the server failed, or a line was lost, stored twice or out of order.
    """
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, _end)
    chosen = [w for w in workloads(quick=quick) if _is_chosen(w, only, size)]
    if not chosen:
        raise typer.BadParameter("There is no such workload; see --help.")
    where = cores()
    if where.server == where.load:
        _say("One core for both the server and the load: the speeds say little.")
    raise_file_limit()
    with tempfile.TemporaryDirectory(prefix="livehelp-bench-") as folder:
        machine = describe(Path(folder))
    print(machine_text(machine), end="\n\n", flush=True)

    results, failed = _measure_all(chosen * repeat, livehelp, where)
    print(tables(results))
    if json_file is not None:
        json_file.write_bytes(to_json(Report(machine=machine, results=tuple(results))))
    if failed or not all(result.kept_the_promise for result in results):
        raise typer.Exit(1)


def _is_chosen(workload: Workload, only: str | None, size: int | None) -> bool:
    return only in {None, workload.name} and size in {None, workload.size}


def _measure_all(chosen: list[Workload], livehelp: Path, where: Cores) -> tuple[list[Result], bool]:
    """Measure one after the other; one that fails is told and does not stop the rest."""
    results: list[Result] = []
    failed = False
    for number, workload in enumerate(chosen, 1):
        _say(f"{number}/{len(chosen)} {workload.name}, {workload.size} ...")
        try:
            results.append(measure(workload, livehelp, where))
        except LoadError as why:
            failed = True
            _say(f"{workload.name} with {workload.size} failed: {why}")
    return results, failed


def _end(number: int, _frame: FrameType | None) -> NoReturn:
    """End as after Ctrl-C, through every ``with``: no server and no folder is left behind."""
    raise SystemExit(128 + number)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    typer.run(main)
