"""Scenario files: whole sessions with several people in them, run without any Python.

``model`` is a scenario as a value; ``actions``, ``message_types`` and ``transcript_checks`` are the
words that a file may use; ``matcher`` compares values. ``reading`` makes a model of a file,
``playing`` plays one, ``making`` writes a file from a stored transcript. The command is
``livehelp.cli.scenario``.
"""
