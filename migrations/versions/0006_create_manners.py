"""Create what her manners are kept in: choices, slips, servers' settings, counts of her voice; and people's languages.

Every new column has a default or may be empty, so that the version before goes on working beside this one.

Revision: 0006
Follows: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("people", sa.Column("locale", sa.Text(), nullable=True))
    _create_person_manners()
    _create_channel_manners()
    _create_guild_settings()
    _create_voice_counts()


def _create_person_manners() -> None:
    op.create_table(
        "person_manners",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("persona", sa.Text(), nullable=True),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("adult_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opted_into", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["people.user_id"], name=op.f("fk_person_manners_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_person_manners")),
    )


def _create_channel_manners() -> None:
    op.create_table(
        "channel_manners",
        sa.Column("channel_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("slipped", sa.Text(), nullable=True),
        sa.Column("pressure", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("calm", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("came_from", sa.Text(), nullable=True),
        sa.Column("because", sa.Text(), nullable=True),
        sa.Column("bridges", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "because IN ('chosen', 'shelter', 'heavy', 'calm')", name=op.f("ck_channel_manners_because_known")
        ),
        sa.CheckConstraint("calm >= 0 AND bridges >= 0", name=op.f("ck_channel_manners_counts_positive")),
        sa.CheckConstraint("pressure BETWEEN 0 AND 4", name=op.f("ck_channel_manners_pressure_range")),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channels.channel_id"], name=op.f("fk_channel_manners_channel_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("channel_id", name=op.f("pk_channel_manners")),
    )


def _create_guild_settings() -> None:
    op.create_table(
        "guild_settings",
        sa.Column("guild_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("house_rules", sa.Text(), nullable=True),
        sa.Column("set_by", sa.BigInteger(), nullable=True),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("greeted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("profile", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["set_by"], ["people.user_id"], name=op.f("fk_guild_settings_set_by"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("guild_id", name=op.f("pk_guild_settings")),
    )
    op.create_index(op.f("ix_guild_settings_set_by"), "guild_settings", ["set_by"])


def _create_voice_counts() -> None:
    op.create_table(
        "voice_counts",
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("persona", sa.Text(), nullable=False),
        sa.Column("answers", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("flagged", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("sent_flagged", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("model", "persona", name=op.f("pk_voice_counts")),
    )


def downgrade() -> None:
    for name in ("voice_counts", "guild_settings", "channel_manners", "person_manners"):
        op.drop_table(name)
    op.drop_column("people", "locale")
