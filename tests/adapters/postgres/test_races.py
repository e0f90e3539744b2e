"""Two statements at the same moment: what one commits while the other waits for the row must not be missed."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from bot.adapters.postgres import statements as sql
from bot.adapters.postgres.claim_statements import CLAIM
from bot.adapters.postgres.pool import StatementPool
from bot.adapters.postgres.store import BURST_LIMIT, PostgresStore
from bot.domain.attention import attend
from bot.domain.message import Message
from tests.fakes import DM, MIRA, START, dm_message

BLOCKED_FOR_S = 0.3  # long enough to see that a statement waits for a row


async def _kept(store: PostgresStore) -> Message:
    message = dm_message("hi")
    await store.introduce(START)
    await store.hear(message, attend(message), START)
    return message


async def test_a_part_committed_while_its_turn_is_closed_after_a_crash_is_not_answered_again(statements: StatementPool):
    store = PostgresStore(statements, own=MIRA, is_alone=True)
    await _kept(store)
    claim = await store.claim(DM.channel_id, START)
    assert claim is not None
    async with statements._pool.acquire() as late, statements._pool.acquire() as next_one:
        commit = late.transaction()
        await commit.start()
        await late.fetch(sql.COMMIT_PART, claim.turn_id, 0, "text", "first words", None, START, False, None)
        closing = asyncio.create_task(next_one.fetch(sql.RECOVER, DM.channel_id, START))
        await asyncio.sleep(BLOCKED_FOR_S)
        assert not closing.done()
        await commit.commit()
        await closing
    for part in await store.unsent(DM.channel_id):
        await store.mark_sent(part, dm_message("x").message_id, START)
    assert await store.claim(DM.channel_id, START + timedelta(seconds=1)) is None


async def test_a_delete_that_meets_the_claim_of_its_message_is_told_of(statements: StatementPool):
    store = PostgresStore(statements, own=MIRA, is_alone=True)
    message = await _kept(store)
    async with statements._pool.acquire() as claiming:
        claim = claiming.transaction()
        await claim.start()
        await claiming.fetch(CLAIM, DM.channel_id, START, BURST_LIMIT, False, [])
        deleting = asyncio.create_task(store.withdraw([message.message_id], START))
        await asyncio.sleep(BLOCKED_FOR_S)
        assert not deleting.done()
        await claim.commit()
        assert list(await deleting) == [DM.channel_id]
