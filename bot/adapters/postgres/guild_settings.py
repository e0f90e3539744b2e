"""What holds on a whole server, in PostgreSQL."""

from __future__ import annotations

from datetime import datetime

from bot.adapters.postgres.pool import StatementPool
from bot.adapters.postgres.rows import storable
from bot.domain.ids import GuildId, UserId

# $1 server
READ = "SELECT house_rules FROM guild_settings WHERE guild_id = $1"

# $1 server $2 rules $3 by whom $4 now
SET_RULES = """
WITH known AS (
    INSERT INTO people (user_id, display_name, first_seen_at, last_seen_at) VALUES ($3, '', $4, $4)
    ON CONFLICT (user_id) DO NOTHING
)
INSERT INTO guild_settings (guild_id, house_rules, set_by, set_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (guild_id) DO UPDATE
SET house_rules = excluded.house_rules, set_by = excluded.set_by, set_at = excluded.set_at
"""

# $1 server $2 now. Of several processes, or a join told of twice, one gets the row.
TAKE_GREETING = """
INSERT INTO guild_settings AS kept (guild_id, greeted_at) VALUES ($1, $2)
ON CONFLICT (guild_id) DO UPDATE SET greeted_at = excluded.greeted_at WHERE kept.greeted_at IS NULL
RETURNING guild_id
"""

# $1 server $2 when it was taken
GIVE_BACK = "UPDATE guild_settings SET greeted_at = NULL WHERE guild_id = $1 AND greeted_at = $2"


class PostgresHouses:
    """Implements `bot.house_ports.HouseStore`."""

    def __init__(self, pool: StatementPool) -> None:
        self._pool = pool

    async def house_rules(self, guild_id: GuildId) -> str | None:
        """See `bot.house_ports.HouseStore.house_rules`."""
        found = await self._pool.run(READ, guild_id)
        return found[0]["house_rules"] if found else None

    async def set_house_rules(self, guild_id: GuildId, rules: str | None, *, by: UserId, now: datetime) -> None:
        """See `bot.house_ports.HouseStore.set_house_rules`."""
        await self._pool.run(SET_RULES, guild_id, None if rules is None else storable(rules), by, now)

    async def take_greeting(self, guild_id: GuildId, now: datetime) -> bool:
        """See `bot.house_ports.HouseStore.take_greeting`."""
        return bool(await self._pool.run(TAKE_GREETING, guild_id, now))

    async def give_greeting_back(self, guild_id: GuildId, taken_at: datetime) -> None:
        """See `bot.house_ports.HouseStore.give_greeting_back`."""
        await self._pool.run(GIVE_BACK, guild_id, taken_at)
