"""Memories that have faded go into the archive; nothing is deleted, and each can be brought back."""

from __future__ import annotations

import logging

from bot.memory_ports import ReflectStore
from bot.ports import Clock

log = logging.getLogger(__name__)

AT_ONCE = 500  # memories in one statement
TIMES_MOST = 20  # in one run; the next goes on


class Fade:
    """Archives what `bot.domain.memory_life` says has faded; several processes may do it at once."""

    def __init__(self, store: ReflectStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def __call__(self) -> int:
        """Archive what has faded by now; gives how many memories.

        Raises:
            StoreError: the database failed; they go the next time.
        """
        count = 0
        for _ in range(TIMES_MOST):
            gone = await self._store.fade(self._clock.now(), limit=AT_ONCE)
            count += gone
            if gone < AT_ONCE:
                break
        if count:
            log.info("memories archived", extra={"count": count})
        return count
