"""What can go wrong with the archive, in words for the person who runs the server.

Every error that this package raises on purpose is a ``StorageError``; its text says what happened
and what can be done. No database driver's exception leaves the package.
"""


class StorageError(Exception):
    """Base of all; catch it to show its text and go on."""


class DatabaseUnsupported(StorageError):
    """The URL names a database that Live Help does not work with."""


class DatabaseMissing(StorageError):
    """There is no archive at the URL, and none was to be made."""


class DatabaseForeign(StorageError):
    """The database holds tables of the same names that Live Help did not make."""


class DatabaseOlder(StorageError):
    """The tables are of an older revision; they are upgraded only when told."""


class DatabaseNewer(StorageError):
    """The tables are of a revision that this program does not know."""


class ArchiveUnavailable(StorageError):
    """The database did not do what was asked: busy, full, read-only, gone, or out of memory.

    Nothing of the call was stored.
    """


class OutcomeUnknown(ArchiveUnavailable):
    """The link to PostgreSQL broke while something was written: it may be stored, or not.

    Writing the same again is safe, for events that are stored already are refused.
    """


class ArchiveInUse(StorageError):
    """Another server works on the same SQLite file."""


class RuleBroken(StorageError):
    """A value breaks a rule of the tables (a CHECK, a UNIQUE, a length): a bug in the program."""


class NoSuchSession(StorageError):
    """No session has that number."""


class OperatorExists(StorageError):
    """An operator of that name, whatever its capitals, is there already."""


class NoSuchOperator(StorageError):
    """No operator has that name, or the one who has is disabled and may not do this."""
