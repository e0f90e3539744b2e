"""Decay in SQL: reading all sentiments of one soul at a moment, and bringing the hot rows of a large one up to it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import asyncpg

from bench.report import Row, Spread
from bench.stage import BenchFailed
from bot.adapters.postgres.embedded import EmbeddedPostgres
from bot.adapters.postgres.engine import open_engine
from bot.adapters.postgres.feeling_sql import MATERIALISE, SENTIMENTS_NOW, segments_of
from bot.adapters.postgres.migrate import migrate
from bot.domain.affect.emotions import NAMES, Tier
from bot.domain.affect.personality import Ocean
from bot.domain.affect.timeline import Nature

TIER: Tier = "rich"  # the larger rows
READ_SOUL, READ_ROWS = 1, 100_000
HOT_SOUL, ALL_ROWS, HOT_EACH = 2, 1_000_000, 100  # every hundredth row is hot: spread as far as can be
LIMIT_S = 0.3
RUNS, QUICK_RUNS = 21, 5
TICK = timedelta(seconds=240)  # the decay job's interval, as it is by default
PAUSE_S = 0.3  # ticks are minutes apart: what the server tidies up after one is not the next one's
START = datetime(2026, 3, 1, 12, tzinfo=UTC)
NATURE_DAYS = 40  # a midnight's drift each; the oldest row is younger
OLDEST = timedelta(days=30)

# $1 is a moment throughout; of hot rows every other emotion moves
SOULS = """
INSERT INTO souls (soul_id, companion, tier, home, ocean, emotions, mood, mood_area, model_version, born_at,
    lived_until)
SELECT n, 'mira' || n, $2, zeros[:5], zeros[:5], zeros, zeros[:3], zeros[:3], 1, $1, $1
FROM generate_series(1, 2) n, (SELECT array_fill(0::float8, ARRAY[$3::int]) AS zeros) AS z
"""
PEOPLE = """
INSERT INTO people (user_id, display_name, first_seen_at, last_seen_at)
SELECT n, 'p' || n, $1, $1 FROM generate_series(1, $2::bigint) n
"""
SENTIMENTS = """
INSERT INTO sentiments (soul_id, user_id, directed, trust, trust_earned, trust_gained, affection, affection_earned,
    affection_gained, respect, respect_earned, familiarity, familiarity_earned, familiarity_gained,
    tension, need, share_used, kind_repetition, stage, is_hot, met_at, lived_until)
SELECT $2, n, CASE WHEN is_hot THEN stirred ELSE calm END, part - 0.5, part / 2, 0.06 * part, 0.5 - part, part / 3,
    0.1 * part, part, part / 4, part, part / 2, 0.05 * part, part, part, part, 3 * part, 'friend', is_hot,
    $1, $1::timestamptz - CASE WHEN is_hot THEN interval '0' ELSE part * $3::interval END
FROM generate_series(1, $4::bigint) n, LATERAL (SELECT n % $5 = 0 AS is_hot, n % 997 / 997.0::float8 AS part) AS of_row,
    (SELECT array_agg((i % 2) * 0.9) AS stirred, array_agg(0::float8) AS calm FROM generate_series(1, $6::int) i) AS d
"""


async def run(*, is_quick: bool) -> list[Row]:
    """Build both souls, then read the one and tick the other; quick runs take fewer samples of the same tables."""
    runs = QUICK_RUNS if is_quick else RUNS
    async with _database() as connection:
        await _build(connection)
        read = await _read(connection, runs)
        ticked = await _tick(connection, runs)
    return [
        _row(
            f"read {READ_ROWS:,} sentiments as of now",
            read,
            f"one prepared statement over asyncpg, six numbers a row; rows up to {OLDEST.days} days old, through each "
            "midnight's drift",
        ),
        _row(
            f"materialise {ALL_ROWS // HOT_EACH:,} hot of {ALL_ROWS:,}",
            ticked,
            f"one UPDATE a tick of {TICK.seconds} s, {TIER} set, hot rows spread over the whole table, durable; "
            f"the first tick after a checkpoint: {ticked[0]:.2f} s",
        ),
    ]


def _row(figure: str, samples: list[float], how: str) -> Row:
    spread = Spread.of(samples)
    return Row(
        figure=figure,
        target=f"≤ {LIMIT_S} s",
        measured=f"{spread.p50:.3f} s",
        is_met=spread.p50 <= LIMIT_S,
        runs=f"{len(samples)} runs",
        how=f"{how}; 95 %: {spread.p95:.3f} s",
        values={"p50_s": spread.p50, "p95_s": spread.p95, "first_s": samples[0]},
    )


@asynccontextmanager
async def _database() -> AsyncIterator[asyncpg.Connection]:
    """Open a migrated database of its own, as durable as the bot's, and remove it afterwards."""
    with TemporaryDirectory(prefix="mira-bench-") as folder:
        async with await EmbeddedPostgres.start(Path(folder)) as server:
            engine = open_engine(server.address)
            try:
                await migrate(engine)
            finally:
                await engine.dispose()
            connection = await asyncpg.connect(**server.address.asyncpg_arguments())
            try:
                yield connection
            finally:
                await connection.close()


async def _build(connection: asyncpg.Connection) -> None:
    emotions = len(NAMES[TIER])
    await connection.execute("SET session_replication_role = replica")  # two million keys need no checking
    await connection.execute(SOULS, START, TIER, emotions)
    await connection.execute(PEOPLE, START, ALL_ROWS)
    for soul_id, rows in ((READ_SOUL, READ_ROWS), (HOT_SOUL, ALL_ROWS)):
        await connection.execute(SENTIMENTS, START, soul_id, OLDEST, rows, HOT_EACH, emotions)
    await connection.execute("RESET session_replication_role")
    await connection.execute("VACUUM ANALYZE people, souls, sentiments")
    await connection.execute("CHECKPOINT")


def _natures() -> list[Nature]:
    """Give a nature for each midnight, as drift makes them."""
    midnight = START.replace(hour=0)
    return [
        Nature(midnight - timedelta(days=ago), Ocean(0.1, 0.0, 0.2 - ago / 1000, 0.3, ago / 1000))
        for ago in range(NATURE_DAYS, -1, -1)
    ]


async def _read(connection: asyncpg.Connection, runs: int) -> list[float]:
    statement = await connection.prepare(SENTIMENTS_NOW)
    natures, samples = _natures(), []
    for moment in _ticks(runs):
        begun = time.perf_counter()
        found = await statement.fetch(READ_SOUL, *segments_of(natures, TIER, moment).parameters)
        samples.append(time.perf_counter() - begun)
        if len(found) != READ_ROWS:
            raise BenchFailed(f"{len(found)} sentiments were read, {READ_ROWS} are there")
        del found
        await asyncio.sleep(PAUSE_S)
    return samples


async def _tick(connection: asyncpg.Connection, runs: int) -> list[float]:
    statement = await connection.prepare(MATERIALISE[TIER])
    natures, samples = _natures(), []
    for moment in _ticks(runs):
        begun = time.perf_counter()
        result = await statement.fetchrow(HOT_SOUL, *segments_of(natures, TIER, moment).parameters)
        samples.append(time.perf_counter() - begun)
        if result["moved"] != ALL_ROWS // HOT_EACH:
            raise BenchFailed(f"{result['moved']} rows moved, {ALL_ROWS // HOT_EACH} are hot")
        await asyncio.sleep(PAUSE_S)
    return samples


def _ticks(count: int) -> Iterator[datetime]:
    return (START + TICK * number for number in range(1, count + 1))
