"""The figures of a load, for people and for programs."""

from collections.abc import Iterator
from typing import Final, Self

from msgspec import Struct

from livehelp.testkit.load.latency import Latencies
from livehelp.testkit.load.plan import Plan
from livehelp.testkit.load.runner import LoadRunner
from livehelp.testkit.load.stats import LATE_SECONDS
from livehelp.testkit.load.visits import UNENDED
from livehelp.words import count

_SHARES: Final = (0.5, 0.9, 0.99, 1.0)
# Over this the load's own core is full, and the latencies are the load's as much as the server's.
FULL_PERCENT: Final = 90.0
# More late lines than one in a hundred move the p99.
LATE_SHARE: Final = 0.01


class Times(Struct, frozen=True):
    """Percentiles (nearest rank) of latencies, in milliseconds, each counted from when due."""

    p50: float
    p90: float
    p99: float
    max: float

    @classmethod
    def of(cls, latencies: Latencies) -> Self:
        """Return them; zeros without a latency."""
        return cls(*(round(value, 2) for value in latencies.percentiles_ms(*_SHARES)))


class Summary(Struct, frozen=True, kw_only=True):
    """A whole load. Lines, unless it says otherwise.

    Attributes:
        plan: What was asked for.
        stopped: It was ended before its time.
        seconds: How long lines were due.
        arrival_seconds: Until everybody was in talk; None if it was ended before that.
        visits: Visits that were in talk.
        said, acked, delivered: Sent; stored; received by the other side. What was said and not
            acked was refused, or never answered.
        unsaid: Due and never said: the server was too far behind, or was gone.
        waited: Due before their visit had been taken; their time includes that.
        ack_ms, delivered_ms: From due to acked, and to delivered; to the end of the load for a
            line that never was.
        late: The load itself was more than ``LATE_SECONDS`` late with them.
        lag_ms: How late the load was.
        lost, duplicated, reordered: The promise was broken for them.
        unconfirmed: Acked, and not delivered when the load stopped waiting: lost or late.
        links_lost: Connections that broke.
        errors: What else went wrong, by kind.
        load_percent, server_percent: Of one core; the server's only if it is ours.
    """

    plan: Plan
    stopped: bool
    seconds: float
    arrival_seconds: float | None
    visits: int
    said: int
    acked: int
    delivered: int
    unsaid: int
    waited: int
    ack_ms: Times
    delivered_ms: Times
    late: int
    lag_ms: Times
    lost: int
    duplicated: int
    reordered: int
    unconfirmed: int
    links_lost: int
    errors: dict[str, int]
    load_percent: float
    server_percent: float | None

    @classmethod
    def of(cls, runner: LoadRunner, *, stopped: bool) -> Self:
        """Return the figures of a load, as they are now."""
        stats, used, arrival = runner.stats, runner.used, runner.arrival_seconds
        percent = 100 / used.wall if used.wall else 0.0
        return cls(
            plan=runner.plan,
            stopped=stopped,
            seconds=round(used.wall, 2),
            arrival_seconds=None if arrival is None else round(arrival, 2),
            visits=stats.visits,
            said=stats.said,
            acked=stats.acked,
            delivered=stats.delivered,
            unsaid=stats.unsaid,
            waited=stats.waited,
            ack_ms=Times.of(stats.ack_times),
            delivered_ms=Times.of(stats.delivery_times),
            late=stats.late,
            lag_ms=Times.of(stats.lags),
            lost=stats.lost,
            duplicated=stats.duplicated,
            reordered=stats.reordered,
            unconfirmed=stats.unconfirmed,
            links_lost=stats.links_lost,
            errors=dict(sorted(stats.errors.items())),
            load_percent=round(used.load * percent, 1),
            server_percent=None if used.server is None else round(used.server * percent, 1),
        )

    @property
    def kept(self) -> bool:
        """True when no acked line was lost, doubled or out of order, as far as could be heard."""
        return not (self.lost or self.duplicated or self.reordered or self.unconfirmed)

    @property
    def done(self) -> bool:
        """True when every line was said and acked, and every visit ended."""
        return not (self.unsaid or self.acked < self.said or UNENDED in self.errors)

    def __str__(self) -> str:
        """Return it for a person, some lines of text."""
        return "\n".join(self._rows())

    def _rows(self) -> Iterator[str]:
        rate = self.delivered / self.seconds if self.seconds else 0.0
        if self.arrival_seconds is None:
            yield "stopped before all visitors were in talk"
            came = "not all came"
        else:
            yield f"{'stopped after' if self.stopped else 'talked for'} {self.seconds:.1f} s"
            came = f"all in talk after {self.arrival_seconds:.1f} s"
        yield (
            f"visits     {self.visits:,} ({self.plan.visitors:,} at a time, "
            f"{self.plan.operators:,} operators; {came})"
        )
        yield (
            f"lines      {self.said:,} said, {self.acked:,} acked, {self.delivered:,} delivered "
            f"({rate:.1f}/s of {self.plan.rate:g}/s)"
        )
        yield f"{'ms':<10} {'p50':>8} {'p90':>8} {'p99':>8} {'max':>8}"
        yield _row("acked", self.ack_ms)
        yield _row("delivered", self.delivered_ms)
        yield _row("load late", self.lag_ms)
        server = "" if self.server_percent is None else f", server {self.server_percent:.0f} %"
        yield f"processor  load {self.load_percent:.0f} %{server} of one core"
        yield f"links lost {self.links_lost:,}"
        yield f"errors     {self._errors()}"
        yield f"promise    {self._promise()}"
        yield from self._remarks()

    def _errors(self) -> str:
        return ", ".join(f"{kind}: {many:,}" for kind, many in self.errors.items()) or "none"

    def _promise(self) -> str:
        if self.kept:
            return "kept"
        if not (self.lost or self.duplicated or self.reordered):
            return f"not known: {self.unconfirmed:,} acked lines had not been heard in time"
        return (
            f"BROKEN: {self.lost:,} lost, {self.duplicated:,} duplicated, "
            f"{self.reordered:,} out of order"
        )

    def _remarks(self) -> Iterator[str]:
        """Say what the figures do not mean."""
        if unacked := self.said - self.acked:
            yield (
                f"Note: {count(unacked, 'line was', 'lines were')} said and never acked; in the "
                "times, those without any answer are as old as they were at the end."
            )
        if self.unsaid:
            yield f"Note: {count(self.unsaid, 'line was', 'lines were')} due and never said."
        if self.waited:
            yield (
                f"Note: {count(self.waited, 'line was', 'lines were')} due before the visitor had "
                "been taken; the times include that."
            )
        if self.late > LATE_SHARE * self.said or self.load_percent > FULL_PERCENT:
            yield (
                f"Note: the load itself was too slow: {self.late:,} lines were over "
                f"{LATE_SECONDS * 1e3:g} ms late, with {self.load_percent:.0f} % of a core in use. "
                "Part of the times is its own; use a smaller load, or a quieter, larger machine."
            )


def _row(name: str, times: Times) -> str:
    values = (times.p50, times.p90, times.p99, times.max)
    return f"{name:<10} " + " ".join(f"{value:8.1f}" for value in values)
