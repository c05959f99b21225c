"""The server under load, measured from outside: ``python -m benchmarks``, or ``make bench``.

Read in this order: ``workloads`` (what is measured), ``arrivals`` (how the load comes in),
``generator`` (the ping-pong itself), ``report`` (what is printed). ``docs/performance.md`` tells
the method to people. Nothing here is imported by the product.
"""
