"""The safety net: wakes channels that something was left in, whoever left it."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta

from bot.engine.conversations import Conversations
from bot.errors import CompanionError
from bot.ports import Clock, Store

log = logging.getLogger(__name__)

SWEEP_MOST = 200  # channels one sweep wakes
TIDY_EVERY = 60  # sweeps: about two minutes


class Sweeper:
    """Wakes channels that something was left in, whoever left it."""

    def __init__(self, store: Store, conversations: Conversations, clock: Clock) -> None:
        self._store = store
        self._conversations = conversations
        self._clock = clock
        self._waking: set[asyncio.Task[None]] = set()
        self.sweeps = 0

    def model_is_back(self) -> None:
        """Let what waits for the model be tried at once, longest waiting first."""
        waking = asyncio.create_task(self._wake_waiting(), name="model is back")
        self._waking.add(waking)
        waking.add_done_callback(self._waking.discard)

    async def _wake_waiting(self) -> None:
        try:
            await self._store.retry_now(self._clock.now())
            await self.sweep(quiet_for=timedelta(0), limit=SWEEP_MOST)
        except CompanionError as exc:
            log.error("what waits for the model is tried at its own time", extra={"cause": str(exc)})

    async def run(self, every: timedelta, *, quiet_for: timedelta, limit: int = SWEEP_MOST) -> None:
        """Sweep for ever; database trouble is waited out."""
        while True:
            try:
                await self.sweep(quiet_for=quiet_for, limit=limit)
            except CompanionError as exc:
                log.error("sweep failed", extra={"cause": str(exc)})
            await self._clock.sleep(every)

    async def sweep(self, *, quiet_for: timedelta, limit: int) -> int:
        """Wake what waits once; gives how many channels."""
        limit = min(limit, self._conversations.room_left)
        busy = self._conversations.busy()
        found = await self._store.waiting_channels(self._clock.now(), quiet_for=quiet_for, limit=limit, besides=busy)
        for channel_id in found:
            self._conversations.look_after(channel_id)
        await self.tidy()
        self.sweeps += 1
        if self.sweeps % TIDY_EVERY == 0:
            await self._store.forget_early_deletes(self._clock.now())
        return len(found)

    async def tidy(self) -> None:
        """Drop what is known of quiet channels; all there is to do where another process answers."""
        self._conversations.forget_quiet_rooms()
