"""Live Help without a screen: lines in, lines out, for programs and for plain terminals.

Read in this order: ``pipes`` (standard input and output without blocking), ``leaving`` (when it is
time to go), ``operate_json`` with ``commands`` and ``password`` (an operator who is a program),
``visit_plain`` with ``dialogue``, ``questions`` and ``telling`` (a visitor at the end of a pipe, or
at a plain terminal). Needs no more than the base install.
"""
