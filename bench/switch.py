"""Another embedder is set: how long 100,000 texts take to be embedded anew, and what recall costs meanwhile.

The embedder itself takes no time here, so that what is measured is Mira's part and the database's; it goes away once.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence

from bench.recall import open_database, unit_text, vocabulary
from bench.report import Row, Spread
from bench.stage import BenchFailed
from bot.adapters.postgres.pool import StatementPool
from bot.adapters.postgres.recall import PostgresRecall
from bot.adapters.postgres.recall_statements import TUNED_EMBEDDER
from bot.adapters.postgres.vectors import PostgresVectors
from bot.adapters.system import SystemClock
from bot.domain.ids import UserId
from bot.domain.recalled import Place, RecallAsk, Vector
from bot.engine.embed import Embed
from bot.errors import ProviderError

PEOPLE = 1_000
TALKER = 1  # who has a fifth of it all
TEXTS, QUICK_TEXTS = 100_000, 10_000  # lines and memories, half and half
LINE_WORDS, WORDS, DIMENSIONS = 14, 8_000, 384
NEW = "bench:other"
SEED = 7

# $1 words $2 how many $3 people: each fifth line is the talker's
_PICKED = " || ' ' || ".join(
    "($1::text[])[1 + floor(random() ^ 3 * array_length($1, 1))::int]" for _ in range(LINE_WORDS)
)
_FILL = (
    "INSERT INTO people (user_id, display_name, first_seen_at, last_seen_at) "
    "SELECT n, 'p' || n, now(), now() FROM generate_series(1, $1::bigint) n",
    "INSERT INTO channels (channel_id, kind) SELECT n, 'dm' FROM generate_series(1, $1::bigint) n",
)
_MESSAGES = f"""
INSERT INTO messages (message_id, channel_id, author_id, speaker, author_name, content, audience_kind, audience_id,
    state, sent_at, heard_at)
SELECT n, owner, owner, 'person', 'p' || owner, {_PICKED}, 'person', owner, 'answered',
    now() - ($2 - n) * interval '30 s', now()
FROM generate_series(1, $2::bigint) n,
    LATERAL (SELECT CASE WHEN n % 5 = 0 THEN {TALKER} ELSE 1 + n % $3::bigint END AS owner) whose
"""
_INDEXED = """
INSERT INTO recall_lines (owner_id, message_id, channel_id, speaker_id, audience_kind, audience_id, said_at, sitting,
    lexemes, vector, embedder_id)
SELECT author_id, message_id, channel_id, author_id, 'person', author_id, sent_at, message_id,
    strip(to_tsvector('english', content)), $1::text::halfvec, $2 FROM messages
"""
_KNOWN = """
INSERT INTO memories (owner_id, kind, text, text_key, audience_kind, audience_id, state, origin, salience, confidence,
    said_at, created_at, lexemes, vector, embedder_id)
SELECT author_id, 'fact', content, message_id || content, 'person', author_id, 'current', 'talk', 5, 0.7, sent_at,
    sent_at, strip(to_tsvector('english', content)), $1::text::halfvec, $2 FROM messages
"""
_BY_EMBEDDER = """
SELECT name, count(*) AS number FROM (
    SELECT embedder_id FROM recall_lines UNION ALL SELECT embedder_id FROM memories
) rows LEFT JOIN embedders USING (embedder_id) GROUP BY name
"""


class Made:
    """An embedder that takes no time, and is away for a while after *until* texts."""

    name = NEW

    def __init__(self, until: int) -> None:
        self._left = until
        self._was_away = False
        self.texts = 0

    async def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        """Give each text a direction of its own."""
        self._left -= len(texts)
        if self._left < 0 and not self._was_away:
            self._was_away = True
            raise ProviderError("away", kind="unreachable", retryable=True)
        self.texts += len(texts)
        return [_direction(text) for text in texts]


def _direction(text: str) -> list[float]:
    chance = random.Random(text)
    return [chance.random() - 0.5 for _ in range(DIMENSIONS)]


async def run(*, is_quick: bool) -> list[Row]:
    """Fill, switch, and ask meanwhile."""
    texts, chance = QUICK_TEXTS if is_quick else TEXTS, random.Random(SEED)
    words = vocabulary(chance)
    async with open_database() as (connection, pool):
        for statement in _FILL:
            await connection.execute(statement, PEOPLE)
        await connection.execute(_MESSAGES, words, texts // 2, PEOPLE, timeout=600)
        old = await connection.fetchval(
            "INSERT INTO embedders (name, dimension) VALUES ($1, $2) RETURNING embedder_id", TUNED_EMBEDDER, DIMENSIONS
        )
        point = unit_text(_direction("old"))
        for statement in (_INDEXED, _KNOWN):
            await connection.execute(statement, point, old, timeout=600)
        await connection.execute("VACUUM ANALYZE", timeout=600)
        return await _switched(pool, words, chance, texts)


async def _switched(pool: StatementPool, words: Sequence[str], chance: random.Random, texts: int) -> list[Row]:
    embedder = Made(texts // 2)
    embed = Embed(PostgresVectors(pool), embedder, SystemClock())
    before = [await _asked(pool, words, chance) for _ in range(50)]
    begun, during = time.perf_counter(), []
    going = asyncio.create_task(_all(embed, texts))
    while not going.done():
        during.append(await _asked(pool, words, chance))
        await asyncio.sleep(0.2)
    await going
    took_s = time.perf_counter() - begun
    left = {row["name"]: row["number"] for row in await pool.run(_BY_EMBEDDER)}
    if left != {NEW: texts}:
        raise BenchFailed(f"after the switch there are vectors of {sorted(map(str, left))}")
    rate, quiet, busy = texts / took_s, Spread.of(before), Spread.of(during)
    return [
        Row(
            figure="another embedder, all embedded anew",
            measured=f"{took_s:.0f} s, {rate:.0f} texts/s",
            runs=f"{texts:,} texts",
            how=f"{texts // 5:,} of one person; the embedder takes no time and goes away once, for a rest of 5 s; "
            f"{embedder.texts - texts:,} texts embedded twice",
            values={"took_s": took_s, "texts_per_s": rate},
        ),
        Row(
            figure="recall while that goes on",
            measured=f"p50 {busy.p50:.0f} ms, p95 {busy.p95:.0f} ms",
            runs=f"{len(during)} questions",
            how=f"of the one with {texts // 5:,}; p50 {quiet.p50:.0f} ms, p95 {quiet.p95:.0f} ms before",
            values={"p50_ms": busy.p50, "p95_ms": busy.p95},
        ),
    ]


async def _all(embed: Embed, texts: int) -> None:
    done = 0
    while done < texts:
        count = await embed()
        done += count
        await asyncio.sleep(0 if count else 1)


async def _asked(pool: StatementPool, words: Sequence[str], chance: random.Random) -> float:
    """Ask something of the one with so many; what is found has to hold a word of it."""
    person = UserId(TALKER)
    picked = [words[int(chance.random() ** 2 * WORDS)] for _ in range(5)]
    vector = Vector(NEW, [one / 10 for one in _direction(" ".join(picked))])
    question, now = "when did I see the " + " ".join(picked), SystemClock().now()
    ask = RecallAsk(question, (person,), Place(person), now, vector=vector)
    begun = time.perf_counter()
    found = await PostgresRecall(pool).recall(ask, lines_most=8, memories_most=8, is_bounded=False)
    took_ms = (time.perf_counter() - begun) * 1000
    if not found.lines:
        raise BenchFailed("nothing was recalled while vectors are made anew")
    return took_ms
