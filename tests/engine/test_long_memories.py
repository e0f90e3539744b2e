"""A memory of four thousand letters, however it comes: it is kept whole, and of more the person is told."""

from __future__ import annotations

import pytest

from bot.adapters.postgres.digest import PostgresDigest
from bot.adapters.postgres.store import PostgresStore
from bot.domain.memory import TEXT_MOST
from bot.engine.digest import Digest
from bot.errors import UserError
from tests.closed_turns import Talk
from tests.fakes import ADA, MIRA, START, FakeClock
from tests.own_desk import desk_on

LONG = " ".join(f"I keep {number} bees" for number in range(10_000))[:TEXT_MOST]


async def test_by_a_command(statements):
    desk = desk_on(statements, FakeClock())
    assert (await desk.own.remember(ADA, LONG)).text == LONG
    assert await desk.texts() == [LONG]
    with pytest.raises(UserError, match="memory_long"):
        await desk.own.remember(ADA, LONG + "!")


async def test_by_a_model(statements):
    store, clock = PostgresStore(statements, own=MIRA, is_alone=True), FakeClock()
    await store.introduce(START)
    await Talk(store, clock).turn(LONG, memories=[(0, LONG + " and more", {"salience": 8}), (0, "Ada keeps bees.", {})])
    assert await Digest(PostgresDigest(statements, MIRA), clock, ())() == 1
    rows = await statements.run("SELECT length(text) AS many FROM memories ORDER BY 1")
    assert [row["many"] for row in rows] == [len("Ada keeps bees."), TEXT_MOST]
