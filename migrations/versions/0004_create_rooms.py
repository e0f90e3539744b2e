"""Create what life among people needs: policies, silences, decisions, and more of what is known of a message.

Every new column has a default or may be empty, so that the version before goes on working beside this one.

Revision: 0004
Follows: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

REACHES = "reach IN ('asked', 'called', 'joining', 'unsure')"
WIDENED = {
    "channels": ("is_own", "parent_id"),
    "people": ("met_at",),
    "messages": ("forwards", "mentions_all", "reply_to_user_id", "mentioned_names", "mentioned_ids", "quote", "reach"),
    "outbox": ("place_id",),
}
INDICES = {
    "ix_channels_parent_id": "channels",
    "ix_messages_channel_id_turn_id": "messages",
    "ix_messages_overheard": "messages",
    "ix_messages_passing": "messages",
    "ix_messages_quoting": "messages",
    "ix_messages_own": "messages",
    "ix_outbox_place_id": "outbox",
}


def upgrade() -> None:
    _widen_people_and_channels()
    _widen_messages()
    _widen_outbox()
    _create_wishes()
    _create_decisions()


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _jsonb(name: str, empty: str | None = None) -> sa.Column[object]:
    default = None if empty is None else sa.text(f"'{empty}'")
    return sa.Column(name, postgresql.JSONB(astext_type=sa.Text()), server_default=default, nullable=empty is None)


def _no(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), server_default=sa.text("false"), nullable=False)


def _widen_people_and_channels() -> None:
    op.add_column("people", _moment("met_at", nullable=True))
    # whoever wrote a line that is kept wrote it to her; and she knows herself
    op.execute(
        "UPDATE people SET met_at = first_seen_at WHERE EXISTS ("
        "SELECT FROM messages WHERE messages.author_id = people.user_id AND speaker IN ('person', 'self'))"
    )
    op.add_column("channels", sa.Column("parent_id", sa.BigInteger(), nullable=True))
    op.add_column("channels", _no("is_own"))
    op.create_index(
        "ix_channels_parent_id", "channels", ["parent_id"], postgresql_where=sa.text("parent_id IS NOT NULL")
    )


def _widen_messages() -> None:
    op.add_column("messages", sa.Column("reach", sa.Text(), server_default=sa.text("'asked'"), nullable=False))
    op.create_check_constraint(op.f("ck_messages_reach_known"), "messages", REACHES)
    op.add_column("messages", _jsonb("quote"))
    op.add_column(
        "messages",
        sa.Column("mentioned_ids", sa.ARRAY(sa.BigInteger()), server_default=sa.text("'{}'"), nullable=False),
    )
    op.add_column("messages", _jsonb("mentioned_names", "{}"))
    op.add_column("messages", sa.Column("reply_to_user_id", sa.BigInteger(), nullable=True))
    op.add_column("messages", _no("mentions_all"))
    op.add_column("messages", _jsonb("forwards", "[]"))
    for name, columns, where in (
        ("ix_messages_channel_id_turn_id", ["channel_id", "turn_id"], "turn_id IS NOT NULL"),
        ("ix_messages_overheard", ["channel_id", "message_id"], "state = 'context' AND turn_id IS NULL"),
        ("ix_messages_passing", ["sent_at"], "state IN ('context', 'declined', 'withdrawn')"),
        ("ix_messages_quoting", ["reply_to_id"], "quote IS NOT NULL"),
        ("ix_messages_own", ["message_id"], "speaker = 'self'"),
    ):
        op.create_index(name, "messages", columns, postgresql_where=sa.text(where))


def _widen_outbox() -> None:
    op.add_column("outbox", sa.Column("place_id", sa.BigInteger(), nullable=True))
    op.create_index("ix_outbox_place_id", "outbox", ["place_id"], postgresql_where=sa.text("place_id IS NOT NULL"))
    _know_kinds("'text', 'reaction', 'thread'")


def _know_kinds(kinds: str) -> None:
    op.drop_constraint(op.f("ck_outbox_kind_known"), "outbox")
    op.create_check_constraint(op.f("ck_outbox_kind_known"), "outbox", f"kind IN ({kinds})")


def _create_wishes() -> None:
    op.create_table(
        "channel_policies",
        sa.Column("channel_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("hearing", sa.Text(), nullable=False),
        sa.Column("chattiness", sa.SmallInteger(), nullable=False),
        sa.Column("quiet_begins", sa.SmallInteger(), nullable=True),
        sa.Column("quiet_ends", sa.SmallInteger(), nullable=True),
        sa.Column("quiet_zone", sa.Text(), nullable=True),
        sa.Column("persona", sa.Text(), nullable=True),
        sa.Column("set_by", sa.BigInteger(), nullable=False),
        _moment("set_at"),
        sa.CheckConstraint(
            "hearing IN ('listen', 'mention-only', 'ignore')", name=op.f("ck_channel_policies_hearing_known")
        ),
        sa.CheckConstraint("chattiness BETWEEN 0 AND 10", name=op.f("ck_channel_policies_chattiness_range")),
        sa.CheckConstraint("quiet_begins BETWEEN 0 AND 1439", name=op.f("ck_channel_policies_quiet_begins_range")),
        sa.CheckConstraint("quiet_ends BETWEEN 0 AND 1439", name=op.f("ck_channel_policies_quiet_ends_range")),
        sa.CheckConstraint(
            "num_nulls(quiet_begins, quiet_ends, quiet_zone) IN (0, 3)", name=op.f("ck_channel_policies_quiet_whole")
        ),
        sa.PrimaryKeyConstraint("channel_id", name=op.f("pk_channel_policies")),
    )
    op.create_table(
        "silences",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        _moment("since"),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_silences")),
    )


def _create_decisions() -> None:
    op.create_table(
        "decisions",
        sa.Column("message_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        _moment("decided_at"),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reach", sa.Text(), nullable=False),
        sa.Column("reasons", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("bar", sa.Double(), nullable=False),
        _jsonb("weights", "{}"),
        _jsonb("features", "{}"),
        _jsonb("policy", "{}"),
        sa.Column("is_hers", sa.Boolean(), nullable=True),
        _moment("considered_at", nullable=True),
        sa.CheckConstraint(
            "outcome IN ('answer', 'consider', 'listen', 'leave')", name=op.f("ck_decisions_outcome_known")
        ),
        sa.CheckConstraint(REACHES, name=op.f("ck_decisions_reach_known")),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channels.channel_id"], name=op.f("fk_decisions_channel_id_channels"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_decisions")),
    )
    op.create_index("ix_decisions_channel_id_message_id", "decisions", ["channel_id", "message_id"])
    op.create_index("ix_decisions_decided_at", "decisions", ["decided_at"])
    op.create_index(
        "ix_decisions_considered_at",
        "decisions",
        ["considered_at"],
        postgresql_where=sa.text("considered_at IS NOT NULL"),
    )


def downgrade() -> None:
    for name in ("decisions", "silences", "channel_policies"):
        op.drop_table(name)
    op.execute("DELETE FROM outbox WHERE kind = 'thread'")
    _know_kinds("'text', 'reaction'")
    for name, table in INDICES.items():
        op.drop_index(name, table)
    op.drop_constraint(op.f("ck_messages_reach_known"), "messages")
    for table, columns in WIDENED.items():
        for column in columns:
            op.drop_column(table, column)
