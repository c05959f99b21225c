"""Load: many visitors and operators who talk at a given rate, and what became of every line.

Read in this order: ``plan`` (who says what when), ``runner`` (the whole load), ``visits`` and
``operators`` (one visitor and one operator), ``stats`` (what became of each line), ``summary``.
"""

from livehelp.testkit.load.plan import Plan
from livehelp.testkit.load.runner import LoadRunner
from livehelp.testkit.load.stats import Stats
from livehelp.testkit.load.summary import Summary

__all__ = ["LoadRunner", "Plan", "Stats", "Summary"]
