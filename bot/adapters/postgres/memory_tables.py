"""The tables of what she remembers: the index of lines, memories, summaries, the context chain, notes of herself.

`recall_lines` holds no text: it is found there and read from `messages`. A vector is kept with the number of the model
that made it; without one, a row is found by its words.
"""

from __future__ import annotations

from pgvector.sqlalchemy import HALFVEC
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR

from bot.adapters.postgres.tables import in_range, metadata, one_of, when
from bot.domain.memory import MemoryKind, MemoryState, NoteKind, Origin, Refusal
from bot.domain.message import AudienceKind


def _audience() -> tuple[Column[str], Column[int]]:
    return Column("audience_kind", Text, nullable=False), Column("audience_id", BigInteger, nullable=False)


def _flag(name: str) -> Column[bool]:
    return Column(name, Boolean, nullable=False, server_default=text("false"))


embedders = Table(
    "embedders",
    metadata,
    Column("embedder_id", SmallInteger, Identity(), primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("dimension", SmallInteger, nullable=False),
    CheckConstraint("dimension > 0", name="dimension_positive"),
)

recall_lines = Table(
    "recall_lines",
    metadata,
    # whose it is: of a person's line its author, of hers the person she answered
    Column("owner_id", ForeignKey("people.user_id", ondelete="CASCADE"), primary_key=True),
    Column("message_id", ForeignKey("messages.message_id", ondelete="CASCADE"), primary_key=True),
    Column("channel_id", BigInteger, nullable=False),
    Column("speaker_id", BigInteger, nullable=False),
    *_audience(),
    when("said_at"),
    # the first line of the sitting it belongs to: half an hour without a line begins a new one
    Column("sitting", BigInteger, nullable=False),
    _flag("is_own"),
    _flag("is_question"),
    _flag("has_time"),
    Column("lexemes", TSVECTOR, nullable=False),
    Column("vector", HALFVEC(), nullable=True),
    Column("embedder_id", ForeignKey("embedders.embedder_id"), nullable=True),
    one_of("audience_kind", AudienceKind, "audience_kind_known"),
    CheckConstraint("(vector IS NULL) = (embedder_id IS NULL)", name="vector_of_embedder"),
    Index("ix_recall_lines_message_id", "message_id"),
    # what an embedder has still to see, newest first
    Index("ix_recall_lines_embedder_id_message_id", "embedder_id", "message_id"),
)

memories = Table(
    "memories",
    metadata,
    Column("memory_id", BigInteger, Identity(), primary_key=True),
    Column("owner_id", ForeignKey("people.user_id", ondelete="CASCADE"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("text", Text, nullable=False),
    # what makes two texts one: its words in lower case, without marks
    Column("text_key", Text, nullable=False),
    *_audience(),
    Column("state", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("about_id", BigInteger, nullable=True),
    Column("salience", SmallInteger, nullable=False),
    Column("confidence", Double, nullable=False),
    Column("tags", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column("mood", ARRAY(Double), nullable=True),
    when("said_at"),
    when("created_at"),
    when("valid_from", is_required=False),
    when("valid_to", is_required=False),
    when("due_at", is_required=False),
    when("done_at", is_required=False),
    Column("milestones", JSONB, nullable=False, server_default=text("'[]'")),
    _flag("is_pinned"),
    _flag("is_edited"),
    Column("seen_count", Integer, nullable=False, server_default=text("1")),
    Column("used_count", Integer, nullable=False, server_default=text("0")),
    when("used_at", is_required=False),
    # when reflection looked at a candidate last; None if it has to be looked at
    when("reflected_at", is_required=False),
    Column("superseded_by", ForeignKey("memories.memory_id", ondelete="SET NULL"), nullable=True, index=True),
    Column("lexemes", TSVECTOR, nullable=False),
    Column("vector", HALFVEC(), nullable=True),
    Column("embedder_id", ForeignKey("embedders.embedder_id"), nullable=True),
    one_of("kind", MemoryKind, "kind_known"),
    one_of("state", MemoryState, "state_known"),
    one_of("origin", Origin, "origin_known"),
    one_of("audience_kind", AudienceKind, "audience_kind_known"),
    in_range("salience", 1, 10),
    in_range("confidence", 0, 1),
    CheckConstraint("cardinality(mood) = 3", name="mood_length"),
    CheckConstraint("(vector IS NULL) = (embedder_id IS NULL)", name="vector_of_embedder"),
    # the same words are one memory
    Index(
        "uq_memories_text_key",
        "owner_id",
        "audience_kind",
        "audience_id",
        "kind",
        text("md5(text_key)"),
        unique=True,
        postgresql_where=text("state IN ('candidate', 'current')"),
    ),
    Index("ix_memories_owner_id_state", "owner_id", "state", "memory_id"),
    Index(
        "ix_memories_unreflected",
        "owner_id",
        "audience_kind",
        "audience_id",
        "created_at",
        postgresql_where=text("state = 'candidate' AND reflected_at IS NULL"),
    ),
    Index("ix_memories_embedder_id_memory_id", "embedder_id", "memory_id"),
)

memory_sources = Table(
    "memory_sources",
    metadata,
    Column("memory_id", ForeignKey("memories.memory_id", ondelete="CASCADE"), primary_key=True),
    Column("message_id", ForeignKey("messages.message_id", ondelete="CASCADE"), primary_key=True),
    Index("ix_memory_sources_message_id", "message_id"),
)

# What is being thought over, or waits for it: one row for each person and audience with something to look at.
reflections = Table(
    "reflections",
    metadata,
    Column("owner_id", ForeignKey("people.user_id", ondelete="CASCADE"), primary_key=True),
    Column("audience_kind", Text, primary_key=True),
    Column("audience_id", BigInteger, primary_key=True, autoincrement=False),
    when("waits_since"),
    # not before: it is in hand, or the model was not there
    when("due_at"),
    # edited lines to be read again
    Column("reread_ids", ARRAY(BigInteger), nullable=False, server_default=text("'{}'")),
    one_of("audience_kind", AudienceKind, "audience_kind_known"),
    Index("ix_reflections_due_at", "due_at"),
)

memory_refusals = Table(
    "memory_refusals",
    metadata,
    Column("owner_id", ForeignKey("people.user_id", ondelete="CASCADE"), primary_key=True),
    Column("reason", Text, primary_key=True),
    Column("count", Integer, nullable=False),
    when("last_at"),
    one_of("reason", Refusal, "reason_known"),
    CheckConstraint("count > 0", name="count_positive"),
)

summaries = Table(
    "summaries",
    metadata,
    Column("summary_id", BigInteger, Identity(), primary_key=True),
    Column("channel_id", ForeignKey("channels.channel_id", ondelete="CASCADE"), nullable=False),
    Column("person_id", ForeignKey("people.user_id", ondelete="CASCADE"), nullable=True, index=True),
    Column("level", SmallInteger, nullable=False),
    *_audience(),
    Column("text", Text, nullable=False),
    # where the talk stood at its end
    Column("note", Text, nullable=False, server_default=text("''")),
    Column("from_turn", BigInteger, nullable=False),
    Column("to_turn", BigInteger, nullable=False),
    when("said_from"),
    when("said_to"),
    when("created_at"),
    # a summary of a higher level stands in its place
    _flag("is_condensed"),
    one_of("audience_kind", AudienceKind, "audience_kind_known"),
    CheckConstraint("level >= 0", name="level_positive"),
    CheckConstraint("from_turn <= to_turn", name="turns_in_order"),
    Index("ix_summaries_channel_id_to_turn", "channel_id", "to_turn"),
    Index("ix_summaries_standing", "channel_id", "to_turn", postgresql_where=text("NOT is_condensed")),
)

# How a channel's talk fits its prompts; the handoff is kept as ids, so that what was forgotten is not in it.
contexts = Table(
    "contexts",
    metadata,
    Column("channel_id", ForeignKey("channels.channel_id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("turns_since", Integer, nullable=False, server_default=text("0")),
    Column("low_cache_turns", Integer, nullable=False, server_default=text("0")),
    Column("prompt_tokens", Integer, nullable=False, server_default=text("0")),
    # the turn before which the history was cut and whose handoff was not shown yet; None if none is due
    Column("handoff_before", BigInteger, nullable=True),
    # talk waits to be summarised; not before then: it is in hand, or the model was not there
    when("summary_due_at", is_required=False),
    Index("ix_contexts_summary_due_at", "summary_due_at", postgresql_where=text("summary_due_at IS NOT NULL")),
)

self_notes = Table(
    "self_notes",
    metadata,
    Column("note_id", BigInteger, Identity(), primary_key=True),
    Column("companion", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("text", Text, nullable=False),
    # None: it names nothing that anybody said
    Column("audience_kind", Text, nullable=True),
    Column("audience_id", BigInteger, nullable=True),
    Column("confidence", Double, nullable=False),
    when("created_at"),
    when("revised_at"),
    one_of("kind", NoteKind, "kind_known"),
    one_of("audience_kind", AudienceKind, "audience_kind_known"),
    in_range("confidence", 0, 1),
    CheckConstraint("(audience_kind IS NULL) = (audience_id IS NULL)", name="audience_whole"),
    Index("ix_self_notes_audience", "companion", "audience_kind", "audience_id"),
)

self_note_sources = Table(
    "self_note_sources",
    metadata,
    Column("note_id", ForeignKey("self_notes.note_id", ondelete="CASCADE"), primary_key=True),
    Column("message_id", ForeignKey("messages.message_id", ondelete="CASCADE"), primary_key=True),
    Index("ix_self_note_sources_message_id", "message_id"),
)
