"""Which revision the tables have, and bringing them to this program's.

Owns the decision (make, upgrade, refuse). Must not know what the tables are; the revisions in
``migrations`` make them.
"""

from functools import cache
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from storage.engine import Database
from storage.errors import DatabaseForeign, DatabaseMissing, DatabaseNewer, DatabaseOlder
from storage.tables import METADATA

# Alembic's own table, with the revision in its one row.
VERSION_TABLE: Final = "alembic_version"
# PostgreSQL's advisory lock that lets one program at a time make or upgrade the tables. Any number
# does that nothing else in the database uses; ours is the port's.
UPGRADE_LOCK: Final = 5483


def prepare(database: Database, *, create: bool, upgrade: bool) -> None:
    """Make or upgrade the tables where that is allowed, in one transaction.

    Raises:
        DatabaseMissing: there are no tables, and ``create`` is False.
        DatabaseForeign: there are tables of our names, and they are not ours.
        DatabaseOlder: the tables are older than the program, and ``upgrade`` is False.
        DatabaseNewer: the tables are newer than the program.
    """
    with database.snapshot() as connection:
        if _is_ready(connection, create=create, upgrade=upgrade):
            return
    with database.write() as connection:
        if connection.dialect.name == "postgresql":
            lock = text("SELECT pg_advisory_xact_lock(:number)")
            connection.execute(lock, {"number": UPGRADE_LOCK})
        # Asked again with the lock held: another server may have just done it.
        if not _is_ready(connection, create=create, upgrade=upgrade):
            config = migrations()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")


@cache
def known_revisions() -> tuple[str, ...]:
    """Return the revisions that this program knows, newest first."""
    scripts = ScriptDirectory.from_config(migrations())
    return tuple(script.revision for script in scripts.walk_revisions())


def revision(connection: Connection) -> str | None:
    """Return the revision of the tables; None if there are none.

    Raises:
        DatabaseForeign: there are tables of our names without a revision.
    """
    names = set(inspect(connection).get_table_names())
    if VERSION_TABLE in names:
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        if found is not None:
            return str(found)
    if taken := names & set(METADATA.tables):
        raise DatabaseForeign(
            f"The database has tables that Live Help did not make ({', '.join(sorted(taken))}). "
            "Give Live Help a database, or in PostgreSQL a schema, of its own."
        )
    return None


def migrations() -> Config:
    """Return Alembic's configuration; the revisions come with the package, no file is needed."""
    config = Config()
    config.set_main_option("script_location", "storage:migrations")
    # Said here, for Alembic warns of the older way of writing several paths.
    config.set_main_option("path_separator", "os")
    return config


def _is_ready(connection: Connection, *, create: bool, upgrade: bool) -> bool:
    """Tell whether the tables are there and right; raises where they may not be made so."""
    found = revision(connection)
    known = known_revisions()
    if found is None:
        if not create:
            raise DatabaseMissing(
                "The database has no tables of Live Help yet. The server makes them: livehelp serve"
            )
        return False
    if found not in known:
        raise DatabaseNewer(
            f"The database is of revision {found}, which this version of Live Help does not know: "
            "a newer version has upgraded it. Run that version, or a later one."
        )
    if found == known[0]:
        return True
    if not upgrade:
        raise DatabaseOlder(
            f"The database is of revision {found}, and this version of Live Help needs {known[0]}. "
            "Make a backup, stop the other servers, and run: livehelp db upgrade"
        )
    return False
