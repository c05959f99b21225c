"""Load: many visitors and operators who talk at a given rate, and what became of every line.

Read in this order: ``plan`` (who says what when; pure), ``crowd`` (everybody), ``visits`` and
``operators`` (one visitor's place and one operator), ``tally`` (what became of each line),
``summary`` (the figures). Built on the client library, under trio and under asyncio.
"""

from livehelp.load.crowd import Crowd
from livehelp.load.plan import Plan
from livehelp.load.summary import Summary
from livehelp.load.tally import Tally

__all__ = ["Crowd", "Plan", "Summary", "Tally"]
