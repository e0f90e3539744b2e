"""Memories fade in the database: the rule of `bot.domain.memory_life`, in SQL, and what use does to a memory.

Its numbers are those of the rule; a test works memories of all kinds out both ways.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from bot.adapters.postgres.pool import StatementPool
from bot.domain.memory import SALIENCE_LEAST, MemoryKind
from bot.domain.memory_life import (
    ASKED_FOR,
    DUE_KINDS,
    EACH_TIME,
    FADED,
    HALF_LIVES,
    LASTING,
    ONCE_WITHIN,
    OVER_HALF_LIFE,
    SALIENCE_BASE,
    SALIENCE_SHARE,
    TIMES_MOST,
    UNCONFIRMED_FOR,
)


def _seconds(length: timedelta) -> str:
    return f"{int(length.total_seconds())}"


def _words(kinds: frozenset[MemoryKind]) -> str:
    return ", ".join(f"'{kind}'" for kind in sorted(kinds))


_DUE = f"kind IN ({_words(DUE_KINDS)})"
_LAST = "greatest(said_at, used_at)"
_BASE = (
    f"CASE WHEN {_DUE} AND (done_at IS NOT NULL OR due_at IS NOT NULL) THEN {_seconds(OVER_HALF_LIFE)} ELSE CASE kind "
    + " ".join(f"WHEN '{kind}' THEN {_seconds(length)}" for kind, length in HALF_LIVES.items())
    + f" ELSE {_seconds(HALF_LIVES[MemoryKind.FACT])} END END"
)
_TIMES = f"least(greatest(seen_count - 1, 0) + used_count, {TIMES_MOST})"

# seconds over which a row of ``memories`` loses half its strength; exact decimals would take ten times as long
HALF_LIFE = (
    f"(({_BASE})::float8 * ({SALIENCE_BASE}::float8 + {SALIENCE_SHARE}::float8 * salience)"
    f" * (1::float8 + {EACH_TIME}::float8 * {_TIMES}) * CASE origin WHEN 'person' THEN {ASKED_FOR}::float8 ELSE 1 END)"
)
_SINCE = (
    f"CASE WHEN is_pinned OR kind IN ({_words(LASTING)}) THEN NULL WHEN NOT ({_DUE}) THEN {_LAST}"
    f" WHEN done_at IS NOT NULL THEN greatest({_LAST}, done_at) WHEN due_at IS NULL THEN {_LAST}"
    f" WHEN {{now}} < due_at THEN NULL ELSE greatest({_LAST}, due_at) END"
)
# Whatever it is, nothing fades sooner than that.
_HALVES = math.log2(1 / FADED)  # half-lives until a memory goes
_LEAST = min(*HALF_LIVES.values(), OVER_HALF_LIFE) * (SALIENCE_BASE + SALIENCE_SHARE * SALIENCE_LEAST)
_SOONEST = min(_LEAST * _HALVES, UNCONFIRMED_FOR)
_AGE = f"extract(epoch FROM {{now}} - ({_SINCE}))::float8"


def is_faded_sql(now: str) -> str:
    """Spell `memory_life.is_faded` of a row of ``memories``; *now* is a parameter or expression for the time."""
    age = _AGE.format(now=now)  # null for what does not fade
    return (
        f"(said_at <= {now} - interval '{_seconds(_SOONEST)} s' AND state IN ('candidate', 'current')"
        f" AND coalesce({age} >= {HALF_LIFE} * {_HALVES!r}::float8"
        f" OR (state = 'candidate' AND {age} >= {_seconds(UNCONFIRMED_FOR)}), false))"
    )


def counts_anew_sql(now: str, row: str = "memories") -> str:
    """Spell whether a use at *now* counts: it is the first, or the last that counted is a day ago."""
    return f"({row}.used_at IS NULL OR {now} - {row}.used_at >= interval '{_seconds(ONCE_WITHIN)} s')"


def used_sql(now: str, row: str = "memories") -> str:
    """Spell `memory_life.used` as assignments for ``UPDATE memories SET``; *row* is what the table is called there."""
    counts = counts_anew_sql(now, row)
    return (
        f"used_count = {row}.used_count + CASE WHEN {counts} THEN 1 ELSE 0 END, "
        f"used_at = CASE WHEN {counts} THEN {now} ELSE {row}.used_at END"
    )


FADE = f"""
WITH faded AS (
    SELECT memory_id FROM memories WHERE {is_faded_sql("$1::timestamptz")}
    ORDER BY memory_id LIMIT $2 FOR UPDATE SKIP LOCKED
)
UPDATE memories SET state = 'archived' FROM faded WHERE memories.memory_id = faded.memory_id
RETURNING memories.memory_id
"""


async def fade(pool: StatementPool, now: datetime, *, limit: int) -> int:
    """Archive at most *limit* memories that have faded; gives how many. See `ReflectStore.fade`."""
    return len(await pool.run(FADE, now, limit))
