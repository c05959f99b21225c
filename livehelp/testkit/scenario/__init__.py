"""Scenario files: whole sessions with several people in them, run without any Python.

Here is what the format has: ``model`` (a scenario as a value), ``verbs``, ``kinds`` and ``facts``
(its words), ``matcher`` and ``flow`` (what something must be, and how it is written), ``place``
(where in a file) and ``patience`` (the times). ``reading`` makes a model of a file, ``playing``
plays one, ``making`` writes a file from a stored transcript. The command is
``livehelp.cli.scenario``. Nothing here imports a database, a server or a screen.
"""
