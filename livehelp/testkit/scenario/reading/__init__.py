"""Reads a scenario file into a ``Scenario``, or reports all that is wrong with it.

Read in this order: ``shorthand`` and ``document`` (text to nodes with locations), ``fields`` (nodes
to values), ``reader`` (the whole file), ``actors``, ``action`` (one step of one actor),
``static_checks``.
"""
