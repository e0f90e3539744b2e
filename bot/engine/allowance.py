"""How many cheap calls may still be spent today on finding out whether talk is hers."""

from __future__ import annotations

import logging
from collections import deque
from datetime import datetime, timedelta

from bot.errors import StoreError
from bot.ports import Clock
from bot.room_ports import DecisionStore

log = logging.getLogger(__name__)

DAY = timedelta(days=1)
READ_EVERY = timedelta(minutes=1)


class Allowance:
    """Counts the cheap calls of the last 24 hours: those decided on here as they are, others' a minute late."""

    def __init__(self, *, store: DecisionStore, clock: Clock, a_day: int) -> None:
        self._store = store
        self._clock = clock
        self._a_day = a_day
        self._before: deque[datetime] = deque()  # when this process began
        self._here: deque[datetime] = deque()
        self._everywhere = 0
        self._read_at: datetime | None = None

    async def left(self) -> int:
        """Give how many more may be spent now; none while it is not known how many were."""
        now = self._clock.now()
        if not self._a_day:
            return 0
        if self._read_at is None or now - self._read_at >= READ_EVERY:
            await self._read(now)
        if self._read_at is None:
            return 0
        for spent in (self._before, self._here):
            while spent and now - spent[0] >= DAY:
                spent.popleft()
        # what is decided here is kept only once it is made: of the two counts the greater is nearer
        return max(0, self._a_day - max(len(self._before) + len(self._here), self._everywhere))

    def spend(self) -> None:
        """Note that a cheap call will be made."""
        self._here.append(self._clock.now())

    async def _read(self, now: datetime) -> None:
        try:
            spent = await self._store.considered_since(now - DAY)
        except StoreError as exc:
            log.info("cheap calls were not counted", extra={"cause": str(exc)})
            return
        self._everywhere = len(spent)
        if self._read_at is None:
            self._before.extend(at for _, at in spent)
        self._read_at = now
