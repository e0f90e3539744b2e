"""Life among people in PostgreSQL: policies, silences, and the record of decisions."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from bot.adapters.postgres import room_statements as statements
from bot.adapters.postgres.decision_rows import policy_of, policy_values, recorded_of
from bot.adapters.postgres.pool import StatementPool
from bot.adapters.postgres.rows import Row, channel_of, message_of, storable
from bot.domain.ids import ChannelId, GuildId, MessageId, TurnId, UserId
from bot.domain.message import Message
from bot.domain.room_policy import Hearing, RoomPolicy
from bot.room_ports import RecordedDecision, RecordedTurn


class PostgresRooms:
    """Implements `bot.room_ports.PolicyStore`, `SilenceStore` and `DecisionStore`."""

    def __init__(self, pool: StatementPool) -> None:
        self._pool = pool

    async def policies(self, channel_ids: Collection[ChannelId]) -> Mapping[ChannelId, RoomPolicy]:
        """See `bot.room_ports.PolicyStore.policies`."""
        found = await self._pool.run(statements.POLICIES, list(channel_ids))
        return {ChannelId(row["channel_id"]): policy_of(row) for row in found}

    async def set_policy(
        self, channel_id: ChannelId, guild_id: GuildId, policy: RoomPolicy, *, by: UserId, now: datetime
    ) -> None:
        """See `bot.room_ports.PolicyStore.set_policy`."""
        values = (storable(value) if isinstance(value, str) else value for value in policy_values(policy))
        await self._pool.run(statements.SET_POLICY, channel_id, guild_id, *values, by, now)
        if policy.hearing is not Hearing.LISTEN:
            await self._pool.run(statements.DROP_UNHEARD, channel_id)

    async def own_threads(self, channel_ids: Collection[ChannelId]) -> Collection[ChannelId]:
        """See `bot.room_ports.PolicyStore.own_threads`."""
        found = await self._pool.run(statements.OWN_THREADS, list(channel_ids))
        return {ChannelId(row["channel_id"]) for row in found}

    async def listening(self) -> Sequence[ChannelId]:
        """See `bot.room_ports.PolicyStore.listening`."""
        return [ChannelId(row["channel_id"]) for row in await self._pool.run(statements.LISTENING)]

    async def silent(self) -> Collection[UserId]:
        """See `bot.room_ports.SilenceStore.silent`."""
        return {UserId(row["user_id"]) for row in await self._pool.run(statements.SILENT)}

    async def is_silent(self, user_id: UserId) -> bool:
        """See `bot.room_ports.SilenceStore.is_silent`."""
        return bool(await self._pool.run(statements.IS_SILENT, user_id))

    async def set_silent(self, user_id: UserId, *, is_silent: bool, now: datetime) -> None:
        """See `bot.room_ports.SilenceStore.set_silent`.

        The wish is kept first, in a step of its own: a line that is on its way meets it, or is dropped with the rest.
        """
        if not is_silent:
            await self._pool.run(statements.UNSILENCE, user_id)
            return
        await self._pool.run(statements.SILENCE, user_id, now)
        await self._pool.run(statements.AWAIT_LINES, user_id)
        await self._pool.run(statements.HUSH, user_id)

    async def recent(self, channel_id: ChannelId, *, since: datetime, limit: int) -> Sequence[Message]:
        """See `bot.room_ports.DecisionStore.recent`."""
        found = await self._pool.run(statements.RECENT, channel_id, since, limit)
        return [message_of(row, channel_of(row)) for row in found]

    async def of_message(self, channel_id: ChannelId, message_id: MessageId) -> RecordedDecision | None:
        """See `bot.room_ports.DecisionStore.of_message`."""
        found = await self._pool.run(statements.DECISION_OF, channel_id, message_id)
        return recorded_of(found[0]) if found else None

    async def latest(self, channel_id: ChannelId) -> RecordedDecision | None:
        """See `bot.room_ports.DecisionStore.latest`."""
        found = await self._pool.run(statements.LATEST, channel_id)
        return recorded_of(found[0]) if found else None

    async def turn_of(self, channel_id: ChannelId, message_id: MessageId) -> RecordedTurn | None:
        """See `bot.room_ports.DecisionStore.turn_of`."""
        found = await self._pool.run(statements.TURN_OF, channel_id, message_id)
        return _turn_of(found[0]) if found else None

    async def since(
        self, since: datetime, until: datetime, *, channel_id: ChannelId | None = None
    ) -> Sequence[RecordedDecision]:
        """See `bot.room_ports.DecisionStore.since`."""
        found = await self._pool.run(statements.DECISIONS, since, until, channel_id)
        return [recorded_of(row) for row in found]

    async def considered_since(self, since: datetime) -> Sequence[tuple[ChannelId, datetime]]:
        """See `bot.room_ports.DecisionStore.considered_since`."""
        found = await self._pool.run(statements.CONSIDERED, since)
        return [(ChannelId(row["channel_id"]), row["considered_at"]) for row in found]

    async def forget_overheard(self, now: datetime) -> int:
        """See `bot.room_ports.DecisionStore.forget_overheard`.

        What another process heard in the moment a wish or a policy changed goes as well.
        """
        since = now - statements.OVERHEARD_LASTS
        dropped = 0
        for statement, value in (
            (statements.FORGET_LINES, since),
            (statements.DROP_UNHEARD, None),
            (statements.HUSH, None),
        ):
            dropped += (await self._pool.run(statement, value))[0]["dropped"]
        await self._pool.run(statements.FORGET_DECISIONS, now - statements.DECISIONS_LAST)
        await self._pool.run(statements.FORGET_CROWDED, statements.DECISIONS_KEPT)
        await self._pool.run(statements.FORGET_STRANGERS, since)
        return dropped


def _turn_of(row: Row) -> RecordedTurn:
    return RecordedTurn(
        turn_id=TurnId(row["turn_id"]),
        channel=channel_of(row),
        state=row["state"],
        intent=row["intent"],
        persona=row["persona"],
        reasons=tuple(row["reasons"]),
        timings_ms=json.loads(row["timings_ms"]),
        model=row["model"],
        calls=row["calls"],
        tokens_in=row["tokens_in"],
        tokens_out=row["tokens_out"],
        started_at=row["started_at"],
        asked_ids=tuple(MessageId(one) for one in row["asked_ids"]),
        said_ids=tuple(MessageId(one) for one in row["said_ids"]),
    )
