"""Whose turn it is to IDENTIFY, across processes: one row for each bucket of shards says when it is free again.

The server's clock counts, so that machines whose clocks differ agree.
"""

from __future__ import annotations

from datetime import timedelta

from bot.adapters.postgres.pool import StatementPool

# Nothing can have reserved further ahead than this (a hundred processes in one bucket): what says so was
# written before the server's clock was set back.
AHEAD_MOST = timedelta(minutes=10)

RESERVE = """
INSERT INTO identify_slots AS kept (application_id, bucket, free_at)
VALUES ($1, $2, clock_timestamp() + $3::interval)
ON CONFLICT (application_id, bucket) DO UPDATE
SET free_at = CASE
    WHEN kept.free_at > clock_timestamp() + $4::interval THEN clock_timestamp()
    ELSE greatest(kept.free_at, clock_timestamp())
END + $3::interval
RETURNING greatest(free_at - $3::interval - clock_timestamp(), '0') AS wait
"""


class IdentifySlots:
    """Hands out the moments at which the shards of one application may IDENTIFY."""

    def __init__(self, pool: StatementPool, application_id: int) -> None:
        self._pool = pool
        self._application_id = application_id

    async def reserve(self, bucket: int, gap: timedelta) -> timedelta:
        """Reserve the next free moment of *bucket*, and *gap* after it; gives how long it is until then.

        Raises:
            StoreError: the database cannot be asked.
        """
        (row,) = await self._pool.run(RESERVE, self._application_id, bucket, gap, AHEAD_MOST)
        wait: timedelta = row["wait"]
        return wait
