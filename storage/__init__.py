"""The archive: sessions, their events, tokens, operators, tickets and the audit log, in SQL.

Synchronous; knows no event loop, no wire, and nothing else of Live Help. Read in this order:
``records`` (what crosses the boundary), ``archive`` (every call there is), ``tables`` (what an SQL
shell shows), ``projection`` (how a header follows from its events), ``batch`` and ``eventlog`` (the
hot path), ``engine`` and ``revisions`` (the two databases and their revisions). What is kept beside
the log: ``staff`` (operators and their sign-ins), ``tokens``, ``audit``. ``render`` shows a
transcript, ``claim`` keeps a second server off an SQLite file.
"""

from storage.archive import Archive
from storage.errors import (
    ArchiveUnavailable,
    DatabaseForeign,
    DatabaseMissing,
    DatabaseNewer,
    DatabaseOlder,
    DatabaseUnsupported,
    NoSuchOperator,
    NoSuchSession,
    OperatorExists,
    RuleBroken,
    StorageError,
)
from storage.records import (
    Append,
    AuditRecord,
    EventRecord,
    NewSession,
    OperatorRecord,
    SessionRecord,
    TicketRecord,
    TokenState,
    TranscriptRecord,
)

__all__ = [
    "Append",
    "Archive",
    "ArchiveUnavailable",
    "AuditRecord",
    "DatabaseForeign",
    "DatabaseMissing",
    "DatabaseNewer",
    "DatabaseOlder",
    "DatabaseUnsupported",
    "EventRecord",
    "NewSession",
    "NoSuchOperator",
    "NoSuchSession",
    "OperatorExists",
    "OperatorRecord",
    "RuleBroken",
    "SessionRecord",
    "StorageError",
    "TicketRecord",
    "TokenState",
    "TranscriptRecord",
]
