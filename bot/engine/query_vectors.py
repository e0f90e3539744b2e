"""The vector of a question to memory, where it can be had in time.

Whatever goes wrong with it, and whatever takes too long, is as if there were no embedder.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from datetime import timedelta

from bot.domain.embeddable import embeddable
from bot.domain.recalled import Vector
from bot.domain.vectors import unit_vectors
from bot.engine.backoff import Backoff
from bot.errors import ProviderError
from bot.memory_ports import NamedEmbedder
from bot.ports import Clock

log = logging.getLogger(__name__)

WITHIN = timedelta(milliseconds=150)  # a reply waits no longer for it: memory is then searched by words alone
KEPT_MOST = 64  # questions asked again within a talk; a few hundred kilobytes
LATE_MOST = 3  # in a row, before the server is left alone
FIRST_REST = timedelta(seconds=15)
LONGEST_REST = timedelta(minutes=10)


class QueryVectors:
    """Puts questions into the space that *embedder* puts memories into."""

    def __init__(self, embedder: NamedEmbedder, clock: Clock) -> None:
        self._embedder = embedder
        self._backoff = Backoff(clock, first=FIRST_REST, longest=LONGEST_REST)
        self._kept: OrderedDict[str, Vector] = OrderedDict()
        self._late = 0

    async def of(self, text: str) -> Vector | None:
        """Give the vector of *text*, in which names are "you" already; None where it cannot be had in time."""
        asked = embeddable(text)
        if not asked:
            return None
        if asked in self._kept:
            self._kept.move_to_end(asked)
            return self._kept[asked]
        if self._backoff.is_on():
            return None
        try:
            async with asyncio.timeout(WITHIN.total_seconds()):
                found = unit_vectors(await self._embedder.embed((asked,)), count=1)
        except TimeoutError as exc:
            self._late += 1
            if self._late >= LATE_MOST:
                self._rest(exc)
            return None
        except ProviderError as exc:
            self._rest(exc)
            return None
        return self._keep(asked, Vector(self._embedder.name, found[0]))

    def _keep(self, asked: str, vector: Vector) -> Vector:
        self._late = 0
        self._backoff.end()
        self._kept[asked] = vector
        if len(self._kept) > KEPT_MOST:
            self._kept.popitem(last=False)
        return vector

    def _rest(self, exc: Exception) -> None:
        self._late = 0
        kind = self._backoff.begin(exc)
        log.warning("no vector of a question; memory is searched by words", extra={"kind": kind})
