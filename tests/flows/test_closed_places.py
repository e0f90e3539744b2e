"""A channel is deleted on Discord, heard live or while she was away: what was said there is forgotten."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import asyncpg
import pytest

from bot.adapters.postgres.address import parse_database_url
from bot.engine import closed_places
from playground.client import Person
from tests.flows.conftest import Stage
from tests.kept import everything
from tests.scripted_model import plain_answer

CANARY = "quokka7731"


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the minutes between two questions be less than a second."""
    monkeypatch.setattr(closed_places, "LOOK_EVERY", timedelta(seconds=0.2))
    monkeypatch.setattr(closed_places, "ASKED_AGAIN_AFTER", timedelta(seconds=0.5))


def answer(body: dict) -> dict:
    return {**plain_answer(body), "reply": f"So your word is {CANARY}."}


async def left(stage: Stage) -> int:
    connection = await asyncpg.connect(**parse_database_url(stage.database_url).asyncpg_arguments())
    try:
        return sum(CANARY in row for rows in (await everything(connection)).values() for row in rows)
    finally:
        await connection.close()


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(30):
        while not await condition():
            await asyncio.sleep(0.2)


async def _forgotten(stage: Stage) -> bool:
    return await left(stage) == 0


async def told(stage: Stage, theo: Person) -> str:
    """Have something said in a channel of its own, and answered there."""
    guild_id = str(stage.playground.channel("living-room").guild.guild_id)
    channel_id = await theo.channel(guild_id, "secrets")
    await theo.mention(channel_id, f"my word is {CANARY}")
    await theo.next_message_from_app(channel_id, timeout=20)
    assert await left(stage) > 0
    return channel_id


async def test_a_deleted_channel_is_forgotten(stage: Stage):
    stage.model.default = answer
    async with stage.bot(), stage.playground.person("juno") as juno:
        channel_id = await told(stage, juno)
        await juno.rest("DELETE", f"/channels/{channel_id}")
        await until(lambda: _forgotten(stage))


async def test_a_channel_deleted_while_she_is_away_is_forgotten_by_the_next_session(stage: Stage):
    stage.model.default = answer
    async with stage.playground.person("juno") as juno:
        async with stage.bot():
            channel_id = await told(stage, juno)
        await juno.rest("DELETE", f"/channels/{channel_id}")
        async with stage.bot():
            await until(lambda: _forgotten(stage))
