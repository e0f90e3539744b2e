"""The tables, as SQLAlchemy Core; ranges and states are held by CHECK constraints.

Rows are mapped to domain values by hand in the repositories; nothing of this leaves the adapter.
docs/data-map.md names each table that holds something of a person.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from bot.domain.affect.appraisal import SIGNED_FIELDS, UNSIGNED_FIELDS
from bot.domain.message import AudienceKind, ChangeKind, ChannelKind, Reach, Speaker
from bot.domain.turn import Intent, PartKind

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

MESSAGE_STATES = ("context", "pending", "claimed", "answered", "declined", "withdrawn")
TURN_STATES = ("drafting", "sending", "done", "released", "lost")
PART_STATES = ("ready", "sent", "refused")


def one_of(column: str, values: Iterable[str], name: str) -> CheckConstraint:
    """Hold *column* to a fixed set of words."""
    words = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({words})", name=name)


def when(name: str, *, is_required: bool = True) -> Column[datetime]:
    """Give a column for a moment, with its time zone."""
    return Column(name, DateTime(timezone=True), nullable=not is_required)


def in_range(name: str, low: int, high: int) -> CheckConstraint:
    """Hold a column to [*low*, *high*]; neither NaN nor infinity is in it."""
    return CheckConstraint(f"{name} BETWEEN {low} AND {high}", name=f"{name}_range")


people = Table(
    "people",
    metadata,
    Column("user_id", BigInteger, primary_key=True, autoincrement=False),
    Column("display_name", Text, nullable=False),
    Column("is_bot", Boolean, nullable=False, server_default=text("false")),
    Column("time_zone", Text, nullable=True),
    when("first_seen_at"),
    when("last_seen_at"),
    # when they first addressed her: nothing lasting is made of what others say
    when("met_at", is_required=False),
    # since when she may keep what is sensitive of them: health, sexuality
    when("sensitive_since", is_required=False),
    # the language Discord is set to for them, as of the last command they gave
    Column("locale", Text, nullable=True),
)

channels = Table(
    "channels",
    metadata,
    Column("channel_id", BigInteger, primary_key=True, autoincrement=False),
    Column("guild_id", BigInteger, nullable=True, index=True),
    Column("kind", Text, nullable=False),
    # of a thread: the channel it belongs to, and whether she opened it herself
    Column("parent_id", BigInteger, nullable=True),
    Column("is_own", Boolean, nullable=False, server_default=text("false")),
    # turns before this one are no longer in the prompt: compaction moves it in steps
    Column("context_from_turn", BigInteger, nullable=False, server_default=text("0")),
    # while the model is down: the channel waits until then; the count drives the back-off
    when("retry_at", is_required=False),
    Column("retry_count", Integer, nullable=False, server_default=text("0")),
    # how often in a row the model declined what waits here, or answered it unreadably
    Column("declined_count", Integer, nullable=False, server_default=text("0")),
    # the newest of the messages that it declined
    Column("declined_until", BigInteger, nullable=True),
    # messages under which the app showed that they wait
    # where one process hears and another answers: until when somebody is thought to be typing
    when("typing_until", is_required=False),
    Column("seen_ids", ARRAY(BigInteger), nullable=False, server_default=text("'{}'")),
    one_of("kind", ChannelKind, "kind_known"),
    CheckConstraint("(kind = 'dm') = (guild_id IS NULL)", name="guild_unless_dm"),
    CheckConstraint("retry_count >= 0", name="retry_count_positive"),
    Index("ix_channels_retry_at", "retry_at", postgresql_where=text("retry_at IS NOT NULL")),
    Index("ix_channels_parent_id", "parent_id", postgresql_where=text("parent_id IS NOT NULL")),
)

turns = Table(
    "turns",
    metadata,
    Column("turn_id", BigInteger, Identity(), primary_key=True),
    Column("channel_id", ForeignKey("channels.channel_id", ondelete="CASCADE"), nullable=False),
    Column("state", Text, nullable=False),
    Column("after_id", BigInteger, nullable=False),
    Column("intent", Text, nullable=True),
    Column("persona", Text, nullable=True),
    Column("expression", Text, nullable=True),
    Column("persona_wish", Text, nullable=True),
    Column("reasons", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column("tail", JSONB, nullable=False, server_default=text("'{}'")),
    Column("timings_ms", JSONB, nullable=False, server_default=text("'{}'")),
    when("started_at"),
    when("closed_at", is_required=False),
    # what its prompt had recalled, and when what it left was taken into memory
    Column("recalled_lines", ARRAY(BigInteger), nullable=False, server_default=text("'{}'")),
    Column("recalled_memories", ARRAY(BigInteger), nullable=False, server_default=text("'{}'")),
    when("digested_at", is_required=False),
    one_of("state", TURN_STATES, "state_known"),
    CheckConstraint("intent IN ({})".format(", ".join(f"'{intent}'" for intent in Intent)), name="intent_known"),
    CheckConstraint("(closed_at IS NULL) = (state IN ('drafting', 'sending'))", name="closed_when_over"),
    # the fence: a channel has at most one turn under way, so a taken-over turn cannot commit
    Index(
        "uq_turns_channel_id_under_way",
        "channel_id",
        unique=True,
        postgresql_where=text("state IN ('drafting', 'sending')"),
    ),
    Index("ix_turns_channel_id_turn_id", "channel_id", "turn_id"),
    Index("ix_turns_undigested", "turn_id", postgresql_where=text("digested_at IS NULL AND state = 'done'")),
)

messages = Table(
    "messages",
    metadata,
    Column("message_id", BigInteger, primary_key=True, autoincrement=False),
    Column("channel_id", ForeignKey("channels.channel_id", ondelete="CASCADE"), nullable=False),
    Column("author_id", ForeignKey("people.user_id", ondelete="CASCADE"), nullable=False, index=True),
    Column("speaker", Text, nullable=False),
    Column("author_name", Text, nullable=False),
    Column("content", Text, nullable=False),
    Column("attachments", JSONB, nullable=False, server_default=text("'[]'")),
    Column("reply_to_id", BigInteger, nullable=True),
    Column("audience_kind", Text, nullable=False),
    Column("audience_id", BigInteger, nullable=False),
    Column("reasons", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column("state", Text, nullable=False),
    Column("turn_id", ForeignKey("turns.turn_id", ondelete="SET NULL"), nullable=True, index=True),
    Column("wake_job_id", BigInteger, nullable=True),
    Column("reach", Text, nullable=False, server_default=text("'asked'")),
    # the line it replies to, as it was then; others' words, so not for long
    Column("quote", JSONB, nullable=True),
    Column("mentioned_ids", ARRAY(BigInteger), nullable=False, server_default=text("'{}'")),
    # how they were called then, by id
    Column("mentioned_names", JSONB, nullable=False, server_default=text("'{}'")),
    Column("reply_to_user_id", BigInteger, nullable=True),
    Column("mentions_all", Boolean, nullable=False, server_default=text("false")),
    Column("forwards", JSONB, nullable=False, server_default=text("'[]'")),
    when("sent_at"),
    when("heard_at"),
    when("edited_at", is_required=False),
    one_of("speaker", Speaker, "speaker_known"),
    one_of("state", MESSAGE_STATES, "state_known"),
    one_of("audience_kind", AudienceKind, "audience_kind_known"),
    one_of("reach", Reach, "reach_known"),
    CheckConstraint("state <> 'withdrawn' OR content = ''", name="withdrawn_is_empty"),
    Index("ix_messages_channel_id_message_id", "channel_id", "message_id"),
    # the talk of a channel since a turn: without it, a claim looks at everybody's lines since then
    Index("ix_messages_channel_id_turn_id", "channel_id", "turn_id", postgresql_where=text("turn_id IS NOT NULL")),
    Index("ix_messages_pending", "channel_id", "message_id", postgresql_where=text("state = 'pending'")),
    Index(
        "ix_messages_overheard",
        "channel_id",
        "message_id",
        postgresql_where=text("state = 'context' AND turn_id IS NULL"),
    ),
    # what may go when it is a day old
    Index("ix_messages_passing", "sent_at", postgresql_where=text("state IN ('context', 'declined', 'withdrawn')")),
    Index("ix_messages_quoting", "reply_to_id", postgresql_where=text("quote IS NOT NULL")),
    Index("ix_messages_own", "message_id", postgresql_where=text("speaker = 'self'")),
)

# A delete may overtake its message (the gateway promises no order): keep the word for it, for a while.
early_deletes = Table(
    "early_deletes",
    metadata,
    Column("message_id", BigInteger, primary_key=True, autoincrement=False),
    when("deleted_at"),
)

# An answered message that was edited or deleted: what was made of it has to follow. Worked off, then dropped.
message_changes = Table(
    "message_changes",
    metadata,
    Column("change_id", BigInteger, Identity(), primary_key=True),
    Column("message_id", ForeignKey("messages.message_id", ondelete="CASCADE"), nullable=False, index=True),
    Column("kind", Text, nullable=False),
    when("happened_at"),
    one_of("kind", ChangeKind, "kind_known"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("part_id", BigInteger, Identity(), primary_key=True),
    Column("turn_id", ForeignKey("turns.turn_id", ondelete="CASCADE"), nullable=False),
    Column("channel_id", ForeignKey("channels.channel_id", ondelete="CASCADE"), nullable=False),
    Column("part_no", SmallInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("content", Text, nullable=False),
    Column("reply_to_id", BigInteger, nullable=True),
    Column("after_id", BigInteger, nullable=False),
    Column("state", Text, nullable=False, server_default=text("'ready'")),
    Column("message_id", BigInteger, nullable=True),
    Column("refused_code", Integer, nullable=True),
    # a line that answers no message says itself who may see it; and whether it may notify whom it replies to
    Column("audience_kind", Text, nullable=True),
    Column("audience_id", BigInteger, nullable=True),
    Column("pings", Boolean, nullable=False, server_default=text("false")),
    # the thread it goes to, where that is not the turn's channel
    Column("place_id", BigInteger, nullable=True),
    when("created_at"),
    when("done_at", is_required=False),
    one_of("kind", PartKind, "kind_known"),
    one_of("state", PART_STATES, "state_known"),
    one_of("audience_kind", AudienceKind, "audience_kind_known"),
    CheckConstraint("(audience_kind IS NULL) = (audience_id IS NULL)", name="audience_whole"),
    CheckConstraint("part_no >= 0", name="part_no_positive"),
    CheckConstraint("(done_at IS NULL) = (state = 'ready')", name="done_when_over"),
    UniqueConstraint("turn_id", "part_no"),
    Index("ix_outbox_unsent", "channel_id", "part_id", postgresql_where=text("state = 'ready'")),
    Index("ix_outbox_place_id", "place_id", postgresql_where=text("place_id IS NOT NULL")),
)

appraisals = Table(
    "appraisals",
    metadata,
    Column("turn_id", ForeignKey("turns.turn_id", ondelete="CASCADE"), primary_key=True),
    Column("message_id", ForeignKey("messages.message_id", ondelete="CASCADE"), primary_key=True),
    Column("user_id", ForeignKey("people.user_id", ondelete="CASCADE"), nullable=False, index=True),
    *(Column(name, SmallInteger, nullable=False) for name in (*SIGNED_FIELDS, *UNSIGNED_FIELDS)),
    Column("confidence", Double, nullable=False),
    Column("malformed", Boolean, nullable=False),
    # how far it repeats what that person said before, and what it stirred in her, by emotion
    Column("similarity", Double, nullable=False, server_default=text("0")),
    Column("stirred", JSONB, nullable=False, server_default=text("'{}'")),
    *(in_range(name, -3, 3) for name in SIGNED_FIELDS),
    *(in_range(name, 0, 3) for name in UNSIGNED_FIELDS),
    in_range("confidence", 0, 1),
    in_range("similarity", 0, 1),
    Index("ix_appraisals_message_id", "message_id"),
)

model_calls = Table(
    "model_calls",
    metadata,
    Column("call_id", BigInteger, Identity(), primary_key=True),
    Column("turn_id", ForeignKey("turns.turn_id", ondelete="CASCADE"), nullable=True, index=True),
    Column("purpose", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("rung", Text, nullable=False),
    Column("prompt_hash", Text, nullable=False),
    Column("persona_version", Text, nullable=False),
    Column("attempts", SmallInteger, nullable=False),
    Column("duration_ms", Double, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("tokens_in", Integer, nullable=True),
    Column("tokens_out", Integer, nullable=True),
    Column("tokens_cached", Integer, nullable=True),
    when("called_at"),
)

model_rungs = Table(
    "model_rungs",
    metadata,
    Column("endpoint", Text, primary_key=True),
    Column("model", Text, primary_key=True),
    Column("rung", Text, nullable=False),
    Column("dropped", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    when("learned_at"),
)

gateway_holders = Table(
    "gateway_holders",
    metadata,
    Column("application_id", BigInteger, primary_key=True, autoincrement=False),
    Column("shard_id", Integer, primary_key=True, autoincrement=False),
    Column("shard_count", Integer, nullable=False),
    Column("holder", Text, nullable=False),
    when("since"),
    CheckConstraint("shard_id >= 0 AND shard_id < shard_count", name="shard_in_count"),
)
