"""How her answers sounded, counted in PostgreSQL by model and persona."""

from __future__ import annotations

from collections.abc import Sequence

from bot.adapters.postgres.pool import StatementPool
from bot.adapters.postgres.rows import storable
from bot.domain.service import VoiceCount

# $1 models $2 personas $3 answers $4 flagged $5 sent flagged; in order, so that two processes never wait for each other
ADD = """
INSERT INTO voice_counts AS kept (model, persona, answers, flagged, sent_flagged)
SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[]) ORDER BY 1, 2
ON CONFLICT (model, persona) DO UPDATE
SET answers = kept.answers + excluded.answers, flagged = kept.flagged + excluded.flagged,
    sent_flagged = kept.sent_flagged + excluded.sent_flagged
"""

# $1 how many
MOST_HEARD = """
SELECT model, persona, answers, flagged, sent_flagged FROM voice_counts
ORDER BY answers DESC, model, persona LIMIT $1
"""


class PostgresVoices:
    """Implements `bot.persona_ports.VoiceStore`."""

    def __init__(self, pool: StatementPool) -> None:
        self._pool = pool

    async def add(self, counts: Sequence[VoiceCount]) -> None:
        """See `bot.persona_ports.VoiceStore.add`."""
        await self._pool.run(
            ADD,
            [storable(one.model) for one in counts],
            [storable(one.persona) for one in counts],
            [one.answers for one in counts],
            [one.flagged for one in counts],
            [one.sent_flagged for one in counts],
        )

    async def most_heard(self, limit: int) -> Sequence[VoiceCount]:
        """See `bot.persona_ports.VoiceStore.most_heard`."""
        found = await self._pool.run(MOST_HEARD, limit)
        return [
            VoiceCount(row["model"], row["persona"], row["answers"], row["flagged"], row["sent_flagged"])
            for row in found
        ]
