"""No acked line is lost, shown twice or out of order, and nobody is told anything wrong.

Two programs, each on real servers. Read in this order:

The random runs, with links that fail and a server that is killed (``python -m tests.durability``):
``plan`` (what happens, drawn from one number), ``participants`` with ``behaviour`` and ``timeouts``
(the real client library), ``spy`` and ``record`` (what each was told and said),
``server_under_test`` (the server of many runs), ``run`` (one of them), ``checker`` with ``sending``
(what was wrong), ``runs`` (many). ``test_random_runs`` plays a slice; ``test_found`` has what they
have found.

The state machine of the floor (``test_floor_machine``): ``model`` (what a desk should do, in plain
Python), ``caller`` (a blocking connection), ``desk`` (the participants), ``floor`` (what must hold
after every step).
"""
