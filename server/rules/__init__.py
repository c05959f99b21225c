"""The rules of a help desk, pure: values in, events out.

Read in this order: ``actors`` (who acts), ``orders`` (what the system itself commands),
``refused`` (how a no is said), ``session`` (what a log adds up to), ``table`` (who may do what
when), ``decide`` (what then happens), ``queue`` and ``roster`` (who waits, who is there to help),
``reference`` (a session's name). No socket, clock, database, chance or event loop is known here:
the caller brings the time and the random bits, and keeps what comes out.
"""
