"""Forget what was overheard: a day after it was said, whatever else happens."""

from __future__ import annotations

import logging

from bot.ports import Clock
from bot.room_ports import DecisionStore

log = logging.getLogger(__name__)


class ForgetOverheard:
    """Drops what may be kept no longer; doing it twice, or in several processes at once, changes nothing."""

    def __init__(self, *, store: DecisionStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def __call__(self) -> int:
        """Drop overheard lines, quotes and records that are older than they may be; gives how many lines went.

        Raises:
            StoreError: the database failed; they go the next time.
        """
        count = await self._store.forget_overheard(self._clock.now())
        if count:
            log.info("overheard lines forgotten", extra={"count": count})
        return count
