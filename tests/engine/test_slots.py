"""Places at the model: never more than the cap, people first, servers by turns, none lost by cancelling."""

from __future__ import annotations

import asyncio
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.engine.slots import Rank, Slots, SlotsClosed


async def _settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def _order(slots: Slots, asked: list[tuple[int, Rank]]) -> list[tuple[int, Rank]]:
    """Let everybody in *asked* wait behind one held place, then pass it on; gives who came when."""
    came: list[tuple[int, Rank]] = []

    async def come(tenant: int, rank: Rank) -> None:
        slot = await slots.take(tenant, rank)
        came.append((tenant, rank))
        slot.free()

    held = await slots.take(0)
    tasks = []
    for tenant, rank in asked:
        tasks.append(asyncio.create_task(come(tenant, rank)))
        await _settle()
    held.free()
    await asyncio.gather(*tasks)
    return came


async def test_a_server_with_much_to_ask_does_not_hold_up_another():
    came = await _order(Slots(1), [(1, Rank.PEOPLE)] * 5 + [(2, Rank.PEOPLE)])
    assert [tenant for tenant, _ in came] == [1, 2, 1, 1, 1, 1]


async def test_people_come_before_thoughts_and_thoughts_before_upkeep():
    came = await _order(Slots(1), [(1, Rank.UPKEEP), (2, Rank.THOUGHT), (3, Rank.PEOPLE), (1, Rank.PEOPLE)])
    assert [rank for _, rank in came] == [Rank.PEOPLE, Rank.PEOPLE, Rank.THOUGHT, Rank.UPKEEP]


async def test_freeing_twice_gives_one_place_only():
    slots = Slots(2)
    one = await slots.take(1)
    await slots.take(1)
    one.free()
    one.free()
    assert slots.taken == 1


async def test_closing_sends_those_who_wait_away_and_lets_nobody_in():
    slots = Slots(1)
    held = await slots.take(1)
    waiting = asyncio.create_task(slots.take(2))
    await _settle()
    slots.close()
    with pytest.raises(SlotsClosed):
        await waiting
    with pytest.raises(SlotsClosed):
        await slots.take(3)
    held.free()
    assert slots.taken == 0


def test_without_a_place_there_is_no_cap():
    with pytest.raises(ValueError, match="at least one"):
        Slots(0)


@settings(max_examples=60, deadline=None)
@given(limit=st.integers(1, 4), seed=st.integers(0, 2**32), people=st.integers(1, 30))
def test_the_cap_holds_and_no_place_is_lost_whoever_is_cancelled_when(limit: int, seed: int, people: int):
    async def run() -> None:
        dice = random.Random(seed)
        slots = Slots(limit)
        at_once = most = 0

        async def visit(tenant: int) -> None:
            nonlocal at_once, most
            slot = await slots.take(tenant, dice.choice(list(Rank)))
            at_once += 1
            most = max(most, at_once)
            try:
                for _ in range(dice.randrange(4)):
                    await asyncio.sleep(0)
            finally:
                at_once -= 1
                slot.free()

        tasks = [asyncio.create_task(visit(dice.randrange(5))) for _ in range(people)]
        for _ in range(people):
            await asyncio.sleep(0)
            if dice.random() < 0.3:
                dice.choice(tasks).cancel()
        await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), timeout=5)
        assert most <= limit
        assert slots.taken == 0
        assert slots.waiting == 0

    asyncio.run(run())
