"""Tables about the running of it: which processes there are, what failed, how far the gateway was heard."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, Identity, Index, Integer, SmallInteger, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from bot.adapters.postgres.tables import metadata, one_of, when

PROCESS_STATES = ("starting", "running", "draining")

processes = Table(
    "processes",
    metadata,
    Column("process_id", Text, primary_key=True),
    Column("role", Text, nullable=False),
    Column("host", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("version", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("facts", JSONB, nullable=False, server_default=text("'{}'")),
    when("started_at"),
    when("seen_at"),
    one_of("state", PROCESS_STATES, "state_known"),
)

failures = Table(
    "failures",
    metadata,
    Column("failure_id", BigInteger, Identity(), primary_key=True),
    Column("reference", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("said", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("process_id", Text, nullable=False),
    when("happened_at"),
    Index("ix_failures_happened_at", "happened_at"),
)

# every message event of the shard up to this moment is kept, so what came later is asked for after a lost session
gateway_marks = Table(
    "gateway_marks",
    metadata,
    Column("application_id", BigInteger, primary_key=True, autoincrement=False),
    Column("shard_id", Integer, primary_key=True, autoincrement=False),
    when("heard_until"),
    CheckConstraint("shard_id >= 0", name="shard_positive"),
)

# when a bucket of shards may identify next: Discord allows one in five seconds
identify_slots = Table(
    "identify_slots",
    metadata,
    Column("application_id", BigInteger, primary_key=True, autoincrement=False),
    Column("bucket", SmallInteger, primary_key=True, autoincrement=False),
    when("free_at"),
    CheckConstraint("bucket >= 0", name="bucket_positive"),
)
