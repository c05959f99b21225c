"""``python -m tests.durability``: ten thousand random runs, or one of them again.

Owns the options, and what is shown of the progress. Must not know what a run is.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tests.durability.runs import News, WorkerDied, played, rounds

RUNS: Final = 10_000
# Between two rows of progress, in seconds.
SHOWN_EVERY: Final = 10.0


@dataclass(slots=True)
class Sum:
    """What came of all runs so far."""

    runs: int = 0
    lines: int = 0
    connections: int = 0
    broken: int = 0

    def add(self, news: News) -> None:
        """Take a run in."""
        self.runs += 1
        self.lines += news.lines
        self.connections += news.connections
        self.broken += bool(news.broken)

    def show(self, seconds: float) -> None:
        """Print one row."""
        print(
            f"{self.runs:,} runs in {seconds:.0f} s ({self.runs / max(seconds, 0.001):.1f}/s), "
            f"{self.lines:,} acked lines over {self.connections:,} connections: "
            f"the promise was broken in {self.broken}",
            flush=True,
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """Play the runs; return 0 when the promise was kept in all of them, else 1."""
    options = _parser().parse_args(arguments)
    if options.seed is not None:
        return _again(options.seed, options.times)
    seeds = range(options.first, options.first + options.runs)
    began = shown = time.monotonic()
    total = Sum()
    try:
        for news in played(seeds, options.workers, until_broken=not options.keep_going):
            total.add(news)
            if news.broken:
                print(news.broken, flush=True)
            if time.monotonic() - shown >= SHOWN_EVERY:
                shown = time.monotonic()
                total.show(shown - began)
    except WorkerDied as why:
        print(why, flush=True)
    total.show(time.monotonic() - began)
    return 1 if total.broken or (total.runs < len(seeds)) else 0


def _again(seed: int, times: int) -> int:
    for result in rounds([seed] * times):
        if result.wrong:
            print(result)
            return 1
    print(f"The promise was kept, {times} times. When the threads run how is the machine's own.")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.durability", description=__doc__)
    parser.add_argument("--seed", type=int, help="play only this run")
    parser.add_argument("--times", type=int, default=20, help="so often (with --seed)")
    parser.add_argument("--runs", type=int, default=RUNS, help="how many runs")
    parser.add_argument("--from", dest="first", type=int, default=0, help="the first seed")
    parser.add_argument("--workers", type=int, default=2, help="how many at the same time")
    parser.add_argument("--keep-going", action="store_true", help="past broken runs")
    return parser


if __name__ == "__main__":
    sys.exit(main())
