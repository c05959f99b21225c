"""The first tables, and the view that shows transcripts in an SQL shell."""

import re

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None

MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

# DATA(field) stands for the text of one field of event.data, which each database says its own way.
TRANSCRIPT = """
CREATE VIEW transcript AS
SELECT session.reference AS session,
       event.seq AS seq,
       event.at AS at,
       COALESCE(event.name, DATA(name), DATA(operator), event.actor) AS who,
       CASE event.kind
           WHEN 'line' THEN event.text
           WHEN 'noted' THEN '(notes) ' || event.text
           WHEN 'opened' THEN '(enters) ' || DATA(topic)
           WHEN 'host_found' THEN '(host address) ' || DATA(host)
           WHEN 'joined' THEN '(joins)'
           WHEN 'left' THEN '(leaves) ' || DATA(reason)
           WHEN 'transferred' THEN '(transfers) to ' || COALESCE(DATA(to), 'the queue')
           WHEN 'topic_set' THEN '(sets the topic) ' || DATA(topic)
           WHEN 'closed' THEN '(ends the session) ' || DATA(reason)
           WHEN 'interview_answered' THEN '(answers the exit interview)'
           WHEN 'transcript_requested' THEN '(asks for the transcript) ' || DATA(email)
           ELSE '(' || event.kind || ')'
       END AS what
FROM event JOIN session ON session.id = event.session_id
ORDER BY event.session_id, event.seq
"""


def upgrade() -> None:
    """Make everything."""
    _make_sessions()
    _make_events()
    _make_tokens()
    _make_staff()
    _make_audit()
    sqlite = op.get_bind().dialect.name == "sqlite"
    # Not ->>, which SQLite has only since 3.38.
    data = r"json_extract(event.data, '$.\1')" if sqlite else r"(event.data ->> '\1')"
    op.execute(sa.text(_each_field(data)))


def downgrade() -> None:
    """There is no way back: records are not dropped to suit an older program."""
    raise NotImplementedError


def _each_field(replacement: str) -> str:
    return re.sub(r"DATA\((\w+)\)", replacement, TRANSCRIPT)


def _make_sessions() -> None:
    op.create_table(
        "token_chain",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("begun_at", MOMENT, nullable=False),
        sa.Column("revoked_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name=op.f("token_chain_pk")),
    )
    op.create_table(
        "session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("visitor_name", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT),
        sa.Column("ended_by", sa.Text()),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("ip", sa.Text(), nullable=False),
        sa.Column("host", sa.Text()),
        sa.Column("place", sa.Text()),
        sa.Column("email", sa.Text()),
        sa.Column("previous", sa.Text()),
        sa.Column("chain_id", sa.Integer()),
        sa.Column("key_hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("session_pk")),
        sa.UniqueConstraint("reference", name=op.f("session_reference_unique")),
        sa.UniqueConstraint("key_hash", name=op.f("session_key_hash_unique")),
        sa.ForeignKeyConstraint(
            ["chain_id"], ["token_chain.id"], name=op.f("session_chain_id_known")
        ),
        sa.CheckConstraint("length(key_hash) = 32", name=op.f("session_key_hash_is_sha256")),
        sa.CheckConstraint(
            "ended_by IN ('visitor', 'operator', 'system')",
            name=op.f("session_ended_by_somebody"),
        ),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (ended_by IS NULL)", name=op.f("session_ended_whole")
        ),
        sqlite_autoincrement=True,
    )
    is_open = sa.text("ended_at IS NULL")
    op.create_index(
        "session_open", "session", ["id"], sqlite_where=is_open, postgresql_where=is_open
    )
    op.create_index("session_chain_id", "session", ["chain_id"])
    op.create_table(
        "session_operator",
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("operator", sa.Text(), nullable=False),
        sa.Column("joined_seq", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("session_id", "operator", name=op.f("session_operator_pk")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["session.id"], name=op.f("session_operator_session_id_known")
        ),
    )
    op.create_table(
        "interview_answer",
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("session_id", "position", name=op.f("interview_answer_pk")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["session.id"], name=op.f("interview_answer_session_id_known")
        ),
    )


def _make_events() -> None:
    op.create_table(
        "event",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("name", sa.Text()),
        sa.Column("text", sa.Text()),
        sa.Column("data", JSON),
        sa.Column("run", sa.Text()),
        sa.Column("ref", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name=op.f("event_pk")),
        sa.UniqueConstraint("session_id", "seq", name=op.f("event_session_id_seq_unique")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["session.id"], name=op.f("event_session_id_known")
        ),
        sa.CheckConstraint("seq >= 1", name=op.f("event_seq_counts_from_1")),
        sa.CheckConstraint(
            "actor IN ('visitor', 'operator', 'system')", name=op.f("event_actor_is_somebody")
        ),
    )


def _make_tokens() -> None:
    op.create_table(
        "token",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("chain_id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("minted_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT),
        sa.Column("died_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name=op.f("token_pk")),
        sa.UniqueConstraint("hash", name=op.f("token_hash_unique")),
        sa.ForeignKeyConstraint(
            ["chain_id"], ["token_chain.id"], name=op.f("token_chain_id_known")
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["session.id"], name=op.f("token_session_id_known")
        ),
        sa.CheckConstraint("length(hash) = 32", name=op.f("token_hash_is_sha256")),
    )
    op.create_index("token_chain_id", "token", ["chain_id"])
    op.create_index("token_session_id", "token", ["session_id"])


def _make_staff() -> None:
    op.create_table(
        "operator",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("folded_name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("disabled_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name=op.f("operator_pk")),
        sa.UniqueConstraint("folded_name", name=op.f("operator_folded_name_unique")),
    )
    op.create_table(
        "ticket",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("operator_id", sa.Integer(), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("last_used_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name=op.f("ticket_pk")),
        sa.UniqueConstraint("hash", name=op.f("ticket_hash_unique")),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["operator.id"], name=op.f("ticket_operator_id_known")
        ),
        sa.CheckConstraint("length(hash) = 32", name=op.f("ticket_hash_is_sha256")),
    )
    op.create_index("ticket_operator_id", "ticket", ["operator_id"])


def _make_audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("detail", JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("audit_pk")),
        sqlite_autoincrement=True,
    )
