"""What she feels, in PostgreSQL: events, and the snapshots that follow from them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time, timedelta

from bot.adapters.postgres import feeling_rows as rows
from bot.adapters.postgres import feeling_statements as statements
from bot.adapters.postgres.feeling_sql import MATERIALISE, segments_of
from bot.adapters.postgres.pool import StatementPool
from bot.domain.affect.constants import CONSTANTS_VERSION
from bot.domain.affect.state import SoulState
from bot.domain.chronicle import AffectEvent, Chronicle, SoulRecord
from bot.domain.feeling import CauseTrace, EventKind, MoodPoint, SoulId, Standing
from bot.domain.ids import GuildId, UserId
from bot.domain.message import Audience, AudienceKind
from bot.errors import StoreError
from bot.feeling_ports import Kept

RECENT_MOOD = timedelta(days=8)  # a week's chart is drawn from every point, what is older from hourly ones
SLOTS_KEPT = timedelta(days=2)


class PostgresFeelings:
    """Implements `bot.ports.FeelingStore` and `bot.ports.Materialiser`."""

    def __init__(self, pool: StatementPool) -> None:
        self._pool = pool

    async def find_soul(self, companion: str, guild_id: GuildId | None) -> SoulId | None:
        """See `bot.ports.FeelingStore.find_soul`."""
        found = await self._pool.run(statements.FIND_SOUL, companion, guild_id)
        return SoulId(found[0]["soul_id"]) if found else None

    async def bear(
        self, companion: str, guild_id: GuildId | None, state: SoulState, *, model_version: int, at: datetime
    ) -> None:
        """See `bot.ports.FeelingStore.bear`."""
        await self._pool.run(
            statements.BEAR,
            companion,
            guild_id,
            state.tier,
            list(state.home),
            list(state.emotions),
            list(state.mood),
            list(state.mood_area),
            state.day_h,
            model_version,
            at,
        )

    async def souls(self, companion: str) -> Sequence[SoulId]:
        """See `bot.ports.FeelingStore.souls`."""
        return [SoulId(row["soul_id"]) for row in await self._pool.run(statements.SOULS, companion)]

    async def look(self, soul_id: SoulId, user_ids: Sequence[UserId], *, said_since: datetime, said_most: int) -> Kept:
        """See `bot.ports.FeelingStore.look`."""
        found = await self._pool.run(statements.LOOK, soul_id, list(user_ids), said_since, said_most)
        if not found:
            raise StoreError(f"soul {soul_id} is gone")
        asked = [row for row in found if row["asked_id"] is not None]
        return Kept(
            soul=rows.soul_of(found[0]),
            natures=rows.natures_of(found[0]),
            persons={UserId(row["asked_id"]): rows.person_of(row) for row in asked if row["met_at"] is not None},
            said={UserId(row["asked_id"]): tuple(row["said"]) for row in asked},
        )

    async def waiting(self, soul_id: SoulId, limit: int) -> Sequence[AffectEvent]:
        """See `bot.ports.FeelingStore.waiting`."""
        return rows.events_of(await self._pool.run(statements.WAITING, soul_id, limit))

    async def lived(self, soul_id: SoulId, after: int, limit: int) -> Sequence[AffectEvent]:
        """See `bot.ports.FeelingStore.lived`."""
        return rows.events_of(await self._pool.run(statements.LIVED, soul_id, after, limit))

    async def everybody(self, soul_id: SoulId) -> Sequence[UserId]:
        """See `bot.ports.FeelingStore.everybody`."""
        return [UserId(row["user_id"]) for row in await self._pool.run(statements.EVERYBODY, soul_id)]

    async def souls_waiting(self, until: datetime) -> Sequence[SoulId]:
        """See `bot.ports.FeelingStore.souls_waiting`."""
        return [SoulId(row["soul_id"]) for row in await self._pool.run(statements.SOULS_WAITING, until)]

    async def apply(self, before: SoulRecord, lived: Chronicle) -> bool:
        """See `bot.ports.FeelingStore.apply`."""
        kept = await self._pool.run(
            statements.APPLY,
            before.soul_id,
            before.version,
            before.lived_until,
            *rows.soul_values(lived.soul),
            rows.persons_json(lived.changed, lived.given),
            rows.applied_json(lived.applied),
            rows.stirred_json(lived.stirred),
            rows.turnings_json(lived.turnings),
            lived.is_reset,
            sorted(lived.forgotten),
        )
        return bool(kept)

    async def add_event(self, soul_id: SoulId, event: AffectEvent) -> None:
        """See `bot.ports.FeelingStore.add_event`."""
        await self._pool.run(
            statements.ADD_EVENT,
            soul_id,
            event.kind,
            event.user_id,
            json.dumps(dict(event.detail)),
            event.model_version,
            event.happened_at,
        )

    async def know(self, user_id: UserId, now: datetime) -> None:
        """See `bot.ports.FeelingStore.know`."""
        await self._pool.run(statements.KNOW, user_id, now)

    async def record_mood(self, soul_id: SoulId, points: Sequence[MoodPoint], *, now: datetime) -> None:
        """See `bot.ports.FeelingStore.record_mood`."""
        slots = [
            {"slot": one.at.isoformat(), "pleasure": one.pleasure, "arousal": one.arousal, "dominance": one.dominance}
            for one in points
        ]
        await self._pool.run(statements.RECORD_MOOD, soul_id, json.dumps(slots), now - RECENT_MOOD)

    async def last_mood(self, soul_id: SoulId, now: datetime) -> datetime | None:
        """See `bot.ports.FeelingStore.last_mood`."""
        at: datetime | None = (await self._pool.run(statements.LAST_MOOD, soul_id, now))[0]["slot"]
        return at

    async def mood_history(self, soul_id: SoulId, since: datetime, until: datetime) -> Sequence[MoodPoint]:
        """See `bot.ports.FeelingStore.mood_history`."""
        found = await self._pool.run(statements.MOOD_HISTORY, soul_id, since, until)
        return [MoodPoint(row["slot"], row["pleasure"], row["arousal"], row["dominance"]) for row in found]

    async def standing_days(self, soul_id: SoulId, user_id: UserId, since: datetime) -> Sequence[Standing]:
        """See `bot.ports.FeelingStore.standing_days`."""
        found = await self._pool.run(statements.STANDING_DAYS, soul_id, user_id, since.astimezone(UTC).date())
        return [
            Standing(
                day=datetime.combine(row["day"], time(), UTC),
                trust=row["trust"],
                affection=row["affection"],
                respect=row["respect"],
                familiarity=row["familiarity"],
                tension=row["tension"],
                stage=row["stage"],
            )
            for row in found
        ]

    async def causes(self, soul_id: SoulId, since: datetime, until: datetime) -> Sequence[CauseTrace]:
        """See `bot.ports.FeelingStore.causes`."""
        return [_trace(row) for row in await self._pool.run(statements.CAUSES, soul_id, since, until)]

    async def take_slot(self, job: str, slot: datetime, now: datetime) -> bool:
        """See `bot.ports.FeelingStore.take_slot`."""
        taken = await self._pool.run(statements.TAKE_SLOT, job, slot, now)
        if taken:
            await self._pool.run(statements.FORGET_SLOTS, now - SLOTS_KEPT)
        return bool(taken)

    async def materialise(self, soul_id: SoulId, at: datetime) -> int:
        """See `bot.ports.Materialiser.materialise`."""
        found = await self._pool.run(statements.HOT_NATURES, soul_id)
        natures = rows.natures_of(found[0])
        # the statement knows the current numbers only: a soul that still lives by older ones is left to its next event
        if not found[0]["is_any_hot"] or not natures or found[0]["model_version"] != CONSTANTS_VERSION:
            return 0
        segments = segments_of(natures, found[0]["tier"], at)
        moved = await self._pool.run(MATERIALISE[found[0]["tier"]], soul_id, *segments.parameters)
        return int(moved[0]["moved"])


def _trace(row: rows.Row) -> CauseTrace:
    audience = None
    if row["audience_kind"] is not None:
        audience = Audience(AudienceKind(row["audience_kind"]), row["audience_id"])
    detail: Mapping[str, object] = json.loads(row["detail"])
    stirred = json.loads(row["stirred"]) if row["stirred"] is not None else {}
    return CauseTrace(
        kind=EventKind(row["kind"]),
        at=row["applied_at"],
        stirred=stirred,
        inner=str(detail["event"]) if row["kind"] == EventKind.INNER else None,
        strength=float(str(detail.get("strength", 0.0))),
        user_id=row["user_id"],
        audience=audience,
        guild_id=row["guild_id"],
        channel_id=row["channel_id"],
        message_id=row["message_id"],
    )
