"""What the turns of a person took, from PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.adapters.postgres.pool import StatementPool
from bot.domain.ids import UserId
from bot.domain.spend import CallsOfTurn

# $1 person $2 since. Lines that were only shown in a turn, because they were said meanwhile, asked for none.
CALLS_OF = """
SELECT t.turn_id, t.started_at, c.model, count(c.call_id) AS calls,
    count(c.call_id) FILTER (WHERE c.tokens_in IS NULL) AS uncounted,
    coalesce(sum(c.tokens_in), 0) AS read, coalesce(sum(c.tokens_cached), 0) AS cached,
    coalesce(sum(c.tokens_out), 0) AS written
FROM turns t
LEFT JOIN model_calls c USING (turn_id)
WHERE t.started_at >= $2 AND t.turn_id IN (
    SELECT m.turn_id FROM messages m
    WHERE m.author_id = $1 AND m.turn_id IS NOT NULL AND m.state IN ('claimed', 'answered', 'declined')
)
GROUP BY t.turn_id, t.started_at, c.model
"""


class PostgresSpend:
    """Implements `bot.operator_ports.SpendStore`."""

    def __init__(self, pool: StatementPool) -> None:
        self._pool = pool

    async def calls_of(self, user_id: UserId, since: datetime) -> Sequence[CallsOfTurn]:
        """See `bot.operator_ports.SpendStore.calls_of`."""
        return [CallsOfTurn(**row) for row in await self._pool.run(CALLS_OF, user_id, since)]
