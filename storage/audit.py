"""The audit log: who did what to what. Owns adding and reading; nothing here changes a row."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, insert, select

from storage.records import AuditRecord
from storage.tables import AUDIT


def add(
    connection: Connection,
    at: datetime,
    *,
    actor: str,
    action: str,
    subject: str,
    detail: Mapping[str, object],
) -> None:
    """Write one entry, in the caller's transaction; ``detail`` holds JSON values."""
    connection.execute(
        insert(AUDIT).values(
            at=at, actor=actor, action=action, subject=subject, detail=dict(detail)
        )
    )


def entries(connection: Connection, limit: int) -> list[AuditRecord]:
    """Return the last ``limit`` entries, newest first."""
    query = select(AUDIT).order_by(AUDIT.c.id.desc()).limit(limit)
    return [
        AuditRecord(row.id, row.at, row.actor, row.action, row.subject, row.detail)
        for row in connection.execute(query)
    ]
