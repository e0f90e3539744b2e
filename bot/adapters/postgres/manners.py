"""Her manners in PostgreSQL: what people chose, what they said of themselves, what she slipped into."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import astuple
from datetime import datetime

from bot.adapters.postgres.pool import StatementPool
from bot.adapters.postgres.rows import Row, storable
from bot.domain.ids import ChannelId, UserId
from bot.domain.wardrobe import AS_USUAL, Because, Leave, Wearing
from bot.persona_ports import Manners

# $1 channel $2 person
MANNERS = """
SELECT c.slipped, c.pressure, c.calm, c.came_from, c.because, c.bridges, c.changed_at,
    p.persona, p.adult_at IS NOT NULL AS is_adult, coalesce(p.opted_into, '{}') AS opted_into
FROM (VALUES ($1::bigint, $2::bigint)) AS asked (channel_id, user_id)
LEFT JOIN channel_manners c USING (channel_id)
LEFT JOIN person_manners p USING (user_id)
"""

# $1 channel $2 slipped $3 pressure $4 calm $5 came_from $6 because $7 bridges $8 changed_at
# $9 whether it is kept whatever was there $10 when what was there had changed. Running again changes nothing.
KEEP = """
INSERT INTO channel_manners AS kept (channel_id, slipped, pressure, calm, came_from, because, bridges, changed_at)
SELECT channel_id, $2::text, $3::smallint, $4::smallint, $5::text, $6::text, $7::smallint, $8::timestamptz
FROM channels WHERE channel_id = $1
ON CONFLICT (channel_id) DO UPDATE
SET slipped = excluded.slipped, pressure = excluded.pressure, calm = excluded.calm, came_from = excluded.came_from,
    because = excluded.because, bridges = excluded.bridges, changed_at = excluded.changed_at
WHERE $9 OR kept.changed_at IS NOT DISTINCT FROM $10 OR kept IS NOT DISTINCT FROM excluded
RETURNING channel_id
"""

_KNOWN = """
WITH known AS (
    INSERT INTO people (user_id, display_name, first_seen_at, last_seen_at) VALUES ($1, '', $3, $3)
    ON CONFLICT (user_id) DO NOTHING
)
"""

# $1 person $2 persona $3 now
CHOOSE = f"""{_KNOWN}
INSERT INTO person_manners (user_id, persona, chosen_at) VALUES ($1, $2, $3)
ON CONFLICT (user_id) DO UPDATE SET persona = excluded.persona, chosen_at = excluded.chosen_at
"""

# $1 person $2 persona
LET_GO = "UPDATE person_manners SET persona = NULL WHERE user_id = $1 AND persona = $2"

# $1 person $2 persona $3 now $4 whether they said that they are of age
OPT_IN = f"""{_KNOWN}
INSERT INTO person_manners AS kept (user_id, adult_at, opted_into)
VALUES ($1, CASE WHEN $4 THEN $3::timestamptz END, ARRAY[$2])
ON CONFLICT (user_id) DO UPDATE
SET adult_at = coalesce(kept.adult_at, excluded.adult_at),
    opted_into = CASE WHEN $2 = ANY(kept.opted_into) THEN kept.opted_into ELSE kept.opted_into || $2 END
"""

# $1 person $2 personas that need a word of theirs
TAKE_BACK = """
UPDATE person_manners
SET adult_at = NULL, opted_into = '{}', persona = CASE WHEN persona = ANY($2::text[]) THEN NULL ELSE persona END
WHERE user_id = $1
"""


class PostgresManners:
    """Implements `bot.persona_ports.WardrobeStore`."""

    def __init__(self, pool: StatementPool) -> None:
        self._pool = pool

    async def manners(self, channel_id: ChannelId | None, user_id: UserId | None) -> Manners:
        """See `bot.persona_ports.WardrobeStore.manners`."""
        (row,) = await self._pool.run(MANNERS, channel_id, user_id)
        leave = Leave(row["is_adult"], frozenset(row["opted_into"]))
        return Manners(AS_USUAL if row["changed_at"] is None else _wearing_of(row), row["persona"], leave)

    async def keep(self, channel_id: ChannelId, wearing: Wearing, *, was: Wearing | None) -> bool:
        """See `bot.persona_ports.WardrobeStore.keep`."""
        values = (storable(value) if isinstance(value, str) else value for value in astuple(wearing))
        before = None if was is None else was.changed_at
        return bool(await self._pool.run(KEEP, channel_id, *values, was is None, before))

    async def choose(self, user_id: UserId, persona: str, now: datetime) -> None:
        """See `bot.persona_ports.WardrobeStore.choose`."""
        await self._pool.run(CHOOSE, user_id, storable(persona), now)

    async def let_go(self, user_id: UserId, persona: str) -> None:
        """See `bot.persona_ports.WardrobeStore.let_go`."""
        await self._pool.run(LET_GO, user_id, storable(persona))

    async def opt_in(self, user_id: UserId, persona: str, now: datetime, *, is_adult: bool) -> None:
        """See `bot.persona_ports.WardrobeStore.opt_in`."""
        await self._pool.run(OPT_IN, user_id, storable(persona), now, is_adult)

    async def take_back(self, user_id: UserId, personas: Collection[str]) -> None:
        """See `bot.persona_ports.WardrobeStore.take_back`."""
        await self._pool.run(TAKE_BACK, user_id, list(personas))


def _wearing_of(row: Row) -> Wearing:
    return Wearing(
        slipped=row["slipped"],
        pressure=row["pressure"],
        calm=row["calm"],
        came_from=row["came_from"],
        because=None if row["because"] is None else Because(row["because"]),
        bridges=row["bridges"],
        changed_at=row["changed_at"],
    )
