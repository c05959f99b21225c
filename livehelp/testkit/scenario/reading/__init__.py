"""A scenario file to a ``Scenario``, or all that is wrong with it.

Read in this order: ``shorthand`` and ``document`` (text to nodes with places; ``advice`` is about
what is no YAML), ``fields`` (nodes to values), ``reader`` (the whole file), ``cast`` (who is in
it), ``action`` and ``phrase`` (one step of one actor), ``impossible`` (what can never hold).
"""
