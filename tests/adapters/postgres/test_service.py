"""Processes, failures and what waits, as the database tells of them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from bot.adapters.postgres.address import parse_database_url
from bot.adapters.postgres.pool import StatementPool
from bot.adapters.postgres.service import PostgresService, facts_json, vitals_of
from bot.adapters.postgres.service_statements import BACKLOG, FAILURES_MOST
from bot.domain.service import (
    Backlog,
    Failure,
    LineState,
    ModelState,
    ProcessName,
    ProcessState,
    Vitals,
)
from tests.fakes import START

WORKER = ProcessName("host-1-aa", "worker", "host", 1, "0.1.0")
GATEWAY = ProcessName("host-2-bb", "gateway", "host", 2, "0.1.0")
MODEL = ModelState("m", "openai", "example.org", "fall-back", is_up=False, last_error="timeout", fallback="n")
FULL = Vitals(3, 17, START, 50_000_000, 1.5, MODEL, LineState(is_connected=True, latency_ms=41.0, shards="0-3/16"))
MANY = 10_000
TODAY = datetime.now(UTC)  # failures are dropped by the database's own time


@pytest.fixture
async def service(statements: StatementPool) -> PostgresService:
    return PostgresService(statements)


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    found = await asyncpg.connect(**parse_database_url(database_url).asyncpg_arguments())
    yield found
    await found.close()


def failure(reference: str = "0a1b2c3d", minutes: float = 0.0, said: str = "sweep failed") -> Failure:
    return Failure(reference, "StoreError", said, "bot.engine", TODAY + timedelta(minutes=minutes), "p")


# processes


async def test_processes_tell_of_each_other(service: PostgresService):
    await service.answers()
    await service.beat(WORKER, ProcessState.STARTING, Vitals())
    await service.beat(GATEWAY, ProcessState.RUNNING, Vitals())
    await service.beat(WORKER, ProcessState.RUNNING, FULL)
    worker, gateway = await service.processes()
    assert (worker.name, worker.state, worker.vitals) == (WORKER, ProcessState.RUNNING, FULL)
    assert (gateway.name, gateway.vitals) == (GATEWAY, Vitals())
    assert worker.started_at < gateway.started_at < worker.seen_at
    assert not worker.is_gone
    await service.leave(WORKER.process_id)
    assert [one.name for one in await service.processes()] == [GATEWAY]


async def test_silent_processes_count_as_gone_and_are_forgotten_in_a_day(
    service: PostgresService, connection: asyncpg.Connection
):
    await service.beat(WORKER, ProcessState.RUNNING, Vitals())
    await connection.execute("UPDATE processes SET seen_at = now() - interval '16 seconds'")
    assert [one.is_gone for one in await service.processes()] == [True]
    await service.beat(GATEWAY, ProcessState.RUNNING, Vitals())
    assert len(await service.processes()) == 2
    await connection.execute("UPDATE processes SET seen_at = now() - interval '25 hours' WHERE pid = 1")
    await service.beat(GATEWAY, ProcessState.RUNNING, Vitals())
    assert [one.name for one in await service.processes()] == [GATEWAY]


async def test_a_process_that_was_thought_gone_comes_back(service: PostgresService, connection: asyncpg.Connection):
    await service.beat(WORKER, ProcessState.RUNNING, Vitals())
    await connection.execute("UPDATE processes SET seen_at = now() - interval '25 hours'")
    await service.beat(WORKER, ProcessState.RUNNING, FULL)
    (found,) = await service.processes()
    assert (found.is_gone, found.vitals) == (False, FULL)


def test_facts_survive_other_versions():
    assert vitals_of(json.loads(facts_json(FULL))) == FULL
    assert vitals_of({}) == Vitals()
    newer = {"turns": 2, "moons": 4, "line": {"is_connected": False, "colour": "red"}, "model": {"name": "m"}}
    assert vitals_of(newer) == Vitals(turns=2, line=LineState(is_connected=False))


# failures


async def test_failures_are_kept_newest_first_once(service: PostgresService):
    await service.note([])
    batch = [failure("a" * 8, 0), failure("b" * 8, 1)]
    await service.note(batch)
    await service.note([*batch, failure("c" * 8, 2)])
    found = await service.failures(10)
    assert [one.reference[0] for one in found] == ["c", "b", "a"]
    assert found[2] == batch[0]
    assert len(await service.failures(2)) == 2
    assert await service.failures(0) == ()


async def test_failures_are_bounded_in_number_and_age(service: PostgresService, connection: asyncpg.Connection):
    now = await connection.fetchval("SELECT now()")
    old = replace(failure("f" * 8), happened_at=now - timedelta(days=8))
    await service.note([old])
    for batch in range(5):
        new = [replace(failure(f"{batch}{n:07d}"), happened_at=now + timedelta(seconds=n)) for n in range(90)]
        await service.note(new)
    found = await service.failures(1000)
    assert len(found) == FAILURES_MOST
    assert "f" * 8 not in {one.reference for one in found}
    assert {one.reference[0] for one in found} == {"2", "3", "4"}


async def test_what_the_database_cannot_hold_is_left_out(service: PostgresService):
    await service.note([failure(said="nul \x00 and half a \ud800 sign")])
    (found,) = await service.failures(1)
    assert found.said.startswith("nul ")
    await service.beat(replace(WORKER, host="h\x00st"), ProcessState.RUNNING, Vitals())
    assert len(await service.processes()) == 1


# what waits


async def fill(connection: asyncpg.Connection, *, channels: int, messages: int, answered: int = 0) -> None:
    """Make people, channels (every second one a direct conversation) and messages, waiting and answered ones."""
    await connection.execute(
        "INSERT INTO people (user_id, display_name, first_seen_at, last_seen_at) VALUES (1, 'x', now(), now())"
    )
    await connection.execute(
        "INSERT INTO channels (channel_id, guild_id, kind) "
        "SELECT n, CASE WHEN n % 2 = 1 THEN 9 END, CASE WHEN n % 2 = 1 THEN 'guild' ELSE 'dm' END "
        "FROM generate_series(1, $1::int) n",
        channels,
    )
    await connection.execute(
        "INSERT INTO messages (message_id, channel_id, author_id, speaker, author_name, content, audience_kind, "
        "audience_id, state, sent_at, heard_at) SELECT n, 1 + n % $1::int, 1, 'person', 'x', repeat('words ', 20), "
        "'person', 1, CASE WHEN n <= $2::int THEN 'pending' ELSE 'answered' END, $4::timestamptz, "
        "$4::timestamptz + n * interval '1 second' "
        "FROM generate_series(1, $2::int + $3::int) n",
        channels,
        messages,
        answered,
        START,
    )


async def test_nothing_waits_in_an_empty_database(service: PostgresService):
    assert await service.backlog(START) == Backlog()
    assert Backlog().is_empty


async def test_what_waits_is_counted_by_kind(service: PostgresService, connection: asyncpg.Connection):
    await fill(connection, channels=4, messages=8, answered=100)
    await connection.execute("UPDATE channels SET retry_at = $1, retry_count = 2 WHERE channel_id = 2", START)
    later = START + timedelta(minutes=1)
    await connection.execute("UPDATE channels SET retry_at = $1, retry_count = 1 WHERE channel_id = 4", later)
    turn = await connection.fetchval(
        "INSERT INTO turns (channel_id, state, after_id, started_at) VALUES (1, 'sending', 4, $1) RETURNING turn_id",
        START,
    )
    await connection.execute("UPDATE messages SET state = 'claimed', turn_id = $1 WHERE message_id = 4", turn)
    await connection.execute(
        "INSERT INTO outbox (turn_id, channel_id, part_no, kind, content, after_id, created_at) "
        "VALUES ($1, 1, 0, 'text', 'x', 4, $2)",
        turn,
        START,
    )
    for due in (START, later):
        await connection.execute(
            "INSERT INTO timers (kind, channel_id, user_id, due_at, audience_kind, audience_id, created_at) "
            "VALUES ('reminder', 1, 1, $1, 'person', 1, $1)",
            due,
        )
    await connection.execute("INSERT INTO message_changes (message_id, kind, happened_at) VALUES (50, 'edited', now())")
    await connection.execute(
        "INSERT INTO pgqueuer (priority, entrypoint, payload, execute_after, status) "
        "VALUES (0, 'wake', NULL, now(), 'failed')"
    )
    backlog = await service.backlog(START + timedelta(seconds=1))
    assert backlog == Backlog(
        direct=2,  # channel 2: its time has come
        on_servers=3,  # channels 1 and 3, but for the claimed one
        for_model=2,  # channel 4
        in_hand=1,
        unsent=1,
        overdue_timers=1,
        timers=2,
        changes=1,
        held_jobs=1,
        open_turns=1,
        channels_resting=1,
        rest_until=later,
        oldest=START + timedelta(seconds=1),
    )
    assert backlog.messages == 8
    assert not backlog.is_empty


async def test_the_oldest_may_be_one_in_hand(service: PostgresService, connection: asyncpg.Connection):
    await fill(connection, channels=2, messages=2)
    await connection.execute(
        "WITH t AS (INSERT INTO turns (channel_id, state, after_id, started_at) VALUES (2, 'drafting', 1, now()) "
        "RETURNING turn_id) UPDATE messages SET state = 'claimed', turn_id = t.turn_id FROM t WHERE message_id = 1"
    )
    assert (await service.backlog(START)).oldest == START + timedelta(seconds=1)


def scans(plan: object) -> list[tuple[str, str]]:
    """Give each node of a plan that reads a table, as its kind and the table's name."""
    if isinstance(plan, Sequence) and not isinstance(plan, str):
        return [scan for one in plan for scan in scans(one)]
    if not isinstance(plan, dict):
        return []
    here = [(plan["Node Type"], plan["Relation Name"])] if "Relation Name" in plan else []
    return here + [scan for value in plan.values() for scan in scans(value)]


async def test_the_count_reads_open_work_only(service: PostgresService, connection: asyncpg.Connection):
    await fill(connection, channels=500, messages=MANY, answered=4 * MANY)
    await connection.execute("ANALYZE")
    plan = json.loads(await connection.fetchval(f"EXPLAIN (FORMAT JSON) {BACKLOG}", START))
    of_messages = [kind for kind, table in scans(plan) if table == "messages"]
    assert of_messages and not any(kind.startswith("Seq Scan") for kind in of_messages), of_messages
    assert (await service.backlog(START)).messages == MANY
