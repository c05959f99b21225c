"""The floor at one moment.

Owns a frozen copy of the client's floor, which goes on changing. Must not know what changed it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from livehelp.client.overview import Overview
from livehelp.wire.signals import Visit


@dataclass(frozen=True, slots=True)
class FloorView:
    """All open sessions, who waits (first first), one's own, and who is signed in."""

    visits: Mapping[str, Visit] = field(default_factory=dict[str, Visit])
    waiting: tuple[Visit, ...] = ()
    mine: tuple[Visit, ...] = ()
    roster: tuple[str, ...] = ()

    @classmethod
    def of(cls, floor: Overview) -> "FloorView":
        """Return the floor as it is now."""
        return cls(dict(floor.visits), floor.waiting, floor.mine, floor.roster)
