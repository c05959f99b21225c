"""Operators' accounts and their sign-ins (tickets).

Must not know passwords or tickets themselves: hashes come in, and none is compared here.
"""

import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from storage.errors import NoSuchOperator
from storage.records import OperatorRecord, TicketRecord
from storage.tables import OPERATOR, TICKET


def fold(name: str) -> str:
    """Return what two spellings of one name have in common: "ANN" and "Ann" are one operator."""
    return unicodedata.normalize("NFKC", name).casefold()


def add(connection: Connection, name: str, password_hash: str, at: datetime) -> None:
    """Insert an operator; the table refuses a name that is there."""
    connection.execute(
        insert(OPERATOR).values(
            name=name, folded_name=fold(name), password_hash=password_hash, created_at=at
        )
    )


def one(connection: Connection, name: str) -> OperatorRecord | None:
    """Return the operator of that name, disabled or not."""
    query = select(OPERATOR).where(OPERATOR.c.folded_name == fold(name))
    row = connection.execute(query).one_or_none()
    return None if row is None else _operator(row)


def everyone(connection: Connection) -> list[OperatorRecord]:
    """Return all operators by name, the disabled ones too."""
    # Sorted here, for the two databases do not sort letters alike.
    everybody = [_operator(row) for row in connection.execute(select(OPERATOR))]
    return sorted(everybody, key=lambda operator: fold(operator.name))


def set_password(connection: Connection, name: str, password_hash: str, at: datetime) -> None:
    """Change the password and end the tickets that the old one opened."""
    _change(connection, name, at, {"password_hash": password_hash})


def disable(connection: Connection, name: str, at: datetime) -> None:
    """Close the account and end its tickets; the name stays taken, the first date stands."""
    _change(connection, name, at, {"disabled_at": func.coalesce(OPERATOR.c.disabled_at, at)})


def open_ticket(
    connection: Connection, ticket_hash: bytes, name: str, at: datetime, expires_at: datetime
) -> None:
    """Write down a sign-in; raises NoSuchOperator for who is unknown or disabled."""
    operator = one(connection, name)
    if operator is None or operator.disabled_at is not None:
        raise NoSuchOperator(f"There is no operator named {name} who may sign in.")
    connection.execute(
        insert(TICKET).values(
            hash=ticket_hash,
            operator_id=operator.id,
            opened_at=at,
            last_used_at=at,
            expires_at=expires_at,
        )
    )


def ticket(connection: Connection, ticket_hash: bytes, at: datetime) -> TicketRecord | None:
    """Return the sign-in, if it still holds at the moment ``at``."""
    query = (
        select(OPERATOR.c.name, TICKET.c.opened_at, TICKET.c.last_used_at, TICKET.c.expires_at)
        .join(OPERATOR, OPERATOR.c.id == TICKET.c.operator_id)
        .where(TICKET.c.hash == ticket_hash, TICKET.c.ended_at.is_(None))
        .where(TICKET.c.expires_at > at, OPERATOR.c.disabled_at.is_(None))
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    return TicketRecord(row.name, row.opened_at, row.last_used_at, row.expires_at)


def touch_tickets(connection: Connection, uses: Mapping[bytes, datetime]) -> None:
    """Note when sign-ins were used; those that ended stay as they were."""
    # In one order everywhere: two servers that take locks in one order never deadlock.
    for ticket_hash, at in sorted(uses.items()):
        _update_ticket(connection, ticket_hash, {"last_used_at": at})


def end_ticket(connection: Connection, ticket_hash: bytes, at: datetime) -> None:
    """End the sign-in; one that ended before stays as it was."""
    _update_ticket(connection, ticket_hash, {"ended_at": at})


def _change(connection: Connection, name: str, at: datetime, values: dict[str, object]) -> None:
    changed = (
        update(OPERATOR)
        .where(OPERATOR.c.folded_name == fold(name))
        .values(values)
        .returning(OPERATOR.c.id)
    )
    operator_id = connection.execute(changed).scalar_one_or_none()
    if operator_id is None:
        raise NoSuchOperator(f"There is no operator named {name}.")
    connection.execute(
        update(TICKET)
        .where(TICKET.c.operator_id == operator_id, TICKET.c.ended_at.is_(None))
        .values(ended_at=at)
    )


def _update_ticket(connection: Connection, ticket_hash: bytes, values: dict[str, object]) -> None:
    connection.execute(
        update(TICKET)
        .where(TICKET.c.hash == ticket_hash, TICKET.c.ended_at.is_(None))
        .values(values)
    )


def _operator(row: Row[Any]) -> OperatorRecord:
    return OperatorRecord(row.id, row.name, row.password_hash, row.created_at, row.disabled_at)
