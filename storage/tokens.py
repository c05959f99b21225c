"""The life of a token: minted with a visit, presented at the next, dead when its successor lives.

Owns chains and tokens. Must not know the secrets: only their SHA-256 comes here. A
token dies when a newer one of its chain is first used, and one that is used after it died revokes
the chain, for then two people have it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, insert, select, update

from storage import audit, sessions
from storage.errors import NoSuchSession
from storage.records import TokenState
from storage.tables import SESSION, TOKEN, TOKEN_CHAIN


@dataclass(frozen=True, slots=True)
class _Found:
    """What is known of a token and of its chain."""

    id: int
    chain_id: int
    session_id: int
    used_at: datetime | None
    died_at: datetime | None
    revoked_at: datetime | None


_UNKNOWN: Final = TokenState("unknown")
_DEAD: Final = TokenState("dead")


def is_known(connection: Connection, token_hash: bytes) -> bool:
    """Return whether the token was ever minted; it may be dead."""
    return _find(connection, token_hash) is not None


def present(connection: Connection, token_hash: bytes, at: datetime) -> TokenState:
    """Use a token, in the caller's transaction; see ``Archive.present_token``."""
    _lock_chain(connection, token_hash)
    token = _find(connection, token_hash)
    if token is None:
        return _UNKNOWN
    if token.died_at is not None or token.revoked_at is not None:
        _revoke(connection, token, at)
        return _DEAD
    _use(connection, token, at)
    latest = sessions.latest_of_chain(connection, token.chain_id)
    return TokenState("live", token.chain_id, latest)


def mint(connection: Connection, session_id: int, token_hash: bytes, at: datetime) -> None:
    """Give a session its token, in the caller's transaction.

    Those that it has stay alive until one of them is used: nobody knows which of the answers
    arrived. A copy of ``start`` that was long on its way may be the last one here.

    Raises:
        NoSuchSession: there is no session of that number.
    """
    header = connection.execute(
        select(SESSION.c.chain_id).where(SESSION.c.id == session_id)
    ).one_or_none()
    if header is None:
        raise NoSuchSession(f"There is no session number {session_id}.")
    chain_id = usable_chain(connection, header.chain_id)
    insert_token(connection, session_id, chain_id, token_hash, at)


def insert_token(
    connection: Connection, session_id: int, chain_id: int | None, token_hash: bytes, at: datetime
) -> None:
    """Store a session's token; without a chain, one begins with this session."""
    if chain_id is None:
        begin = insert(TOKEN_CHAIN).returning(TOKEN_CHAIN.c.id)
        chain_id = connection.execute(begin, {"begun_at": at}).scalar_one()
        connection.execute(
            update(SESSION).where(SESSION.c.id == session_id).values(chain_id=chain_id)
        )
    connection.execute(
        insert(TOKEN),
        {"hash": token_hash, "chain_id": chain_id, "session_id": session_id, "minted_at": at},
    )


def usable_chain(connection: Connection, chain_id: int | None) -> int | None:
    """Return ``chain_id`` if that chain may go on; None if it was revoked or never was."""
    if chain_id is None:
        return None
    going = select(TOKEN_CHAIN.c.id).where(
        TOKEN_CHAIN.c.id == chain_id, TOKEN_CHAIN.c.revoked_at.is_(None)
    )
    found: int | None = connection.execute(going).scalar()
    return found


def _find(connection: Connection, token_hash: bytes) -> _Found | None:
    query = (
        select(
            TOKEN.c.id,
            TOKEN.c.chain_id,
            TOKEN.c.session_id,
            TOKEN.c.used_at,
            TOKEN.c.died_at,
            TOKEN_CHAIN.c.revoked_at,
        )
        .join(TOKEN_CHAIN, TOKEN_CHAIN.c.id == TOKEN.c.chain_id)
        .where(TOKEN.c.hash == token_hash)
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    return _Found(row.id, row.chain_id, row.session_id, row.used_at, row.died_at, row.revoked_at)


def _lock_chain(connection: Connection, token_hash: bytes) -> None:
    """Let one at a time change a chain; in SQLite the write lock does, and this says nothing."""
    connection.execute(
        select(TOKEN_CHAIN.c.id)
        .join(TOKEN, TOKEN.c.chain_id == TOKEN_CHAIN.c.id)
        .where(TOKEN.c.hash == token_hash)
        .with_for_update(of=TOKEN_CHAIN)
    )


def _use(connection: Connection, token: _Found, at: datetime) -> None:
    if token.used_at is None:
        connection.execute(update(TOKEN).where(TOKEN.c.id == token.id).values(used_at=at))
    connection.execute(
        update(TOKEN)
        .where(TOKEN.c.chain_id == token.chain_id, TOKEN.c.id < token.id)
        .where(TOKEN.c.died_at.is_(None))
        .values(died_at=at)
    )


def _revoke(connection: Connection, token: _Found, at: datetime) -> None:
    """End the chain and write it down, once: showing the dead token again tells nothing new."""
    if token.revoked_at is not None:
        return
    connection.execute(
        update(TOKEN_CHAIN).where(TOKEN_CHAIN.c.id == token.chain_id).values(revoked_at=at)
    )
    connection.execute(
        update(TOKEN)
        .where(TOKEN.c.chain_id == token.chain_id, TOKEN.c.died_at.is_(None))
        .values(died_at=at)
    )
    session = sessions.by_id(connection, token.session_id)
    audit.add(
        connection,
        at,
        actor="system",
        action="token_reused",
        subject=session.reference if session else f"token {token.id}",
        detail={"chain": token.chain_id, "token": token.id},
    )
