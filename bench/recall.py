"""Recall among a million lines and a million memories of 5,000 people; writing one more; bytes of each."""

from __future__ import annotations

import random
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import asyncpg

from bench.report import Row, Spread
from bench.stage import BenchFailed
from bot.adapters.postgres.embedded import EmbeddedPostgres
from bot.adapters.postgres.engine import open_engine
from bot.adapters.postgres.line_index import INDEX_LINES, line_rows
from bot.adapters.postgres.migrate import migrate
from bot.adapters.postgres.pool import StatementPool
from bot.adapters.postgres.recall import PostgresRecall
from bot.adapters.postgres.recall_statements import TUNED_EMBEDDER
from bot.adapters.postgres.rows import json_text
from bot.domain.ids import ChannelId, MessageId, UserId
from bot.domain.message import Audience, AudienceKind, Channel, ChannelKind, Message, Person
from bot.domain.recalled import Place, RecallAsk, Vector
from bot.memory_ports import IndexedLine

PEOPLE, LINES = 5_000, 1_000_000
MEMORIES, QUICK_MEMORIES = 1_000_000, 100_000
TALKER, HER_LINES = 1, 100_000  # the one with so many
WORDS, LINE_WORDS = 8_000, 14
DIMENSIONS, POINTS = 384, 2_000  # points of which each row has one: what is measured does not depend on them
RUNS, QUICK_RUNS = 500, 100
P50_MS, P95_MS, WRITE_MS = 10.0, 25.0, 10.0
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SEED = 6

# $1 words $2 first id $3 last id $4 people $5 now: lines of all people by turns, as they come in; a few words are
# common, as in talk
_PICKED = " || ' ' || ".join(
    "($1::text[])[1 + floor(random() ^ 3 * array_length($1, 1))::int]" for _ in range(LINE_WORDS)
)
_MESSAGES = f"""
INSERT INTO messages (message_id, channel_id, author_id, speaker, author_name, content, audience_kind, audience_id,
    state, sent_at, heard_at)
SELECT n, owner, owner, 'person', 'p' || owner, {_PICKED}, 'person', owner, 'answered',
    $5::timestamptz - ($3 - n) * interval '30 s', $5
FROM generate_series($2::bigint, $3::bigint) n, LATERAL (SELECT 1 + n % $4::bigint AS owner) AS whose
"""
_INDEXED = """
INSERT INTO recall_lines (owner_id, message_id, channel_id, speaker_id, audience_kind, audience_id, said_at, sitting,
    is_question, has_time, lexemes, vector, embedder_id)
SELECT author_id, message_id, channel_id, author_id, 'person', author_id, sent_at, message_id - message_id % ($3 * 8),
    message_id % 7 = 0, message_id % 5 = 0, strip(to_tsvector('english', content)),
    point, $4
FROM messages JOIN points ON points.n = 1 + message_id % (SELECT count(*) FROM points)
WHERE message_id BETWEEN $1 AND $2
"""
_KNOWN = """
INSERT INTO memories (owner_id, kind, text, text_key, audience_kind, audience_id, state, origin, salience, confidence,
    said_at, created_at, lexemes, vector, embedder_id)
SELECT author_id, 'fact', content, message_id || content, 'person', author_id, 'current', 'talk', 1 + message_id % 10,
    0.7,
    sent_at, sent_at, strip(to_tsvector('english', content)), point, $2
FROM messages JOIN points ON points.n = 1 + message_id % (SELECT count(*) FROM points)
WHERE message_id <= $1
"""
_SIZE = (
    "SELECT pg_total_relation_size(oid)::float8 / greatest(1, reltuples) FROM pg_class WHERE oid = $1::text::regclass"
)


async def run(*, is_quick: bool) -> list[Row]:
    """Build the tables, then ask, with and without vectors, and write."""
    runs, memories = (QUICK_RUNS, QUICK_MEMORIES) if is_quick else (RUNS, MEMORIES)
    chance = random.Random(SEED)
    words = vocabulary(chance)
    async with open_database() as (connection, pool):
        points = [[chance.gauss(0, 1) for _ in range(DIMENSIONS)] for _ in range(POINTS)]
        await _build(connection, words, [unit_text(point) for point in points], memories)
        rows = [
            await _asked(pool, chance, words, points, runs, memories, is_talker=is_talker, with_vector=with_vector)
            for is_talker in (False, True)
            for with_vector in (True, False)
        ]
        rows.append(await _written(pool, chance, words, runs))
        rows += [await _bytes(connection, table) for table in ("recall_lines", "memories")]
    return rows


@asynccontextmanager
async def open_database() -> AsyncIterator[tuple[asyncpg.Connection, StatementPool]]:
    """Open a migrated database of its own, as durable as the bot's, and remove it afterwards."""
    with TemporaryDirectory(prefix="mira-bench-") as folder:
        async with await EmbeddedPostgres.start(Path(folder)) as server:
            engine = open_engine(server.address)
            try:
                await migrate(engine)
            finally:
                await engine.dispose()
            connection = await asyncpg.connect(**server.address.asyncpg_arguments())
            pool = await StatementPool.open(server.address, size=2)
            try:
                yield connection, pool
            finally:
                await pool.close()
                await connection.close()


def vocabulary(chance: random.Random) -> list[str]:
    """Make words up, none of which is a small word of English."""
    consonants, vowels = "bdfgklmnprstvz", "aeiou"
    made: dict[str, None] = {}
    while len(made) < WORDS:
        made["".join(chance.choice(consonants) + chance.choice(vowels) for _ in range(chance.randint(3, 4))) + "k"] = (
            None
        )
    return list(made)


def unit_text(point: Sequence[float]) -> str:
    """Write a point of unit length as Postgres reads it."""
    length = sum(one * one for one in point) ** 0.5
    return "[" + ",".join(f"{one / length:.4f}" for one in point) + "]"


async def _build(connection: asyncpg.Connection, words: Sequence[str], points: Sequence[str], memories: int) -> None:
    await connection.execute("SET session_replication_role = replica")  # millions of keys need no checking
    await connection.execute(
        "INSERT INTO people (user_id, display_name, first_seen_at, last_seen_at) "
        "SELECT n, 'p' || n, $1, $1 FROM generate_series(1, $2::bigint) n",
        NOW,
        PEOPLE,
    )
    await connection.execute(
        "INSERT INTO channels (channel_id, kind) SELECT n, 'dm' FROM generate_series(1, $1::bigint) n", PEOPLE
    )
    embedder = await connection.fetchval(
        "INSERT INTO embedders (name, dimension) VALUES ($1, $2) RETURNING embedder_id", TUNED_EMBEDDER, DIMENSIONS
    )
    await connection.execute(
        "CREATE TABLE points AS SELECT n, point::halfvec FROM unnest($1::text[]) WITH ORDINALITY AS t(point, n)",
        list(points),
    )
    for first, last, people in ((1, LINES, PEOPLE), (LINES + 1, LINES + HER_LINES, 1)):
        await connection.execute(_MESSAGES, words, first, last, people, NOW, timeout=600)
        await connection.execute(_INDEXED, first, last, people, embedder, timeout=600)
    await connection.execute(_KNOWN, memories, embedder, timeout=1200)
    await connection.execute("RESET session_replication_role")
    await connection.execute("VACUUM ANALYZE", timeout=1200)
    await connection.execute("CHECKPOINT")


async def _asked(
    pool: StatementPool,
    chance: random.Random,
    words: Sequence[str],
    points: Sequence[Sequence[float]],
    runs: int,
    memories: int,
    *,
    is_talker: bool,
    with_vector: bool,
) -> Row:
    recall, samples = PostgresRecall(pool), []
    for number in range(runs):
        person = UserId(TALKER if is_talker else chance.randint(2, PEOPLE))
        text = "when did I see the " + " ".join(words[int(chance.random() ** 2 * WORDS)] for _ in range(5))
        point = points[number % POINTS]
        length = sum(one * one for one in point) ** 0.5
        vector = Vector(TUNED_EMBEDDER, [one / length for one in point]) if with_vector else None
        ask = RecallAsk(text, (person,), Place(person), NOW, said_by=person, vector=vector)
        begun = time.perf_counter()
        found = await recall.recall(ask, lines_most=8, memories_most=8, is_bounded=False)
        samples.append((time.perf_counter() - begun) * 1000)
        if len(found.lines) != 8:
            raise BenchFailed(f"{len(found.lines)} lines were recalled")
    spread = Spread.of(samples)
    whose = f"one with {HER_LINES:,}" if is_talker else f"of {LINES // PEOPLE} lines each"
    is_met = None if is_talker else spread.p50 <= P50_MS and spread.p95 <= P95_MS
    return Row(
        figure=f"recall, {whose}, {'vectors' if with_vector else 'words alone'}",
        target="" if is_talker else f"50 % ≤ {P50_MS:.0f} ms, 95 % ≤ {P95_MS:.0f} ms",
        measured=f"{spread.p50:.1f} / {spread.p95:.1f} ms",
        is_met=is_met,
        runs=f"{runs} questions",
        how=f"{LINES + HER_LINES:,} lines and {memories:,} memories of {PEOPLE:,} people, another person each time",
        values={"p50_ms": spread.p50, "p95_ms": spread.p95, "first_ms": samples[0]},
    )


async def _written(pool: StatementPool, chance: random.Random, words: Sequence[str], runs: int) -> Row:
    """Put one line more into the index, as the digest does; that the line itself is kept is not counted."""
    samples = []
    for number in range(runs):
        message_id = LINES + HER_LINES + 1 + number
        person = chance.randint(1, PEOPLE)
        text = " ".join(chance.choices(words, k=LINE_WORDS))
        await pool.run(
            "INSERT INTO messages (message_id, channel_id, author_id, speaker, author_name, content, audience_kind, "
            "audience_id, state, sent_at, heard_at) "
            "VALUES ($1, $2, $2, 'person', 'p', $3, 'person', $2, 'answered', $4, $4)",
            message_id,
            person,
            text,
            NOW,
        )
        author, channel = Person(UserId(person), "p"), Channel(ChannelId(person), ChannelKind.DM)
        message = Message(MessageId(message_id), channel, author, text, NOW + timedelta(seconds=number))
        line = IndexedLine(message, UserId(person), Audience(AudienceKind.PERSON, person))
        begun = time.perf_counter()
        await pool.run(INDEX_LINES, json_text(line_rows([line], ["Mira"])))
        samples.append((time.perf_counter() - begun) * 1000)
    spread = Spread.of(samples)
    return Row(
        figure="put a line into the index",
        target=f"≤ {WRITE_MS:.0f} ms",
        measured=f"{spread.p50:.1f} / {spread.p95:.1f} ms",
        is_met=spread.p95 <= WRITE_MS,
        runs=f"{runs} lines",
        how="one statement, durable, with the words worked out",
        values={"p50_ms": spread.p50, "p95_ms": spread.p95},
    )


async def _bytes(connection: asyncpg.Connection, table: str) -> Row:
    size: float = await connection.fetchval(_SIZE, table)
    bare: float = await connection.fetchval(f"SELECT avg(pg_column_size(vector))::float8 FROM {table}")
    return Row(
        figure=f"bytes of a row of {table}",
        measured=f"{size:.0f}",
        runs="",
        how=f"table and indices; {bare:.0f} of them are its vector of {DIMENSIONS} dimensions as halfvec",
        values={"bytes": size, "vector_bytes": bare},
    )
