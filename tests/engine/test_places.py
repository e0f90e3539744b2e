"""Many channels at once, and several processes: places at the model, servers by turns, who hears and who answers."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

from bot.adapters.postgres.store import PostgresStore
from bot.domain.ids import ChannelId, GuildId
from tests.fakes import ADA, DM, MIRA, OTHER_DM, ROOM, answering, dm_message, guild_message

from .conftest import TYPING_WAIT, World


async def test_with_one_place_a_busy_server_does_not_keep_another_from_being_answered(world):
    world.wire(settle=timedelta(0), places=1)
    gate = asyncio.Event()
    world.model.script(answering("First.", gates={"First": gate}))
    busy = [replace(ROOM, channel_id=ChannelId(ROOM.channel_id + number)) for number in range(4)]
    quiet = replace(ROOM, channel_id=ChannelId(9_001), guild_id=GuildId(999))
    for channel in (*busy, quiet):
        await world.take(guild_message("hey", mentions_self=True, channel=channel))
        await world.clock.advance(0.1)
    assert world.model.under_way == 1
    gate.set()
    await world.run()
    assert world.model.most_under_way == 1
    order = [one.channel_id for one in world.delivery.shown]
    assert sorted(order) == sorted(channel.channel_id for channel in (*busy, quiet))
    assert order.index(quiet.channel_id) <= 2


async def test_what_is_written_while_she_waits_for_a_place_is_in_the_same_turn(world):
    world.wire(settle=timedelta(0), places=1)
    gate = asyncio.Event()
    world.model.script(answering("First.", gates={"First": gate}))
    await world.say("one", channel=OTHER_DM)
    await world.clock.advance(0.1)
    await world.say("two")
    await world.clock.advance(5)
    await world.say("three")
    gate.set()
    await world.run()
    assert world.asked() == ["two", "three"]
    assert len(world.model.requests) == 2


async def test_a_drain_sends_away_who_waits_for_a_place_and_loses_nothing(world, database, statements):
    world.wire(settle=timedelta(0), places=1)
    world.model.script(answering("Never.", gates={"Never": asyncio.Event()}))
    await world.say("one", channel=OTHER_DM)
    await world.clock.advance(0.1)
    await world.say("two")
    await world.clock.advance(0.1)
    await world.conversations.drain(timedelta(0))
    assert await world.states() == ["pending", "pending"]
    after = World(database, statements, beside=world)
    await after.sweep()
    assert world.delivery.texts == ["Mhm.", "Mhm."]


async def test_more_channels_than_may_be_under_way_wait_in_the_database(world, monkeypatch):
    monkeypatch.setattr("bot.engine.conversations.CHANNELS_SENDING", 2)
    world.wire(settle=timedelta(0), places=1)
    gate = asyncio.Event()
    world.model.script(answering("First.", gates={"First": gate}))
    for number in range(8):
        await world.say("hey", channel=replace(DM, channel_id=ChannelId(5_000 + number)), author=ADA)
    await world.clock.advance(0.1)
    assert world.conversations.under_way == 3
    gate.set()
    await world.run()
    while await world.sweep():
        pass
    assert len(world.delivery.texts) == 8
    assert world.conversations.under_way == 0


def _hearer(world: World, database, statements) -> World:
    """A process that hears and leaves the answers to *world*."""
    made = World(database, statements, beside=world)
    made.store = PostgresStore(statements, own=MIRA, is_alone=False)
    made.wire()
    made.conversations.is_working = False
    return made


async def test_where_another_process_hears_she_waits_for_them_to_stop_typing(world, database, statements):
    hearer = _hearer(world, database, statements)
    first = await hearer.take(dm_message("one"))
    world.conversations.heard_elsewhere(DM.channel_id)
    await hearer.hear.typing(DM.channel_id, ADA.user_id)
    await world.clock.advance(3)
    assert world.model.requests == []
    await hearer.take(dm_message("two"))
    await world.run()
    assert world.asked() == ["one", "two"]
    assert world.delivery.sent_at[0] - first.sent_at < timedelta(seconds=5)


async def test_who_types_on_for_ever_elsewhere_is_answered_after_the_longest_wait(world, database, statements):
    hearer = _hearer(world, database, statements)
    first = await hearer.take(dm_message("one"))
    world.conversations.heard_elsewhere(DM.channel_id)
    for _ in range(4):
        await hearer.hear.typing(DM.channel_id, ADA.user_id)
        await world.clock.advance(3)
    assert world.delivery.texts == ["Mhm."]
    assert world.delivery.sent_at[0] - first.sent_at < TYPING_WAIT + timedelta(seconds=1)


async def test_a_process_that_only_hears_forgets_quiet_rooms(world):
    world.conversations.is_working = False
    await world.say("one")
    await world.sweeper.tidy()
    assert len(world.conversations._rooms) == 1
    await world.clock.advance(61)
    await world.sweeper.tidy()
    assert world.conversations._rooms == {}
