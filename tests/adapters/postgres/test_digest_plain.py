"""Turns that propose nothing are taken in a few at a time, as each would be by itself, and in a lull."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from bot.adapters.postgres.digest import PostgresDigest
from bot.adapters.postgres.digest_statements import DIGEST, DIGEST_PLAIN
from bot.adapters.postgres.pool import StatementPool
from bot.adapters.postgres.store import PostgresStore
from bot.engine.digest import AT_ONCE, PATIENCE_S, Digest
from bot.engine.slots import Slots
from bot.engine.undisturbed import in_a_lull
from bot.errors import StoreError
from tests.closed_turns import Talk
from tests.fakes import ADA, BEN, MIRA, START, FakeClock, guild_message

LINES = "SELECT * FROM recall_lines ORDER BY message_id"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def memory(statements: StatementPool) -> PostgresDigest:
    return PostgresDigest(statements, MIRA)


@pytest.fixture
def ran(statements: StatementPool, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Give the statements that were run, as they come."""
    asked: list[str] = []
    run = statements.run

    async def noted(statement: str, *values: object) -> Any:
        asked.append(statement)
        return await run(statement, *values)

    monkeypatch.setattr(statements, "run", noted)
    return asked


async def talked(statements: StatementPool, clock: FakeClock) -> Talk:
    """Leave turns of two people and two places, one with a secret, with pauses between."""
    store = PostgresStore(statements, own=MIRA, is_alone=True)
    await store.introduce(START)
    talk = Talk(store, clock)
    for number in range(AT_ONCE):
        await talk.turn(f"hello Ben, number {number}", "how are you?")
        await talk.turn(
            f"I am Ben and it is {number} o'clock", author=BEN, make=partial(guild_message, mentions_self=True)
        )
        await clock.advance(timedelta(minutes=9) * number)
    await talk.turn("my password is hunter2-hunter2")
    return talk


async def test_together_they_leave_what_each_leaves_by_itself(
    statements: StatementPool, clock: FakeClock, memory: PostgresDigest, ran: list[str]
) -> None:
    await talked(statements, clock)
    for turn in await memory.undigested(clock.now(), limit=50):
        await memory.digest(turn, (), {}, clock.now())
    one_by_one = [dict(row) for row in await statements.run(LINES)]
    assert len(one_by_one) == 5 * AT_ONCE + 1
    await statements.run("DELETE FROM recall_lines")
    await statements.run("UPDATE turns SET digested_at = NULL")
    ran.clear()

    assert await Digest(memory, clock, ())() == 2 * AT_ONCE + 1

    assert [dict(row) for row in await statements.run(LINES)] == one_by_one
    assert (ran.count(DIGEST_PLAIN), ran.count(DIGEST)) == (3, 0)
    assert await Digest(memory, clock, ())() == 0


async def test_what_proposes_or_was_shown_a_memory_goes_by_itself(
    statements: StatementPool, clock: FakeClock, memory: PostgresDigest, ran: list[str]
) -> None:
    talk = await talked(statements, clock)
    await talk.turn("my cat is called Milo", memories=[(0, "Ada has a cat called Milo.", {})])
    digest = Digest(memory, clock, ())

    assert await digest() == 2 * AT_ONCE + 2

    assert ran.count(DIGEST) == 1
    (kept,) = await statements.run("SELECT memory_id, owner_id FROM memories")
    assert kept["owner_id"] == ADA.user_id
    await talk.turn("so", recalled=[kept["memory_id"]])
    assert await digest() == 1
    assert ran.count(DIGEST) == 2


async def test_two_processes_take_them_in_once(
    statements: StatementPool, clock: FakeClock, memory: PostgresDigest
) -> None:
    await talked(statements, clock)
    others = [Digest(PostgresDigest(statements, MIRA), clock, ()) for _ in range(3)]

    assert sum(await asyncio.gather(*(digest() for digest in others))) == 2 * AT_ONCE + 1

    assert len(await statements.run(LINES)) == 5 * AT_ONCE + 1


async def test_where_they_fail_together_each_goes_by_itself(
    statements: StatementPool, clock: FakeClock, ran: list[str]
) -> None:
    class Broken(PostgresDigest):
        async def digest_plain(self, turns: Any, now: Any) -> int:
            raise StoreError("one of them is refused")

    await talked(statements, clock)

    assert await Digest(Broken(statements, MIRA), clock, ())() == 2 * AT_ONCE + 1
    assert ran.count(DIGEST) == 2 * AT_ONCE + 1


async def test_of_a_line_deleted_meanwhile_nothing_is_indexed(
    statements: StatementPool, clock: FakeClock, memory: PostgresDigest
) -> None:
    talk = await talked(statements, clock)
    turns = await memory.undigested(clock.now(), limit=50)
    gone = turns[0].lines[0].message.message_id
    await talk.store.withdraw([gone], clock.now())
    left = await statements.run(LINES)  # what forgetting needs to know of it, seconds later

    assert await memory.digest_plain(turns, clock.now()) == len(turns)

    assert [row for row in await statements.run(LINES) if row["message_id"] == gone] == left


async def test_they_wait_for_a_lull_but_not_for_ever(
    statements: StatementPool, clock: FakeClock, memory: PostgresDigest
) -> None:
    await talked(statements, clock)
    asked: list[float] = []

    async def lull(patience_s: float) -> float:
        asked.append(patience_s)
        return max(0.0, patience_s - 1.5)

    await Digest(memory, clock, (), lull=lull)()

    assert asked == [PATIENCE_S, PATIENCE_S - 1.5, 0.0]


async def test_a_lull_is_when_nobody_is_being_answered() -> None:
    slots = Slots(2)
    assert await in_a_lull(slots, 5.0) == 5.0
    slot = await slots.take(1)
    assert await in_a_lull(slots, 0.05) == 0.0
    asyncio.get_running_loop().call_later(0.05, slot.free)

    assert 4.0 < await in_a_lull(slots, 5.0) < 5.0
