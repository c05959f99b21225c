"""Scenarios played on real servers, and what is told of it.

Read in this order: ``runner`` (several at once), ``play`` (one of them), ``house`` (its server),
``scene`` (what its players share), ``player`` with ``visitor`` and ``operator`` (who acts),
``link`` (a way to the server that breaks), ``visits`` and ``outage`` (what is known meanwhile),
``transcript`` (what a running server lets an operator read), ``outcome`` and ``report`` (how it
went).
"""
