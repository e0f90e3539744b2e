"""Timers in PostgreSQL: set, listed, cancelled and fired, one statement each.

Who sees a text again is kept with it. What will be said is dropped as soon as it is on its way, or never will be.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from bot.adapters.postgres.pool import StatementPool
from bot.adapters.postgres.rows import storable
from bot.adapters.postgres.statements import TIMER_ENTRYPOINT
from bot.domain.ids import ChannelId, UserId
from bot.domain.message import AudienceKind, ChannelKind, Person
from bot.domain.snowflake import DISCORD_EPOCH, TIME_SHIFT_BITS, first_at
from bot.domain.timer import NewTimer, TimerId, TimerKind, WaitingTimer
from bot.domain.turn import PUT_OFF

CLOCKS_APART = timedelta(minutes=5)  # how far our clock may be ahead of Discord's where a line of ours is looked for

# $1 person $2 name $3 now $4 channel $5 kind of timer $6 due $7 text $8 source $9 audience kind $10 audience $11 most
# A time of setting belongs to one setting: said again, on a connection that broke, it sets nothing more.
SET = f"""
WITH known AS (
    SELECT timer_id FROM timers
    WHERE user_id = $1 AND due_at = $6 AND text = $7 AND created_at = $3::timestamptz
), room AS (
    SELECT 1 WHERE (SELECT count(*) FROM timers WHERE user_id = $1 AND state = 'waiting') < $11
        AND NOT EXISTS (SELECT FROM known)
), person AS (
    INSERT INTO people (user_id, display_name, first_seen_at, last_seen_at)
    SELECT $1, $2, $3::timestamptz, $3::timestamptz FROM room ON CONFLICT (user_id) DO NOTHING
), place AS (
    INSERT INTO channels (channel_id, kind) SELECT $4, '{ChannelKind.DM}' FROM room
    ON CONFLICT (channel_id) DO NOTHING
), made AS (
    INSERT INTO timers (kind, channel_id, user_id, due_at, text, source_id, audience_kind, audience_id, created_at)
    SELECT $5, $4, $1, $6, $7, $8, $9, $10, $3::timestamptz FROM room
    RETURNING timer_id, due_at
), alarm AS (
    INSERT INTO pgqueuer (priority, entrypoint, payload, execute_after, status)
    SELECT 0, '{TIMER_ENTRYPOINT}', convert_to(timer_id::text, 'UTF8'), now() + (due_at - $3::timestamptz), 'queued'
    FROM made
)
SELECT timer_id FROM known UNION ALL SELECT timer_id FROM made
"""

# The smallest id that Discord could have given when the timer was due, by a clock that is ahead of its own.
_ID_WHEN_DUE = f"""greatest(0, (extract(epoch FROM timer.due_at)::float8 * 1000)::bigint
    - {int((DISCORD_EPOCH.timestamp() + CLOCKS_APART.total_seconds()) * 1000)}) << {TIME_SHIFT_BITS}"""

# A line is looked for from when it was due: it may have been said already, before the database came out of a backup.
# $1 timer $2 now $3 an id that Discord would give at about that time
# Who comes second while another fires it finds nothing: it is locked, and then it no longer waits. Of a turn that was
# put off only its owner's lines come back: what others said in it was answered.
FIRE = f"""
WITH timer AS (
    SELECT timers.*, EXISTS (
        SELECT FROM messages WHERE message_id = timers.source_id AND messages.state = 'withdrawn'
    ) AS is_withdrawn
    FROM timers WHERE timer_id = $1 AND state = 'waiting' AND due_at <= $2::timestamptz FOR UPDATE SKIP LOCKED
), turn AS (
    INSERT INTO turns (channel_id, state, after_id, intent, reasons, started_at, closed_at)
    SELECT channel_id, 'done', $3, 'reply', ARRAY['{TimerKind.REMINDER}'], $2, $2
    FROM timer WHERE kind = '{TimerKind.REMINDER}' AND NOT is_withdrawn
    RETURNING turn_id, after_id
), part AS (
    INSERT INTO outbox (turn_id, channel_id, after_id, part_no, kind, content, reply_to_id,
        audience_kind, audience_id, pings, created_at)
    SELECT turn.turn_id, timer.channel_id, least(turn.after_id, {_ID_WHEN_DUE}), 0, 'text', timer.text, timer.source_id,
        timer.audience_kind, timer.audience_id, true, $2
    FROM turn, timer
), again AS (
    UPDATE messages SET state = 'pending', turn_id = NULL,
        reasons = array_remove(messages.reasons, '{PUT_OFF}') || '{PUT_OFF}'::text
    FROM timer
    WHERE timer.kind = '{TimerKind.LATER}' AND messages.turn_id = timer.turn_id
        AND messages.author_id = timer.user_id AND messages.speaker = 'person' AND messages.state = 'answered'
    RETURNING message_id
), over AS (
    UPDATE timers SET over_at = $2, text = '', turn_id = coalesce((SELECT turn_id FROM turn), timers.turn_id),
        state = CASE WHEN EXISTS (SELECT FROM turn UNION ALL SELECT FROM again) THEN 'fired' ELSE 'cancelled' END
    FROM timer WHERE timers.timer_id = timer.timer_id
    RETURNING timers.channel_id, timers.state
)
SELECT channel_id FROM over WHERE state = 'fired'
UNION ALL SELECT channel_id FROM timers WHERE timer_id = $1 AND state = 'fired' AND over_at = $2::timestamptz
"""

UPCOMING = """
SELECT timer_id, due_at FROM timers WHERE state = 'waiting' AND due_at <= $1 ORDER BY due_at, timer_id LIMIT $2
"""

WAITING = """
SELECT timer_id, kind, channel_id, due_at, text FROM timers
WHERE user_id = $1 AND state = 'waiting' ORDER BY due_at, timer_id LIMIT $2
"""

CANCEL = """
UPDATE timers SET state = 'cancelled', over_at = $3, text = ''
WHERE user_id = $1 AND timer_id = $2 AND (state = 'waiting' OR over_at = $3 AND state = 'cancelled')
RETURNING timer_id
"""

ZONE = "SELECT time_zone FROM people WHERE user_id = $1"

SET_ZONE = """
INSERT INTO people (user_id, display_name, time_zone, first_seen_at, last_seen_at) VALUES ($1, $2, $3, $4, $4)
ON CONFLICT (user_id) DO UPDATE SET time_zone = excluded.time_zone
"""


class PostgresTimers:
    """Implements `bot.ports.TimerStore`."""

    def __init__(self, pool: StatementPool) -> None:
        self._pool = pool

    async def fire(self, timer_id: TimerId, now: datetime) -> ChannelId | None:
        """See `bot.ports.TimerStore.fire`."""
        fired = await self._pool.run(FIRE, timer_id, now, first_at(now - CLOCKS_APART))
        return ChannelId(fired[0]["channel_id"]) if fired else None

    async def upcoming(self, until: datetime, limit: int) -> Mapping[TimerId, datetime]:
        """See `bot.ports.TimerStore.upcoming`."""
        found = await self._pool.run(UPCOMING, until, limit)
        return {TimerId(row["timer_id"]): row["due_at"] for row in found}

    async def set(self, timer: NewTimer, owner: Person, channel_id: ChannelId, *, now: datetime, most: int) -> bool:
        """See `bot.ports.TimerStore.set`."""
        made = await self._pool.run(
            SET,
            owner.user_id,
            storable(owner.display_name),
            now,
            channel_id,
            timer.kind,
            timer.due_at,
            storable(timer.text),
            timer.source_id,
            AudienceKind.PERSON,
            owner.user_id,
            most,
        )
        return bool(made)

    async def waiting(self, user_id: UserId, limit: int) -> Sequence[WaitingTimer]:
        """See `bot.ports.TimerStore.waiting`."""
        return [
            WaitingTimer(
                TimerId(row["timer_id"]),
                TimerKind(row["kind"]),
                ChannelId(row["channel_id"]),
                row["due_at"],
                row["text"],
            )
            for row in await self._pool.run(WAITING, user_id, limit)
        ]

    async def cancel(self, user_id: UserId, timer_id: TimerId, now: datetime) -> bool:
        """See `bot.ports.TimerStore.cancel`."""
        return bool(await self._pool.run(CANCEL, user_id, timer_id, now))

    async def zone(self, user_id: UserId) -> str | None:
        """See `bot.ports.TimerStore.zone`."""
        found = await self._pool.run(ZONE, user_id)
        return found[0]["time_zone"] if found else None

    async def set_zone(self, owner: Person, zone: str, now: datetime) -> None:
        """See `bot.ports.TimerStore.set_zone`."""
        await self._pool.run(SET_ZONE, owner.user_id, storable(owner.display_name), zone, now)
