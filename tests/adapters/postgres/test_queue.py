"""Wake-ups across processes."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

from sqlalchemy import text

from bot.adapters.postgres import queue as queue_module
from bot.adapters.postgres.address import parse_database_url
from bot.adapters.postgres.queue import WakeQueue
from bot.adapters.postgres.store import PostgresStore
from bot.domain.attention import attend
from tests.fakes import DM, MIRA, OTHER_DM, START, dm_message

KILL = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
    "AND pid <> pg_backend_pid() AND query ILIKE '%listen%'"
)
LISTENERS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


class Woken(list):
    """Wake-ups as they come."""

    async def of(self, count: int, within_s: float) -> list:
        async with asyncio.timeout(within_s):
            while len(self) < count:
                await asyncio.sleep(0.01)
        return list(self)


async def no_timers(timer_id: int) -> None:
    """Fire nothing: there are none here."""


@asynccontextmanager
async def listening(database_url):
    woken = Woken()
    task = asyncio.create_task(WakeQueue(parse_database_url(database_url), woken.append, no_timers).run())
    try:
        yield woken
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def say(store, channel=DM):
    message = dm_message("hey", channel=channel)
    await store.hear(message, attend(message), START)


async def test_a_wake_up_heard_elsewhere_comes_within_a_second(database, statements, database_url):
    store = PostgresStore(statements, own=MIRA, is_alone=False)
    async with listening(database_url) as woken:
        await say(store)
        await woken.of(1, 5)  # the listener is up now
        await say(store, OTHER_DM)
        assert await woken.of(2, 1) == [DM.channel_id, OTHER_DM.channel_id]


async def test_a_wake_up_from_before_the_start_comes_too(database, statements, database_url):
    await say(PostgresStore(statements, own=MIRA, is_alone=False))
    async with listening(database_url) as woken:
        assert await woken.of(1, 5) == [DM.channel_id]


async def test_a_killed_listener_is_built_anew(database, statements, database_url, monkeypatch):
    monkeypatch.setattr(queue_module, "REBUILD_WAIT_S", 0.05)
    store = PostgresStore(statements, own=MIRA, is_alone=False)
    async with listening(database_url) as woken:
        await say(store)
        await woken.of(1, 5)
        async with database.connect() as connection:
            assert (await connection.execute(text(KILL.replace("AND query ILIKE '%listen%'", "")))).rowcount
        await database.dispose()
        await say(store, OTHER_DM)
        assert await woken.of(2, 6) == [DM.channel_id, OTHER_DM.channel_id]


async def test_a_done_wake_up_leaves_nothing_behind(database, statements, database_url):
    store = PostgresStore(statements, own=MIRA, is_alone=False)
    async with listening(database_url) as woken:
        await say(store)
        await woken.of(1, 5)
        async with asyncio.timeout(3):
            while True:
                async with database.connect() as connection:
                    if await connection.scalar(text("SELECT count(*) FROM pgqueuer")) == 0:
                        break
                await asyncio.sleep(0.02)
