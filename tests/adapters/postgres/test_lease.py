from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.adapters.postgres import lease as lease_module
from bot.adapters.postgres.address import parse_database_url
from bot.adapters.postgres.engine import open_engine
from bot.adapters.postgres.lease import GatewayLease, LeaseKeeper
from bot.adapters.system import SystemClock
from bot.domain.shards import Shards
from bot.errors import ConfigError
from tests.chaos.relay import Relay

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


class Cut(Relay):
    """A network that can be cut without a word: what was open stays open, and nothing comes through it any more."""

    def __init__(self, folder: str, port: int) -> None:
        super().__init__(lambda: asyncio.open_unix_connection(f"{folder}/.s.PGSQL.{port}"))
        self.silenced: set[asyncio.StreamWriter] = set()

    def silence(self) -> None:
        """Cut whatever is open now."""
        self.silenced |= {end for cable in self._cables for end in (cable.near, cable.far)}

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while data := await source.read(65_536):
            if sink not in self.silenced:
                sink.write(data)
                await sink.drain()
        if sink in self.silenced:
            await asyncio.sleep(60)  # not even the end is heard of
        sink.close()


@pytest.fixture
async def cut_off(database_url, monkeypatch) -> AsyncIterator[tuple[LeaseKeeper, Cut, list[ConfigError]]]:
    """Hold a lease over a network that has just been cut; the server does not know yet."""
    monkeypatch.setattr(lease_module, "HEARTBEAT_S", 0.1)
    monkeypatch.setattr(lease_module, "ANSWER_TIMEOUT_S", 0.3)
    monkeypatch.setattr(lease_module, "PATIENCE_S", 0.2)
    monkeypatch.setattr(lease_module, "RETAKE_EVERY", timedelta(seconds=0.1))
    async with relayed(database_url) as (engine, cut):
        gave_up: list[ConfigError] = []
        keeper = LeaseKeeper(engine, APPLICATION, give_up=gave_up.append, clock=SystemClock(), shards=WHOLE)
        await keeper.open()
        cut.silence()
        async with asyncio.timeout(5):
            while keeper._taking is None:
                await asyncio.sleep(0.05)
        yield keeper, cut, gave_up
        await keeper.close()


@asynccontextmanager
async def relayed(database_url: str) -> AsyncIterator[tuple[AsyncEngine, Cut]]:
    arguments = parse_database_url(database_url).asyncpg_arguments()
    async with Cut(arguments["host"], arguments.get("port", 5432)) as cut:
        through = f"postgresql://postgres@127.0.0.1:{cut.port}/{arguments['database']}?sslmode=disable"
        engine = open_engine(parse_database_url(through))
        try:
            yield engine, cut
        finally:
            await engine.dispose()


async def test_its_own_old_session_is_waited_for_and_keeps_no_other_from_its_shards(cut_off, database):
    keeper, cut, gave_up = cut_off
    await asyncio.sleep(1)
    assert not gave_up, "longer than another gateway would be waited for"
    with pytest.raises(ConfigError, match="already held"):
        async with asyncio.timeout(2):
            await take(database, patience_s=0)
    for end in cut.silenced:
        end.transport.abort()  # the server notices
    async with asyncio.timeout(5):
        while keeper._lease is None:
            await asyncio.sleep(0.05)
    assert not gave_up


async def test_an_old_session_that_never_ends_is_not_waited_for_for_ever(cut_off, monkeypatch):
    monkeypatch.setattr(lease_module, "GHOST_GONE_WITHIN_S", 1.0)
    _, _, gave_up = cut_off
    async with asyncio.timeout(5):
        while not gave_up:
            await asyncio.sleep(0.05)


async def test_another_gateway_that_was_quicker_is_made_way_for(cut_off, database):
    _, _, gave_up = cut_off
    async with database.begin() as connection:
        await connection.execute(text("UPDATE gateway_holders SET holder = 'elsewhere, pid 1'"))
    async with asyncio.timeout(3):
        while not gave_up:
            await asyncio.sleep(0.05)
    assert "elsewhere" in str(gave_up[0])


def database_of(engine) -> str:
    return engine.url.database
