"""A summary is never in anybody's way: not of who waits for the model, and not of the purse."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from bot.engine.slots import Rank
from tests.engine.test_summarise import Desk, TOLD, desk, failing  # noqa: F401
from tests.fakes import finished


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
