"""The table of timers: what she said she would do at a time."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Identity, Index, Table, Text, text

from bot.adapters.postgres.tables import metadata, one_of, when
from bot.domain.message import AudienceKind
from bot.domain.timer import TimerKind

TIMER_STATES = ("waiting", "fired", "cancelled")

timers = Table(
    "timers",
    metadata,
    Column("timer_id", BigInteger, Identity(), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("channel_id", ForeignKey("channels.channel_id", ondelete="CASCADE"), nullable=False, index=True),
    Column("user_id", ForeignKey("people.user_id", ondelete="CASCADE"), nullable=False),
    when("due_at"),
    # what will be said then; empty where an answer was put off and is made up when it is due
    Column("text", Text, nullable=False, server_default=text("''")),
    Column("state", Text, nullable=False, server_default=text("'waiting'")),
    # the message that asked for it, as Discord names it: it may be gone from what is kept
    Column("source_id", BigInteger, nullable=True),
    Column("turn_id", ForeignKey("turns.turn_id", ondelete="SET NULL"), nullable=True, index=True),
    Column("audience_kind", Text, nullable=False),
    Column("audience_id", BigInteger, nullable=False),
    when("created_at"),
    when("over_at", is_required=False),
    one_of("kind", TimerKind, "kind_known"),
    one_of("state", TIMER_STATES, "state_known"),
    one_of("audience_kind", AudienceKind, "audience_kind_known"),
    CheckConstraint("(over_at IS NULL) = (state = 'waiting')", name="over_when_done"),
    Index("ix_timers_due_at", "due_at", postgresql_where=text("state = 'waiting'")),
    Index("ix_timers_user_id_due_at", "user_id", "due_at"),
)
