"""Vectors of lines and memories: which are missing, and keeping them."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence

from bot.adapters.postgres.pool import StatementPool
from bot.domain.recalled import Vector
from bot.errors import ProviderError
from bot.memory_ports import Unembedded

LINE, MEMORY = "line", "memory"
DIMENSION_MOST = 16_000  # of a halfvec

KNOWN = "SELECT embedder_id, dimension FROM embedders WHERE name = $1"
# a conflict would use up a number each time, and there are 32,767
MAKE = """
INSERT INTO embedders (name, dimension) SELECT $1, $2 WHERE NOT EXISTS (SELECT FROM embedders WHERE name = $1)
ON CONFLICT (name) DO NOTHING
"""

PART_MOST = 64  # of each part; a number the planner knows, or it would rather read and sort the whole table
# What has no vector, and what has one of another embedder. Asked so, and in the order of the index, each part reads the
# first entries of its index and no other: equality would let the planner walk the primary key instead.
MISSING = ("embedder_id IS NULL", "embedder_id > (SELECT number FROM used)", "embedder_id < (SELECT number FROM used)")


def _newest(what: str, table: str, item: str, besides: str, condition: str) -> str:
    return f"""(SELECT '{what}' AS what, owner_id, {item} AS item_id, said_at FROM {table}
        WHERE {condition} AND {item} <> ALL({besides}::bigint[])
        ORDER BY embedder_id DESC, {item} DESC LIMIT {PART_MOST})"""


_LINES = [_newest(LINE, "recall_lines", "message_id", "$3", condition) for condition in MISSING]
_MEMORIES = [_newest(MEMORY, "memories", "memory_id", "$4", condition) for condition in MISSING]

# $1 the embedder in use  $2 how many  $3, $4 lines and memories that are left out
WITHOUT = f"""
WITH used AS MATERIALIZED (
    SELECT coalesce((SELECT embedder_id FROM embedders WHERE name = $1), 0)::smallint AS number
),
found AS ({" UNION ALL ".join(_LINES + _MEMORIES)}),
newest AS (SELECT * FROM found ORDER BY said_at DESC, item_id DESC LIMIT $2)
SELECT newest.what, newest.owner_id, newest.item_id, coalesce(line.content, memory.text) AS text,
    array_remove(ARRAY[line.author_name, owner.display_name], NULL)
        || ARRAY(SELECT value FROM jsonb_each_text(coalesce(line.mentioned_names, '{{}}')) ORDER BY value) AS names
FROM newest
LEFT JOIN messages line ON newest.what = 'line' AND line.message_id = newest.item_id
LEFT JOIN memories memory ON newest.what = 'memory' AND memory.memory_id = newest.item_id
LEFT JOIN people owner ON owner.user_id = newest.owner_id
ORDER BY newest.said_at DESC, newest.item_id DESC
"""

# A text may have been edited or forgotten since it was read: then its vector is of something that nobody says.
PUT = """
WITH given AS MATERIALIZED (
    SELECT what, owner_id, item_id, said, vector::halfvec AS vector
    FROM unnest($2::text[], $3::bigint[], $4::bigint[], $5::text[], $6::text[])
        AS one (what, owner_id, item_id, said, vector)
),
fit AS MATERIALIZED (
    SELECT given.*, embedders.embedder_id FROM given
    JOIN embedders ON embedders.name = $1 AND embedders.dimension = vector_dims(given.vector)
),
put_lines AS (
    UPDATE recall_lines SET vector = fit.vector, embedder_id = fit.embedder_id
    FROM fit JOIN messages ON messages.message_id = fit.item_id AND messages.content = fit.said
    WHERE fit.what = 'line' AND recall_lines.owner_id = fit.owner_id AND recall_lines.message_id = fit.item_id
    RETURNING 1
),
put_memories AS (
    UPDATE memories SET vector = fit.vector, embedder_id = fit.embedder_id
    FROM fit WHERE fit.what = 'memory' AND memories.memory_id = fit.item_id AND memories.text = fit.said
    RETURNING 1
)
SELECT (SELECT count(*) FROM put_lines) + (SELECT count(*) FROM put_memories) AS count
"""

# all texts of memory, by the embedder that their vector is of
CENSUS = """
SELECT name, sum(number)::bigint AS number FROM (
    SELECT embedder_id, count(*) AS number FROM recall_lines GROUP BY embedder_id
    UNION ALL SELECT embedder_id, count(*) FROM memories GROUP BY embedder_id
) counted LEFT JOIN embedders USING (embedder_id) GROUP BY name ORDER BY name NULLS LAST
"""


class PostgresVectors:
    """Implements `bot.memory_ports.VectorStore`."""

    def __init__(self, pool: StatementPool) -> None:
        self._pool = pool
        self._used: dict[str, tuple[int, int]] = {}

    async def use(self, embedder: str, dimension: int) -> int:
        """See `bot.memory_ports.VectorStore.use`."""
        if not 0 < dimension <= DIMENSION_MOST:
            raise _wrong_dimension(dimension)
        if embedder not in self._used:
            await self._pool.run(MAKE, embedder, dimension)
            row = (await self._pool.run(KNOWN, embedder))[0]
            self._used[embedder] = (row["embedder_id"], row["dimension"])
        embedder_id, known = self._used[embedder]
        if known != dimension:
            raise _wrong_dimension(dimension)
        return embedder_id

    async def without_vector(
        self, embedder: str, *, limit: int, besides: Collection[Unembedded] = ()
    ) -> Sequence[Unembedded]:
        """See `bot.memory_ports.VectorStore.without_vector`."""
        lines, memories = ([one.item_id for one in besides if one.what == what] for what in (LINE, MEMORY))
        rows = await self._pool.run(WITHOUT, embedder, limit, lines, memories)
        return [
            Unembedded(row["what"], row["owner_id"], row["item_id"], row["text"], tuple(row["names"]))
            for row in rows
            if row["text"] is not None  # gone between two looks
        ]

    async def put(self, embedder: str, vectors: Sequence[tuple[Unembedded, Vector]]) -> int:
        """See `bot.memory_ports.VectorStore.put`."""
        of = [one for one, _ in vectors]
        written = []
        for _, vector in vectors:
            written.append(_written(vector.values))
            await asyncio.sleep(0)  # thousands of numbers each: answers come in between
        rows = await self._pool.run(
            PUT,
            embedder,
            [one.what for one in of],
            [one.owner_id for one in of],
            [one.item_id for one in of],
            [one.text for one in of],
            written,
        )
        count: int = rows[0]["count"]
        return count

    async def census(self) -> Mapping[str | None, int]:
        """Count the texts of memory by the embedder that their vector is of; None are those without one."""
        return {row["name"]: row["number"] for row in await self._pool.run(CENSUS)}


def _written(values: Sequence[float]) -> str:
    """Write a vector as Postgres reads it; a halfvec holds no more digits."""
    return "[" + ",".join(["%.5g"] * len(values)) % tuple(values) + "]"  # at once: half the time of one by one


def _wrong_dimension(dimension: int) -> ProviderError:
    return ProviderError(
        f"the embedder gave vectors of {dimension} dimensions, which are not those kept of it",
        kind="dimension",
        retryable=True,
    )
