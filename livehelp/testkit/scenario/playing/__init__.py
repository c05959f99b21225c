"""Plays scenarios on real servers, and reports the results.

Read in this order: ``play`` (a scenario, or several), ``server_under_test``, ``context`` (what all
players share), ``player`` with ``visitor`` and ``operator`` (who acts), ``transcript`` (what an
operator may read of a running server), ``outcome`` and ``report``.
"""
