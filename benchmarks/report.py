"""Figures as tables for people and as JSON for machines.

Owns columns and rounding. Must not know how anything was measured.
"""

from collections.abc import Sequence
from typing import Final

import msgspec

from benchmarks.machine import Machine
from benchmarks.results import Report, Result, SilenceResult, TalkResult

_TALK: Final = (
    "", "pairs", "lines/s", "p50 ms", "p99 ms", "CPU us/line", "server %", "load %", "others %",
    "steal %", "KiB/conn", "arrival s", "acked", "stored", "promise",
)  # fmt: skip
_SILENCE: Final = (
    "", "conns", "until", "KiB/conn", "server MiB", "arrivals/s", "CPU us/arrival",
    "idle %", "sessions", "promise",
)  # fmt: skip
# Above this the load's own core is full, and a figure of speed is the load's, not the server's.
_LOAD_FULL_PERCENT: Final = 90.0
# Above this something else took the cores or their caches, and the figures are worse than they
# are on a quiet machine.
_BUSY_PERCENT: Final = 20.0


def machine_text(machine: Machine) -> str:
    """Return what a reader must know of the machine, in three lines."""
    return (
        f"{machine.at:%Y-%m-%d %H:%M} UTC · {machine.processor}, {machine.cores} cores, "
        f"{machine.memory_mib / 1024:.0f} GiB\n"
        f"{machine.system} · {machine.python} · SQLite {machine.sqlite}\n"
        f"databases on {machine.filesystem}, {machine.syncs_per_s} fdatasync/s"
    )


def tables(results: Sequence[Result]) -> str:
    """Return the results as Markdown tables that are also readable in a terminal."""
    shown = medians(results)
    talks = [result for result in shown if isinstance(result, TalkResult)]
    silences = [result for result in shown if isinstance(result, SilenceResult)]
    parts = [
        _table(_TALK, [_talk_row(result) for result in talks]) if talks else "",
        _table(_SILENCE, [_silence_row(result) for result in silences]) if silences else "",
        *warnings(results),
    ]
    return "\n\n".join(part for part in parts if part)


def medians(results: Sequence[Result]) -> list[Result]:
    """Return one run of each workload: the one in the middle by what its bar is set on.

    That is the CPU a line at full speed, p99 at a fixed pace, and the memory of a silent
    connection. A whole run is shown, so that the figures of a row belong together; of an even
    number of runs, the worse of the two in the middle.
    """
    runs: dict[tuple[str, ...], list[Result]] = {}
    for result in results:
        runs.setdefault(_workload_of(result), []).append(result)
    return [sorted(same, key=_bar)[len(same) // 2] for same in runs.values()]


def warnings(results: Sequence[Result]) -> list[str]:
    """Return what a reader must not overlook: broken promises, and a load that was too slow."""
    found: list[str] = []
    for result in results:
        if not result.kept_the_promise:
            found.append(f"BROKEN PROMISE, {_broken(result)}")
        if isinstance(result, TalkResult):
            found += _disturbances(result)
    return found


def to_json(report: Report) -> bytes:
    """Return the whole report as indented JSON."""
    return msgspec.json.format(msgspec.json.encode(report), indent=2) + b"\n"


def _talk_row(result: TalkResult) -> tuple[str, ...]:
    return (
        result.name,
        str(result.pairs),
        f"{result.lines_per_s:,.0f}",
        f"{result.p50_ms:.1f}",
        f"{result.p99_ms:.1f}",
        f"{result.server_us_per_line:.1f}",
        f"{result.server_percent:.0f}",
        f"{result.load_percent:.0f}",
        f"{result.others_percent:.0f}",
        f"{result.steal_percent:.0f}",
        f"{result.kib_per_connection:.1f}",
        f"{result.arrival_s:.1f}",
        f"{result.acked:,}",
        f"{result.stored:,}",
        _kept(result),
    )


def _silence_row(result: SilenceResult) -> tuple[str, ...]:
    return (
        result.name,
        f"{result.connections:,}",
        result.until,
        f"{result.kib_per_connection:.1f}",
        f"{result.server_mib:.0f}",
        f"{result.arrivals_per_s:,.0f}",
        f"{result.server_us_per_arrival:.0f}",
        f"{result.idle_percent:.1f}",
        f"{result.stored_sessions:,}",
        _kept(result),
    )


def _workload_of(result: Result) -> tuple[str, ...]:
    if isinstance(result, TalkResult):
        return result.name, str(result.pairs)
    return result.name, str(result.connections), result.until


def _bar(result: Result) -> float:
    if isinstance(result, SilenceResult):
        return result.kib_per_connection
    return result.p99_ms if result.thought_s else result.server_us_per_line


def _broken(result: Result) -> str:
    if isinstance(result, SilenceResult):
        return (
            f"{result.name} with {result.connections} connections until {result.until}: "
            f"{result.stored_sessions} sessions stored."
        )
    return (
        f"{result.name} with {result.pairs} pairs: {result.said} said, {result.acked} acked, "
        f"{result.delivered} delivered, {result.stored} stored ({result.stored_different} "
        f"different), {result.broken_logs} broken logs, {result.faults} faults. "
        + " ".join(result.fault_texts)
    )


def _disturbances(result: TalkResult) -> list[str]:
    who = f"{result.name} with {result.pairs} pairs"
    found: list[str] = []
    if result.load_percent > _LOAD_FULL_PERCENT:
        found.append(
            f"{who}: the load used {result.load_percent:.0f} % of its core; the server could do "
            "more lines/s."
        )
    if result.others_percent > _BUSY_PERCENT:
        found.append(
            f"{who}: other programs used {result.others_percent:.0f} % of a core; measure again "
            "on a quiet machine."
        )
    return found


def _kept(result: Result) -> str:
    return "kept" if result.kept_the_promise else "BROKEN"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(cell) for cell in column) for column in zip(head, *rows, strict=True)]
    rule = ["-" * (width - 1) + ":" for width in widths]
    return "\n".join(_line(cells, widths) for cells in (head, rule, *rows))


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (cell.rjust(width) for cell, width in zip(cells, widths, strict=True))
    return f"| {' | '.join(padded)} |"
