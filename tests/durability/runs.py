"""Many random runs, in one process or in several."""

import multiprocessing
import signal
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from types import FrameType
from typing import Any, Final, TypeAlias, cast

from tests.durability.run import Result, run
from tests.durability.server_under_test import ServerUnderTest

# A database with more sessions is slower, and then it is another test.
RUNS_PER_SERVER: Final = 300
# One end of a pipe; its type has another name on each system.
Channel: TypeAlias = Any


@dataclass(frozen=True, slots=True)
class News:
    """What a worker tells of a run."""

    seed: int
    broken: str
    lines: int
    connections: int


class WorkerDied(Exception):
    """A worker ended before its runs did; what it wrote on standard error says why."""


def rounds(seeds: Sequence[int]) -> Generator[Result]:
    """Play the runs of these seeds one after another, on as few servers as is right."""
    left = list(reversed(seeds))
    while left:
        with ServerUnderTest() as under_test:
            for _ in range(min(RUNS_PER_SERVER, len(left))):
                result = run(left.pop(), under_test)
                yield result
                if result.wrong:
                    break  # what a broken run has left behind is not for the next one


def played(seeds: Sequence[int], workers: int, *, until_broken: bool) -> Iterator[News]:
    """Yield what comes of each run, from so many processes.

    Raises:
        WorkerDied: some runs were not played.
    """
    context = multiprocessing.get_context("spawn")
    running: dict[Channel, BaseProcess] = {}
    for number in range(workers):
        ours, theirs = context.Pipe(duplex=False)
        process = context.Process(target=_work, args=(seeds[number::workers], theirs))
        process.start()
        theirs.close()
        running[ours] = process
    try:
        while running:
            for ready in cast("list[Channel]", wait(list(running))):
                try:
                    news = cast("News", ready.recv())
                except EOFError:
                    process = running.pop(ready)
                    process.join()
                    if process.exitcode != 0:
                        raise WorkerDied(f"A worker ended with {process.exitcode}.") from None
                    continue
                yield news
                if news.broken and until_broken:
                    return
    finally:
        for process in running.values():
            process.terminate()
            process.join()


def _work(seeds: Sequence[int], results: Channel) -> None:
    """Be a worker: play these runs, and tell each, until SIGTERM says that it is enough.

    The run that is played then is played to its end, seconds later: what is torn out of an event
    loop writes pages of complaints over what is to be read.
    """
    enough = False

    def leave(_number: int, _frame: FrameType | None) -> None:
        nonlocal enough
        enough = True

    signal.signal(signal.SIGTERM, leave)
    with closing(rounds(seeds)) as played_here:
        for result in played_here:
            if enough:
                return
            broken = str(result) if result.wrong else ""
            results.send(News(result.plan.seed, broken, result.lines, result.connections))
