"""What was learnt of model servers survives a restart."""

from __future__ import annotations

from dataclasses import replace

from bot.adapters.postgres.rungs import PostgresRungStore
from bot.ports import Learnt
from tests.fakes import START

LEARNT = Learnt("tool", START, ("temperature", "seed"))


async def test_what_was_put_is_given_back(database):
    await PostgresRungStore(database).put("http://127.0.0.1:1/v1", "m", LEARNT)
    assert await PostgresRungStore(database).get("http://127.0.0.1:1/v1", "m") == LEARNT


async def test_the_newest_wins(database):
    store = PostgresRungStore(database)
    await store.put("e", "m", LEARNT)
    newer = replace(LEARNT, rung="text", dropped=())
    await store.put("e", "m", newer)
    assert await store.get("e", "m") == newer


async def test_each_endpoint_and_model_has_its_own(database):
    store = PostgresRungStore(database)
    await store.put("e", "m", LEARNT)
    assert await store.get("e", "other") is None
    assert await store.get("other", "m") is None
