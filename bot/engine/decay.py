"""Decay: what the clock does to her, written down for charts, presence and whoever reads tables.

Nothing depends on it: every state is worked out from its last event when it is read. A missed tick is caught up by
the next one.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from bot.domain.chronicle import Chronicle
from bot.domain.feeling import MoodPoint, SoulId
from bot.domain.feeling_words import mood_in_words
from bot.engine.feel import Feel
from bot.engine.look import mood_point
from bot.errors import CompanionError
from bot.feeling_ports import FeelingStore, Materialiser
from bot.ports import Clock, Presence

log = logging.getLogger(__name__)

JOB = "decay"
FINE_FOR = timedelta(days=1)  # after a downtime, points are as close as usual this far back,
CATCH_UP_STEP = timedelta(minutes=2)  # but no closer than this,
COARSE = timedelta(hours=1)  # and this far apart
CAUGHT_UP_MOST = timedelta(days=8)  # before that


class Decay:
    """One tick of the decay job."""

    def __init__(
        self, *, feel: Feel, store: FeelingStore, people: Materialiser, clock: Clock, every: timedelta
    ) -> None:
        self._feel = feel
        self._store = store
        self._people = people
        self._clock = clock
        self._every = every

    async def tick(self) -> bool:
        """Do what is due; False where another process did it."""
        now = self._clock.now()
        slot = slot_of(now, self._every)
        if not await self._store.take_slot(JOB, slot, now):
            return False
        await self._feel.live_left_over()
        for soul_id in await self._feel.souls():
            try:
                await self._bring_up(soul_id, now)
            except CompanionError as exc:
                log.warning("a soul was not brought up", extra={"soul_id": soul_id, "cause": str(exc)})
        return True

    async def _bring_up(self, soul_id: SoulId, now: datetime) -> None:
        await self._feel.mend_time(soul_id)
        chronicle = await self._feel.chronicle(soul_id)
        kept = chronicle.soul
        last = await self._store.last_mood(soul_id, now)
        since = max(chronicle.at, last) if last is not None else chronicle.at
        await self._store.record_mood(soul_id, list(self._points(chronicle, since, now)), now=now)
        chronicle.live_until(now)
        await self._store.apply(kept, chronicle)  # another process being first is as good
        await self._people.materialise(soul_id, now)

    def _points(self, chronicle: Chronicle, since: datetime, now: datetime) -> Iterator[MoodPoint]:
        """Give the points that are due; the ones a downtime kept from being recorded are worked out now."""
        step = self._every if now - since <= COARSE else max(self._every, CATCH_UP_STEP)
        at = max(slot_of(since, step) + step, slot_of(now - CAUGHT_UP_MOST, COARSE))
        while at <= now:
            chronicle.live_until(at)
            yield mood_point(chronicle.soul.state, at)
            is_old = at < now - FINE_FOR
            at = slot_of(at, COARSE) + COARSE if is_old and step < COARSE else at + step


class ShowMood:
    """Shows the mood of the soul that is everyone's as her presence."""

    def __init__(self, feel: Feel, presence: Presence) -> None:
        self._feel = feel
        self._presence = presence

    async def __call__(self) -> None:
        """Show how she feels now."""
        soul = await self._feel.record(None)
        await self._presence.show(mood_in_words(soul.state))


def slot_of(at: datetime, every: timedelta) -> datetime:
    """Give the beginning of the slot that holds *at*; slots are counted from midnight (UTC) of 1970."""
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    return epoch + (at - epoch) // every * every
