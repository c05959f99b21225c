"""The trio server: listeners, connections, the journal, and the floor where operators work.

The way of a line: ``stream`` -> ``connection`` -> ``sessions`` (which asks the pure rules in
``desk``) -> ``journal`` (group commit) -> ``hub`` -> ``outbox`` -> ``stream``. ``service`` puts the
parts together, ``app`` runs them.
"""
