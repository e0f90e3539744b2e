"""What costs money in the background is rationed for all processes together, and the clock may jump."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.adapters.postgres.feelings import SLOTS_KEPT, PostgresFeelings
from bot.adapters.postgres.reflections import PostgresReflections
from bot.adapters.postgres.store import PostgresStore
from bot.domain.ids import ChannelId, UserId
from bot.domain.message import Channel, ChannelKind, Person
from bot.engine.reflect import CALLS_AN_HOUR
from bot.engine.slots import Ration
from tests.engine.test_reflect import DUE, EMPTY, Study, entry
from tests.fakes import MIRA, START, finished

HOUR = timedelta(hours=1)


@pytest.fixture
def reflections(statements):
    return PostgresReflections(statements)


async def test_an_hour_is_shared_by_all_processes_and_survives_them(reflections):
    rations = [Ration(reflections, "tea", 30) for _ in range(4)]
    taken = sum(await asyncio.gather(*(one.take(START) for one in rations for _ in range(20))))
    assert taken == 30
    again = Ration(reflections, "tea", 30)  # of a process that began anew
    assert not await again.take(START) and again.is_spent(START)
    assert await Ration(reflections, "milk", 30).take(START)
    assert not again.is_spent(START + HOUR) and await again.take(START + HOUR)


@pytest.mark.parametrize("jump", [-HOUR, timedelta(days=1), -timedelta(days=1)])
async def test_a_clock_that_jumps_and_comes_back_gives_no_more_and_blocks_nothing(reflections, jump):
    ration = Ration(reflections, "tea", 3)
    moments = (START, START + jump, START)
    assert [sum([await ration.take(moment) for _ in range(5)]) for moment in moments] == [3, 3, 0]
    assert await ration.take(ration.next_at(START))


async def test_processes_that_reflect_at_once_make_no_more_calls_than_one(statements, database):
    store = PostgresStore(statements, own=MIRA, is_alone=True)
    await store.introduce(START)
    study = Study(statements, store, database)
    for number in range(CALLS_AN_HOUR + 6):
        author = Person(UserId(5000 + number), f"P{number}")
        await study.tell("likes tea", author=author, channel=Channel(ChannelId(7000 + number), ChannelKind.DM))
    await study.clock.advance(DUE)
    study.model.answers_by = lambda request: [finished(EMPTY | {"candidates": [entry("c1")]})]
    processes = [study.make(store=PostgresReflections(statements)) for _ in range(3)]
    for _ in range(15):
        await asyncio.gather(*(process() for process in processes))
    assert len(study.model.requests) == CALLS_AN_HOUR
    study.clock._now += HOUR
    for _ in range(3):
        await asyncio.gather(*(process() for process in processes))
    assert len(study.model.requests) == CALLS_AN_HOUR + 6


async def test_what_is_still_to_be_done_is_not_taken_for_an_old_slot(statements, ask_plain):
    feelings = PostgresFeelings(statements)
    assert await feelings.take_slot("decay", START, START)
    await statements.run("INSERT INTO job_slots VALUES ('feelings anew: soul 1', '-infinity', $1)", START)
    later = START + SLOTS_KEPT + HOUR  # she was stopped for days, or the clock jumped
    assert await feelings.take_slot("decay", later, later)
    assert await ask_plain("SELECT job FROM job_slots ORDER BY job") == ["decay", "feelings anew: soul 1"]


@pytest.fixture
def ask_plain(statements):
    async def run(query: str) -> list[object]:
        return [row[0] for row in await statements.run(query)]

    return run
