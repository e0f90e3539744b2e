"""A summary is never in anybody's way: not of who waits for the model, and not of the purse."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from bot.domain.ids import ChannelId, UserId
from bot.domain.message import Channel, ChannelKind, Person
from bot.engine.slots import Rank
from tests.engine.test_summarise import TOLD, Desk, desk, failing  # noqa: F401
from tests.fakes import dm_message, finished


async def test_a_summary_under_way_is_given_up_as_soon_as_somebody_waits(desk: Desk):  # noqa: F811
    await desk.talk("one")
    desk.model.script([asyncio.Event()])
    working = asyncio.create_task(desk.summarise())
    await desk.world.clock.idle()
    assert desk.model.under_way
    async with asyncio.timeout(5):
        place = await desk.slots.take(7, Rank.PEOPLE)
    assert await working == 0
    assert desk.model.cancelled == 1
    place.free()
    desk.model.answers_by = lambda request: [finished(TOLD)]
    desk.pass_time(minutes=3)
    assert await desk.summarise() == 1


async def test_junk_for_hours_costs_few_calls_however_many_channels_wait(desk: Desk):  # noqa: F811
    channels = 30
    for number in range(channels):
        author = Person(UserId(9_000 + number), f"p{number}")
        for line in ("one", "two"):
            message = replace(
                dm_message(line, author=author), channel=Channel(ChannelId(7_000 + number), ChannelKind.DM)
            )
            await desk.world.take(message)
            await desk.world.run()
        await desk.leave(7_000 + number)
    desk.model.answers_by = lambda request: [failing("broken")]
    for _ in range(4 * 60):  # hours, asked to work each minute
        await desk.summarise()
        desk.pass_time(minutes=1)
    assert len(desk.model.requests) <= 60
    desk.model.answers_by = lambda request: [finished(TOLD)]
    desk.pass_time(hours=6)
    for _ in range(60):
        await desk.summarise()
        desk.pass_time(minutes=1)
    assert any(row["text"] for row in await desk.kept())
