"""Load: many visitors and operators who talk at a given rate, and what became of every line.

Read in this order: ``plan`` (who says what when; pure), ``crowd`` (everybody), ``visits`` and
``operators`` (one visitor's place and one operator), ``tally`` (what became of each line),
``summary`` (the figures). Built on the client library, under trio and under asyncio.
"""

from livehelp.testkit.load.plan import Plan
from livehelp.testkit.load.runner import Crowd
from livehelp.testkit.load.stats import Tally
from livehelp.testkit.load.summary import Summary

__all__ = ["Crowd", "Plan", "Summary", "Tally"]
