"""A turn that one process commits to while another takes it over belongs to one of them, never to both."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import asyncpg

from bot.adapters.postgres import statements
from bot.adapters.postgres.address import parse_database_url

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
CHANNEL, PERSON, MESSAGE = 10, 20, 30
SCENE = f"""
INSERT INTO people (user_id, display_name, first_seen_at, last_seen_at) VALUES ({PERSON}, 'Juno', now(), now());
INSERT INTO channels (channel_id, kind) VALUES ({CHANNEL}, 'dm');
INSERT INTO turns (channel_id, state, after_id, started_at) VALUES ({CHANNEL}, 'drafting', {MESSAGE}, now());
INSERT INTO messages (message_id, channel_id, author_id, speaker, author_name, content, audience_kind, audience_id,
    state, turn_id, sent_at, heard_at)
SELECT {MESSAGE}, {CHANNEL}, {PERSON}, 'person', 'Juno', 'hello', 'person', {PERSON}, 'claimed', turn_id, now(), now()
FROM turns;
"""
WAITS = "SELECT count(*) FROM pg_locks WHERE NOT granted AND pid = $1"


@asynccontextmanager
async def two_sessions(database_url: str) -> AsyncIterator[tuple[asyncpg.Connection, asyncpg.Connection]]:
    arguments = parse_database_url(database_url).asyncpg_arguments()
    one, other = await asyncpg.connect(**arguments), await asyncpg.connect(**arguments)
    try:
        await one.execute(SCENE)
        yield one, other
    finally:
        await one.close()
        await other.close()


async def until_it_waits(looking: asyncpg.Connection, pid: int) -> None:
    async with asyncio.timeout(10):
        while not await looking.fetchval(WAITS, pid):
            await asyncio.sleep(0.01)


async def committed(connection: asyncpg.Connection, turn_id: int) -> bool:
    rows = await connection.fetch(statements.COMMIT_PART, turn_id, 0, "text", "hi", None, NOW, False, None)
    return any(row["part_id"] is not None for row in rows)


async def states(connection: asyncpg.Connection) -> tuple[str, str, int]:
    row = await connection.fetchrow(
        "SELECT turns.state AS turn, messages.state AS message, (SELECT count(*) FROM outbox) AS parts "
        "FROM turns, messages"
    )
    return row["turn"], row["message"], row["parts"]


async def test_a_part_that_is_committed_while_the_turn_is_taken_over_counts(database_url: str):
    async with two_sessions(database_url) as (mine, theirs):
        turn_id = await mine.fetchval("SELECT turn_id FROM turns")
        async with mine.transaction():
            assert await committed(mine, turn_id)
            recovering = asyncio.create_task(theirs.execute(statements.RECOVER, CHANNEL, NOW))
            await until_it_waits(mine, theirs.get_server_pid())
        await recovering
        assert await states(mine) == ("done", "answered", 1)


async def test_a_part_that_comes_after_the_turn_was_taken_over_is_refused(database_url: str):
    async with two_sessions(database_url) as (mine, theirs):
        turn_id = await mine.fetchval("SELECT turn_id FROM turns")
        async with theirs.transaction():
            await theirs.execute(statements.RECOVER, CHANNEL, NOW)
            late = asyncio.create_task(committed(mine, turn_id))
            await until_it_waits(theirs, mine.get_server_pid())
        assert not await late
        assert await states(mine) == ("lost", "pending", 0)
