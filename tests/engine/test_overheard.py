"""Much talk between others: it stands in nobody's way, whatever the database and the embeddings do."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta

import pytest

from bot.domain.room_window import RoomWindow
from bot.engine.hear import OVERHEARD_HELD_MOST
from bot.engine.interests import WITHIN
from tests.engine.street import HALL, Street
from tests.engine.test_hear import Flaky
from tests.fakes import ADA, BEN, ROOM, guild_message

AWAY = 1_000_000  # failures: for as long as the test says


@pytest.fixture
async def room(world):
    await world.let(ROOM)
    world.store = Flaky(world.real_store, "hear", 0)
    world.wire()
    return world


def said(room, content: str, **more):
    return guild_message(content, sent_at=room.clock.now(), **more)


async def begun(room, *messages) -> list[asyncio.Task[bool]]:
    tasks = [asyncio.create_task(room.hear(message)) for message in messages]
    await room.clock.advance(0.1)
    return tasks


async def test_talk_between_others_is_not_held_by_the_thousand_while_the_database_is_away(room, caplog):
    await room.take(said(room, "a line", author=BEN))
    room.store.failures = AWAY
    with caplog.at_level(logging.ERROR):
        talk = await begun(room, *(said(room, f"line {number}", author=BEN) for number in range(3_000)))
    assert room.hear._held <= OVERHEARD_HELD_MOST
    assert sum("too much" in record.message for record in caplog.records) == 1
    asked = await begun(room, said(room, "Mira?", mentions_self=True))
    room.store.failures = 0
    await room.run()
    assert asked[0].result()
    assert room.delivery.texts == ["Mhm."]
    assert len(await room.rows("SELECT message_id FROM messages WHERE state <> 'answered'")) <= OVERHEARD_HELD_MOST + 1
    assert all(task.done() and task.exception() is None for task in talk)
    assert room.hear._held == 0


async def test_who_asks_her_is_held_however_much_else_is_said(room):
    await room.take(said(room, "a line", author=BEN))
    room.store.failures = AWAY
    await begun(room, *(said(room, f"line {number}", author=BEN) for number in range(OVERHEARD_HELD_MOST + 5)))
    asked = await begun(room, *(said(room, f"Mira {number}?", mentions_self=True) for number in range(20)))
    room.store.failures = 0
    await room.run()
    assert [task.result() for task in asked] == [True] * 20


async def test_what_was_let_go_is_looked_for_when_the_database_is_back(world):
    await world.let(HALL)
    world.store = Flaky(world.real_store, "hear", 0)
    street = Street(world)
    ears = await street.met()
    ears.hear._store = world.store
    await ears.listen(street.message("before", HALL, author=BEN))
    world.store.failures = AWAY
    lines = [street.message(f"line {number}", HALL, author=BEN) for number in range(OVERHEARD_HELD_MOST + 30)]
    tasks = [asyncio.create_task(ears.listen(line)) for line in lines]
    await world.clock.advance(0.1)
    assert ears.gaps.has_lost(0)
    assert len(ears.gaps._hearings[0].lost) == 1  # how far back to look, not each line
    world.store.failures = 0
    await world.clock.advance(timedelta(seconds=30))
    await asyncio.gather(*tasks)
    await ears.catch_up.write_marks()
    await world.run()
    kept = await world.rows("SELECT content FROM messages WHERE channel_id = 302")
    assert {row["content"] for row in kept} >= {line.content for line in lines}


class Slow:
    """Embeds, as slowly as may be."""

    def __init__(self, world) -> None:
        self._world = world
        self.texts: list[str] = []

    async def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        self.texts += texts
        await asyncio.sleep(WITHIN.total_seconds() / 2)
        return [[1.0, 0.0]] * len(texts)


async def test_in_a_fast_room_no_line_waits_for_the_embeddings_of_those_before_it(world, monkeypatch):
    monkeypatch.setattr(RoomWindow, "interest_matters", staticmethod(lambda features, policy: True))
    await world.let(ROOM, chattiness=5)
    embedder = Slow(world)
    attend = world.hear._attend = world.make_attend(embedder=embedder)
    attend._interests._vectors = [[1.0, 0.0]]
    lines = [
        said(world, f"does anybody here know line {number}?", author=(ADA, BEN)[number % 2]) for number in range(40)
    ]
    began = asyncio.get_running_loop().time()
    tasks = [asyncio.create_task(world.hear(line)) for line in lines]
    await asyncio.gather(*tasks)
    assert asyncio.get_running_loop().time() - began < 4.0  # 40 lines at half of `WITHIN` are 6 s
    assert embedder.texts  # the last ones had time
    assert len(embedder.texts) < 10


async def test_nobody_waits_while_somebody_is_told_that_they_are_not_heard(room, monkeypatch):
    told = asyncio.Event()

    async def react(*_: object) -> None:
        await told.wait()

    monkeypatch.setattr(room.delivery, "react", react)
    await room.silences.set(BEN.user_id, is_silent=True)
    unheard = await begun(room, said(room, "Mira?", author=BEN, mentions_self=True))
    heard = await begun(room, said(room, "Mira!", mentions_self=True))
    assert heard[0].done()
    assert not unheard[0].done()
    told.set()
    await room.run()
    assert not unheard[0].result()
