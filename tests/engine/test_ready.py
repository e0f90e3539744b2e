"""What is ready goes out while she is busy in its channel, or waits for her place at the model."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest_asyncio

from bot.adapters.postgres.timers import PostgresTimers
from bot.engine.timers import Alarm
from tests.engine.conftest import World
from tests.engine.test_timers import Desk
from tests.fakes import BEN, OTHER_DM, answering, dm_message


@pytest_asyncio.fixture
async def desk(world: World, statements) -> Desk:
    """Give a world with one reminder in it, due in five seconds."""
    made = Desk(world, PostgresTimers(statements))
    await made.set("in 5 seconds")
    return made


async def fire(desk: Desk) -> None:
    world = desk.world
    await Alarm(store=desk.store, wake=world.conversations.deliver, clock=world.clock).look()
    await world.clock.idle()


async def test_while_she_thinks(desk: Desk):
    world, gate = desk.world, asyncio.Event()
    world.model.script(answering("Slow.", gates={"Slow": gate}))
    await world.say("hi")
    await desk.pass_time(timedelta(seconds=6))
    assert len(world.model.requests) == 1 and world.delivery.texts == []
    await fire(desk)
    assert world.delivery.texts == ["The oven."]
    gate.set()
    await world.run()
    assert world.delivery.texts == ["The oven.", "Slow."]
    await world.sweep()
    assert world.delivery.tries == 2


async def test_while_she_waits_for_the_model(desk: Desk):
    world, gate = desk.world, asyncio.Event()
    world.wire(places=1)
    world.model.script(answering("Slow.", gates={"Slow": gate}))
    await world.take(dm_message("hi", author=BEN, channel=OTHER_DM))
    await desk.pass_time(timedelta(seconds=2))
    await world.say("hello")
    await desk.pass_time(timedelta(seconds=5))
    assert len(world.model.requests) == 1
    await fire(desk)
    assert world.delivery.texts == ["The oven."]
    gate.set()
    await world.run()
    assert world.delivery.texts == ["The oven.", "Slow.", "Mhm."]
    assert world.delivery.tries == 3


async def test_a_message_that_waits_is_answered_as_well(desk: Desk):
    world = desk.world
    await desk.pass_time(timedelta(seconds=6))
    await world.say("hello")
    await fire(desk)
    await world.run()
    assert sorted(world.delivery.texts) == ["Mhm.", "The oven."]
    assert world.delivery.tries == 2


async def test_without_anybody_about(desk: Desk):
    await desk.pass_time(timedelta(seconds=6))
    await fire(desk)
    await desk.world.run()
    assert desk.world.delivery.texts == ["The oven."]
    assert desk.world.delivery.tries == 1
