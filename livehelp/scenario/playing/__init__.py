"""Scenarios played on real servers, and what is told of it.

Read in this order: ``runner`` (several at once), ``house`` (the server of one), ``player`` with
``visitor`` and ``operator`` (who acts), ``visits`` and ``outage`` (what is known meanwhile),
``transcript`` (what a running server lets an operator read), ``outcome`` and ``report`` (how it
went).
"""
