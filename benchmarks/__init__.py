"""The server under load, measured from outside: ``python -m benchmarks``, or ``make bench``.

Read in this order: ``workloads`` (what is measured), ``measure`` (one measurement),
``server_process`` and ``database`` (its server), ``arrivals`` (how the load comes in), ``peers``
(its connections), ``ping_pong`` (what they say), ``results`` and ``report`` (what is printed).
``machine`` and ``procfs`` ask the operating system. ``first_paint`` is a measurement of its own.
``docs/performance.md`` tells the method to people. Nothing here is imported by the product.
"""
