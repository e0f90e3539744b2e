"""What operators see of a running bot: the command, the doctor, the health check, the figures."""

from __future__ import annotations

import asyncio
import json
import re
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg
import psutil
import pytest

from bot.adapters.postgres.address import parse_database_url
from bot.adapters.postgres.cluster import Cluster
from bot.adapters.postgres.sockets import free_port
from bot.foundation import EMBEDDED_FOLDER
from playground.client import Person
from tests.flows.conftest import Stage, outcome
from tests.flows.test_commands import EPHEMERAL, commands_published

PATIENCE_S = 20.0
LOADING = 128
SECRET = "the canary in my words"


async def rows(stage: Stage, query: str) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(**parse_database_url(stage.database_url).asyncpg_arguments())
    try:
        return await connection.fetch(query)
    finally:
        await connection.close()


async def until(stage: Stage, query: str, fits: Callable[[list[asyncpg.Record]], bool]) -> list[asyncpg.Record]:
    async with asyncio.timeout(PATIENCE_S):
        while not fits(found := await rows(stage, query)):
            await asyncio.sleep(0.2)
    return found


async def status_card(asker: Person, channel: str) -> dict[str, Any]:
    outcome = await asker.slash("status", channel)
    assert outcome["ok"], outcome
    message = await asker.next_message_from_app(channel)
    if message["flags"] & LOADING:
        message = await asker.wait_for("MESSAGE_UPDATE", lambda one: one["id"] == message["id"])
    return message


def said(message: dict[str, Any]) -> str:
    return message["content"] + json.dumps(message["components"], ensure_ascii=False)


def figures(text: str) -> dict[str, float]:
    lines = (line.rpartition(" ") for line in text.splitlines() if line and not line.startswith("#"))
    return {name: float(value) for name, _, value in lines}


async def test_status_is_for_admins_and_owners(stage: Stage):
    living_room = str(stage.playground.channel("living-room").channel_id)
    async with stage.bot(), stage.playground.person("juno") as juno, stage.playground.person("theo") as theo:
        await commands_published(juno, await juno.dm())
        for channel in (living_room, await juno.dm()):
            card = await status_card(juno, channel)
            assert card["flags"] & EPHEMERAL
            for words in ("Processes at work: 1", "**all** running", "scripted", "pid ", "Nothing waits"):
                assert words in said(card), words
        assert "status" not in {one["name"] for one in await theo.commands(living_room)}
        refused = await status_card(theo, await theo.dm())
        assert refused["flags"] & EPHEMERAL and "Only the people who own this app" in said(refused)


async def test_a_process_shows_itself_and_leaves_without_a_trace(stage: Stage):
    async with stage.process("worker") as worker, stage.process("gateway"):
        found = await until(
            stage, "SELECT role, state, pid FROM processes ORDER BY role", lambda found: len(found) == 2
        )
        assert [row["role"] for row in found] == ["gateway", "worker"]
        await until(stage, "SELECT state FROM processes", lambda found: {row["state"] for row in found} == {"running"})
        assert found[1]["pid"] == worker.pid
        worker.send_signal(signal.SIGTERM)
        await worker.wait()
        assert [row["role"] for row in await rows(stage, "SELECT role FROM processes")] == ["gateway"]


async def test_doctor_tells_of_processes_that_were_killed_of_failures_and_of_what_waits(stage: Stage):
    stage.model.script(*[500] * 40)
    async with stage.process("all") as process, stage.playground.person("juno") as juno:
        await juno.tell(SECRET)
        await until(stage, "SELECT reference FROM failures", bool)
        code, lines = await outcome("doctor", stage.environment())
        assert code in (0, 1)
        assert re.search(r"· process: all on \S+, pid \d+, version \S+: running for", lines), lines
        assert "sweeps" in lines and "gateway connected" in lines and "model scripted (" in lines
        assert re.search(
            r"· backlog: 1 messages wait: 1 (until the model is back|in hand|direct); the oldest for", lines
        )
        process.kill()
        await process.wait()
    await rows(stage, "UPDATE processes SET seen_at = seen_at - interval '1 minute'")
    _, lines = await outcome("doctor", stage.environment())
    assert re.search(r"· process: all on \S+, pid \d+, version \S+: gone, silent for 1 min", lines), lines
    (kept,) = {row["reference"] for row in await rows(stage, "SELECT reference FROM failures LIMIT 1")}
    assert re.search(rf"· failure: {kept}, .+ ago: ProviderError: ", lines), lines
    assert SECRET not in lines
    failed = await rows(stage, "SELECT * FROM failures")
    assert SECRET not in str(failed)


async def test_doctor_says_that_nothing_runs(stage: Stage):
    async with stage.bot():
        pass
    _, lines = await outcome("doctor", stage.environment())
    assert "· process: none is running" in lines
    assert "· backlog: nothing waits" in lines


async def test_the_reference_a_person_is_shown_is_found_by_operators(stage: Stage, monkeypatch: pytest.MonkeyPatch):
    async def break_down(*_: object, **__: object) -> None:
        raise ValueError(SECRET)

    monkeypatch.setattr("bot.engine.look.Look.personality", break_down)
    async with stage.bot(), stage.playground.person("juno") as juno:
        dm = await juno.dm()
        await commands_published(juno, dm)
        await juno.slash("personality", dm)
        line = await juno.next_message_from_app(dm)
        if line["flags"] & LOADING:
            line = await juno.wait_for("MESSAGE_UPDATE", lambda one: one["id"] == line["id"])
        (reference,) = re.findall(r"`([0-9a-f]{8})`", line["content"])
        await until(stage, f"SELECT 1 FROM failures WHERE reference = '{reference}'", bool)
        card = said(await status_card(juno, dm))
    assert reference in card and "fault: command failed (ValueError)" in card
    assert SECRET not in card


async def test_figures_count_what_happens(stage: Stage):
    port = free_port()
    async with (
        stage.bot(MIRA_STATUS_PORT=str(port)),
        stage.playground.person("juno") as juno,
        aiohttp.ClientSession(f"http://127.0.0.1:{port}") as http,
    ):
        await juno.tell(SECRET)
        await juno.next_message_from_app()
        async with asyncio.timeout(PATIENCE_S):
            while True:
                answer = await http.get("/metrics")
                text = await answer.text()
                found = figures(text)
                if found.get('mira_turns_total{outcome="reply"}') == 1.0 and found.get("mira_sweeps_total", 0) > 0:
                    break
                await asyncio.sleep(0.2)
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert found['mira_messages_heard_total{news="new"}'] == 1.0
    assert found['mira_parts_total{outcome="sent"}'] >= 1.0
    assert found['mira_model_calls_total{model="scripted",outcome="whole"}'] == 1.0
    assert found['mira_turn_seconds_count{mark="sent"}'] == 1.0
    assert found['mira_model_mode{mode="normal"}'] == 1.0
    assert found["mira_gateway_connected"] == 1.0
    assert found['mira_backlog{kind="direct"}'] == 0.0
    assert found['mira_processes{role="all",state="running"}'] == 1.0
    assert found["mira_memory_bytes"] > 10_000_000
    assert SECRET not in text


async def test_health_tells_why_not(stage: Stage):
    port = free_port()
    async with stage.bot(MIRA_STATUS_PORT=str(port)) as app, aiohttp.ClientSession(f"http://127.0.0.1:{port}") as http:
        async with asyncio.timeout(PATIENCE_S):
            while (answer := await http.get("/healthz")).status != 200:
                await asyncio.sleep(0.1)
        assert await answer.json() == {"ready": True, "reasons": []}
        assert app.client is not None
        await app.client.ws.close(4000)
        answer = await http.get("/healthz")
        assert (answer.status, (await answer.json())["reasons"]) == (503, ["the gateway is not connected"])
        async with asyncio.timeout(PATIENCE_S):
            while (await http.get("/healthz")).status != 200:
                await asyncio.sleep(0.1)


async def test_a_model_that_is_down_is_no_illness(stage: Stage):
    port = free_port()
    stage.model.script(*[500] * 40)
    async with (
        stage.bot(MIRA_STATUS_PORT=str(port)),
        stage.playground.person("juno") as juno,
        aiohttp.ClientSession(f"http://127.0.0.1:{port}") as http,
    ):
        await juno.tell("hello")
        async with asyncio.timeout(PATIENCE_S):
            while figures(await (await http.get("/metrics")).text()).get("mira_model_up") != 0.0:
                await asyncio.sleep(0.2)
        assert (await http.get("/healthz")).status == 200


def servers_of(data_dir: Path) -> list[psutil.Process]:
    """Give the processes of the embedded server."""
    found = Cluster((data_dir / EMBEDDED_FOLDER).resolve()).running()
    assert found is not None
    postmaster = psutil.Process(found.pid)
    return [postmaster, *postmaster.children(recursive=True)]


async def reasons(http: aiohttp.ClientSession) -> list[str]:
    return list((await (await http.get("/healthz")).json())["reasons"])


async def test_a_database_that_hangs_is_named_and_the_figures_come_all_the_same(stage: Stage, tmp_path: Path):
    port = free_port()
    own = {"DATABASE_URL": "", "MIRA_DATA_DIR": str(tmp_path), "MIRA_STATUS_PORT": str(port)}
    async with stage.process(**own) as process, aiohttp.ClientSession(f"http://127.0.0.1:{port}") as http:
        async with asyncio.timeout(PATIENCE_S):
            while await reasons(http):
                await asyncio.sleep(0.1)
        stopped = servers_of(tmp_path)
        for server in stopped:
            server.suspend()
        try:
            async with asyncio.timeout(5.0):
                assert await reasons(http) == ["the database does not answer"]
            async with asyncio.timeout(5.0):
                found = figures(await (await http.get("/metrics")).text())
            assert found["mira_gateway_connected"] == 1.0 and "mira_open_turns" not in found
        finally:
            for server in stopped:
                server.resume()
        async with asyncio.timeout(PATIENCE_S):
            while await reasons(http):
                await asyncio.sleep(0.1)
        process.terminate()
        async with asyncio.timeout(PATIENCE_S):
            await process.wait()
