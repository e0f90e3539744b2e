"""The embedder goes away in the middle of talk: no answer waits for it, nothing is lost, and vectors come later."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import asyncpg
import pytest

from bot import remembering
from bot.adapters.postgres.address import parse_database_url
from bot.engine import embed
from playground.client import Person
from tests.flows.conftest import Stage
from tests.scripted_model import Behaviour, plain_answer

PATIENCE_S = 60.0
TURNS = 4  # in each phase
SECRET = "my sister Runa mends old clocks"
FAILURES = {  # other ways are told apart in tests/engine/test_embed.py
    "is gone": Behaviour(drop=True),
    "hangs": Behaviour(hang=True),
    "gives vectors of another length": Behaviour(
        raw=b'{"object": "list", "data": [{"object": "embedding", "index": 0, "embedding": [1.0, 2.0]}]}'
    ),
}
WITHOUT = "SELECT count(*) FROM recall_lines WHERE embedder_id IS NULL"
WITH = "SELECT count(*) FROM recall_lines WHERE embedder_id IS NOT NULL"
LINES = "SELECT count(*) FROM recall_lines"


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the background do in seconds what it does in minutes."""
    monkeypatch.setattr(remembering, "DIGEST_EVERY", timedelta(seconds=0.5))
    monkeypatch.setattr(remembering, "EMBED_EVERY", timedelta(seconds=0.5))
    monkeypatch.setattr(embed, "FIRST_REST", timedelta(seconds=0.2))
    monkeypatch.setattr(embed, "LONGEST_REST", timedelta(seconds=1))
    monkeypatch.setattr(embed, "WITHIN", timedelta(seconds=2))


async def count_of(stage: Stage, query: str) -> int:
    connection = await asyncpg.connect(**parse_database_url(stage.database_url).asyncpg_arguments())
    try:
        return int(await connection.fetchval(query))
    finally:
        await connection.close()


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not await condition():
            await asyncio.sleep(0.2)


async def talk(stage: Stage, person: Person, *lines: str) -> None:
    """Say each line and have it answered."""
    for line in lines:
        await person.tell(line)
        assert (await person.next_message_from_app(timeout=20))["content"]


def short_answer(body: dict) -> dict:
    return {**plain_answer(body), "reply": "I heard you."}


@pytest.mark.parametrize("failure", FAILURES)
async def test_while_the_embedder_is_away_all_is_answered_and_kept_and_embedded_later(stage: Stage, failure: str):
    stage.model.default = short_answer
    stage.model.embed_models = ("small-embed",)
    async with stage.bot(MIRA_EMBED_MODEL="small-embed"), stage.playground.person("juno") as juno:
        await talk(stage, juno, SECRET, *(f"thing number {place} before" for place in range(TURNS)))
        lines = 2 * (TURNS + 1)
        await until(lambda: _is(stage, WITH, lines))

        stage.model.embed_failure = FAILURES[failure]
        await talk(stage, juno, *(f"thing number {place} meanwhile" for place in range(TURNS)))
        lines += 2 * TURNS
        await until(lambda: _is(stage, LINES, lines))
        assert await count_of(stage, WITHOUT) == 2 * TURNS

        stage.model.embed_failure = None
        await until(lambda: _is(stage, WITH, lines))
        assert await count_of(stage, WITHOUT) == 0
        await talk(stage, juno, "and after")
    assert await count_of(stage, "SELECT count(DISTINCT embedder_id) FROM recall_lines") == 1


async def test_another_embedder_embeds_everything_anew_while_talk_goes_on(stage: Stage):
    stage.model.default = short_answer
    stage.model.embed_models = ("small-embed", "other-embed")
    async with stage.bot(MIRA_EMBED_MODEL="small-embed"), stage.playground.person("juno") as juno:
        await talk(stage, juno, SECRET, "and I like rain")
        await until(lambda: _is(stage, WITH, 4))
    async with stage.bot(MIRA_EMBED_MODEL="other-embed"), stage.playground.person("juno") as juno:
        await talk(stage, juno, "what does my sister mend?")
        named = "SELECT count(*) FROM recall_lines JOIN embedders USING (embedder_id) WHERE name LIKE '%:other-embed'"
        await until(lambda: _is(stage, named, 6))


async def _is(stage: Stage, query: str, wanted: int) -> bool:
    return await count_of(stage, query) == wanted
