"""The tables of what she feels: souls, sentiments, the events they follow from, and what charts are drawn from.

`affect_events` is append-only and is the truth; `souls` and `sentiments` are snapshots that follow from it.
"""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from bot.adapters.postgres.tables import in_range, metadata, one_of, when
from bot.domain.affect.relationship import Stage
from bot.domain.feeling import EventKind

FACTORS = 5  # openness to neuroticism
AXES = 3  # pleasure, arousal, dominance
SIGNED_SENTIMENTS = ("trust", "affection", "respect")
SENTIMENTS = (*SIGNED_SENTIMENTS, "familiarity")
LEVELS = ("tension", "need")
AMOUNTS = ("share_used", "kind_repetition", "hurt_repetition")  # 0 or more, without an upper end


def _numbers(name: str) -> Column[list[float]]:
    return Column(name, ARRAY(Double), nullable=False)


def _length(column: str, count: int) -> CheckConstraint:
    return CheckConstraint(f"cardinality({column}) = {count}", name=f"{column}_length")


def _number(name: str) -> Column[float]:
    return Column(name, Double, nullable=False, server_default=text("0"))


souls = Table(
    "souls",
    metadata,
    Column("soul_id", BigInteger, Identity(), primary_key=True),
    Column("companion", Text, nullable=False),
    Column("guild_id", BigInteger, nullable=True),
    Column("tier", Text, nullable=False),
    _numbers("home"),
    _numbers("ocean"),
    _numbers("emotions"),
    _numbers("mood"),
    _numbers("mood_area"),
    _number("day_h"),
    Column("is_drift_frozen", Boolean, nullable=False, server_default=text("false")),
    Column("preset", Text, nullable=True),
    Column("version", BigInteger, nullable=False, server_default=text("0")),
    Column("model_version", SmallInteger, nullable=False),
    when("born_at"),
    when("lived_until"),
    one_of("tier", ("lite", "rich"), "tier_known"),
    _length("home", FACTORS),
    _length("ocean", FACTORS),
    _length("mood", AXES),
    _length("mood_area", AXES),
    CheckConstraint("cardinality(emotions) = CASE tier WHEN 'lite' THEN 8 ELSE 27 END", name="emotions_of_tier"),
    CheckConstraint("day_h >= 0", name="day_h_positive"),
    UniqueConstraint("companion", "guild_id", postgresql_nulls_not_distinct=True),
)

sentiments = Table(
    "sentiments",
    metadata,
    Column("soul_id", ForeignKey("souls.soul_id", ondelete="CASCADE"), primary_key=True),
    Column("user_id", ForeignKey("people.user_id", ondelete="CASCADE"), primary_key=True, index=True),
    _numbers("directed"),
    *(_number(name + part) for name in SENTIMENTS for part in ("", "_earned", "_gained", "_lost")),
    *(_number(name) for name in (*LEVELS, *AMOUNTS)),
    Column("stage", Text, nullable=False),
    Column("bond", Text, nullable=False, server_default=text("''")),
    Column("is_hot", Boolean, nullable=False, server_default=text("true")),
    when("met_at"),
    when("lived_until"),
    one_of("stage", Stage, "stage_known"),
    *(in_range(name + part, -1, 1) for name in SIGNED_SENTIMENTS for part in ("", "_earned")),
    *(in_range("familiarity" + part, 0, 1) for part in ("", "_earned")),
    *(in_range(name, 0, 1) for name in LEVELS),
    # strong feelings fade within hours: only rows that still move are worth materialising
    Index("ix_sentiments_hot", "soul_id", "user_id", postgresql_where=text("is_hot")),
    # room in each page for the row as it will be: a tick then writes no index
    postgresql_with={"fillfactor": "85"},
)

affect_events = Table(
    "affect_events",
    metadata,
    Column("event_id", BigInteger, Identity(), primary_key=True),
    Column("soul_id", ForeignKey("souls.soul_id", ondelete="CASCADE"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("turn_id", ForeignKey("turns.turn_id", ondelete="CASCADE"), nullable=True, unique=True),
    Column("user_id", ForeignKey("people.user_id", ondelete="CASCADE"), nullable=True, index=True),
    Column("detail", JSONB, nullable=False, server_default=text("'{}'")),
    Column("model_version", SmallInteger, nullable=False),
    when("happened_at"),
    # the moment it took effect: later than it happened if time had gone on without it
    when("applied_at", is_required=False),
    Column("seq", BigInteger, nullable=True),
    one_of("kind", EventKind, "kind_known"),
    CheckConstraint("(applied_at IS NULL) = (seq IS NULL)", name="applied_in_order"),
    CheckConstraint("(kind = 'burst') = (turn_id IS NOT NULL)", name="burst_has_turn"),
    UniqueConstraint("soul_id", "seq"),
    Index("ix_affect_events_waiting", "soul_id", "happened_at", "event_id", postgresql_where=text("seq IS NULL")),
)

# Personality is constant between two rows: each midnight's drift is one, and whatever an admin set.
natures = Table(
    "natures",
    metadata,
    Column("soul_id", ForeignKey("souls.soul_id", ondelete="CASCADE"), primary_key=True),
    Column("since", DateTime(timezone=True), primary_key=True),
    _numbers("ocean"),
    Column("displacement", ARRAY(Double), nullable=True),
    _length("ocean", FACTORS),
)

mood_history = Table(
    "mood_history",
    metadata,
    Column("soul_id", ForeignKey("souls.soul_id", ondelete="CASCADE"), primary_key=True),
    Column("slot", DateTime(timezone=True), primary_key=True),
    *(_number(name) for name in ("pleasure", "arousal", "dominance")),
    *(in_range(name, -1, 1) for name in ("pleasure", "arousal", "dominance")),
)

# One row for each day on which somebody was heard: how things stood at its end.
sentiment_days = Table(
    "sentiment_days",
    metadata,
    Column("soul_id", BigInteger, primary_key=True),
    Column("user_id", BigInteger, primary_key=True),
    Column("day", Date, primary_key=True),
    *(_number(name) for name in (*SENTIMENTS, "tension")),
    Column("stage", Text, nullable=False),
    ForeignKeyConstraint(
        ["soul_id", "user_id"], ["sentiments.soul_id", "sentiments.user_id"], ondelete="CASCADE", onupdate="CASCADE"
    ),
    one_of("stage", Stage, "stage_known"),
    Index("ix_sentiment_days_user_id", "user_id"),
)

# Which scheduled slots were taken, so that each runs once across processes.
job_slots = Table(
    "job_slots",
    metadata,
    Column("job", Text, primary_key=True),
    Column("slot", DateTime(timezone=True), primary_key=True),
    when("taken_at"),
)
