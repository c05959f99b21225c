"""The choice between going on with an earlier visit and beginning a new one.

Owns the words of the offer.
"""

from livehelp.sentences import still_open
from livehelp.wire.replies import Earlier
from livehelp.wire.text import clean_name
from tui.clock import Clock
from tui.widgets.confirm import Confirm


def offer(earlier: Earlier, clock: Clock) -> Confirm:
    """Return the dialogue; True is to go on."""
    when = clock.day_and_hour(earlier.at)
    return Confirm(
        f"Welcome back, {clean_name(earlier.name)}.\n\n{still_open(earlier, when)}",
        yes="Go on with it",
        no="Begin a new one",
    )
