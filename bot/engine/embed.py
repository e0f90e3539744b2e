"""Vectors for what she remembers: computed behind the talk, newest first, and again when the embedder is another.

Nothing waits for them and nothing is lost without them: a text that has no vector yet is found by its words.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta

from bot.domain.embeddable import embeddable
from bot.domain.recalled import Vector
from bot.domain.vectors import unit_vectors
from bot.engine.backoff import Backoff
from bot.errors import ProviderError
from bot.memory_ports import NamedEmbedder, Unembedded, VectorStore
from bot.ports import Clock

log = logging.getLogger(__name__)

BATCH_MOST = 16  # texts in one request; to read the vectors of more keeps answers waiting
BATCHES_MOST = 128  # in one run; the next goes on. Of 15 s, writing that many vectors takes three
WITHIN = timedelta(seconds=60)  # for one request
FIRST_REST = timedelta(seconds=5)
LONGEST_REST = timedelta(minutes=10)
SHORTER = (500, 150)  # characters: what is left of a text that the embedder does not take whole
ASIDE_MOST = 1_000  # texts that no embedder takes; they are tried again after a restart
PROBE = "hello"  # a text that every embedder takes: whether it is the text or the server
# failures that one of the texts may be the cause of
OF_A_TEXT = frozenset({"broken", "too_long", "server", "refused", "empty", "timeout"})


class Embed:
    """Gives vectors of *embedder* to what has none; *names* are hers, which say nothing of what a line is about."""

    def __init__(self, store: VectorStore, embedder: NamedEmbedder, clock: Clock, names: Sequence[str] = ()) -> None:
        self._store = store
        self._embedder = embedder
        self._names = names
        self._backoff = Backoff(clock, first=FIRST_REST, longest=LONGEST_REST)
        self._aside: dict[Unembedded, None] = {}
        self._at_once = BATCH_MOST

    async def __call__(self) -> int:
        """Embed what waits, as far as one run goes; gives how many texts got a vector.

        Raises:
            StoreError: the database failed; the next run goes on.
        """
        if self._backoff.is_on():
            return 0
        count = 0
        for _ in range(BATCHES_MOST):
            waiting = await self._waiting()
            if not waiting:
                break
            try:
                kept = await self._embed(waiting)
            except ProviderError as exc:
                kind = self._backoff.begin(exc)
                log.warning("no vectors for now; what waits is found by its words", extra={"kind": kind})
                break
            count += kept
        if count:
            log.info("vectors kept", extra={"count": count})
        return count

    async def _waiting(self) -> Sequence[Unembedded]:
        """Give what is to be embedded next; what has no words to embed is put aside."""
        found = await self._store.without_vector(self._embedder.name, limit=self._at_once, besides=self._aside.keys())
        for one in found:
            if not self._said(one):
                self._put_aside(one)
        return [one for one in found if one not in self._aside]

    async def _embed(self, waiting: Sequence[Unembedded]) -> int:
        try:
            vectors = await self._vectors([self._said(one) for one in waiting])
        except ProviderError as exc:
            if exc.kind not in OF_A_TEXT:
                raise
            if exc.kind == "timeout" and self._at_once > 1:
                self._at_once = max(1, self._at_once // 4)  # a small machine: fewer at once
                raise
            return await self._embed_singly(waiting)
        kept = await self._keep(list(zip(waiting, vectors, strict=True)))
        self._at_once = min(BATCH_MOST, self._at_once * 2)
        self._backoff.end()
        return kept

    async def _embed_singly(self, waiting: Sequence[Unembedded]) -> int:
        """Find out which text the embedder does not take; the others get their vectors."""
        kept = 0
        for one in waiting:
            vector = await self._vector_alone(one)
            if vector is None:
                self._put_aside(one)
                log.warning("a text that the embedder does not take is found by its words", extra={"what": one.what})
            else:
                kept += await self._keep([(one, vector)])
        return kept

    async def _vector_alone(self, one: Unembedded) -> Vector | None:
        """Give the vector of a text, or of its beginning; None if it is the text that cannot be embedded.

        Raises:
            ProviderError: the embedder takes nothing at all now.
        """
        whole = self._said(one)
        for text in (whole, *(whole[:most] for most in SHORTER if most < len(whole))):
            try:
                return (await self._vectors((text,)))[0]
            except ProviderError as exc:
                if exc.kind not in OF_A_TEXT:
                    raise
        await self._vectors((PROBE,))
        return None

    async def _vectors(self, texts: Sequence[str]) -> list[Vector]:
        try:
            async with asyncio.timeout(WITHIN.total_seconds()):
                given = await self._embedder.embed(texts)
        except TimeoutError as exc:
            raise ProviderError("the embedder took too long", kind="timeout", retryable=True) from exc
        name = self._embedder.name
        return [Vector(name, values) for values in unit_vectors(given, count=len(texts))]

    async def _keep(self, made: Sequence[tuple[Unembedded, Vector]]) -> int:
        await self._store.use(self._embedder.name, len(made[0][1].values))
        return await self._store.put(self._embedder.name, made)

    def _said(self, one: Unembedded) -> str:
        return embeddable(one.text, (*one.names, *self._names))

    def _put_aside(self, one: Unembedded) -> None:
        self._aside[one] = None
        if len(self._aside) > ASIDE_MOST:
            del self._aside[next(iter(self._aside))]
