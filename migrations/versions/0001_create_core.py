"""Create what a turn needs: people, channels, messages, turns, outbox, appraisals, traces.

Revision: 0001
Follows: nothing
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "channels",
        sa.Column("channel_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("context_from_turn", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("retry_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retry_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint("(kind = 'dm') = (guild_id IS NULL)", name=op.f("ck_channels_guild_unless_dm")),
        sa.CheckConstraint("kind IN ('dm', 'guild', 'thread')", name=op.f("ck_channels_kind_known")),
        sa.CheckConstraint("retry_count >= 0", name=op.f("ck_channels_retry_count_positive")),
        sa.PrimaryKeyConstraint("channel_id", name=op.f("pk_channels")),
    )
    op.create_index(op.f("ix_channels_guild_id"), "channels", ["guild_id"], unique=False)
    op.create_table(
        "early_deletes",
        sa.Column("message_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_early_deletes")),
    )
    op.create_table(
        "gateway_holders",
        sa.Column("application_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("shard_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("shard_count", sa.Integer(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("shard_id >= 0 AND shard_id < shard_count", name=op.f("ck_gateway_holders_shard_in_count")),
        sa.PrimaryKeyConstraint("application_id", "shard_id", name=op.f("pk_gateway_holders")),
    )
    op.create_table(
        "model_rungs",
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("rung", sa.Text(), nullable=False),
        sa.Column("dropped", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("learned_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("endpoint", "model", name=op.f("pk_model_rungs")),
    )
    op.create_table(
        "people",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("is_bot", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_people")),
    )
    op.create_table(
        "turns",
        sa.Column("turn_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("after_id", sa.BigInteger(), nullable=False),
        sa.Column("intent", sa.Text(), nullable=True),
        sa.Column("persona", sa.Text(), nullable=True),
        sa.Column("expression", sa.Text(), nullable=True),
        sa.Column("persona_wish", sa.Text(), nullable=True),
        sa.Column("reasons", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("tail", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column(
            "timings_ms",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(closed_at IS NULL) = (state IN ('drafting', 'sending'))", name=op.f("ck_turns_closed_when_over")
        ),
        sa.CheckConstraint("intent IN ('reply', 'react', 'later', 'silent')", name=op.f("ck_turns_intent_known")),
        sa.CheckConstraint(
            "state IN ('drafting', 'sending', 'done', 'released', 'lost')", name=op.f("ck_turns_state_known")
        ),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channels.channel_id"], name=op.f("fk_turns_channel_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("turn_id", name=op.f("pk_turns")),
    )
    op.create_index("ix_turns_channel_id_turn_id", "turns", ["channel_id", "turn_id"], unique=False)
    op.create_index(
        "uq_turns_channel_id_under_way",
        "turns",
        ["channel_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('drafting', 'sending')"),
    )
    op.create_table(
        "messages",
        sa.Column("message_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("speaker", sa.Text(), nullable=False),
        sa.Column("author_name", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column(
            "attachments",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'[]'"),
            nullable=False,
        ),
        sa.Column("reply_to_id", sa.BigInteger(), nullable=True),
        sa.Column("audience_kind", sa.Text(), nullable=False),
        sa.Column("audience_id", sa.BigInteger(), nullable=False),
        sa.Column("reasons", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("turn_id", sa.BigInteger(), nullable=True),
        sa.Column("wake_job_id", sa.BigInteger(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "audience_kind IN ('person', 'channel', 'guild')", name=op.f("ck_messages_audience_kind_known")
        ),
        sa.CheckConstraint("speaker IN ('person', 'self', 'bot')", name=op.f("ck_messages_speaker_known")),
        sa.CheckConstraint("state <> 'withdrawn' OR content = ''", name=op.f("ck_messages_withdrawn_is_empty")),
        sa.CheckConstraint(
            "state IN ('context', 'pending', 'claimed', 'answered', 'withdrawn')",
            name=op.f("ck_messages_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["people.user_id"], name=op.f("fk_messages_author_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channels.channel_id"], name=op.f("fk_messages_channel_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["turn_id"], ["turns.turn_id"], name=op.f("fk_messages_turn_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_messages")),
    )
    op.create_index(op.f("ix_messages_author_id"), "messages", ["author_id"], unique=False)
    op.create_index("ix_messages_channel_id_message_id", "messages", ["channel_id", "message_id"], unique=False)
    op.create_index(
        "ix_messages_pending",
        "messages",
        ["channel_id", "message_id"],
        unique=False,
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_index(op.f("ix_messages_turn_id"), "messages", ["turn_id"], unique=False)
    op.create_table(
        "model_calls",
        sa.Column("call_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("turn_id", sa.BigInteger(), nullable=True),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("rung", sa.Text(), nullable=False),
        sa.Column("prompt_hash", sa.Text(), nullable=False),
        sa.Column("persona_version", sa.Text(), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.Column("duration_ms", sa.Double(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("tokens_in", sa.Integer(), nullable=True),
        sa.Column("tokens_out", sa.Integer(), nullable=True),
        sa.Column("tokens_cached", sa.Integer(), nullable=True),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["turn_id"], ["turns.turn_id"], name=op.f("fk_model_calls_turn_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_model_calls")),
    )
    op.create_index(op.f("ix_model_calls_turn_id"), "model_calls", ["turn_id"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("part_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("turn_id", sa.BigInteger(), nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("part_no", sa.SmallInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("reply_to_id", sa.BigInteger(), nullable=True),
        sa.Column("after_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'ready'"), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("refused_code", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(done_at IS NULL) = (state = 'ready')", name=op.f("ck_outbox_done_when_over")),
        sa.CheckConstraint("kind IN ('text', 'reaction')", name=op.f("ck_outbox_kind_known")),
        sa.CheckConstraint("state IN ('ready', 'sent', 'refused')", name=op.f("ck_outbox_state_known")),
        sa.CheckConstraint("part_no >= 0", name=op.f("ck_outbox_part_no_positive")),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channels.channel_id"], name=op.f("fk_outbox_channel_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["turn_id"], ["turns.turn_id"], name=op.f("fk_outbox_turn_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("part_id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("turn_id", "part_no", name=op.f("uq_outbox_turn_id_part_no")),
    )
    op.create_index(
        "ix_outbox_unsent",
        "outbox",
        ["channel_id", "part_id"],
        unique=False,
        postgresql_where=sa.text("state = 'ready'"),
    )
    op.create_table(
        "appraisals",
        sa.Column("turn_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("desirability", sa.SmallInteger(), nullable=False),
        sa.Column("praiseworthiness", sa.SmallInteger(), nullable=False),
        sa.Column("warmth", sa.SmallInteger(), nullable=False),
        sa.Column("respect", sa.SmallInteger(), nullable=False),
        sa.Column("trust_signal", sa.SmallInteger(), nullable=False),
        sa.Column("user_valence", sa.SmallInteger(), nullable=False),
        sa.Column("prospect", sa.SmallInteger(), nullable=False),
        sa.Column("unexpectedness", sa.SmallInteger(), nullable=False),
        sa.Column("interest", sa.SmallInteger(), nullable=False),
        sa.Column("humor", sa.SmallInteger(), nullable=False),
        sa.Column("apology", sa.SmallInteger(), nullable=False),
        sa.Column("own_fault", sa.SmallInteger(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("malformed", sa.Boolean(), nullable=False),
        sa.CheckConstraint("apology BETWEEN 0 AND 3", name=op.f("ck_appraisals_apology_range")),
        sa.CheckConstraint("confidence BETWEEN 0 AND 1", name=op.f("ck_appraisals_confidence_range")),
        sa.CheckConstraint("desirability BETWEEN -3 AND 3", name=op.f("ck_appraisals_desirability_range")),
        sa.CheckConstraint("humor BETWEEN 0 AND 3", name=op.f("ck_appraisals_humor_range")),
        sa.CheckConstraint("interest BETWEEN 0 AND 3", name=op.f("ck_appraisals_interest_range")),
        sa.CheckConstraint("own_fault BETWEEN 0 AND 3", name=op.f("ck_appraisals_own_fault_range")),
        sa.CheckConstraint("praiseworthiness BETWEEN -3 AND 3", name=op.f("ck_appraisals_praiseworthiness_range")),
        sa.CheckConstraint("prospect BETWEEN -3 AND 3", name=op.f("ck_appraisals_prospect_range")),
        sa.CheckConstraint("respect BETWEEN -3 AND 3", name=op.f("ck_appraisals_respect_range")),
        sa.CheckConstraint("trust_signal BETWEEN -3 AND 3", name=op.f("ck_appraisals_trust_signal_range")),
        sa.CheckConstraint("unexpectedness BETWEEN 0 AND 3", name=op.f("ck_appraisals_unexpectedness_range")),
        sa.CheckConstraint("user_valence BETWEEN -3 AND 3", name=op.f("ck_appraisals_user_valence_range")),
        sa.CheckConstraint("warmth BETWEEN -3 AND 3", name=op.f("ck_appraisals_warmth_range")),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.message_id"], name=op.f("fk_appraisals_message_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["turn_id"], ["turns.turn_id"], name=op.f("fk_appraisals_turn_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["people.user_id"], name=op.f("fk_appraisals_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("turn_id", "message_id", name=op.f("pk_appraisals")),
    )
    op.create_index("ix_appraisals_message_id", "appraisals", ["message_id"], unique=False)
    op.create_index(op.f("ix_appraisals_user_id"), "appraisals", ["user_id"], unique=False)


def downgrade() -> None:
    op.drop_table("appraisals")
    op.drop_table("outbox")
    op.drop_table("model_calls")
    op.drop_table("messages")
    op.drop_table("turns")
    op.drop_table("people")
    op.drop_table("model_rungs")
    op.drop_table("gateway_holders")
    op.drop_table("early_deletes")
    op.drop_table("channels")
