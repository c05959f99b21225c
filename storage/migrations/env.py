"""What Alembic runs: the revisions, on the connection and in the transaction of ``storage.revisions``."""

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
