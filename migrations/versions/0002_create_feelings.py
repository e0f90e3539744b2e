"""Create what she feels: souls, sentiments, their events, natures, histories, and the ledger of scheduled slots.

Revision: 0002
Follows: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "job_slots",
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("slot", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("job", "slot", name=op.f("pk_job_slots")),
    )
    op.create_table(
        "souls",
        sa.Column("soul_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("companion", sa.Text(), nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=True),
        sa.Column("tier", sa.Text(), nullable=False),
        sa.Column("home", sa.ARRAY(sa.Double()), nullable=False),
        sa.Column("ocean", sa.ARRAY(sa.Double()), nullable=False),
        sa.Column("emotions", sa.ARRAY(sa.Double()), nullable=False),
        sa.Column("mood", sa.ARRAY(sa.Double()), nullable=False),
        sa.Column("mood_area", sa.ARRAY(sa.Double()), nullable=False),
        sa.Column("day_h", sa.Double(), server_default=sa.text("0"), nullable=False),
        sa.Column("is_drift_frozen", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("preset", sa.Text(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("model_version", sa.SmallInteger(), nullable=False),
        sa.Column("born_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lived_until", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "cardinality(emotions) = CASE tier WHEN 'lite' THEN 8 ELSE 27 END", name=op.f("ck_souls_emotions_of_tier")
        ),
        sa.CheckConstraint("tier IN ('lite', 'rich')", name=op.f("ck_souls_tier_known")),
        sa.CheckConstraint("cardinality(home) = 5", name=op.f("ck_souls_home_length")),
        sa.CheckConstraint("cardinality(mood) = 3", name=op.f("ck_souls_mood_length")),
        sa.CheckConstraint("cardinality(mood_area) = 3", name=op.f("ck_souls_mood_area_length")),
        sa.CheckConstraint("cardinality(ocean) = 5", name=op.f("ck_souls_ocean_length")),
        sa.CheckConstraint("day_h >= 0", name=op.f("ck_souls_day_h_positive")),
        sa.PrimaryKeyConstraint("soul_id", name=op.f("pk_souls")),
        sa.UniqueConstraint(
            "companion", "guild_id", name=op.f("uq_souls_companion_guild_id"), postgresql_nulls_not_distinct=True
        ),
    )
    op.create_table(
        "mood_history",
        sa.Column("soul_id", sa.BigInteger(), nullable=False),
        sa.Column("slot", sa.DateTime(timezone=True), nullable=False),
        sa.Column("pleasure", sa.Double(), server_default=sa.text("0"), nullable=False),
        sa.Column("arousal", sa.Double(), server_default=sa.text("0"), nullable=False),
        sa.Column("dominance", sa.Double(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint("arousal BETWEEN -1 AND 1", name=op.f("ck_mood_history_arousal_range")),
        sa.CheckConstraint("dominance BETWEEN -1 AND 1", name=op.f("ck_mood_history_dominance_range")),
        sa.CheckConstraint("pleasure BETWEEN -1 AND 1", name=op.f("ck_mood_history_pleasure_range")),
        sa.ForeignKeyConstraint(
            ["soul_id"], ["souls.soul_id"], name=op.f("fk_mood_history_soul_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("soul_id", "slot", name=op.f("pk_mood_history")),
    )
    op.create_table(
        "natures",
        sa.Column("soul_id", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ocean", sa.ARRAY(sa.Double()), nullable=False),
        sa.Column("displacement", sa.ARRAY(sa.Double()), nullable=True),
        sa.CheckConstraint("cardinality(ocean) = 5", name=op.f("ck_natures_ocean_length")),
        sa.ForeignKeyConstraint(["soul_id"], ["souls.soul_id"], name=op.f("fk_natures_soul_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("soul_id", "since", name=op.f("pk_natures")),
    )
    op.create_table(
        "sentiments",
        sa.Column("soul_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("directed", sa.ARRAY(sa.Double()), nullable=False),
        sa.Column("trust", sa.Double(), server_default=sa.text("0"), nullable=False),
        sa.Column("trust_earned", sa.Double(), server_default=sa.text("0"), nullable=False),
        sa.Column("trust_gained", sa.Double(), server_default=sa.text("0"), nullable=False),
        sa.Column("trust_lost", sa.Double(), server_default=sa.text("0"), nullable=False),
        sa.Column("affection", sa.Double(), server_default=sa.text("0"), nullable=False),
        sa.Column("affection_earned", sa.Double(), server_default=sa.text("0"), nullable=False),
        sa.Column("affection_gained", sa.Double(), server_default=sa.text("0"), nullable=False),
        sa.Column("affection_lost", sa.Double(), server_default=sa.text("0"), nullable=False),
        sa.Column("respect", sa.Double(), server_default=sa.text("0"), nullable=False),
        sa.Column("respect_earned", sa.Double(), server_default=sa.text("0"), nullable=False),
        sa.Column("respect_gained", sa.Double(), server_default=sa.text("0"), nullable=False),
        sa.Column("respect_lost", sa.Double(), server_default=sa.text("0"), nullable=False),
        sa.Column("familiarity", sa.Double(), server_default=sa.text("0"), nullable=False),
        sa.Column("familiarity_earned", sa.Double(), server_default=sa.text("0"), nullable=False),
        sa.Column("familiarity_gained", sa.Double(), server_default=sa.text("0"), nullable=False),
        sa.Column("familiarity_lost", sa.Double(), server_default=sa.text("0"), nullable=False),
        sa.Column("tension", sa.Double(), server_default=sa.text("0"), nullable=False),
        sa.Column("need", sa.Double(), server_default=sa.text("0"), nullable=False),
        sa.Column("share_used", sa.Double(), server_default=sa.text("0"), nullable=False),
        sa.Column("kind_repetition", sa.Double(), server_default=sa.text("0"), nullable=False),
        sa.Column("hurt_repetition", sa.Double(), server_default=sa.text("0"), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("bond", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("is_hot", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("met_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lived_until", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "stage IN ('stranger', 'acquaintance', 'friend', 'close friend', 'confidant', 'strained', 'hostile')",
            name=op.f("ck_sentiments_stage_known"),
        ),
        sa.CheckConstraint("affection BETWEEN -1 AND 1", name=op.f("ck_sentiments_affection_range")),
        sa.CheckConstraint("affection_earned BETWEEN -1 AND 1", name=op.f("ck_sentiments_affection_earned_range")),
        sa.CheckConstraint("familiarity BETWEEN 0 AND 1", name=op.f("ck_sentiments_familiarity_range")),
        sa.CheckConstraint("familiarity_earned BETWEEN 0 AND 1", name=op.f("ck_sentiments_familiarity_earned_range")),
        sa.CheckConstraint("need BETWEEN 0 AND 1", name=op.f("ck_sentiments_need_range")),
        sa.CheckConstraint("respect BETWEEN -1 AND 1", name=op.f("ck_sentiments_respect_range")),
        sa.CheckConstraint("respect_earned BETWEEN -1 AND 1", name=op.f("ck_sentiments_respect_earned_range")),
        sa.CheckConstraint("tension BETWEEN 0 AND 1", name=op.f("ck_sentiments_tension_range")),
        sa.CheckConstraint("trust BETWEEN -1 AND 1", name=op.f("ck_sentiments_trust_range")),
        sa.CheckConstraint("trust_earned BETWEEN -1 AND 1", name=op.f("ck_sentiments_trust_earned_range")),
        sa.ForeignKeyConstraint(["soul_id"], ["souls.soul_id"], name=op.f("fk_sentiments_soul_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["people.user_id"], name=op.f("fk_sentiments_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("soul_id", "user_id", name=op.f("pk_sentiments")),
        postgresql_with={"fillfactor": "85"},
    )
    op.create_index(
        "ix_sentiments_hot", "sentiments", ["soul_id", "user_id"], unique=False, postgresql_where=sa.text("is_hot")
    )
    op.create_index(op.f("ix_sentiments_user_id"), "sentiments", ["user_id"], unique=False)
    op.create_table(
        "affect_events",
        sa.Column("event_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("soul_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("turn_id", sa.BigInteger(), nullable=True),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("detail", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("model_version", sa.SmallInteger(), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seq", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("(kind = 'burst') = (turn_id IS NOT NULL)", name=op.f("ck_affect_events_burst_has_turn")),
        sa.CheckConstraint(
            "kind IN ('birth', 'burst', 'inner', 'preset', 'bond', 'freeze', 'tier', 'reset')",
            name=op.f("ck_affect_events_kind_known"),
        ),
        sa.CheckConstraint("(applied_at IS NULL) = (seq IS NULL)", name=op.f("ck_affect_events_applied_in_order")),
        sa.ForeignKeyConstraint(
            ["soul_id"], ["souls.soul_id"], name=op.f("fk_affect_events_soul_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["turn_id"], ["turns.turn_id"], name=op.f("fk_affect_events_turn_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["people.user_id"], name=op.f("fk_affect_events_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_affect_events")),
        sa.UniqueConstraint("soul_id", "seq", name=op.f("uq_affect_events_soul_id_seq")),
        sa.UniqueConstraint("turn_id", name=op.f("uq_affect_events_turn_id")),
    )
    op.create_index(op.f("ix_affect_events_user_id"), "affect_events", ["user_id"], unique=False)
    op.create_index(
        "ix_affect_events_waiting",
        "affect_events",
        ["soul_id", "happened_at", "event_id"],
        unique=False,
        postgresql_where=sa.text("seq IS NULL"),
    )
    op.create_table(
        "sentiment_days",
        sa.Column("soul_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("trust", sa.Double(), server_default=sa.text("0"), nullable=False),
        sa.Column("affection", sa.Double(), server_default=sa.text("0"), nullable=False),
        sa.Column("respect", sa.Double(), server_default=sa.text("0"), nullable=False),
        sa.Column("familiarity", sa.Double(), server_default=sa.text("0"), nullable=False),
        sa.Column("tension", sa.Double(), server_default=sa.text("0"), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "stage IN ('stranger', 'acquaintance', 'friend', 'close friend', 'confidant', 'strained', 'hostile')",
            name=op.f("ck_sentiment_days_stage_known"),
        ),
        sa.ForeignKeyConstraint(
            ["soul_id", "user_id"],
            ["sentiments.soul_id", "sentiments.user_id"],
            name=op.f("fk_sentiment_days_soul_id_user_id"),
            onupdate="CASCADE",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("soul_id", "user_id", "day", name=op.f("pk_sentiment_days")),
    )
    op.create_index("ix_sentiment_days_user_id", "sentiment_days", ["user_id"], unique=False)
    op.add_column("appraisals", sa.Column("similarity", sa.Double(), server_default=sa.text("0"), nullable=False))
    op.add_column(
        "appraisals", sa.Column("stirred", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False)
    )
    op.create_check_constraint(op.f("ck_appraisals_similarity_range"), "appraisals", "similarity BETWEEN 0 AND 1")


def downgrade() -> None:
    op.drop_constraint(op.f("ck_appraisals_similarity_range"), "appraisals")
    op.drop_column("appraisals", "stirred")
    op.drop_column("appraisals", "similarity")
    op.drop_table("sentiment_days")
    op.drop_table("affect_events")
    op.drop_table("sentiments")
    op.drop_table("natures")
    op.drop_table("mood_history")
    op.drop_table("souls")
    op.drop_table("job_slots")
