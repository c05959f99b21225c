"""The trio server: listeners, connections, the journal, and the floor where operators work.

The way of a line: ``poller`` (one look at all sockets) -> ``stream`` -> ``connection`` ->
``rights`` and ``addressing`` (who may, and in which session) -> ``sessions`` (which asks the pure
rules in ``desk``; each session is a ``room`` with its ``receipts``) -> ``command_entry`` ->
``journal`` (group commit) -> ``hub`` -> ``outbox`` -> ``stream``. What waits goes another way:
``visitors`` (with ``opening``) and ``operators`` (with ``accounts``). ``service`` puts the parts
together, ``app`` runs them.
"""
