"""Who wants not to be heard: nothing they write is kept or quoted. Held in memory, because every line asks for it.

The statement that keeps a line looks again, so that what another process was told a moment ago holds as well.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection
from datetime import datetime, timedelta

from bot.domain.ids import UserId
from bot.errors import StoreError
from bot.ports import Clock
from bot.room_ports import SilenceStore

log = logging.getLogger(__name__)

FRESH_FOR = timedelta(seconds=10)  # by then, other processes know of a wish
AGAIN_AFTER = timedelta(seconds=2)  # the database is not asked oftener while it gives no answer


class Silences:
    """Knows who wants not to be heard."""

    def __init__(self, *, store: SilenceStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._silent: frozenset[UserId] = frozenset()
        self._until: datetime | None = None
        self._changes = 0
        self._lock = asyncio.Lock()

    async def set(self, user_id: UserId, *, is_silent: bool) -> None:
        """Keep a person's wish; it holds at once here, and everywhere within ten seconds.

        Raises:
            StoreError: the database failed.
        """
        await self._store.set_silent(user_id, is_silent=is_silent, now=self._clock.now())
        self._changes += 1
        self._silent = self._silent | {user_id} if is_silent else self._silent - {user_id}

    async def is_silent(self, user_id: UserId) -> bool:
        """Say whether a person wants not to be heard, as the database has it.

        Raises:
            StoreError: the database failed.
        """
        return await self._store.is_silent(user_id)

    async def now(self) -> Collection[UserId]:
        """Give everybody who wants not to be heard, as of ten seconds ago at most; while the database is away, older.

        Who is missing then is kept out by the database itself, in the statement that would keep their line.
        """
        if self._is_fresh():
            return self._silent
        async with self._lock:
            if not self._is_fresh():
                await self._read()
        return self._silent

    def _is_fresh(self) -> bool:
        return self._until is not None and self._clock.now() < self._until

    async def _read(self) -> None:
        changes = self._changes
        try:
            silent = frozenset(await self._store.silent())
        except StoreError as exc:
            log.info("who wants not to be heard was not read", extra={"cause": str(exc)})
            self._until = self._clock.now() + AGAIN_AFTER
            return
        if changes == self._changes:  # else somebody's wish may be newer than what was read
            self._silent = silent
            self._until = self._clock.now() + FRESH_FOR
