"""What Alembic runs: the revisions, in the transaction that ``storage.revisions`` began."""

from alembic import context

from storage.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    # SQLite can undo the making of a table too; Alembic supposes that it cannot.
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
