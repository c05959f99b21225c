"""A link that fails on purpose: a relay between clients and a server, for tests.

    async with flaky_link("127.0.0.1:5483", profile=Profile.parse("train"), seed=7) as link:
        async with VisitorClient.connect(link.address) as visitor:
            ...
            link.cut(seconds=2)

It runs under trio and asyncio. Faults are placed by byte count, not by time: the same seed with the
same bytes fails in the same way. The relay never looks at what the bytes say.
"""

from livehelp.testkit.faults.fault import Fault, TurnedAway
from livehelp.testkit.faults.link import FlakyLink, flaky_link
from livehelp.testkit.faults.named import PROFILES
from livehelp.testkit.faults.profile import Profile, Side

__all__ = ["PROFILES", "Fault", "FlakyLink", "Profile", "Side", "TurnedAway", "flaky_link"]
