"""What servers set is kept once, greetings go to one process, and what talk took is counted for who asked for it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

from bot.adapters.postgres.guild_settings import PostgresHouses
from bot.adapters.postgres.pool import StatementPool
from bot.adapters.postgres.spend import PostgresSpend
from bot.adapters.postgres.store import PostgresStore
from bot.domain.attention import attend
from bot.domain.ids import GuildId, UserId
from bot.domain.spend import CallsOfTurn
from bot.domain.turn import CallTrace, Intent, TurnClose
from tests.fakes import ADA, BEN, START, guild_message

HOUSE, OTHER = GuildId(501), GuildId(502)
CALL = CallTrace("turn", "m1", "json", "", "1.0.0", 1, timedelta(seconds=1), "whole", 1000, 50, 800)


async def test_rules_are_kept_by_server_and_taken_away(statements: StatementPool):
    houses = PostgresHouses(statements)
    assert await houses.house_rules(HOUSE) is None
    await houses.set_house_rules(HOUSE, "be kind\x00", by=UserId(77), now=START)
    assert (await houses.house_rules(HOUSE), await houses.house_rules(OTHER)) == ("be kind", None)
    (row,) = await statements.run("SELECT set_by, set_at, greeted_at FROM guild_settings WHERE guild_id = $1", HOUSE)
    assert tuple(row.values()) == (77, START, None)
    await houses.set_house_rules(HOUSE, None, by=UserId(78), now=START)
    assert await houses.house_rules(HOUSE) is None


async def test_of_many_who_greet_a_server_one_does(statements: StatementPool):
    houses = PostgresHouses(statements)
    await houses.set_house_rules(HOUSE, "be kind", by=UserId(77), now=START)
    taken = await asyncio.gather(*(houses.take_greeting(HOUSE, START) for _ in range(8)))
    assert sorted(taken) == [False] * 7 + [True]
    assert await houses.take_greeting(OTHER, START)
    assert await houses.house_rules(HOUSE) == "be kind"


async def test_a_greeting_is_given_back_only_by_who_took_it(statements: StatementPool):
    houses = PostgresHouses(statements)
    assert await houses.take_greeting(HOUSE, START)
    await houses.give_greeting_back(HOUSE, START - timedelta(hours=1))
    assert not await houses.take_greeting(HOUSE, START)
    await houses.give_greeting_back(HOUSE, START)
    assert await houses.take_greeting(HOUSE, START)


async def answered(store: PostgresStore, *authors, calls=()):
    """Answer a line of each author in one turn."""
    lines = [guild_message("hey", author=author, mentions_self=True) for author in authors]
    for line in lines:
        assert await store.hear(line, attend(line), START)
    claim = await store.claim(lines[0].channel.channel_id, START)
    await store.finish(claim, TurnClose(Intent.SILENT, "default", (), (), calls, START))
    return claim.turn_id


async def test_calls_are_counted_by_turn_and_model_for_whom_they_answered(
    statements: StatementPool, lone_store: PostgresStore
):
    uncounted = replace(CALL, model="m2", tokens_in=None, tokens_out=None, tokens_cached=None)
    first = await answered(lone_store, ADA, calls=(CALL, replace(CALL, purpose="rewrite", tokens_in=500), uncounted))
    both = await answered(lone_store, ADA, BEN, calls=(CALL,))
    bare = await answered(lone_store, BEN)
    spend = PostgresSpend(statements)
    one = CallsOfTurn(both, START, "m1", 1, 0, 1000, 800, 50)
    of_ada = await spend.calls_of(ADA.user_id, START)
    assert sorted(of_ada, key=lambda row: (row.turn_id, str(row.model))) == [
        CallsOfTurn(first, START, "m1", 2, 0, 1500, 1600, 100),
        CallsOfTurn(first, START, "m2", 1, 1, 0, 0, 0),
        one,
    ]
    of_ben = await spend.calls_of(BEN.user_id, START)
    assert sorted(of_ben, key=lambda row: row.turn_id) == [one, CallsOfTurn(bare, START)]
    assert await spend.calls_of(ADA.user_id, START + timedelta(seconds=1)) == []
