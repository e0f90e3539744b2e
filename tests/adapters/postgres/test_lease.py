from __future__ import annotations

import asyncio
import os
import signal
import sys

import pytest
from sqlalchemy import text

from bot.adapters.postgres.address import parse_database_url
from bot.adapters.postgres.engine import open_engine
from bot.adapters.postgres.lease import GatewayLease
from bot.domain.shards import Shards
from bot.errors import ConfigError

APPLICATION = 900_000_000_000_000_001
WHOLE = Shards((0,), 1)
ADVISORY_LOCKS = """
SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
WHERE locktype = 'advisory' AND datname = current_database()
"""

HOLDER = """
import asyncio, sys
from bot.adapters.postgres.address import parse_database_url
from bot.adapters.postgres.engine import open_engine
from bot.adapters.postgres.lease import GatewayLease
from bot.domain.shards import Shards

async def main():
    engine = open_engine(parse_database_url(sys.argv[1]))
    await GatewayLease.acquire(engine, int(sys.argv[2]), Shards((0,), 1), on_lost=lambda: None)
    print("held", flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


def unexpected() -> None:
    raise AssertionError("the lease was not lost")


async def take(engine, shards=WHOLE, on_lost=unexpected, patience_s=0.2):
    return await GatewayLease.acquire(engine, APPLICATION, shards, on_lost=on_lost, patience_s=patience_s)


async def test_a_second_gateway_is_refused_and_told_who_holds_it(database):
    lease = await take(database)
    with pytest.raises(ConfigError, match=rf"held by .*pid {os.getpid()} \(since 20"):
        await take(database)
    await lease.release()


async def test_a_released_lease_can_be_taken_again(database):
    first = await take(database)
    await first.release()
    await first.release()
    second = await take(database)
    await second.release()
    async with database.connect() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM gateway_holders")) == 0
        assert await connection.scalar(text(ADVISORY_LOCKS)) == 0


async def test_other_shards_of_the_same_count_stand_side_by_side(database):
    first = await take(database, Shards((0, 1), 4))
    second = await take(database, Shards((2, 3), 4))
    with pytest.raises(ConfigError, match="shard 3 of 4"):
        await take(database, Shards((3,), 4))
    await first.release()
    await second.release()


async def test_a_different_shard_count_is_refused_while_the_other_lives(database):
    first = await take(database, Shards((1,), 2))
    with pytest.raises(ConfigError, match=r"served as 2 shards by .* counts 4"):
        await take(database, Shards((3,), 4))
    await first.release()
    second = await take(database, Shards((3,), 4))
    await second.release()


async def test_another_application_is_not_concerned(database):
    first = await take(database)
    second = await GatewayLease.acquire(database, APPLICATION + 1, WHOLE, on_lost=unexpected)
    await second.release()
    await first.release()


async def test_kill_of_the_holder_frees_the_lease(database, database_url):
    holder = await asyncio.create_subprocess_exec(
        sys.executable, "-c", HOLDER, database_url, str(APPLICATION), stdout=asyncio.subprocess.PIPE
    )
    try:
        async with asyncio.timeout(20):
            assert (await holder.stdout.readline()).strip() == b"held"
        with pytest.raises(ConfigError, match=f"pid {holder.pid}"):
            await take(database)
    finally:
        holder.send_signal(signal.SIGKILL)
        await holder.wait()
    lease = await take(database, patience_s=2.0)
    await lease.release()


async def test_a_lease_whose_session_ends_says_so(database, database_server):
    lost = asyncio.Event()
    lease = await take(database, on_lost=lost.set)
    async with database_server.connect() as connection:
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", database_of(database)
        )
    async with asyncio.timeout(3):
        await lost.wait()
    assert lease.is_lost
    await lease.release()
    again = await take(database)
    await again.release()


async def test_a_cancelled_attempt_leaves_nothing_locked(database_url):
    engine = open_engine(parse_database_url(database_url))
    first = await take(engine)
    waiting = asyncio.create_task(take(engine, patience_s=30))
    await asyncio.sleep(0.2)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    await first.release()
    second = await take(engine)
    await second.release()
    await engine.dispose()


def database_of(engine) -> str:
    return engine.url.database
