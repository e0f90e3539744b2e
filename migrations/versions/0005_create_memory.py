"""Create what she remembers: the index of lines, memories, reflections, summaries, context chains, notes of herself.

Every new column has a default or may be empty, so that the version before goes on working beside this one.

Revision: 0005
Follows: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from pgvector.sqlalchemy import HALFVEC
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _widen()
    _create_embedders()
    _create_self_notes()
    _create_contexts()
    _create_memories()
    _create_memory_refusals()
    _create_reflections()
    _create_summaries()
    _create_memory_sources()
    _create_recall_lines()
    _create_self_note_sources()


def _widen() -> None:
    op.add_column("people", sa.Column("sensitive_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "turns", sa.Column("recalled_lines", sa.ARRAY(sa.BigInteger()), server_default=sa.text("'{}'"), nullable=False)
    )
    op.add_column(
        "turns",
        sa.Column("recalled_memories", sa.ARRAY(sa.BigInteger()), server_default=sa.text("'{}'"), nullable=False),
    )
    op.add_column("turns", sa.Column("digested_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_turns_undigested", "turns", ["turn_id"], postgresql_where=sa.text("digested_at IS NULL AND state = 'done'")
    )


def _create_embedders() -> None:
    op.create_table(
        "embedders",
        sa.Column("embedder_id", sa.SmallInteger(), sa.Identity(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("dimension", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint("dimension > 0", name=op.f("ck_embedders_dimension_positive")),
        sa.PrimaryKeyConstraint("embedder_id", name=op.f("pk_embedders")),
        sa.UniqueConstraint("name", name=op.f("uq_embedders_name")),
    )


def _create_self_notes() -> None:
    op.create_table(
        "self_notes",
        sa.Column("note_id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("companion", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("audience_kind", sa.Text(), nullable=True),
        sa.Column("audience_id", sa.BigInteger(), nullable=True),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revised_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "audience_kind IN ('person', 'channel', 'guild')", name=op.f("ck_self_notes_audience_kind_known")
        ),
        sa.CheckConstraint("kind IN ('narrative', 'taste', 'opinion')", name=op.f("ck_self_notes_kind_known")),
        sa.CheckConstraint(
            "(audience_kind IS NULL) = (audience_id IS NULL)", name=op.f("ck_self_notes_audience_whole")
        ),
        sa.CheckConstraint("confidence BETWEEN 0 AND 1", name=op.f("ck_self_notes_confidence_range")),
        sa.PrimaryKeyConstraint("note_id", name=op.f("pk_self_notes")),
    )
    op.create_index("ix_self_notes_audience", "self_notes", ["companion", "audience_kind", "audience_id"])


def _create_contexts() -> None:
    op.create_table(
        "contexts",
        sa.Column("channel_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("turns_since", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("low_cache_turns", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("prompt_tokens", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("handoff_before", sa.BigInteger(), nullable=True),
        sa.Column("summary_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channels.channel_id"], name=op.f("fk_contexts_channel_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("channel_id", name=op.f("pk_contexts")),
    )
    op.create_index(
        "ix_contexts_summary_due_at",
        "contexts",
        ["summary_due_at"],
        postgresql_where=sa.text("summary_due_at IS NOT NULL"),
    )


def _create_memories() -> None:
    op.create_table(
        "memories",
        sa.Column("memory_id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("text_key", sa.Text(), nullable=False),
        sa.Column("audience_kind", sa.Text(), nullable=False),
        sa.Column("audience_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("about_id", sa.BigInteger(), nullable=True),
        sa.Column("salience", sa.SmallInteger(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("tags", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("mood", sa.ARRAY(sa.Double()), nullable=True),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "milestones", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False
        ),
        sa.Column("is_pinned", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("is_edited", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("seen_count", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("used_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reflected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("superseded_by", sa.BigInteger(), nullable=True),
        sa.Column("lexemes", postgresql.TSVECTOR(), nullable=False),
        sa.Column("vector", HALFVEC(), nullable=True),
        sa.Column("embedder_id", sa.SmallInteger(), nullable=True),
        sa.CheckConstraint(
            "audience_kind IN ('person', 'channel', 'guild')", name=op.f("ck_memories_audience_kind_known")
        ),
        sa.CheckConstraint(
            "kind IN ('fact', 'feeling', 'event', 'promise', 'joke', 'correction', 'goal', 'decision', 'boundary', "
            "'portrait')",
            name=op.f("ck_memories_kind_known"),
        ),
        sa.CheckConstraint("origin IN ('talk', 'person', 'reflection')", name=op.f("ck_memories_origin_known")),
        sa.CheckConstraint(
            "state IN ('candidate', 'current', 'superseded', 'archived')", name=op.f("ck_memories_state_known")
        ),
        sa.CheckConstraint("(vector IS NULL) = (embedder_id IS NULL)", name=op.f("ck_memories_vector_of_embedder")),
        sa.CheckConstraint("cardinality(mood) = 3", name=op.f("ck_memories_mood_length")),
        sa.CheckConstraint("confidence BETWEEN 0 AND 1", name=op.f("ck_memories_confidence_range")),
        sa.CheckConstraint("salience BETWEEN 1 AND 10", name=op.f("ck_memories_salience_range")),
        sa.ForeignKeyConstraint(["embedder_id"], ["embedders.embedder_id"], name=op.f("fk_memories_embedder_id")),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["people.user_id"], name=op.f("fk_memories_owner_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["superseded_by"], ["memories.memory_id"], name=op.f("fk_memories_superseded_by"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("memory_id", name=op.f("pk_memories")),
    )
    op.create_index("ix_memories_embedder_id_memory_id", "memories", ["embedder_id", "memory_id"])
    op.create_index("ix_memories_owner_id_state", "memories", ["owner_id", "state", "memory_id"])
    op.create_index(op.f("ix_memories_superseded_by"), "memories", ["superseded_by"])
    op.create_index(
        "ix_memories_unreflected",
        "memories",
        ["owner_id", "audience_kind", "audience_id", "created_at"],
        postgresql_where=sa.text("state = 'candidate' AND reflected_at IS NULL"),
    )
    op.create_index(
        "uq_memories_text_key",
        "memories",
        ["owner_id", "audience_kind", "audience_id", "kind", sa.literal_column("md5(text_key)")],
        unique=True,
        postgresql_where=sa.text("state IN ('candidate', 'current')"),
    )


def _create_memory_refusals() -> None:
    op.create_table(
        "memory_refusals",
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "reason IN ('persona', 'own line', 'recalled', 'hearsay', 'instruction', 'secret', 'sensitive', "
            "'ungrounded', 'empty')",
            name=op.f("ck_memory_refusals_reason_known"),
        ),
        sa.CheckConstraint("count > 0", name=op.f("ck_memory_refusals_count_positive")),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["people.user_id"], name=op.f("fk_memory_refusals_owner_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("owner_id", "reason", name=op.f("pk_memory_refusals")),
    )


def _create_reflections() -> None:
    op.create_table(
        "reflections",
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("audience_kind", sa.Text(), nullable=False),
        sa.Column("audience_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("waits_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reread_ids", sa.ARRAY(sa.BigInteger()), server_default=sa.text("'{}'"), nullable=False),
        sa.CheckConstraint(
            "audience_kind IN ('person', 'channel', 'guild')", name=op.f("ck_reflections_audience_kind_known")
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["people.user_id"], name=op.f("fk_reflections_owner_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("owner_id", "audience_kind", "audience_id", name=op.f("pk_reflections")),
    )
    op.create_index("ix_reflections_due_at", "reflections", ["due_at"])


def _create_summaries() -> None:
    op.create_table(
        "summaries",
        sa.Column("summary_id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("audience_kind", sa.Text(), nullable=False),
        sa.Column("audience_id", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("from_turn", sa.BigInteger(), nullable=False),
        sa.Column("to_turn", sa.BigInteger(), nullable=False),
        sa.Column("said_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("said_to", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_condensed", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.CheckConstraint(
            "audience_kind IN ('person', 'channel', 'guild')", name=op.f("ck_summaries_audience_kind_known")
        ),
        sa.CheckConstraint("from_turn <= to_turn", name=op.f("ck_summaries_turns_in_order")),
        sa.CheckConstraint("level >= 0", name=op.f("ck_summaries_level_positive")),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channels.channel_id"], name=op.f("fk_summaries_channel_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.user_id"], name=op.f("fk_summaries_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("summary_id", name=op.f("pk_summaries")),
    )
    op.create_index("ix_summaries_channel_id_to_turn", "summaries", ["channel_id", "to_turn"])
    op.create_index(
        "ix_summaries_standing", "summaries", ["channel_id", "to_turn"], postgresql_where=sa.text("NOT is_condensed")
    )
    op.create_index(op.f("ix_summaries_person_id"), "summaries", ["person_id"])


def _create_memory_sources() -> None:
    op.create_table(
        "memory_sources",
        sa.Column("memory_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["memory_id"], ["memories.memory_id"], name=op.f("fk_memory_sources_memory_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.message_id"], name=op.f("fk_memory_sources_message_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("memory_id", "message_id", name=op.f("pk_memory_sources")),
    )
    op.create_index("ix_memory_sources_message_id", "memory_sources", ["message_id"])


def _create_recall_lines() -> None:
    op.create_table(
        "recall_lines",
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("speaker_id", sa.BigInteger(), nullable=False),
        sa.Column("audience_kind", sa.Text(), nullable=False),
        sa.Column("audience_id", sa.BigInteger(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sitting", sa.BigInteger(), nullable=False),
        sa.Column("is_own", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("is_question", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("has_time", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("lexemes", postgresql.TSVECTOR(), nullable=False),
        sa.Column("vector", HALFVEC(), nullable=True),
        sa.Column("embedder_id", sa.SmallInteger(), nullable=True),
        sa.CheckConstraint(
            "audience_kind IN ('person', 'channel', 'guild')", name=op.f("ck_recall_lines_audience_kind_known")
        ),
        sa.CheckConstraint("(vector IS NULL) = (embedder_id IS NULL)", name=op.f("ck_recall_lines_vector_of_embedder")),
        sa.ForeignKeyConstraint(["embedder_id"], ["embedders.embedder_id"], name=op.f("fk_recall_lines_embedder_id")),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.message_id"], name=op.f("fk_recall_lines_message_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["people.user_id"], name=op.f("fk_recall_lines_owner_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("owner_id", "message_id", name=op.f("pk_recall_lines")),
    )
    op.create_index("ix_recall_lines_embedder_id_message_id", "recall_lines", ["embedder_id", "message_id"])
    op.create_index("ix_recall_lines_message_id", "recall_lines", ["message_id"])


def _create_self_note_sources() -> None:
    op.create_table(
        "self_note_sources",
        sa.Column("note_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.message_id"], name=op.f("fk_self_note_sources_message_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["note_id"], ["self_notes.note_id"], name=op.f("fk_self_note_sources_note_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("note_id", "message_id", name=op.f("pk_self_note_sources")),
    )
    op.create_index("ix_self_note_sources_message_id", "self_note_sources", ["message_id"])


def downgrade() -> None:
    for name in (
        "self_note_sources",
        "self_notes",
        "contexts",
        "summaries",
        "reflections",
        "memory_refusals",
        "memory_sources",
        "memories",
        "recall_lines",
        "embedders",
    ):
        op.drop_table(name)
    op.drop_index("ix_turns_undigested", "turns")
    for column in ("digested_at", "recalled_memories", "recalled_lines"):
        op.drop_column("turns", column)
    op.drop_column("people", "sensitive_since")
