"""Fading in the database: the same rule as `bot.domain.memory_life`, and nothing is lost by it."""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace
from datetime import datetime, timedelta

from bot.adapters.postgres.fade_statements import fade, is_faded_sql, used_sql
from bot.adapters.postgres.memory_rows import keep_memories, memory_columns, memory_of, new_memories, new_memories_json
from bot.adapters.postgres.pool import StatementPool
from bot.domain.memory import Memory, MemoryKind, MemoryState, NewMemory, Origin
from bot.domain.memory_life import FADED, UNCONFIRMED_FOR, is_faded, strength, used
from bot.domain.message import Audience, AudienceKind
from bot.engine.fade import AT_ONCE, Fade
from tests.fakes import ADA, START, FakeClock

NOW = START + timedelta(days=1_000)
KEEP = f"WITH {new_memories('$1')}, {keep_memories('$2')} SELECT count(*) FROM kept"
ALL = f"SELECT {memory_columns()} FROM memories ORDER BY memory_id"
FADED_BY_ID = f"SELECT {is_faded_sql('$1::timestamptz')} AS is_faded FROM memories ORDER BY memory_id"
PERSON = "INSERT INTO people (user_id, display_name, first_seen_at, last_seen_at) VALUES ($1, 'Ada', $2, $2)"
LIFE = """
UPDATE memories SET state = $2, seen_count = $3, used_count = $4, used_at = $5, done_at = $6, is_pinned = $7
WHERE text = $1
"""


def made(text: str, **more: object) -> NewMemory:
    audience = Audience(AudienceKind.PERSON, ADA.user_id)
    plain = NewMemory(ADA.user_id, MemoryKind.FACT, text, audience, (), 5, 0.8, START, state=MemoryState.CURRENT)
    return replace(plain, **more)


async def keep(pool: StatementPool, *memories: NewMemory) -> None:
    await pool.run(f"{PERSON} ON CONFLICT DO NOTHING", ADA.user_id, START)
    await pool.run(KEEP, new_memories_json(memories), START)


async def kept(pool: StatementPool) -> list[Memory]:
    return [memory_of(row) for row in await pool.run(ALL)]


def moment(dice: random.Random) -> datetime:
    return START + timedelta(seconds=dice.randrange(0, 86_400 * 1_100))


async def some_of_each(pool: StatementPool, dice: random.Random) -> None:
    """Keep memories of every kind in every phase of life."""
    for place in range(400):
        text, maybe = f"Memory {place}.", lambda: moment(dice) if dice.random() < 0.5 else None
        new = made(
            text,
            kind=dice.choice(list(MemoryKind)),
            origin=dice.choice(list(Origin)),
            salience=dice.randint(1, 10),
            said_at=moment(dice),
            due_at=maybe(),
        )
        await keep(pool, new)
        state, pinned = dice.choice(list(MemoryState)), dice.random() < 0.1
        await pool.run(LIFE, text, state, dice.randint(1, 15), dice.randint(0, 15), maybe(), maybe(), pinned)


async def test_the_database_and_the_rule_agree_on_memories_of_every_kind(statements):
    await some_of_each(statements, random.Random(6))
    memories = await kept(statements)
    shares = []
    for days in range(-400, 2_000, 60):  # also where the clock went back
        now = NOW + timedelta(days=days)
        rows = await statements.run(FADED_BY_ID, now)
        assert [row["is_faded"] for row in rows] == [is_faded(one, now) for one in memories]
        shares.append(sum(row["is_faded"] for row in rows))
    assert shares[0] < 40 < 100 < shares[-1]


async def test_what_has_faded_is_archived_and_everything_else_stays_as_it_is(statements):
    await some_of_each(statements, random.Random(7))
    before = await kept(statements)
    gone = await fade(statements, NOW, limit=1_000)
    expected = [replace(one, state=MemoryState.ARCHIVED) if is_faded(one, NOW) else one for one in before]
    assert await kept(statements) == expected
    assert gone == sum(is_faded(one, NOW) for one in before)
    assert await fade(statements, NOW, limit=1_000) == 0


async def test_a_run_goes_on_until_all_is_done_and_two_at_once_do_it_once(statements):
    async def worn_out(text: str) -> NewMemory:
        return made(text, kind=MemoryKind.FEELING, salience=1)

    count = AT_ONCE + 40
    await keep(statements, *[await worn_out(f"Feeling {place}.") for place in range(count)], made("A fact."))

    class Store:
        async def fade(self, now: datetime, *, limit: int) -> int:
            return await fade(statements, now, limit=limit)

    later = FakeClock(START + timedelta(days=400))
    found = await asyncio.gather(*(Fade(Store(), later)() for _ in range(2)))  # type: ignore[arg-type]
    found.append(await Fade(Store(), later)())  # type: ignore[arg-type]
    assert sum(found) == count
    assert {one.text for one in await kept(statements) if one.state is MemoryState.CURRENT} == {"A fact."}


async def test_use_in_the_database_is_as_the_rule_has_it(statements):
    await keep(statements, made("A fact."))
    (memory,) = await kept(statements)
    for hours in (0, 5, 23, 24, 30, 49, 73, 73.5):
        at = START + timedelta(days=10, hours=hours)
        await statements.run(f"UPDATE memories m SET {used_sql('$1::timestamptz', 'm')}", at)
        memory = used(memory, at)
        assert await kept(statements) == [memory]
    assert memory.used_count == 4


async def test_candidates_go_after_two_months_and_a_telling_in_between_keeps_them(statements):
    told_once = made("Once.", state=MemoryState.CANDIDATE)
    told_again = made("Again.", state=MemoryState.CANDIDATE, said_at=START)
    await keep(statements, told_once, told_again)
    await keep(statements, replace(told_again, said_at=START + timedelta(minutes=2)))
    await statements.run("UPDATE memories SET said_at = $1 WHERE text = 'Again.'", START + timedelta(days=30))
    assert await fade(statements, START + UNCONFIRMED_FOR, limit=10) == 1
    assert {one.text: one.state for one in await kept(statements)}["Once."] is MemoryState.ARCHIVED


async def test_the_limit_of_strength_is_the_same_number_on_both_sides(statements):
    await keep(statements, made("A joke.", kind=MemoryKind.JOKE))
    (joke,) = await kept(statements)
    last = next(day for day in range(1, 2_000) if strength(joke, START + timedelta(days=day)) < FADED)
    assert await fade(statements, START + timedelta(days=last - 1), limit=10) == 0
    assert await fade(statements, START + timedelta(days=last), limit=10) == 1
