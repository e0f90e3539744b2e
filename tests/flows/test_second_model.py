"""The model on bad days, seen from Discord: a second one answers in its place, and what waited is answered once."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta

import pytest

from bot.engine import do_without
from tests.flows.conftest import Stage, she_is_quiet
from tests.flows.test_talk import saying
from tests.scripted_model import Behaviour, ScriptedModelServer

FAILURES = {
    "fails": Behaviour(status=503),
    "is gone": Behaviour(drop=True),
    "refuses": Behaviour(refusal="I can't help with that."),
    "says nothing": Behaviour(text=""),
    "answers in another shape": Behaviour(answer={"response": "wrong key"}),
    "limits for an hour": Behaviour(status=429, headers={"Retry-After": "3600"}),
}


@pytest.mark.parametrize("failure", FAILURES)
async def test_second_model_answers_where_the_first_gives_nothing(stage: Stage, failure: str):
    stage.model.default = FAILURES[failure]
    async with ScriptedModelServer(default=saying("The second here.")) as second:
        settings = {"MIRA_FALLBACK_BASE_URL": second.base_url, "MIRA_FALLBACK_MODEL": "scripted"}
        async with stage.bot(**settings), stage.playground.person("juno") as juno:
            for _ in range(2):
                await juno.tell("are you awake?")
                assert (await juno.next_message_from_app(timeout=30))["content"] == "The second here."
            assert await juno.hears_nothing("MESSAGE_REACTION_ADD")
        assert "Authorization" not in second.request_headers[0] or "test-key" not in str(second.request_headers[0])


async def test_what_waited_for_the_model_is_answered_soon_after_it_is_back_and_once(stage: Stage, monkeypatch):
    monkeypatch.setattr(do_without, "FIRST_RETRY", timedelta(seconds=0.5))
    stage.model.default = 503
    async with stage.bot(), stage.playground.person("juno") as juno, stage.playground.person("theo") as theo:
        for person in (juno, theo):
            await person.tell("hello?")
        for person in (juno, theo):
            await person.wait_for("MESSAGE_REACTION_ADD", timeout=30)
        await asyncio.sleep(12)
        asked = len(stage.model.requests)
        stage.model.default = saying("Back.")
        began = time.monotonic()
        for person in (juno, theo):
            assert (await person.next_message_from_app(timeout=60))["content"] == "Back."
        assert time.monotonic() - began < 40
        for person in (juno, theo):
            assert await she_is_quiet(person)
    assert asked < 20, "a server that is down is left alone"
