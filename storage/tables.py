"""The tables, as an SQL shell shows them.

Owns names, types and constraints. Must not know how they are filled or read. The migrations make
them; a test holds the two together.
"""

from datetime import datetime
from typing import Any, ClassVar, Final

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

# Constraints get names that a later migration can speak of, the same in both databases.
NAMING: Final = {
    "pk": "%(table_name)s_pk",
    "uq": "%(table_name)s_%(column_0_N_name)s_unique",
    "fk": "%(table_name)s_%(column_0_N_name)s_known",
    "ck": "%(table_name)s_%(constraint_name)s",
    "ix": "%(table_name)s_%(column_0_N_name)s",
}
# 64 bits. SQLite's rowid has 64 too, and answers only to the very words INTEGER PRIMARY KEY.
BigId = BigInteger().with_variant(Integer(), "sqlite")
# Readable text in SQLite; binary and indexable in PostgreSQL.
Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


class Base(SQLModel, registry=registry(metadata=MetaData(naming_convention=NAMING))):
    """What the tables of this package share; other users of SQLModel keep their own."""


class TokenChain(Base, table=True):
    """The visits of one visitor, tied by one token after another, and by nothing else."""

    __tablename__: ClassVar[Any] = "token_chain"

    id: int | None = Field(default=None, primary_key=True)
    begun_at: datetime
    revoked_at: datetime | None = None


class Session(Base, table=True):
    """The header of one session: a projection of its events, written with them.

    ``previous`` and ``session_operator.operator`` are no foreign keys: the visit before may be
    destroyed when its time comes and an account may be renamed, and the transcript stays as it was.
    """

    __tablename__: ClassVar[Any] = "session"
    __table_args__ = (
        CheckConstraint("length(key_hash) = 32", name="key_hash_is_sha256"),
        CheckConstraint("ended_by IN ('visitor', 'operator', 'system')", name="ended_by_somebody"),
        CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="ended_whole"),
        # The few that are open, among all that ever were.
        Index(
            "session_open",
            "id",
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        # The number of a destroyed session is never given to another.
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, primary_key=True)
    reference: str = Field(sa_type=Text, unique=True)
    visitor_name: str = Field(sa_type=Text)
    topic: str = Field(sa_type=Text)
    started_at: datetime
    ended_at: datetime | None = None
    ended_by: str | None = Field(default=None, sa_type=Text)
    client: str = Field(sa_type=Text)
    version: str = Field(sa_type=Text)
    ip: str = Field(sa_type=Text)
    host: str | None = Field(default=None, sa_type=Text)
    place: str | None = Field(default=None, sa_type=Text)
    email: str | None = Field(default=None, sa_type=Text)
    previous: str | None = Field(default=None, sa_type=Text)
    chain_id: int | None = Field(default=None, foreign_key="token_chain.id", index=True)
    key_hash: bytes = Field(sa_type=LargeBinary, unique=True)


class Event(Base, table=True):
    """The logs of all sessions, in the order in which they were written.

    A row number and a unique index on two small integers, because that is the cheapest to append to
    in SQLite. Measured in batches of 500 rows for as many sessions: 9 us a row so; 19 us with the
    session's reference as text in the index; 48-58 us clustered by session (WITHOUT ROWID), where
    the end of every session's log is another page.

    ``kind`` has no CHECK: new kinds come with new releases, and SQLite changes a CHECK only by
    writing the table again, which is the largest one.
    """

    __tablename__: ClassVar[Any] = "event"
    __table_args__ = (
        UniqueConstraint("session_id", "seq"),
        CheckConstraint("seq >= 1", name="seq_counts_from_1"),
        CheckConstraint("actor IN ('visitor', 'operator', 'system')", name="actor_is_somebody"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    session_id: int = Field(foreign_key="session.id")
    seq: int
    at: datetime
    kind: str = Field(sa_type=Text)
    actor: str = Field(sa_type=Text)
    name: str | None = Field(default=None, sa_type=Text)
    text: str | None = Field(default=None, sa_type=Text)
    data: dict[str, Any] | None = Field(default=None, sa_type=Json)
    run: str | None = Field(default=None, sa_type=Text)
    ref: int | None = Field(default=None, sa_type=BigInteger)


class SessionOperator(Base, table=True):
    """Who helped in a session; ``joined_seq`` is the event of their first joining."""

    __tablename__: ClassVar[Any] = "session_operator"

    session_id: int = Field(primary_key=True, foreign_key="session.id")
    operator: str = Field(primary_key=True, sa_type=Text)
    joined_seq: int


class InterviewAnswer(Base, table=True):
    """One answer of an exit interview, at its place (1, 2, ...) among the questions."""

    __tablename__: ClassVar[Any] = "interview_answer"

    session_id: int = Field(primary_key=True, foreign_key="session.id")
    position: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    question: str = Field(sa_type=Text)
    answer: str = Field(sa_type=Text)


class Token(Base, table=True):
    """A token that ties a visit to the ones before; alive until ``died_at``."""

    __tablename__: ClassVar[Any] = "token"
    __table_args__ = (CheckConstraint("length(hash) = 32", name="hash_is_sha256"),)

    id: int | None = Field(default=None, primary_key=True)
    hash: bytes = Field(sa_type=LargeBinary, unique=True)
    chain_id: int = Field(foreign_key="token_chain.id", index=True)
    session_id: int = Field(foreign_key="session.id", index=True)
    minted_at: datetime
    used_at: datetime | None = None
    died_at: datetime | None = None


class Operator(Base, table=True):
    """An operator's account; ``folded_name`` makes the name unique whatever its capitals."""

    __tablename__: ClassVar[Any] = "operator"

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(sa_type=Text)
    folded_name: str = Field(sa_type=Text, unique=True)
    password_hash: str = Field(sa_type=Text)
    created_at: datetime
    disabled_at: datetime | None = None


class Ticket(Base, table=True):
    """One sign-in of an operator."""

    __tablename__: ClassVar[Any] = "ticket"
    __table_args__ = (CheckConstraint("length(hash) = 32", name="hash_is_sha256"),)

    id: int | None = Field(default=None, primary_key=True)
    hash: bytes = Field(sa_type=LargeBinary, unique=True)
    operator_id: int = Field(foreign_key="operator.id", index=True)
    opened_at: datetime
    last_used_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None


class Audit(Base, table=True):
    """Who did what to what; rows are only ever added."""

    __tablename__: ClassVar[Any] = "audit"
    # A removed last row leaves a gap that shows.
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    at: datetime
    actor: str = Field(sa_type=Text)
    action: str = Field(sa_type=Text)
    subject: str = Field(sa_type=Text)
    detail: dict[str, Any] = Field(sa_type=Json)


METADATA: Final = Base.metadata

# Statements are Core, on the tables; results are records, and no live row leaves the package.
TOKEN_CHAIN: Final = METADATA.tables["token_chain"]
SESSION: Final = METADATA.tables["session"]
EVENT: Final = METADATA.tables["event"]
SESSION_OPERATOR: Final = METADATA.tables["session_operator"]
INTERVIEW_ANSWER: Final = METADATA.tables["interview_answer"]
TOKEN: Final = METADATA.tables["token"]
OPERATOR: Final = METADATA.tables["operator"]
TICKET: Final = METADATA.tables["ticket"]
AUDIT: Final = METADATA.tables["audit"]
