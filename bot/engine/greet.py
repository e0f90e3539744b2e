"""Greet: be introduced once on each server, to who added her, however often the join is told of."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from bot.domain.ids import GuildId
from bot.errors import DeliveryError
from bot.house_ports import HouseStore
from bot.ports import Clock

log = logging.getLogger(__name__)

NEW_FOR = timedelta(days=3)  # a join that was missed while she was away is still worth a greeting; chosen by ear


class Greet:
    """Sees that the card which helps to set her up is sent once."""

    def __init__(self, store: HouseStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def __call__(
        self, guild_id: GuildId, joined_at: datetime | None, send: Callable[[], Awaitable[str | None]]
    ) -> bool:
        """Have the card sent where it was not yet and she has not been there for long; says whether it was.

        *send* gives which way it went, for the log, None where there was none: then `/setup` is the way, and nobody
        is tried again. Passing trouble leaves the greeting to the next time the server is told of.

        Raises:
            StoreError: the database failed.
        """
        now = self._clock.now()
        if joined_at is None or now - joined_at > NEW_FOR or not await self._store.take_greeting(guild_id, now):
            return False
        try:
            way = await send()
        except DeliveryError as exc:
            log.info("introduced later", extra={"guild_id": guild_id, "code": exc.code})
            await self._store.give_greeting_back(guild_id, now)
            return False
        log.info("introduced", extra={"guild_id": guild_id, "way": way or "none"})
        return way is not None
