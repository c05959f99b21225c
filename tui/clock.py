"""The time as the screens show it.

Owns the clock that is handed to both apps (so that a test can stop it) and the words for times and
spans of time. Must not know what happened at those times.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Clock:
    """Where the time comes from, and in which zone it is shown (``None``: the machine's own)."""

    now: Callable[[], datetime] = _utc_now
    zone: tzinfo | None = None

    def hour(self, moment: datetime) -> str:
        """Return the time of day, as ``14:03``."""
        return moment.astimezone(self.zone).strftime("%H:%M")

    def day_and_hour(self, moment: datetime) -> str:
        """Return day and time of day, as ``23 Nov 14:03``."""
        return f"{self.day(moment)} {self.hour(moment)}"

    def day(self, moment: datetime) -> str:
        """Return the day, as ``23 Nov``."""
        local = moment.astimezone(self.zone)
        return f"{local.day} {local:%b}"


def span(since: datetime, now: datetime) -> str:
    """Return how long ago ``since`` was, short enough for a list: ``now``, ``4 min``, ``2 h``.

    A moment in the future (two machines' clocks differ) counts as now.
    """
    minutes = int((now - since).total_seconds() // 60)
    if minutes < 1:
        return "now"
    if minutes < 60:
        return f"{minutes} min"
    hours = minutes // 60
    if hours < 24:
        return f"{hours} h {minutes % 60:02} m" if hours < 10 else f"{hours} h"
    days = hours // 24
    return "1 day" if days == 1 else f"{days} days"
