"""All processes, what waits and what failed, for who runs her: for a card, a terminal, a page of figures."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from bot.domain.service import ServiceView
from bot.engine.asking import Asking
from bot.operator_ports import ServiceStore
from bot.persona_ports import VoiceStore
from bot.ports import Clock

FAILURES_SHOWN = 10
VOICES_SHOWN = 10
WITHIN = timedelta(seconds=2)  # the counts take some hundredths of that


class Oversee:
    """Reads the state of the whole, as the database knows it."""

    def __init__(
        self, store: ServiceStore, clock: Clock, *, within: timedelta = WITHIN, voices: VoiceStore | None = None
    ) -> None:
        """Take where it is read; without *voices* nothing is said of how her answers sound."""
        self._store = store
        self._voices = voices
        self._clock = clock
        self._within = within
        self._reading = Asking(self._read)

    async def __call__(self) -> ServiceView:
        """Give it, with the last failures.

        Raises:
            StoreError: the database does not answer, or not in time.
        """
        return await self._reading.within(self._within)

    async def _read(self) -> ServiceView:
        now = self._clock.now()
        processes, backlog, failed = await asyncio.gather(
            self._store.processes(), self._store.backlog(now), self._store.failures(FAILURES_SHOWN)
        )
        heard = () if self._voices is None else await self._voices.most_heard(VOICES_SHOWN)
        return ServiceView(now, tuple(processes), backlog, tuple(failed), tuple(heard))
