"""A context that is set far too small: she answers, and her server is not asked for a summary of each turn."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest_asyncio

from bot.domain.context_chain import Limits, text_tokens
from bot.domain.prompt import AnswerForm
from bot.errors import ProviderError
from bot.ports import AnswerRequest
from tests.engine.conftest import World
from tests.flows.test_long_talk import Talk, _talk_in

TURNS = 60


@pytest_asyncio.fixture
async def small(database, statements) -> AsyncIterator[Talk]:
    world = World(database, statements)
    await world.real_store.introduce(world.clock.now())
    yield _talk_in(world, statements, Limits(1_000, 2_000))
    await world.conversations.drain(timedelta(0))


async def test_where_the_prompt_without_talk_is_over_the_ceiling_summaries_stay_few(small: Talk):
    for number in range(TURNS):
        await small.say(number)
    asked = [one for one in small.world.model.requests if one.purpose == "turn"]
    summaries = len(small.world.model.requests) - len(asked)
    assert len(asked) == TURNS
    assert summaries <= TURNS // 5


async def test_a_model_that_hardly_reads_more_than_who_she_is_still_answers_each_line(small: Talk):
    talk = small
    await talk.say(0)
    most = talk.sizes[0] + 60  # the first prompt has neither talk nor memories in it
    plain = talk.answers
    refused = 0

    def narrow(request: AnswerRequest) -> Any:
        nonlocal refused
        size = text_tokens("\n".join(one.content for one in request.messages_for(AnswerForm.JSON)))
        if size > most:
            refused += 1
            return [ProviderError("long", kind="too_long", retryable=False)]
        return plain(request)

    talk.world.model.answers_by = narrow
    for number in range(1, 13):
        await talk.say(number)
    waiting = await talk.world.rows("SELECT count(*) AS n FROM messages WHERE state IN ('pending', 'claimed')")
    said = await talk.world.rows("SELECT count(*) AS n FROM messages WHERE speaker = 'self' AND state = 'answered'")
    assert (waiting[0]["n"], said[0]["n"]) == (0, 13)
    assert 0 < refused <= 3 * 12
