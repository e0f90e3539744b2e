"""The machine's clock is set back an hour, or was a day ahead for a while: what waits is not left waiting for long."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.adapters.postgres.reflections import PostgresReflections
from bot.adapters.postgres.store import PostgresStore
from bot.adapters.postgres.summaries import PostgresSummaries
from bot.engine.backoff import Backoff
from bot.engine.reflect import JUNK_DAY
from bot.errors import ProviderError
from tests.engine.test_reflect import DUE, EMPTY, Study, entry
from tests.fakes import BEN, DM, MIRA, OTHER_DM, START, FakeClock, finished

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
AWAY = ProviderError("away", kind="timeout", retryable=True)


@pytest.fixture
async def study(statements, database):
    store = PostgresStore(statements, own=MIRA, is_alone=True)
    await store.introduce(START)
    return Study(statements, store, database)


@pytest.mark.parametrize("back", [HOUR, DAY])
def test_a_rest_is_over_where_the_clock_was_set_to_before_it(back):
    clock = FakeClock()
    rest = Backoff(clock, first=timedelta(minutes=1), longest=HOUR)
    rest.begin(AWAY)
    assert rest.is_on()
    clock._now -= back
    assert not rest.is_on()


async def test_reflection_goes_on_after_the_clock_was_ahead(study):
    await study.tell("likes tea", salience=6)
    study.clock._now += 2 * DAY  # the clock jumps; the model is away then, and the group is put off
    study.model.answers_by = lambda request: [AWAY]
    await study.reflect()
    study.clock._now -= 2 * DAY
    study.model.answers_by = lambda request: [finished(EMPTY | {"candidates": [entry("c1", salience=9)]})]
    assert await study.reflect() == 1
    assert await study.texts("current") == ["likes tea"]


async def test_what_was_put_off_for_a_day_still_waits_for_a_day(study):
    await study.tell("likes tea")
    await study.clock.advance(DUE)
    group = await study.reflections.claim_group(study.clock.now(), companion="mira")
    await study.reflections.put_off(group, study.clock.now() + JUNK_DAY)
    assert await study.reflect() == 0 and study.model.requests == []


async def test_candidates_that_no_list_names_are_found_after_the_clock_was_ahead(study):
    store = PostgresReflections(study.pool)
    assert await store.claim_group(study.clock.now() + DAY, companion="mira") is None
    await study.tell("likes rum", author=BEN, channel=OTHER_DM)
    await study.rows("DELETE FROM reflections")
    await study.clock.advance(2 * HOUR)
    await store.claim_group(study.clock.now(), companion="mira")
    assert [row["owner_id"] for row in await study.rows("SELECT owner_id FROM reflections")] == [BEN.user_id]


@pytest.mark.parametrize("ahead", [DAY, 400 * DAY])
async def test_a_summary_is_due_again_after_the_clock_was_ahead(study, ahead):
    await study.tell("likes tea")
    await study.pool.run("INSERT INTO contexts (channel_id, summary_due_at) VALUES ($1, $2)", DM.channel_id, START)
    kept = PostgresSummaries(study.pool)
    assert await kept.due(START + ahead, limit=1)  # and the process died
    assert [task.channel_id for task in await kept.due(START, limit=1)] == [DM.channel_id]
    assert not await kept.due(START, limit=1)
