"""Counts the disconnects of one client."""

from livehelp.client.states import Incoming, LinkLost, LinkUp
from livehelp.testkit.load.stats import Stats


class Disconnects:
    """Counts the losses of one client's link in ``stats``."""

    def __init__(self, stats: Stats) -> None:
        self._stats = stats
        self._up = True

    def note(self, message: Incoming) -> None:
        """Take in what the client gives; a link that is lost already is not lost again."""
        if isinstance(message, LinkUp):
            self._up = True
        elif isinstance(message, LinkLost):
            self._stats.links_lost += self._up
            self._up = False
