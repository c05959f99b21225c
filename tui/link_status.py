"""How the link to the server stands, and how a screen says so.

Owns the one sentence about the connection. Pure: the moments come in as arguments. Must not know
the client, which is not loaded before the first screen is painted: ``hearing`` reads it.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from math import ceil


class Link(Enum):
    """The states of a link."""

    CONNECTING = auto()
    UP = auto()
    LOST = auto()
    ENDED = auto()


@dataclass(frozen=True, slots=True)
class LinkStatus:
    """The link as the client told of it last; ``retry_at`` is when it tries again."""

    link: Link = Link.CONNECTING
    why: str = ""
    retry_at: datetime | None = None
    ever_up: bool = False

    def again(self) -> "LinkStatus":
        """Return the link being connected anew, if it had ended."""
        return LinkStatus(ever_up=self.ever_up) if self.link is Link.ENDED else self

    @property
    def up(self) -> bool:
        """True while messages come and go."""
        return self.link is Link.UP

    def words(self, now: datetime, meanwhile: str = "You can go on typing") -> str:
        """Return what a person needs to know of the link now; empty while all is well.

        ``meanwhile`` is what holds until the link is back.
        """
        match self.link:
            case Link.UP:
                return ""
            case Link.CONNECTING:
                return "Connecting ..."
            case Link.LOST:
                again = _again(self.retry_at, now)
                if self.ever_up:
                    return f"Connection lost. {meanwhile}; {again}"
                return f"No connection yet, {again} ({self.why})"
            case Link.ENDED:
                return f"The connection has ended: {self.why}"


def _again(retry_at: datetime | None, now: datetime) -> str:
    seconds = ceil((retry_at - now).total_seconds()) if retry_at else 0
    return f"trying again in {seconds} s" if seconds > 0 else "trying again now"
