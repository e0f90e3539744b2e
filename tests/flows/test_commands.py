"""Slash commands over the loopback gateway, and what the bot exposes to the page and to a container."""

from __future__ import annotations

import asyncio
import json

import aiohttp
import pytest

from bot.adapters.postgres.sockets import free_port
from tests.flows.conftest import Stage

EPHEMERAL = 64


async def commands_published(person, channel: str) -> set[str]:
    async with asyncio.timeout(10):
        while not (known := await person.commands(channel)):
            await asyncio.sleep(0.05)
    return {command["name"] for command in known}


@pytest.mark.parametrize(("name", "expected"), [("about", "AI program"), ("help", "mention her"), ("ping", "ms")])
async def test_commands_answer_privately(stage: Stage, name: str, expected: str):
    async with stage.bot(), stage.playground.person("juno") as juno:
        dm = await juno.dm()
        assert name in await commands_published(juno, dm)
        assert (await juno.slash(name, dm))["ok"]
        answer = await juno.next_message_from_app(dm)
    assert answer["flags"] & EPHEMERAL
    assert expected in json.dumps(answer["components"], ensure_ascii=False)


async def test_help_says_what_a_missing_intent_keeps_from_her(stage: Stage):
    async with stage.bot(), stage.playground.person("juno") as juno:
        dm = await juno.dm()
        await commands_published(juno, dm)
        await juno.slash("help", dm)
        answer = await juno.next_message_from_app(dm)
    assert "message-content intent is off" in json.dumps(answer["components"])


async def test_panel_and_health_are_exposed_on_loopback(stage: Stage):
    port = free_port()
    async with (
        stage.bot(MIRA_STATUS_PORT=str(port)),
        stage.playground.person("juno") as juno,
        aiohttp.ClientSession(f"http://127.0.0.1:{port}") as http,
    ):
        assert (await http.get("/healthz")).status == 200
        assert (await (await http.get("/panel")).json())["last_turn"] is None
        await juno.tell("my secret is under the mat")
        await juno.next_message_from_app()
        async with asyncio.timeout(5):
            while (panel := await (await http.get("/panel")).json())["last_turn"] is None:
                await asyncio.sleep(0.05)
    assert panel["companion"]["name"] == "Mira"
    assert panel["last_turn"]["intent"] == "reply"
    assert panel["last_turn"]["model_calls"] == 1
    assert "direct message" in panel["last_turn"]["reasons"]
    assert "secret" not in json.dumps(panel)
