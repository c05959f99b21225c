"""The promise: an acked line is never lost, shown twice or out of order, and nobody is told wrong.

Two programs, each on real servers. Read in this order:

The random runs, with links that fail and a server that is killed (``python -m tests.durability``):
``plan`` (what happens, drawn from one number), ``people`` with ``manners`` and ``patience`` (who
plays it: the real client library), ``tap`` and ``record`` (what each was told and said), ``house``
(the server of many runs), ``run`` (one of them), ``judge`` with ``sending`` (was the promise kept),
``runs`` (many). ``test_promise`` plays a slice; ``test_found`` has what they have found.

The state machine of the floor (``test_floor_machine``): ``model`` (what a desk should do, in plain
Python), ``caller`` (a blocking connection), ``desk`` (the people), ``floor`` (what must hold after
every step).
"""
