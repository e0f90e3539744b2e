"""Channel locks across processes, freed by the database itself."""

from __future__ import annotations

import asyncio

import pytest_asyncio

from bot.adapters.postgres.address import parse_database_url
from bot.adapters.postgres.locks import PostgresChannelLocks
from bot.domain.ids import ChannelId
from bot.errors import StoreError

ONE, TWO = ChannelId(1_300_000_000_000_000_001), ChannelId(1_300_000_000_000_000_002)
KILL = (
    "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND database = "
    "(SELECT oid FROM pg_database WHERE datname = current_database())"
)


@pytest_asyncio.fixture
async def pair(database_url):
    address = parse_database_url(database_url)
    made = PostgresChannelLocks(address), PostgresChannelLocks(address)
    yield made
    for locks in made:
        await locks.close()


async def kill(database_server, database_url):
    async with database_server.connect(database_url.rsplit("/", 1)[-1].split("?")[0]) as connection:
        assert await connection.fetch(KILL)


async def test_a_channel_is_held_by_one(pair):
    first, second = pair
    assert await first.try_hold(ONE)
    assert not await second.try_hold(ONE)
    assert not await first.try_hold(ONE)
    assert await second.try_hold(TWO)


async def test_a_released_channel_is_free(pair):
    first, second = pair
    for holder in (first, second, first):
        assert await holder.try_hold(ONE)
        await holder.release(ONE)


async def test_of_many_at_once_one_gets_it(pair):
    first, second = pair
    got = await asyncio.gather(*(locks.try_hold(ONE) for locks in (first, second) * 10))
    assert sum(got) == 1


async def test_closing_gives_everything_back(pair):
    first, second = pair
    await first.try_hold(ONE)
    await first.close()
    assert await second.try_hold(ONE)


async def test_a_killed_connection_frees_its_channels(pair, database_server, database_url):
    first, second = pair
    assert await first.try_hold(ONE)
    await kill(database_server, database_url)
    assert await second.try_hold(ONE)
    await first.release(ONE)
    assert not await first.try_hold(ONE)
    await second.release(ONE)
    assert await first.try_hold(ONE)


async def test_after_a_broken_connection_the_next_try_works(pair, database_server, database_url):
    first, _ = pair
    assert await first.try_hold(ONE)
    await kill(database_server, database_url)
    try:
        is_held = await first.try_hold(TWO)
    except StoreError:  # the cut is noticed by the question itself, or before
        is_held = await first.try_hold(TWO)
    assert is_held


async def test_a_lock_that_went_with_its_connection_is_not_taken_for_kept(keeper, pair, database_server, database_url):
    other, _ = pair
    assert await keeper.try_hold(ONE)
    await kill(database_server, database_url)
    try:
        await keeper.try_hold(TWO)
    except StoreError:
        await keeper.try_hold(TWO)
    assert await other.try_hold(ONE)
    await keeper.release(ONE)
    assert not await keeper.try_hold(ONE)


async def test_a_channel_lost_with_its_connection_can_be_held_again(pair, database_server, database_url):
    first, _ = pair
    assert await first.try_hold(ONE)
    await kill(database_server, database_url)
    await first.release(ONE)
    assert await first.try_hold(ONE)


async def test_a_cancelled_try_holds_nothing(pair):
    first, second = pair
    trying = asyncio.create_task(first.try_hold(ONE))
    await asyncio.sleep(0)
    trying.cancel()
    await asyncio.gather(trying, return_exceptions=True)
    assert await second.try_hold(ONE)


@pytest_asyncio.fixture
async def keeper(database_url):
    made = PostgresChannelLocks(parse_database_url(database_url), keeps=1)
    yield made
    await made.close()


async def test_a_kept_channel_is_taken_again_and_by_nobody_else(keeper, pair):
    assert await keeper.try_hold(ONE)
    await keeper.release(ONE)
    assert not await pair[0].try_hold(ONE)
    assert await keeper.try_hold(ONE)
    assert not await keeper.try_hold(ONE)


async def test_of_kept_channels_the_one_unused_longest_is_given_back(keeper, pair):
    for channel in (ONE, TWO):
        assert await keeper.try_hold(channel)
        await keeper.release(channel)
    assert await pair[0].try_hold(ONE)
    assert not await pair[0].try_hold(TWO)
    assert not await keeper.try_hold(ONE)
    assert await keeper.try_hold(TWO)


async def test_a_kept_channel_is_lost_with_the_connection(keeper, pair, database_server, database_url):
    assert await keeper.try_hold(ONE)
    await keeper.release(ONE)
    await kill(database_server, database_url)
    await asyncio.sleep(0.1)
    assert await pair[0].try_hold(ONE)
    assert not await keeper.try_hold(ONE)
    assert await keeper.try_hold(TWO)
