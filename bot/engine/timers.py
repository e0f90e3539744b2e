"""What happens at its time: timers are fired when they are due, and people set, list and cancel theirs.

A job of the queue fires each timer; the alarm beside it looks after those the queue is late with or has lost.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.domain.ids import ChannelId, UserId
from bot.domain.message import Person
from bot.domain.text import is_blank, visible_line
from bot.domain.timer import FURTHEST, LINE_LIMIT, SOONEST, NewTimer, TimerId, TimerKind, WaitingTimer
from bot.domain.when import read_when
from bot.domain.zones import find_zone, zone_named
from bot.errors import CompanionError, UserError
from bot.ports import Clock, TimerStore

log = logging.getLogger(__name__)

LOOK_EVERY = timedelta(seconds=2)
QUEUE_FIRST = timedelta(milliseconds=300)  # how late the queue may be before the alarm does it
AT_ONCE = 200  # timers fired in one look
OPEN_MOST = 25  # timers a person can have waiting; as many as one menu shows


class Alarm:
    """Fires timers that are due, each once among all processes, and wakes their channels."""

    def __init__(self, *, store: TimerStore, wake: Callable[[ChannelId], None], clock: Clock) -> None:
        """Take what is needed; *wake* sees that a channel is looked at."""
        self._store = store
        self._wake = wake
        self._clock = clock
        self._is_closing = False

    def close(self) -> None:
        """Leave what becomes due from now on to other processes, or to the next start."""
        self._is_closing = True

    async def fire(self, timer_id: TimerId) -> bool:
        """Fire one timer, if it is due and nobody did; trouble with the database is left to a later look."""
        if self._is_closing:
            return False
        try:
            channel_id = await self._store.fire(timer_id, self._clock.now())
        except CompanionError as exc:
            log.warning("timer not fired yet", extra={"timer_id": timer_id, "cause": type(exc).__name__})
            return False
        if channel_id is not None:
            log.info("timer fired", extra={"timer_id": timer_id, "channel_id": channel_id})
            self._wake(channel_id)
        return channel_id is not None

    async def run(self) -> None:
        """Look for ever; database trouble is waited out."""
        while True:
            wait = LOOK_EVERY
            try:
                wait = await self.look()
            except CompanionError as exc:
                log.error("timers not looked at", extra={"cause": str(exc)})
            await self._clock.sleep(wait)

    async def look(self) -> timedelta:
        """Fire what is overdue; gives how long nothing will be."""
        now = self._clock.now()
        upcoming = await self._store.upcoming(now + LOOK_EVERY, AT_ONCE)
        for timer_id, due_at in upcoming.items():
            if due_at + QUEUE_FIRST <= now:
                await self.fire(timer_id)
        ahead = [due_at + QUEUE_FIRST - now for due_at in upcoming.values() if due_at + QUEUE_FIRST > now]
        if len(upcoming) == AT_ONCE and not ahead:
            return SOONEST / 10  # there are more
        return min(ahead, default=LOOK_EVERY)


class Remind:
    """What people do with their own timers; *home_zone* is the time zone of who has not named one."""

    def __init__(self, *, store: TimerStore, clock: Clock, home_zone: str) -> None:
        self._store = store
        self._clock = clock
        self._home_zone = home_zone

    async def zone(self, user_id: UserId) -> str | None:
        """Name the time zone a person has chosen, if any.

        Raises:
            StoreError: the database failed.
        """
        return await self._store.zone(user_id)

    async def zone_in_use(self, user_id: UserId) -> str:
        """Name the time zone in which a person's words are read.

        Raises:
            StoreError: the database failed.
        """
        return str(zone_named(await self._store.zone(user_id), self._home_zone))

    async def choose_zone(self, owner: Person, typed: str) -> tuple[str, datetime]:
        """Keep the time zone a person names; gives its name and what the clock says there.

        Raises:
            UserError: there is no such zone.
            StoreError: the database failed.
        """
        name = find_zone(typed)
        if name is None:
            raise UserError("zone_unknown")
        now = self._clock.now()
        await self._store.set_zone(owner, name, now)
        return name, self.time_in(name)

    def time_in(self, zone: str) -> datetime:
        """Give what the clock says in a zone now."""
        return self._clock.now().astimezone(ZoneInfo(zone))

    async def plan(self, user_id: UserId, phrase: str) -> datetime:
        """Give the time that a person means.

        Raises:
            UserError: it cannot be read, is over, or is too far away.
            StoreError: the database failed.
        """
        now = self._clock.now()
        due_at = read_when(phrase, now, ZoneInfo(await self.zone_in_use(user_id)))
        if due_at is None:
            raise UserError("remind_when_unclear")
        if due_at < now:
            raise UserError("remind_when_over", seconds=int(due_at.timestamp()))
        if due_at > now + FURTHEST:
            raise UserError("remind_when_far", days=FURTHEST.days)
        return max(due_at, now + SOONEST)

    async def set(self, owner: Person, channel_id: ChannelId, due_at: datetime, line: str) -> None:
        """Keep a reminder for a person's own direct conversation; *line* is what will be said.

        Raises:
            UserError: they have too many already.
            StoreError: the database failed.
        """
        timer = NewTimer(TimerKind.REMINDER, owner.user_id, due_at, line)
        if not await self._store.set(timer, owner, channel_id, now=self._clock.now(), most=OPEN_MOST):
            raise UserError("remind_full", most=OPEN_MOST)

    async def waiting(self, user_id: UserId) -> Sequence[WaitingTimer]:
        """List a person's timers, soonest first.

        Raises:
            StoreError: the database failed.
        """
        return await self._store.waiting(user_id, OPEN_MOST)

    async def cancel(self, user_id: UserId, timer_ids: Sequence[TimerId]) -> int:
        """Let a person's timers not happen; gives how many were theirs and still waiting.

        Raises:
            StoreError: the database failed.
        """
        now = self._clock.now()
        return sum([await self._store.cancel(user_id, timer_id, now) for timer_id in dict.fromkeys(timer_ids)])


def what_of(typed: str) -> str:
    """Give what to be reminded of as one visible line.

    Raises:
        UserError: nothing of it can be seen, or it is too long.
    """
    what = visible_line(typed)
    if is_blank(what):
        raise UserError("remind_what_empty")
    if len(what) > LINE_LIMIT:
        raise UserError("remind_what_long", limit=LINE_LIMIT)
    return what
