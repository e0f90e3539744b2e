"""A deleted channel is full of deleted messages; what only looks like one is left alone."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from datetime import timedelta

import pytest

from bot.adapters.postgres.forget import PostgresForget
from bot.adapters.postgres.marks import PostgresMarks
from bot.domain.ids import ChannelId, GuildId
from bot.domain.message import Channel, ChannelKind
from bot.engine.closed_places import ASKED_AGAIN_AFTER, ClosedPlaces
from bot.engine.forget import Forget
from bot.errors import DeliveryError, StoreError
from tests.engine.conftest import World
from tests.engine.street import HALL, NOT_NOW, MemoryHistory, Street
from tests.fakes import BEN, MIRA, ROOM

GUILD = GuildId(401)
THREAD = Channel(ChannelId(777), ChannelKind.THREAD, GUILD, HALL.channel_id)


class Places(MemoryHistory):
    """Channels as Discord has them: *there* are listed and answer; what it says of others is *says*."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.there: set[ChannelId] = {HALL.channel_id, ROOM.channel_id, THREAD.channel_id}
        self.barred: set[ChannelId] = set()
        self.faults_of_places: list[DeliveryError] = []
        self.asked: list[ChannelId] = []

    def listed(self, guild_id: GuildId) -> Collection[ChannelId]:
        return self.there if guild_id in self.guild_ids else ()

    async def is_closed(self, channel_id: ChannelId, *, within: timedelta) -> bool:
        self.asked.append(channel_id)
        if self.faults_of_places:
            raise self.faults_of_places.pop(0)
        return channel_id not in self.there | self.barred


class Scene:
    """A hall, a thread of it and a room, each with a line that she answered."""

    def __init__(self, street: Street) -> None:
        self.street = street
        self.world = street.world
        self.places = Places(street.world)
        pool = street.world.real_store._pool
        self.forget = Forget(store=PostgresForget(pool), mend=_mend, clock=self.world.clock)
        self.marks = PostgresMarks(pool, MIRA.user_id)
        self.closed = self.process()

    def process(self) -> ClosedPlaces:
        """Start what asks after places; it knows nothing yet."""
        forget = self.forget.messages
        return ClosedPlaces(history=self.places, store=self.marks, forget=forget, clock=self.world.clock)

    async def told(self) -> None:
        for place in (HALL, THREAD, ROOM):
            line = self.street.message(f"Mira, {place.channel_id} is mine", place, author=BEN, mentions_self=True)
            await self.world.take(line)
            await self.world.run()

    def delete(self, *places: Channel) -> None:
        self.places.there -= {place.channel_id for place in places}

    async def asked_twice(self) -> None:
        for _ in range(2):
            await self.closed.look()
            await self.street.pass_time(ASKED_AGAIN_AFTER)

    async def left(self) -> set[int]:
        rows = await self.world.rows("SELECT DISTINCT channel_id FROM messages WHERE content <> ''")
        return {row["channel_id"] for row in rows}


async def _mend(_: object) -> None:
    return None


@pytest.fixture
async def scene(world: World) -> Scene:
    made = Scene(Street(world))
    await made.told()
    return made


ALL = {HALL.channel_id, THREAD.channel_id, ROOM.channel_id}


async def test_what_was_said_in_a_deleted_channel_is_forgotten_and_nothing_else(scene: Scene):
    scene.delete(HALL, THREAD)
    scene.closed.closed(HALL.channel_id)
    await scene.closed.server_here(GUILD)
    await scene.asked_twice()
    assert await scene.left() == {ROOM.channel_id}
    assert await scene.world.rows("SELECT 1 FROM outbox WHERE channel_id IN (302, 777) AND content <> ''") == []


async def test_a_deleted_thread_goes_alone(scene: Scene):
    scene.delete(THREAD)
    scene.closed.closed(THREAD.channel_id)
    await scene.asked_twice()
    assert await scene.left() == {HALL.channel_id, ROOM.channel_id}


async def test_discord_has_to_say_it_twice(scene: Scene):
    scene.delete(HALL)
    scene.closed.closed(HALL.channel_id)
    await scene.closed.look()
    await scene.street.pass_time(ASKED_AGAIN_AFTER - timedelta(seconds=1))
    await scene.closed.look()
    scene.places.there.add(HALL.channel_id)  # it only looked like it
    await scene.street.pass_time(timedelta(minutes=1))
    await scene.closed.look()
    assert await scene.left() == ALL
    assert len(scene.places.asked) == 2


async def test_a_channel_that_she_may_not_see_is_not_gone(scene: Scene):
    scene.delete(HALL)
    scene.places.barred.add(HALL.channel_id)
    await scene.closed.server_here(GUILD)
    await scene.asked_twice()
    assert await scene.left() == ALL


async def test_an_outage_forgets_nothing(scene: Scene):
    scene.places.guild_ids = []  # unavailable: it lists nothing
    scene.delete(HALL, THREAD, ROOM)
    await scene.closed.server_here(GUILD)
    await scene.asked_twice()
    assert await scene.left() == ALL and scene.places.asked == []
    scene.closed.closed(HALL.channel_id)
    scene.places.faults_of_places = [NOT_NOW] * 2
    await scene.asked_twice()
    assert await scene.left() == ALL


async def test_a_server_that_sent_her_away_deleted_nothing_and_is_asked_once(scene: Scene):
    scene.places.barred |= scene.places.there
    scene.places.there.clear()
    await scene.closed.server_gone(GUILD)
    await scene.asked_twice()
    assert await scene.left() == ALL
    assert len(scene.places.asked) == 1


async def test_a_deleted_server_is_forgotten_as_a_whole(scene: Scene):
    scene.places.there.clear()
    await scene.closed.server_gone(GUILD)
    await scene.asked_twice()
    assert await scene.left() == set()


async def test_a_channel_deleted_while_she_was_away_is_found_by_the_next_session(scene: Scene):
    scene.delete(HALL, THREAD)
    scene.closed = scene.process()
    await scene.closed.server_here(GUILD)
    await scene.asked_twice()
    assert await scene.left() == {ROOM.channel_id}


async def test_an_archived_thread_is_no_longer_listed_and_stays(scene: Scene):
    scene.delete(THREAD)
    await scene.closed.server_here(GUILD)
    await scene.asked_twice()
    assert await scene.left() == ALL and scene.places.asked == []


async def test_a_database_that_fails_half_way_is_gone_on_with(scene: Scene, monkeypatch):
    monkeypatch.setattr("bot.engine.closed_places.LINES_AT_ONCE", 1)
    scene.delete(HALL)
    scene.closed.closed(HALL.channel_id)
    forget, calls = scene.closed._forget, []

    async def flaky(lines):
        calls.append(lines)
        if len(calls) == 2:
            raise StoreError("away")
        return await forget(lines)

    monkeypatch.setattr(scene.closed, "_forget", flaky)
    await scene.world.take(scene.street.message("Mira, and more", HALL, author=BEN, mentions_self=True))
    await scene.world.run()
    await scene.asked_twice()
    assert HALL.channel_id in await scene.left()
    await scene.street.pass_time(timedelta(minutes=1))
    await scene.closed.look()
    assert HALL.channel_id not in await scene.left()


async def test_who_looks_does_so_for_ever(scene: Scene):
    scene.delete(HALL)
    scene.closed.closed(HALL.channel_id)
    task = asyncio.create_task(scene.closed.run())
    await scene.world.clock.advance(ASKED_AGAIN_AFTER + timedelta(minutes=1))
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert await scene.left() == {THREAD.channel_id, ROOM.channel_id}
