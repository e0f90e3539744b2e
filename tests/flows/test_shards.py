"""Several gateways, several workers, one database: each server is heard once, each slot is worked once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from itertools import pairwise

import pytest

from playground.core import Options
from playground.server import Playground
from tests.flows.conftest import Stage, outcome, she_is_quiet
from tests.flows.test_talk import saying
from tests.scripted_model import Behaviour, ScriptedModelServer

IDENTIFY_INTERVAL_S = 5.0  # Discord's own


@pytest.fixture
async def strict_stage(database_url: str) -> AsyncIterator[Stage]:
    """Set a stage on which Discord counts the seconds between two IDENTIFYs."""
    options = Options(identify_interval_s=IDENTIFY_INTERVAL_S)
    async with Playground(port=0, options=options) as playground, ScriptedModelServer() as model:
        yield Stage(playground, model, database_url)


def rooms_by_shard(stage: Stage, count: int) -> dict[int, str]:
    """Make servers until each shard has one; gives a channel of each."""
    world = stage.playground.world
    rooms: dict[int, str] = {}
    while len(rooms) < count:
        time.sleep(0.001)  # ids are made of milliseconds
        shard = (world.new_id() >> 22) % count
        if shard in rooms:
            continue
        guild = world.add_guild(f"house {shard}", world.people[0])
        home = (guild.guild_id >> 22) % count
        rooms.setdefault(home, str(world.add_channel(guild, f"room-{home}").channel_id))
    return rooms


def identifies_of(stage: Stage) -> list[tuple[int, float]]:
    """Give a list that fills with each IDENTIFY: its shard, and when it came."""
    seen: list[tuple[int, float]] = []
    gateway = stage.playground.gateway
    may_identify = gateway.may_identify

    def noted(shard_id: int) -> bool:
        seen.append((shard_id, time.monotonic()))
        return may_identify(shard_id)

    gateway.may_identify = noted  # type: ignore[method-assign]
    return seen


async def test_two_gateways_and_two_workers_answer_each_server_once(strict_stage: Stage):
    stage = strict_stage
    stage.model.default = saying("once.")
    rooms, identifies = rooms_by_shard(stage, 3), identifies_of(stage)
    async with (
        stage.process(role="worker"),
        stage.process(role="worker"),
        # both at once: each waits for the other's turns
        asyncio.TaskGroup() as group,
    ):
        ready = [asyncio.Event(), asyncio.Event()]
        done = asyncio.Event()
        for event, span in zip(ready, ("0/3", "1-2/3"), strict=True):
            group.create_task(_hold_gateway(stage, span, event, done))
        try:
            for event in ready:
                async with asyncio.timeout(60):
                    await event.wait()
            await _all_are_answered_once(stage, rooms)
        finally:
            done.set()
    assert sorted(shard for shard, _ in identifies) == [0, 1, 2], "nobody was sent away and came again"
    for (_, earlier), (_, later) in pairwise(identifies):
        assert later - earlier >= IDENTIFY_INTERVAL_S
    assert len(stage.model.requests) == len(rooms) + 1


async def _hold_gateway(stage: Stage, span: str, ready: asyncio.Event, done: asyncio.Event) -> None:
    async with stage.process(role="gateway", shards=span):
        ready.set()
        await done.wait()


async def _all_are_answered_once(stage: Stage, rooms: dict[int, str]) -> None:
    async with stage.playground.person("juno") as juno:
        for room in rooms.values():
            await juno.mention(room, "are you there?")
        await juno.tell("and here?")
        for place in (*rooms.values(), await juno.dm()):
            assert (await juno.next_message_from_app(place, timeout=20))["content"] == "once."
        assert await she_is_quiet(juno)


async def test_a_killed_worker_is_missed_by_nobody(stage: Stage, database):
    """A gateway and two workers: one is killed in the middle of a turn; turns go on and each slot is worked once."""
    stage.model.script(Behaviour(answer=saying("never said"), first_delay_s=60.0))
    stage.model.default = saying("said once.")
    room = str(stage.playground.channel("living-room").channel_id)
    async with database.begin() as connection:
        await connection.exec_driver_sql(AUDIT_TABLE)
        for statement in AUDIT_TRIGGERS:
            await connection.exec_driver_sql(statement)
    often = {"MIRA_DECAY_EVERY_S": "1"}
    async with (
        stage.process(role="gateway", **often),
        stage.process(role="worker", **often) as doomed,
        stage.playground.person("juno") as juno,
        stage.playground.person("theo") as theo,
    ):
        await juno.tell("stay with me")
        while not stage.model.requests:  # the only worker there is has taken it
            await asyncio.sleep(0.02)
        async with stage.process(role="worker", **often):
            await asyncio.sleep(3)
            killed_at = time.monotonic()
            doomed.kill()
            await doomed.wait()
            assert (await juno.next_message_from_app(timeout=20))["content"] == "said once."
            assert time.monotonic() - killed_at < 10, "takeover"
            for person in (juno, theo):
                await person.mention(room, "and now?")
                assert (await juno.next_message_from_app(room, timeout=20))["content"] == "said once."
            assert await she_is_quiet(juno)
            await asyncio.sleep(2)
    async with database.connect() as connection:
        slots = (await connection.exec_driver_sql(AUDIT_READ)).all()
        points = (await connection.exec_driver_sql("SELECT count(*), count(DISTINCT slot) FROM mood_history")).one()
    assert len(slots) >= 6
    assert {taken for _, taken, _ in slots} == {1}, "each slot was worked once"
    assert max(tried for _, _, tried in slots) >= 2, "and not because only one process looked"
    assert points[0] == points[1] >= 4


AUDIT_TABLE = "CREATE TABLE audit (slot timestamptz, what text, pid int)"
AUDIT_TRIGGERS = (
    """
    CREATE FUNCTION audit() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO audit VALUES (NEW.slot, TG_ARGV[0], pg_backend_pid());
        RETURN NEW;
    END $$
    """,
    # before: also where the slot is taken already
    "CREATE TRIGGER tried BEFORE INSERT ON job_slots FOR EACH ROW EXECUTE FUNCTION audit('tried')",
    "CREATE TRIGGER taken AFTER INSERT ON job_slots FOR EACH ROW EXECUTE FUNCTION audit('taken')",
)
AUDIT_READ = """
SELECT slot, count(*) FILTER (WHERE what = 'taken'), count(*) FILTER (WHERE what = 'tried')
FROM audit GROUP BY slot ORDER BY slot
"""


async def test_a_killed_gateways_shard_is_taken_over(stage: Stage):
    stage.model.default = saying("still here.")
    rooms = rooms_by_shard(stage, 2)
    async with stage.process(role="worker"), stage.playground.person("juno") as juno:
        async with stage.process(role="gateway", shards="1/2") as gateway:
            gateway.kill()
            await gateway.wait()
        async with stage.process(role="gateway", shards="1/2"):
            await juno.mention(rooms[1], "and now?")
            assert (await juno.next_message_from_app(rooms[1], timeout=20))["content"] == "still here."
            await juno.mention(rooms[0], "that is not your house")
            assert await she_is_quiet(juno)


async def test_a_shard_that_is_held_is_refused_and_the_holder_named(stage: Stage):
    async with stage.process(role="gateway", shards="0-1/4") as holder:
        code, said = await outcome("run --role gateway --shards 1-2/4", stage.environment())
        assert code == 2, said
        assert "shard 1 of 4" in said
        assert f"pid {holder.pid}" in said
        code, said = await outcome("run --role gateway --shards 2/3", stage.environment())
        assert code == 2, said
        assert "served as 4 shards" in said
        assert f"pid {holder.pid}" in said


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("--shards 3-1/4", "is empty"),
        ("--shards 0-4/4", "there is no shard 4 of 4"),
        ("--shards many", "cannot be read"),
        ("--role worker --shards 0/2", "leave it out"),
    ],
)
async def test_shards_that_cannot_be_are_refused(stage: Stage, options: str, said: str):
    code, printed = await outcome(f"run {options}", stage.environment())
    assert code == 2, printed
    assert said in printed
    assert "Traceback" not in printed


async def test_one_process_publishes_the_commands(stage: Stage):
    commands = stage.playground.core.commands
    async with stage.process(role="gateway", shards="1/2"):
        await asyncio.sleep(1)
        assert not commands.of(None)
        async with stage.process(role="gateway", shards="0/2"):
            async with asyncio.timeout(10):
                while not commands.of(None):
                    await asyncio.sleep(0.05)


async def test_a_whole_process_may_hear_several_shards(stage: Stage):
    stage.model.default = saying("everywhere.")
    rooms = rooms_by_shard(stage, 2)
    async with stage.process(shards="0-1/2"):
        await _all_hear(stage, rooms)
        for fault in ({"kind": "drop_socket"}, {"kind": "reconnect"}):
            stage.playground.fault(**fault)
            await asyncio.sleep(0.5)
            await _all_hear(stage, rooms)


async def _all_hear(stage: Stage, rooms: dict[int, str]) -> None:
    async with stage.playground.person("juno") as juno:
        for room in rooms.values():
            await juno.mention(room, "hello?")
        for room in rooms.values():
            assert (await juno.next_message_from_app(room, timeout=20))["content"] == "everywhere."
        assert await juno.hears_nothing("MESSAGE_CREATE", lambda one: bool(one["author"].get("bot")), 1.0)
