"""Turns to IDENTIFY, dealt out by the database."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from itertools import pairwise

import pytest

from bot.adapters.postgres.identify import IdentifySlots
from bot.adapters.postgres.pool import StatementPool
from bot.errors import StoreError

APPLICATION = 900_000_000_000_000_001
GAP = timedelta(seconds=5)


async def test_the_first_need_not_wait_and_the_others_queue(statements: StatementPool):
    slots = IdentifySlots(statements, APPLICATION)
    waits = [await slots.reserve(0, GAP) for _ in range(4)]
    for number, wait in enumerate(waits):
        assert timedelta(0) <= number * GAP - wait < timedelta(seconds=1), waits


async def test_those_who_ask_at_once_get_moments_of_their_own(statements: StatementPool):
    slots = [IdentifySlots(statements, APPLICATION) for _ in range(8)]
    waits = sorted(await asyncio.gather(*(one.reserve(3, GAP) for one in slots)))
    for earlier, later in pairwise(waits):
        assert later - earlier > GAP - timedelta(seconds=1), waits


async def test_buckets_and_applications_do_not_wait_for_each_other(statements: StatementPool):
    for application, bucket in ((APPLICATION, 0), (APPLICATION, 1), (APPLICATION + 1, 0)):
        assert await IdentifySlots(statements, application).reserve(bucket, GAP) == timedelta(0)


async def test_a_free_bucket_owes_nothing(statements: StatementPool):
    slots = IdentifySlots(statements, APPLICATION)
    await slots.reserve(0, timedelta(seconds=0.1))
    await asyncio.sleep(0.15)
    assert await slots.reserve(0, GAP) == timedelta(0)


async def test_a_moment_from_before_the_clock_was_set_back_is_not_waited_for(statements: StatementPool):
    slots = IdentifySlots(statements, APPLICATION)
    await slots.reserve(0, GAP)
    await statements.run("UPDATE identify_slots SET free_at = clock_timestamp() + interval '1 year'")
    assert await slots.reserve(0, GAP) == timedelta(0)
    assert timedelta(seconds=3) < await slots.reserve(0, GAP) <= GAP


async def test_trouble_is_named(statements: StatementPool):
    await statements.run("DROP TABLE identify_slots")
    with pytest.raises(StoreError):
        await IdentifySlots(statements, APPLICATION).reserve(0, GAP)
