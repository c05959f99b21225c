"""Scenario files: whole sessions with several people in them, run without any Python.

Read in this order: ``shorthand`` and ``document`` (text to nodes with places), ``model`` (a
scenario as a value), ``verbs`` and ``kinds`` (the words of the format), ``reader``, ``cast``,
``action`` and ``phrase`` (nodes to model), ``actor``, ``house`` and ``runner`` (running one;
``patience`` has the times), ``outcome`` and ``report`` (what is told of it). ``made`` and
``harmless`` make a scenario of a stored transcript. The command is ``livehelp.cli.scenario``.
Nothing here imports a database, a server or a screen.
"""
