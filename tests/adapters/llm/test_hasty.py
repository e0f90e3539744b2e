"""Small questions beside the talk: asked once, and late answers to them are no news of the server."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.errors import ProviderError
from tests.adapters.llm.conftest import ANSWER, finish, request
from tests.scripted_model import Behaviour

HASTY = replace(request(deadline_s=0.2, purpose="consider"), is_hasty=True)


async def test_a_server_too_slow_for_small_questions_is_asked_for_answers_all_the_same(server, model):
    for _ in range(5):
        server.script(Behaviour(answer=ANSWER, first_delay_s=1.0))
        with pytest.raises(ProviderError) as raised:
            await finish(model, HASTY)
        assert raised.value.kind == "timeout"
    assert model.is_trusted and model.health().is_up
    assert (await finish(model)).fields == ANSWER


async def test_a_server_that_fails_at_small_questions_is_down_like_any_other(server, model):
    server.script(*[Behaviour(status=503)] * 3)
    for _ in range(3):
        with pytest.raises(ProviderError):
            await finish(model, replace(HASTY, deadline=request().deadline))
    assert not model.is_trusted


async def test_a_small_question_is_asked_once_whatever_comes_of_it(server, model):
    for trouble in (Behaviour(text=""), Behaviour(status=500), Behaviour(text="")):
        server.script(trouble)
        asked = len(server.requests)
        with pytest.raises(ProviderError):
            await finish(model, replace(HASTY, deadline=request().deadline))
        assert len(server.requests) == asked + 1
    assert (await finish(model)).rung == "json_schema"
