"""How often one link was lost.

Owns the difference between a loss and a try that failed after it. Must not know who uses the link.
"""

from livehelp.client.states import Incoming, LinkLost, LinkUp
from livehelp.testkit.load.stats import Tally


class Losses:
    """Counts the losses of one client's link in ``tally``."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._up = True

    def note(self, message: Incoming) -> None:
        """Take in what the client gives; a link that is lost already is not lost again."""
        if isinstance(message, LinkUp):
            self._up = True
        elif isinstance(message, LinkLost):
            self._tally.links_lost += self._up
            self._up = False
