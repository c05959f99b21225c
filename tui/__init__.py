"""The screens: the visitor's, the operator's, and what the two share.

Read in this order: ``talk`` (a conversation as entries to show; ``livehelp.sentences`` has their
words), ``visitor.state``, ``operator.state`` and ``operator.fold`` (pure folds of what the client
hears), ``link`` (the one worker that holds the connection), ``widgets`` (what both screens are made
of), ``app`` (what both apps have in common), ``visitor.app`` and ``operator.app``.
Talks to the server only through ``livehelp.client``. Text that people typed is never markup here.
"""
