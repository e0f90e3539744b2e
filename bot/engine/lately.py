"""What she said lately, wherever it was, so that she does not say it again.

Held in memory; read from the store at first and from time to time, for other processes say things too.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.errors import StoreError
from bot.ports import Clock, Store

log = logging.getLogger(__name__)

LINES = 40  # her newest; people forget what was said before that, chosen by ear
READ_ANEW_AFTER = timedelta(minutes=1)
# A model that had no other words when asked for them is not asked again at once: each time costs a second call.
LEFT_ALONE_FOR = timedelta(minutes=30)


class Lately:
    """Knows her newest lines across channels."""

    def __init__(self, *, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._kept: Sequence[str] = ()
        self._said: deque[str] = deque(maxlen=LINES)
        self._read_at: datetime | None = None
        self._left_alone_until: datetime | None = None

    async def lines(self) -> tuple[str, ...]:
        """Give the lines not to be said again; without the database what this process knows of them."""
        now = self._clock.now()
        if self._left_alone_until is not None and now < self._left_alone_until:
            return ()
        if self._read_at is None or now - self._read_at >= READ_ANEW_AFTER:
            self._read_at = now
            try:
                self._kept = await self._store.own_lines(LINES)
            except StoreError as exc:
                log.info("her newest lines not read", extra={"cause": str(exc)})
        return (*self._said, *self._kept)

    def note(self, line: str) -> None:
        """Keep a line in mind that she has just said."""
        self._said.append(line)

    def has_no_other_words(self) -> None:
        """Note that the model, asked for other words, had none; it is left alone with that for a while."""
        self._left_alone_until = self._clock.now() + LEFT_ALONE_FOR
