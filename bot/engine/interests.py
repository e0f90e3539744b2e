"""How much a line is about what she cares for, where a model for embeddings is there to tell.

It is a nicety: whatever goes wrong with it, and whatever takes too long, is as if there were none.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta

from bot.domain.interest import interest_in
from bot.engine.backoff import Backoff
from bot.errors import ProviderError
from bot.memory_ports import NamedEmbedder
from bot.ports import Clock

log = logging.getLogger(__name__)

WITHIN = timedelta(milliseconds=300)  # a line waits no longer for it, and those behind it neither
TOPICS_WITHIN = timedelta(seconds=20)
AGAIN_AFTER = timedelta(minutes=1)  # a server that fails or dawdles is left alone for that long
NEXT_LOOK = timedelta(hours=1)  # and one that knows no such model, or refuses the key
TEXT_MOST = 2_000  # characters; what a line is about shows in its beginning


class Interests:
    """Tells how much a line is about one of her topics."""

    def __init__(self, *, embedder: NamedEmbedder, topics: Sequence[str], clock: Clock) -> None:
        """Take what she cares for, in sentences; they are put into vectors at the first question about them."""
        self._embedder = embedder
        self._topics = topics
        self._clock = clock
        self._vectors: Sequence[Sequence[float]] = ()
        self._reading: asyncio.Task[None] | None = None
        self._backoff = Backoff(clock, first=AGAIN_AFTER, longest=NEXT_LOOK)

    async def of(self, text: str) -> float | None:
        """Give how near *text* is to one of her topics, in [0, 1]; None where that cannot be known quickly."""
        if not text.strip() or not self._topics or self._backoff.is_on():
            return None
        if not self._vectors:
            self._begin()
            return None
        try:
            async with asyncio.timeout(WITHIN.total_seconds()):
                vectors = await self._embedder.embed((text[:TEXT_MOST],))
        except (ProviderError, TimeoutError) as exc:
            self._rest(exc)
            return None
        self._backoff.end()
        return interest_in(vectors[0], self._vectors) if vectors else None

    def renew(self) -> None:
        """Note that what she cares for has changed."""
        self._vectors = ()
        if self._reading is not None:
            self._reading.cancel()

    async def close(self) -> None:
        """Let go of what is under way."""
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)

    def _begin(self) -> None:
        """Have her topics put into vectors; no line waits for that."""
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self._read(), name="her interests")

    async def _read(self) -> None:
        try:
            async with asyncio.timeout(TOPICS_WITHIN.total_seconds()):
                self._vectors = await self._embedder.embed(self._topics)
        except (ProviderError, TimeoutError) as exc:
            self._rest(exc)

    def _rest(self, exc: Exception) -> None:
        log.warning("no embedding; the line is judged without", extra={"kind": self._backoff.begin(exc)})
