"""Single statements: what is kept open and planned, what is replaced, and that nobody waits in vain."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
import pytest_asyncio

from bot.adapters.postgres.address import parse_database_url
from bot.adapters.postgres.pool import KEPT_OPEN, StatementPool
from bot.adapters.postgres.recall import PostgresRecall
from bot.adapters.postgres.recall_statements import RECALL
from bot.domain.ids import UserId
from bot.domain.recalled import Place, RecallAsk
from bot.errors import StoreError

SIZE = 6
START = datetime(2026, 3, 1, tzinfo=UTC)
PID = "SELECT pg_backend_pid() AS pid"
PREPARED = "SELECT count(*) AS many FROM pg_prepared_statements WHERE statement = $1 AND generic_plans > 0"


@pytest_asyncio.fixture
async def pool(database_url: str) -> AsyncIterator[StatementPool]:
    """Give a pool that no other test counts on."""
    pool = await StatementPool.open(parse_database_url(database_url), size=SIZE)
    try:
        yield pool
    finally:
        await pool.close()


async def pids(pool: StatementPool, count: int) -> list[int]:
    """Ask *count* things at once, so that as many connections are at work; gives which ones."""
    rows = await asyncio.gather(*(pool.run("SELECT pg_backend_pid() AS pid, pg_sleep(0.05)") for _ in range(count)))
    return sorted(row[0]["pid"] for row in rows)


async def test_one_after_the_other_goes_over_one_connection(pool: StatementPool) -> None:
    asked = {(await pool.run(PID))[0]["pid"] for _ in range(10)}

    assert len(asked) == 1


async def test_more_than_there_are_connections_wait_and_all_get_their_turn(pool: StatementPool) -> None:
    async with asyncio.timeout(10):
        used = await pids(pool, 5 * SIZE)

    assert len(set(used)) == SIZE
    assert pool.in_use == 0


async def test_who_waits_for_the_pool_gets_what_others_give_back(pool: StatementPool) -> None:
    await pids(pool, SIZE)
    async with asyncio.timeout(10):
        await asyncio.gather(*(pids(pool, SIZE) for _ in range(8)))


async def test_connections_that_died_idle_are_replaced_and_nobody_notices(pool: StatementPool) -> None:
    before = await pids(pool, SIZE)
    await pool.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = ANY($1::int[])", before[1:])
    await asyncio.sleep(0.1)

    after = await pids(pool, SIZE)

    assert not set(before[1:]) & set(after)


async def test_a_refused_statement_harms_no_connection(pool: StatementPool) -> None:
    for _ in range(2 * SIZE):
        with pytest.raises(StoreError):
            await pool.run("SELECT 1 / 0")

    assert len(await pids(pool, SIZE)) == SIZE


async def test_a_statement_that_is_cut_short_leaves_a_connection_that_works(pool: StatementPool) -> None:
    for _ in range(2 * SIZE):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await pool.run("SELECT pg_sleep(30)")

    async with asyncio.timeout(10):
        assert len(set(await pids(pool, SIZE))) == SIZE


async def test_what_is_planned_ahead_is_planned_on_every_connection_that_is_kept(pool: StatementPool) -> None:
    statement = f"SELECT $1::int AS one /* {'x' * 40_000} */"  # asyncpg alone would not remember it

    await pool.plan_ahead(statement, 1)

    rows = await asyncio.gather(
        *(
            pool.run(f"{PREPARED.replace('SELECT', 'SELECT pg_backend_pid() AS pid, pg_sleep(0.05),', 1)}", statement)
            for _ in range(KEPT_OPEN)
        )
    )
    assert len({row[0]["pid"] for row in rows}) == KEPT_OPEN
    assert [row[0]["many"] for row in rows] == [1] * KEPT_OPEN


async def test_recall_stays_planned_however_long_it_is(pool: StatementPool) -> None:
    recall = PostgresRecall(pool)
    await recall.plan_ahead(START)
    ask = RecallAsk("what is my dog called?", (UserId(1),), Place(UserId(1)), START)
    for _ in range(3):
        await recall.recall(ask, lines_most=1, memories_most=1)

    (row,) = await pool.run(PREPARED, RECALL)

    assert row["many"] == 1


async def test_planning_ahead_passes_over_connections_that_died(pool: StatementPool) -> None:
    before = await pids(pool, KEPT_OPEN)
    await pool.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = ANY($1::int[])", before[1:])
    await asyncio.sleep(0.1)

    await pool.plan_ahead(PID)

    assert len(set(await pids(pool, SIZE))) == SIZE
