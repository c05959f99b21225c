"""Alembic's revisions of the archive's tables; ``storage.revisions`` runs them."""
