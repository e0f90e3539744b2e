"""The tables of her manners: choices of personas, what she slipped into, what servers set, how her voice fared."""

from __future__ import annotations

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, Column, ForeignKey, SmallInteger, Table, Text, text

from bot.adapters.postgres.tables import in_range, metadata, one_of, when
from bot.domain.wardrobe import PRESSURE_MOST, Because


def _number(name: str) -> Column[int]:
    return Column(name, SmallInteger, nullable=False, server_default=text("0"))


def _count(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False, server_default=text("0"))


person_manners = Table(
    "person_manners",
    metadata,
    Column("user_id", ForeignKey("people.user_id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    # the persona they chose for direct conversation; none is her usual one
    Column("persona", Text, nullable=True),
    when("chosen_at", is_required=False),
    # when they said that they are of age, and the personas they opted into
    when("adult_at", is_required=False),
    Column("opted_into", ARRAY(Text), nullable=False, server_default=text("'{}'")),
)

channel_manners = Table(
    "channel_manners",
    metadata,
    Column("channel_id", ForeignKey("channels.channel_id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("slipped", Text, nullable=True),
    _number("pressure"),
    _number("calm"),
    Column("came_from", Text, nullable=True),
    Column("because", Text, nullable=True),
    _number("bridges"),
    when("changed_at"),
    one_of("because", Because, "because_known"),
    in_range("pressure", 0, PRESSURE_MOST),
    CheckConstraint("calm >= 0 AND bridges >= 0", name="counts_positive"),
)

guild_settings = Table(
    "guild_settings",
    metadata,
    Column("guild_id", BigInteger, primary_key=True, autoincrement=False),
    # what members are asked to keep to, in the words of who runs the server
    Column("house_rules", Text, nullable=True),
    Column("set_by", ForeignKey("people.user_id", ondelete="SET NULL"), nullable=True, index=True),
    when("set_at", is_required=False),
    # when the card that helps to set her up was sent, and which look of hers Discord was given
    when("greeted_at", is_required=False),
    Column("profile", Text, nullable=True),
)

voice_counts = Table(
    "voice_counts",
    metadata,
    Column("model", Text, primary_key=True),
    Column("persona", Text, primary_key=True),
    # answers with words; of them those that sounded like an assistant at first, and those that still did when sent
    _count("answers"),
    _count("flagged"),
    _count("sent_flagged"),
)
