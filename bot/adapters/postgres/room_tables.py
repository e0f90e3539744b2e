"""Tables of life among people: what admins allow where, who wants not to be heard, what was decided of each line."""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from bot.adapters.postgres.tables import in_range, metadata, one_of, when
from bot.domain.attention import Outcome
from bot.domain.message import Reach
from bot.domain.room_policy import CHATTINESS_MOST, MINUTES_A_DAY, Hearing

# A thread without a row has its parent's. The channel need not be known: nothing may have been said in it yet.
channel_policies = Table(
    "channel_policies",
    metadata,
    Column("channel_id", BigInteger, primary_key=True, autoincrement=False),
    Column("guild_id", BigInteger, nullable=False),
    Column("hearing", Text, nullable=False),
    Column("chattiness", SmallInteger, nullable=False),
    # minutes after midnight by the clock of the zone
    Column("quiet_begins", SmallInteger, nullable=True),
    Column("quiet_ends", SmallInteger, nullable=True),
    Column("quiet_zone", Text, nullable=True),
    Column("persona", Text, nullable=True),
    Column("set_by", BigInteger, nullable=False),
    when("set_at"),
    one_of("hearing", Hearing, "hearing_known"),
    in_range("chattiness", 0, CHATTINESS_MOST),
    in_range("quiet_begins", 0, MINUTES_A_DAY - 1),
    in_range("quiet_ends", 0, MINUTES_A_DAY - 1),
    CheckConstraint("num_nulls(quiet_begins, quiet_ends, quiet_zone) IN (0, 3)", name="quiet_whole"),
)

# Who wants not to be heard. The person need not be known, and their wish outlives whatever is known of them.
silences = Table(
    "silences",
    metadata,
    Column("user_id", BigInteger, primary_key=True, autoincrement=False),
    when("since"),
)

# What was decided of a line and all it took, without its text; it outlives the line itself
decisions = Table(
    "decisions",
    metadata,
    Column("message_id", BigInteger, primary_key=True, autoincrement=False),
    Column("channel_id", ForeignKey("channels.channel_id", ondelete="CASCADE"), nullable=False),
    when("decided_at"),
    Column("version", Integer, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("reach", Text, nullable=False),
    Column("reasons", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column("score", Double, nullable=False),
    Column("bar", Double, nullable=False),
    Column("weights", JSONB, nullable=False, server_default=text("'{}'")),
    Column("features", JSONB, nullable=False, server_default=text("'{}'")),
    Column("policy", JSONB, nullable=False, server_default=text("'{}'")),
    # what the cheap call said, and when
    Column("is_hers", Boolean, nullable=True),
    when("considered_at", is_required=False),
    one_of("outcome", Outcome, "outcome_known"),
    one_of("reach", Reach, "reach_known"),
    Index("ix_decisions_channel_id_message_id", "channel_id", "message_id"),
    Index("ix_decisions_decided_at", "decided_at"),
    Index("ix_decisions_considered_at", "considered_at", postgresql_where=text("considered_at IS NOT NULL")),
)
