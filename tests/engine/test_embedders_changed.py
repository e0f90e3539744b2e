"""Another embedder is set, and things go wrong half-way: nothing is lost, nothing is mixed, and it is finished."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from bot.adapters.postgres.vectors import PostgresVectors
from bot.engine.embed import BATCH_MOST, FIRST_REST
from bot.errors import ProviderError
from tests.engine.test_embed import Desk, FakeEmbedder
from tests.engine.test_embed import desk as desk

LINES = BATCH_MOST * 3
MIXED = """
SELECT count(*) AS number FROM recall_lines JOIN embedders USING (embedder_id) WHERE vector_dims(vector) <> dimension
"""


def dies_after(batches: int) -> FakeEmbedder:
    """Give another embedder than before, that goes away after some requests."""
    other = FakeEmbedder("fake:two", dimension=7)

    def refuse(_: Sequence[str]) -> None:
        if len(other.asked) > batches:
            raise ProviderError("gone", kind="unreachable", retryable=True)

    other.refuses = refuse
    return other


async def settled(desk: Desk) -> None:
    await desk.say(*(f"Line {place}" for place in range(LINES)))
    await desk.embed()


async def test_one_that_goes_away_half_way_goes_on_where_it_was(desk: Desk):
    await settled(desk)
    other = dies_after(1)
    embed = desk.use(other)
    assert await embed() == BATCH_MOST
    assert await desk.store.census() == {"fake:one": LINES - BATCH_MOST, "fake:two": BATCH_MOST}
    assert (await desk.pool.run(MIXED))[0]["number"] == 0
    other.refuses = lambda texts: None
    await desk.clock.advance(FIRST_REST)
    assert await embed() == LINES - BATCH_MOST
    assert await desk.store.census() == {"fake:two": LINES}


async def test_a_process_that_dies_half_way_leaves_the_rest_to_the_next(desk: Desk):
    await settled(desk)
    other = FakeEmbedder("fake:two", dimension=7)
    hangs = asyncio.Event()

    class Hanging(FakeEmbedder):
        async def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
            if self.asked:
                hangs.set()
                await asyncio.Event().wait()
            return await super().embed(texts)

    run = asyncio.create_task(desk.use(Hanging("fake:two", dimension=7))())
    await hangs.wait()
    run.cancel()
    await asyncio.gather(run, return_exceptions=True)
    assert await desk.store.census() == {"fake:one": LINES - BATCH_MOST, "fake:two": BATCH_MOST}
    assert await desk.use(other)() == LINES - BATCH_MOST
    assert await desk.store.census() == {"fake:two": LINES}
    assert (await desk.pool.run(MIXED))[0]["number"] == 0


async def test_how_far_it_is_can_be_seen(desk: Desk):
    assert await PostgresVectors(desk.pool).census() == {}
    await desk.say("One", "Two", "Three")
    assert await PostgresVectors(desk.pool).census() == {None: 3}
    await desk.embed()
    await desk.say("Four")
    assert await PostgresVectors(desk.pool).census() == {"fake:one": 3, None: 1}
