"""The trio server on real sockets, with a real database; time-outs run on a virtual clock.

``house`` is a server in the test's own nursery, ``harness`` a small client to talk with it,
``gate`` a disk that is slow or full when the test says so.
"""
