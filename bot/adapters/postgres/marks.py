"""How far each shard's gateway was heard, and which channels to look at after a lost session."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.adapters.postgres.pool import StatementPool
from bot.adapters.postgres.rows import channel_of
from bot.domain.ids import ChannelId, GuildId, MessageId
from bot.domain.message import Channel

READ = "SELECT shard_id, heard_until FROM gateway_marks WHERE application_id = $1"

WRITE = """
INSERT INTO gateway_marks (application_id, shard_id, heard_until) VALUES ($1, $2, $3)
ON CONFLICT (application_id, shard_id) DO UPDATE SET heard_until = excluded.heard_until
"""

NEWEST = "SELECT message_id, heard_at FROM messages WHERE speaker = 'person' ORDER BY message_id DESC LIMIT 1"

UNANSWERED = """
SELECT channel_id, guild_id, kind, parent_id FROM channels WHERE channel_id IN (
    SELECT channel_id FROM messages WHERE state = 'pending'
    UNION ALL SELECT channel_id FROM turns WHERE state IN ('drafting', 'sending')
) ORDER BY channel_id
"""

DIRECT = """
SELECT channel_id, guild_id, kind, parent_id FROM channels WHERE kind = 'dm'
ORDER BY (SELECT max(message_id) FROM messages WHERE messages.channel_id = channels.channel_id) DESC NULLS LAST
LIMIT $1
"""

WAITING = """
SELECT message_id FROM messages WHERE channel_id = $1 AND state = 'pending'
UNION ALL
SELECT message_id FROM turns JOIN messages USING (turn_id)
WHERE turns.channel_id = $1 AND turns.state IN ('drafting', 'sending') AND messages.state = 'claimed'
ORDER BY message_id LIMIT $2
"""

LIVELY = """
SELECT channel_id, guild_id, kind, parent_id FROM channels WHERE kind <> 'dm' AND EXISTS (
    SELECT FROM messages WHERE messages.channel_id = channels.channel_id AND state = 'context' AND turn_id IS NULL
    UNION ALL SELECT FROM messages WHERE messages.channel_id = channels.channel_id AND message_id > $1
) ORDER BY channel_id
"""

KNOWN = """
SELECT message_id FROM (
    SELECT message_id FROM messages
    WHERE channel_id = $1 AND speaker <> 'self' AND state IN ('context', 'answered', 'declined')
    ORDER BY message_id DESC LIMIT $2
) newest ORDER BY message_id
"""

FOREIGN = """
SELECT own FROM unnest($2::bigint[]) own
WHERE NOT EXISTS (SELECT FROM messages WHERE message_id = own)
    AND NOT EXISTS (SELECT FROM outbox WHERE channel_id = $1 AND (state = 'ready' OR message_id = own))
    AND NOT EXISTS (SELECT FROM outbox WHERE place_id = $1 AND state = 'ready')
"""

PLACES = """
SELECT channel_id, guild_id, kind, parent_id FROM channels WHERE guild_id = $1 AND EXISTS (
    SELECT FROM messages WHERE messages.channel_id = channels.channel_id AND state <> 'withdrawn'
) ORDER BY channel_id
"""

LINES_IN = """
SELECT message_id FROM messages WHERE channel_id = $1 AND state <> 'withdrawn' ORDER BY message_id DESC LIMIT $2
"""


class PostgresMarks:
    """Implements `bot.history_ports.Marks` and `ClosedStore` for one application."""

    def __init__(self, pool: StatementPool, application_id: int) -> None:
        self._pool = pool
        self._application_id = application_id

    async def read(self) -> Mapping[int, datetime]:
        """See `bot.history_ports.Marks.read`."""
        return {row["shard_id"]: row["heard_until"] for row in await self._pool.run(READ, self._application_id)}

    async def write(self, shard_id: int, heard_until: datetime) -> None:
        """See `bot.history_ports.Marks.write`."""
        await self._pool.run(WRITE, self._application_id, shard_id, heard_until)

    async def newest(self) -> tuple[MessageId, datetime] | None:
        """See `bot.history_ports.Marks.newest`."""
        found = await self._pool.run(NEWEST)
        return (MessageId(found[0]["message_id"]), found[0]["heard_at"]) if found else None

    async def unanswered(self) -> Sequence[Channel]:
        """See `bot.history_ports.Marks.unanswered`."""
        return [channel_of(row) for row in await self._pool.run(UNANSWERED)]

    async def direct(self, limit: int) -> Sequence[Channel]:
        """See `bot.history_ports.Marks.direct`."""
        return [channel_of(row) for row in await self._pool.run(DIRECT, limit)]

    async def waiting(self, channel_id: ChannelId, limit: int) -> Sequence[MessageId]:
        """See `bot.history_ports.Marks.waiting`."""
        return [MessageId(row["message_id"]) for row in await self._pool.run(WAITING, channel_id, limit)]

    async def lively(self, since: MessageId) -> Sequence[Channel]:
        """See `bot.history_ports.Marks.lively`."""
        return [channel_of(row) for row in await self._pool.run(LIVELY, since)]

    async def known(self, channel_id: ChannelId, limit: int) -> Sequence[MessageId]:
        """See `bot.history_ports.Marks.known`."""
        return [MessageId(row["message_id"]) for row in await self._pool.run(KNOWN, channel_id, limit)]

    async def places(self, guild_id: GuildId) -> Sequence[Channel]:
        """See `bot.history_ports.ClosedStore.places`."""
        return [channel_of(row) for row in await self._pool.run(PLACES, guild_id)]

    async def lines_in(self, channel_id: ChannelId, limit: int) -> Sequence[MessageId]:
        """See `bot.history_ports.ClosedStore.lines_in`."""
        return [MessageId(row["message_id"]) for row in await self._pool.run(LINES_IN, channel_id, limit)]

    async def foreign(self, channel_id: ChannelId, own_ids: Sequence[MessageId]) -> Sequence[MessageId]:
        """See `bot.history_ports.Marks.foreign`."""
        return [MessageId(row["own"]) for row in await self._pool.run(FOREIGN, channel_id, list(own_ids))]
