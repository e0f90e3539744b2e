"""Create what keeps turns going on bad days: timers, processes, failures, marks of the gateway, changes to follow.

Revision: 0003
Follows: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

AUDIENCES = "audience_kind IN ('person', 'channel', 'guild')"


def upgrade() -> None:
    _widen()
    _create_timers()
    _create_service()


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _widen() -> None:
    op.add_column("people", sa.Column("time_zone", sa.Text(), nullable=True))
    _know_states("'context', 'pending', 'claimed', 'answered', 'declined', 'withdrawn'")
    op.add_column(
        "channels",
        sa.Column("seen_ids", sa.ARRAY(sa.BigInteger()), server_default=sa.text("'{}'"), nullable=False),
    )
    op.add_column("channels", _moment("typing_until", nullable=True))
    op.add_column("channels", sa.Column("declined_count", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.add_column("channels", sa.Column("declined_until", sa.BigInteger(), nullable=True))
    op.create_index("ix_channels_retry_at", "channels", ["retry_at"], postgresql_where=sa.text("retry_at IS NOT NULL"))
    op.add_column("outbox", sa.Column("audience_kind", sa.Text(), nullable=True))
    op.add_column("outbox", sa.Column("audience_id", sa.BigInteger(), nullable=True))
    op.add_column("outbox", sa.Column("pings", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.create_check_constraint(op.f("ck_outbox_audience_kind_known"), "outbox", AUDIENCES)
    op.create_check_constraint(
        op.f("ck_outbox_audience_whole"), "outbox", "(audience_kind IS NULL) = (audience_id IS NULL)"
    )
    op.create_table(
        "message_changes",
        sa.Column("change_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        _moment("happened_at"),
        sa.CheckConstraint("kind IN ('edited', 'withdrawn')", name=op.f("ck_message_changes_kind_known")),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["messages.message_id"],
            name=op.f("fk_message_changes_message_id_messages"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("change_id", name=op.f("pk_message_changes")),
    )
    op.create_index(op.f("ix_message_changes_message_id"), "message_changes", ["message_id"])


def _know_states(states: str) -> None:
    op.drop_constraint(op.f("ck_messages_state_known"), "messages")
    op.create_check_constraint(op.f("ck_messages_state_known"), "messages", f"state IN ({states})")


def _create_timers() -> None:
    op.create_table(
        "timers",
        sa.Column("timer_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        _moment("due_at"),
        sa.Column("text", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'waiting'"), nullable=False),
        sa.Column("source_id", sa.BigInteger(), nullable=True),
        sa.Column("turn_id", sa.BigInteger(), nullable=True),
        sa.Column("audience_kind", sa.Text(), nullable=False),
        sa.Column("audience_id", sa.BigInteger(), nullable=False),
        _moment("created_at"),
        _moment("over_at", nullable=True),
        sa.CheckConstraint("kind IN ('reminder', 'later')", name=op.f("ck_timers_kind_known")),
        sa.CheckConstraint("state IN ('waiting', 'fired', 'cancelled')", name=op.f("ck_timers_state_known")),
        sa.CheckConstraint(AUDIENCES, name=op.f("ck_timers_audience_kind_known")),
        sa.CheckConstraint("(over_at IS NULL) = (state = 'waiting')", name=op.f("ck_timers_over_when_done")),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channels.channel_id"], name=op.f("fk_timers_channel_id_channels"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["people.user_id"], name=op.f("fk_timers_user_id_people"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["turn_id"], ["turns.turn_id"], name=op.f("fk_timers_turn_id_turns"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("timer_id", name=op.f("pk_timers")),
    )
    op.create_index(op.f("ix_timers_channel_id"), "timers", ["channel_id"])
    op.create_index(op.f("ix_timers_turn_id"), "timers", ["turn_id"])
    op.create_index("ix_timers_due_at", "timers", ["due_at"], postgresql_where=sa.text("state = 'waiting'"))
    op.create_index("ix_timers_user_id_due_at", "timers", ["user_id", "due_at"])


def _create_service() -> None:
    op.create_table(
        "processes",
        sa.Column("process_id", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        _moment("started_at"),
        _moment("seen_at"),
        sa.CheckConstraint("state IN ('starting', 'running', 'draining')", name=op.f("ck_processes_state_known")),
        sa.PrimaryKeyConstraint("process_id", name=op.f("pk_processes")),
    )
    op.create_table(
        "failures",
        sa.Column("failure_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("process_id", sa.Text(), nullable=False),
        _moment("happened_at"),
        sa.PrimaryKeyConstraint("failure_id", name=op.f("pk_failures")),
    )
    op.create_index("ix_failures_happened_at", "failures", ["happened_at"])
    op.create_table(
        "gateway_marks",
        sa.Column("application_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("shard_id", sa.Integer(), autoincrement=False, nullable=False),
        _moment("heard_until"),
        sa.CheckConstraint("shard_id >= 0", name=op.f("ck_gateway_marks_shard_positive")),
        sa.PrimaryKeyConstraint("application_id", "shard_id", name=op.f("pk_gateway_marks")),
    )
    op.create_table(
        "identify_slots",
        sa.Column("application_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("bucket", sa.SmallInteger(), autoincrement=False, nullable=False),
        _moment("free_at"),
        sa.CheckConstraint("bucket >= 0", name=op.f("ck_identify_slots_bucket_positive")),
        sa.PrimaryKeyConstraint("application_id", "bucket", name=op.f("pk_identify_slots")),
    )


def downgrade() -> None:
    for name in ("identify_slots", "gateway_marks", "failures", "processes", "timers", "message_changes"):
        op.drop_table(name)
    op.drop_constraint(op.f("ck_outbox_audience_whole"), "outbox")
    op.drop_constraint(op.f("ck_outbox_audience_kind_known"), "outbox")
    for name in ("pings", "audience_id", "audience_kind"):
        op.drop_column("outbox", name)
    op.drop_index("ix_channels_retry_at", "channels")
    op.drop_column("channels", "declined_until")
    op.drop_column("channels", "declined_count")
    op.drop_column("channels", "typing_until")
    op.drop_column("channels", "seen_ids")
    op.drop_column("people", "time_zone")
    op.execute("UPDATE messages SET state = 'answered' WHERE state = 'declined'")
    _know_states("'context', 'pending', 'claimed', 'answered', 'withdrawn'")
